import type { Machine } from '../machine.ts';
import type { ClientReturn } from './client-return.ts';

/** Pages of an ordinary socket: receiving copies, and freeing the skb is left to the CPU that polls the queue. */
export class ReturnByRead implements ClientReturn {
  readonly #machine: Machine;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  receive(): void {}

  handOut(ref: number): number {
    return ref;
  }

  giveBack(ref: number): void {
    this.#machine.front.putDirect(ref);
  }

  flush(): void {}

  close(): void {}
}
