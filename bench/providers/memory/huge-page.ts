import { COUNT } from '../counts.ts';
import { FreeStack } from '../free-stack.ts';
import { BUFFERS, KIND } from '../kinds.ts';
import type { Machine } from '../machine.ts';
import { STATE } from '../netmems.ts';
import { type PoolCore, REFILL } from '../pool-core.ts';

const SLICES = 512;

/**
 * 2 MiB blocks sliced into pages that are recycled for ever. A page that the pool lets go stays this owner's: where others
 * still refer to it, it waits until they are gone. Blocks are mapped for DMA once.
 */
export class HugePageMemory {
  readonly machine: Machine;
  readonly total = BUFFERS;
  readonly free: FreeStack;

  constructor(machine: Machine) {
    this.machine = machine;
    this.free = new FreeStack(machine.netmems.area(this.total, KIND.HUGE_PAGE), this.total);
    machine.counts[COUNT.DMA_MAP] += this.total / SLICES;
  }

  take(pool: PoolCore): number {
    const { counts } = this.machine;
    counts[COUNT.LOCK_FREE_LIST]++;
    for (let i = 0; i < REFILL; i++) {
      const ref = this.free.pop();
      if (ref === 0) break;
      counts[COUNT.DMA_SYNC]++;
      pool.hold(ref);
      pool.cachePush(ref);
    }
    return pool.cachePop();
  }

  give(ref: number): boolean {
    const t = this.machine.netmems;
    t.pool[ref] = 0;
    t.ppRef[ref] = 0;
    if (t.pageRef[ref] > 1) t.state[ref] = STATE.WAITING;
    else this.#toFree(ref);
    return false;
  }

  /** A foreign reference is gone. */
  drop(ref: number): void {
    const t = this.machine.netmems;
    if (--t.pageRef[ref] === 1 && t.state[ref] === STATE.WAITING) this.#toFree(ref);
  }

  #toFree(ref: number): void {
    this.machine.counts[COUNT.LOCK_FREE_LIST]++;
    this.machine.netmems.state[ref] = STATE.FREE;
    this.free.push(ref);
  }
}
