#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { type CommandLine, type Config, ConfigError, describeSettings, fromFlags, loadConfig } from './config.ts';
import type { Daemon } from './daemon.ts';
import { ping } from './ping.ts';

const USAGE = `Usage: netmemd [--config FILE] [--SETTING=VALUE ...]
       netmemd --print-config
       netmemd ping [--url URL]

A zero-copy NIC without the NIC: simulated netdevs, page pools and memory providers behind Linux's netdev interfaces.

  --config FILE    JSON or YAML file of settings (or NETMEMD_CONFIG)
  --print-config   print the settings that would be used, and exit
  --help, --version
  ping             exit 0 when the daemon at URL (or NETMEMD_URL) is ready

Settings, also as keys of the file and as variables (http.port: NETMEMD_HTTP_PORT); later ones win: file, variables, flags.

`;

/** Exit codes: 1 the daemon cannot run, 2 the settings cannot be used. */
const EXIT_FAILURE = 1;
const EXIT_USAGE = 2;
/** A stop that takes longer is cut short. */
const STOP_MS = 1800;

function version(): string {
  return (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string })
    .version;
}

async function main(argv: string[]): Promise<void> {
  if (argv[0] === 'ping') {
    process.exitCode = await ping(argv.slice(1), process.env);
    return;
  }
  let line: CommandLine;
  let config: Config;
  try {
    line = fromFlags(argv);
    if (line.help) return void process.stdout.write(`${USAGE}${describeSettings()}\n`);
    if (line.version) return void process.stdout.write(`netmemd ${version()}\n`);
    config = loadConfig(line, process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`netmemd: ${error.message.replaceAll('\n', '\nnetmemd: ')}\n`);
    process.exitCode = EXIT_USAGE;
    return;
  }
  if (line.printConfig) return void process.stdout.write(`${JSON.stringify(config, null, 2)}\n`);
  await run(config);
}

/** Runs a daemon until a signal says stop. */
async function run(config: Config): Promise<void> {
  let daemon: Daemon | null = null;
  let stopping = false;
  const exit = (code: number): never => {
    daemon?.abandon();
    process.exit(code);
  };
  const stop = (signal: NodeJS.Signals): void => {
    // The second signal means now.
    if (stopping) exit(EXIT_FAILURE);
    stopping = true;
    if (daemon === null) return; // still starting: seen below
    daemon.log.logger.info({ signal }, 'stopping');
    setTimeout(() => exit(EXIT_FAILURE), STOP_MS).unref();
    daemon.stop().then(
      () => exit(0),
      (error: unknown) => {
        process.stderr.write(`netmemd: ${(error as Error).stack}\n`);
        exit(EXIT_FAILURE);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  const crash = (error: unknown): void => {
    daemon?.log.logger.fatal({ err: error }, 'crashed');
    process.stderr.write(`netmemd: ${(error as Error)?.stack ?? String(error)}\n`);
    exit(EXIT_FAILURE);
  };
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);
  try {
    // Only now: --help and --print-config need none of it.
    daemon = await (await import('./daemon.ts')).Daemon.start(config);
  } catch (error) {
    process.stderr.write(`netmemd: ${startFailure(error)}\n`);
    process.exit(EXIT_FAILURE);
  }
  process.stdout.write(
    `netmemd ready: ${daemon.url} socket ${daemon.socketPath} run directory ${daemon.runDirectory}\n`,
  );
  if (stopping) {
    stopping = false;
    stop('SIGTERM');
  }
}

/** What the operator can act on gets its message alone, anything else its stack. */
function startFailure(error: unknown): string {
  const { name, code, syscall, message, stack } = error as NodeJS.ErrnoException;
  if (
    name === 'RunDirectoryError' ||
    name === 'KoffiUnavailableError' ||
    name === 'KernelError' ||
    name === 'StartError'
  )
    return message;
  if (code === 'EADDRINUSE') return `${message}; another port: --http.port=N`;
  return syscall !== undefined ? message : (stack ?? String(error));
}

await main(process.argv.slice(2));
