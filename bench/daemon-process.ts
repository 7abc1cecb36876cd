import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../src/main.js', import.meta.url));
const KIB = 1024;

/** The daemon as its users run it, on a free port and in a run directory of its own. */
export class DaemonProcess {
  /** Milliseconds from exec to the first 200 of /readyz. */
  readonly readyMs: number;
  readonly url: string;
  /** The Unix socket in the run directory. */
  readonly socketPath: string;
  readonly #child: ChildProcessByStdio<null, Readable, null>;
  readonly #directory: string;

  private constructor(child: ChildProcessByStdio<null, Readable, null>, directory: string, url: string, ms: number) {
    this.#child = child;
    this.#directory = directory;
    this.url = url;
    this.socketPath = join(directory, 'run', 'netmemd.sock');
    this.readyMs = ms;
  }

  /** Runs it with this process's own node flags: `node --cpu-prof dist/bench/run.js` writes profiles of every process. */
  static async start(...settings: string[]): Promise<DaemonProcess> {
    const directory = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'netmemd-bench-'));
    const started = performance.now();
    const flags = ['--http.port=0', `--run-dir=${join(directory, 'run')}`, '--log.level=warn', ...settings];
    const child = spawn(process.execPath, [...process.execArgv, MAIN, ...flags], {
      stdio: ['ignore', 'pipe', 'inherit'],
      // Settings of the caller's own daemon are not the benchmark's.
      env: { PATH: process.env.PATH ?? '' },
    });
    let text = '';
    for await (const chunk of child.stdout) {
      text += String(chunk);
      const found = /^netmemd ready: (\S+)/m.exec(text);
      if (found === null) continue;
      const reply = await fetch(`${found[1]}/readyz`);
      if (reply.status !== 200) throw new Error(`/readyz: ${reply.status}`);
      return new DaemonProcess(child, directory, found[1], performance.now() - started);
    }
    rmSync(directory, { recursive: true, force: true });
    throw new Error('the daemon did not start');
  }

  /** Bytes of physical memory its process holds (VmRSS). */
  get residentBytes(): number {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * KIB;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const exited = once(this.#child, 'exit');
      this.#child.kill('SIGTERM');
      await exited;
    }
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
