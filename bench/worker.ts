import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

/** What a role can be asked to do; arguments and results travel as JSON. */
// biome-ignore lint/suspicious/noExplicitAny: each role knows its own arguments
export type Ops = Record<string, (args: any) => unknown>;

interface Call {
  id: number;
  op: string;
  args: unknown;
}
interface Answer {
  id: number;
  result?: unknown;
  error?: string;
}

/** One role of a benchmark in a process of its own. */
export class Worker {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  #calls = 0;

  /** @param file module next to this one that calls {@link serve} */
  constructor(file: string) {
    this.#child = fork(fileURLToPath(new URL(file, import.meta.url)), {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#child.on('message', (answer: Answer) => {
      const call = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      if (answer.error === undefined) call?.resolve(answer.result);
      else call?.reject(new Error(`${file}: ${answer.error}`));
    });
    this.#child.on('exit', (code, signal) => {
      for (const call of this.#waiting.values()) call.reject(new Error(`${file} ended: ${signal ?? code}`));
      this.#waiting.clear();
    });
  }

  call<T>(op: string, args: object = {}): Promise<T> {
    const id = ++this.#calls;
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      this.#child.send({ id, op, args } satisfies Call);
    });
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.disconnect();
    await exited;
  }
}

/** Answers calls until the parent disconnects, then exits. */
export function serve(ops: Ops): void {
  process.on('message', async ({ id, op, args }: Call) => {
    const answer: Answer = { id };
    try {
      answer.result = await ops[op](args);
    } catch (error) {
      answer.error = (error as Error).stack ?? String(error);
    }
    process.send?.(answer);
  });
  process.on('disconnect', () => process.exit(0));
}
