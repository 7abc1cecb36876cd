import { request } from 'node:http';

const DEFAULT_URL = 'http://127.0.0.1:8420';
const TIMEOUT_MS = 5000;

/** `netmemd ping [--url URL]`: 0 when /readyz answers 200, 1 when not, 2 for a mistake on the command line. */
export async function ping(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  let url = env.NETMEMD_URL ?? (env.NETMEMD_HTTP_PORT ? `http://127.0.0.1:${env.NETMEMD_HTTP_PORT}` : DEFAULT_URL);
  for (let i = 0; i < argv.length; i++) {
    if (argv[i].startsWith('--url=')) url = argv[i].slice('--url='.length);
    else if (argv[i] === '--url' && i + 1 < argv.length) url = argv[++i];
    else return complain(`ping: ${argv[i]}: unexpected argument`, 2);
  }
  let target: URL;
  try {
    target = new URL('/readyz', url);
  } catch {
    return complain(`ping: ${url}: not a URL`, 2);
  }
  if (target.protocol !== 'http:') return complain(`ping: ${url}: not an http URL`, 2);
  return new Promise((resolve) => {
    const req = request(target, { timeout: TIMEOUT_MS }, (res) => {
      res.resume();
      const ready = res.statusCode === 200;
      resolve(ready ? 0 : complain(`ping: ${target.href}: status ${res.statusCode}`, 1));
    });
    req.on('timeout', () => req.destroy(new Error('no answer in time')));
    req.on('error', (error) => resolve(complain(`ping: ${target.href}: ${error.message}`, 1)));
    req.end();
  });
}

function complain(message: string, code: number): number {
  process.stderr.write(`netmemd: ${message}\n`);
  return code;
}
