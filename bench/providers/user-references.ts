import { COUNT } from './counts.ts';
import type { Machine } from './machine.ts';

/** What io_uring lent to its client: completions not answered yet, counted for each buffer of a run of rows. */
export class UserReferences {
  readonly #machine: Machine;
  readonly #base: number;
  readonly #total: number;

  constructor(machine: Machine, base: number, total: number) {
    this.#machine = machine;
    this.#base = base;
    this.#total = total;
  }

  /** Returns the offset that names the buffer to the client. */
  lend(ref: number): number {
    this.#machine.netmems.userRef[ref]++;
    return ref - this.#base;
  }

  /**
   * The client says that it is done with a buffer. 0: not believed (out of range, not lent, returned already), or somebody
   * else still holds it; otherwise the netmem, whose last reference is gone.
   */
  lastReference(offset: number): number {
    const { counts, netmems } = this.#machine;
    counts[COUNT.EXAMINED]++;
    const ref = this.#base + offset;
    if (offset < 0 || offset >= this.#total || netmems.userRef[ref] === 0) {
      counts[COUNT.REFUSED]++;
      return 0;
    }
    netmems.userRef[ref]--;
    return --netmems.ppRef[ref] === 0 ? ref : 0;
  }
}
