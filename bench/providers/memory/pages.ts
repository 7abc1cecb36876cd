import { POOL_STAT } from '../../../src/kernel/netmem/pool-statistics.ts';
import { COUNT } from '../counts.ts';
import { FreeStack } from '../free-stack.ts';
import { BUFFERS, KIND } from '../kinds.ts';
import type { Machine } from '../machine.ts';
import { STATE } from '../netmems.ts';
import { type PoolCore, REFILL } from '../pool-core.ts';

/** The page allocator, and the pool's own way of using it: bulks of 64, each page mapped for DMA while a pool has it. */
export class Pages {
  readonly machine: Machine;
  readonly free: FreeStack;
  readonly total = 2 * BUFFERS;

  constructor(machine: Machine) {
    this.machine = machine;
    this.free = new FreeStack(machine.netmems.area(this.total, KIND.PAGES), this.total);
  }

  /** Fills the pool's cache with up to `most` pages and returns one; one taking of the allocator's lock. */
  takeBulk(pool: PoolCore, most: number): number {
    const { counts } = this.machine;
    if (most <= 0) return 0;
    counts[COUNT.LOCK_PAGES]++;
    for (let i = 0; i < most; i++) {
      const ref = this.free.pop();
      if (ref === 0) break;
      counts[COUNT.DMA_MAP]++;
      counts[COUNT.DMA_SYNC]++;
      pool.hold(ref);
      pool.cachePush(ref);
    }
    return pool.cachePop();
  }

  take(pool: PoolCore): number {
    const ref = this.takeBulk(pool, REFILL);
    if (ref !== 0) pool.stats[POOL_STAT.ALLOC_SLOW]++;
    return ref;
  }

  /** The pool lets a page go: unmapped at once, whoever else still refers to it. */
  give(): boolean {
    this.machine.counts[COUNT.DMA_UNMAP]++;
    return true;
  }

  /** Drops one reference to a page; the last one frees it. */
  drop(ref: number): void {
    const t = this.machine.netmems;
    if (t.pageRef[ref] > 1) {
      t.pageRef[ref]--;
      t.state[ref] = STATE.WAITING;
      return;
    }
    this.machine.counts[COUNT.LOCK_PAGES]++;
    t.state[ref] = STATE.FREE;
    this.free.push(ref);
  }
}
