import type { Machine } from '../machine.ts';
import type { IoUringMemory } from '../memory/io-uring.ts';
import type { RefillRing } from '../refill-ring.ts';
import type { ClientReturn } from './client-return.ts';

/** Question 5, one side: the client writes into a ring, and the allocator reads it when it needs buffers. */
export class ReturnByRing implements ClientReturn {
  readonly #machine: Machine;
  readonly #memory: IoUringMemory;
  readonly #ring: RefillRing;

  constructor(machine: Machine, memory: IoUringMemory) {
    if (memory.ring === null) throw new Error('the area has no refill ring');
    this.#machine = machine;
    this.#memory = memory;
    this.#ring = memory.ring;
  }

  receive(): void {}

  handOut(ref: number): number {
    return this.#memory.lent.lend(ref);
  }

  giveBack(offset: number): void {
    if (!this.#ring.push(offset)) throw new Error('the refill ring has room for every buffer');
  }

  flush(): void {}

  close(): void {
    while (this.#ring.available > 0) {
      const ref = this.#memory.lent.lastReference(this.#ring.pull());
      if (ref === 0) continue;
      this.#machine.netmems.ppRef[ref] = 1;
      this.#machine.put(ref);
    }
  }
}
