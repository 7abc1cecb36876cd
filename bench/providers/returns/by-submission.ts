import { COUNT } from '../counts.ts';
import { BUFFERS } from '../kinds.ts';
import type { Machine } from '../machine.ts';
import type { UserReferences } from '../user-references.ts';
import type { ClientReturn } from './client-return.ts';

/** Buffers put for one taking of the ring's producer lock. */
const BATCH = 16;

/**
 * Question 5, the other side: io_uring sits on the buffers, and frees them itself when the client submits their return: a
 * system call, in process context, into the ptr ring. One call takes whatever the client has collected.
 */
export class ReturnBySubmission implements ClientReturn {
  readonly #machine: Machine;
  readonly #lent: UserReferences;
  readonly #pending = new Int32Array(2 * BUFFERS);
  readonly #freed = new Int32Array(BATCH);
  #count = 0;

  constructor(machine: Machine, lent: UserReferences) {
    this.#machine = machine;
    this.#lent = lent;
  }

  receive(): void {}

  handOut(ref: number): number {
    return this.#lent.lend(ref);
  }

  giveBack(name: number): void {
    this.#pending[this.#count++] = name;
  }

  flush(): void {
    if (this.#count === 0) return;
    this.#machine.counts[COUNT.CLIENT_CALL]++;
    let freed = 0;
    for (let i = 0; i < this.#count; i++) {
      const ref = this.#lent.lastReference(this.#pending[i]);
      if (ref === 0) continue;
      if (freed > 0 && (freed === BATCH || !this.#samePool(ref))) freed = this.#put(freed);
      this.#freed[freed++] = ref;
    }
    if (freed > 0) this.#put(freed);
    this.#count = 0;
  }

  close(): void {}

  #samePool(ref: number): boolean {
    const { pool } = this.#machine.netmems;
    return pool[ref] === pool[this.#freed[0]];
  }

  #put(count: number): 0 {
    this.#machine.front.putBulk(this.#freed, 0, count);
    return 0;
  }
}
