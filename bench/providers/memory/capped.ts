import { CAP } from '../kinds.ts';
import type { Machine } from '../machine.ts';
import { type PoolCore, REFILL } from '../pool-core.ts';

/** Host pages, but no more than so many out at once: for guests of an overcommitted machine. */
export class CappedMemory {
  readonly machine: Machine;
  readonly limit = CAP;
  taken = 0;

  constructor(machine: Machine) {
    this.machine = machine;
  }

  take(pool: PoolCore): number {
    const before = pool.inflight;
    const ref = this.machine.pages.takeBulk(pool, Math.min(REFILL, this.limit - this.taken));
    this.taken += pool.inflight - before;
    return ref;
  }

  give(): boolean {
    this.taken--;
    return this.machine.pages.give();
  }
}
