import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const FLAGS = ['-std=c11', '-O2', '-Wall', '-Wextra', '-Wconversion'];

/** A program of bench/c that answers each line with a line. */
export class CProgram {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #answers: AsyncIterator<string>;

  private constructor(path: string) {
    this.#child = spawn(path, [], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /**
   * Compiles and starts a program; the compiler is $CC or cc.
   *
   * @returns the program, or why there is none
   * @throws Error when there is a compiler and it refuses
   */
  static async start(name: string): Promise<CProgram | string> {
    const compiler = process.env.CC ?? 'cc';
    const directory = mkdtempSync(join(tmpdir(), 'netmemd-bench-'));
    try {
      const path = join(directory, name);
      // Compiled code lies in dist/bench, the C in bench/c.
      const source = fileURLToPath(new URL(`../../bench/c/${name}.c`, import.meta.url));
      const built = spawnSync(compiler, [...FLAGS, '-o', path, source], { encoding: 'utf8' });
      if (built.error !== undefined) return `no C compiler: ${built.error.message}`;
      if (built.status !== 0) throw new Error(`${compiler} refuses ${name}.c: ${built.stderr}`);
      const program = new CProgram(path);
      await once(program.#child, 'spawn');
      return program;
    } finally {
      rmSync(directory, { recursive: true });
    }
  }

  async ask(line: string): Promise<string> {
    this.#child.stdin.write(`${line}\n`);
    const { value, done } = await this.#answers.next();
    if (done === true) throw new Error(`the C program ended at ${line}`);
    return value;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.stdin.end();
    await exited;
  }
}
