import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { DaemonProcess } from './daemon.ts';

const PAGE = fileURLToPath(new URL('../../docs/providers.md', import.meta.url));

/** The commands of the page, each with what it is said to print; `...` stands for anything. */
function commands(): { command: string; printed: string }[] {
  const block = /^```sh\n(.*?)^```/ms.exec(readFileSync(PAGE, 'utf8'))?.[1] ?? '';
  const out: { command: string; printed: string }[] = [];
  for (const line of block.split('\n')) {
    if (/^curl -s |^head /.test(line)) out.push({ command: line, printed: '' });
    else if (/^# (?:\{|null|\.\.\.)/.test(line)) out[out.length - 1].printed = line.slice(2);
  }
  return out;
}

function matcher(printed: string): RegExp {
  const parts = printed.split('...').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

const HAS_CURL = spawnSync('bash', ['-c', 'command -v curl']).status === 0;

it.skipIf(!HAS_CURL)('with bash and curl, prints what docs/providers.md says', async () => {
  const steps = commands();
  expect(steps.length).toBeGreaterThan(20);
  const daemon = await DaemonProcess.start();
  try {
    const port = await freePort();
    const here = (text: string): string =>
      text.replaceAll('127.0.0.1:5202', `127.0.0.1:${port}`).replaceAll('127.0.0.1/5202', `127.0.0.1/${port}`);
    for (const { command, printed } of steps) {
      // The published port differs, the simulated one is as written.
      const text = here(command).replace(`"listen":"127.0.0.1:${port}"`, `"listen":"127.0.0.1:${port}","port":5202`);
      const shell = spawn('bash', ['-c', text], {
        env: { ...process.env, U: `${daemon.url}/v1`, J: 'content-type: application/json' },
      });
      let output = '';
      for (const stream of [shell.stdout, shell.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk));
      await once(shell, 'close');
      expect(output.trimEnd(), command).toMatch(matcher(here(printed)));
    }
    expect(daemon.errors).toEqual([]);
  } finally {
    await daemon.stop();
  }
});
