import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, vi } from 'vitest';

it('a SIGTERM to npm start reaches the daemon', async () => {
  const parent = mkdtempSync('/dev/shm/netmemd-e2e-');
  const run = join(parent, 'run');
  // Without prestart: the build is there, and other tests use it.
  const args = ['run', '--ignore-scripts', 'start', '--', '--http.port=0', `--run-dir=${run}`, '--log.level=warn'];
  const cwd = fileURLToPath(new URL('../..', import.meta.url));
  const npm = spawn('npm', args, { cwd, stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  npm.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  try {
    await vi.waitFor(() => expect(text).toMatch(/^netmemd ready: /m), { timeout: 20_000 });
    const exited = once(npm, 'exit');
    npm.kill('SIGTERM');
    await exited;
    await vi.waitFor(() => expect(existsSync(run)).toBe(false), { timeout: 20_000 });
  } finally {
    npm.kill('SIGKILL');
    rmSync(parent, { recursive: true, force: true });
  }
});
