import { COUNT } from '../counts.ts';
import { FreeStack } from '../free-stack.ts';
import { BUFFERS, KIND } from '../kinds.ts';
import type { Machine } from '../machine.ts';
import { STATE } from '../netmems.ts';
import { type PoolCore, REFILL, type Reply } from '../pool-core.ts';
import type { RefillRing } from '../refill-ring.ts';
import { UserReferences } from '../user-references.ts';

/**
 * Net_iovs of a zcrx area: pinned user memory, mapped for DMA once. Empty buffers come from the refill ring when the
 * allocator needs some, else from the free list.
 */
export class IoUringMemory {
  readonly machine: Machine;
  readonly total = BUFFERS;
  readonly lent: UserReferences;
  readonly free: FreeStack;
  /** null: the client returns buffers by submission, and there is nothing to read. */
  readonly ring: RefillRing | null;
  #references = 1;

  constructor(machine: Machine, ring: RefillRing | null) {
    this.machine = machine;
    const base = machine.netmems.area(this.total, KIND.IO_URING);
    this.lent = new UserReferences(machine, base, this.total);
    this.free = new FreeStack(base, this.total);
    this.ring = ring;
    machine.counts[COUNT.DMA_MAP]++;
  }

  get references(): number {
    return this.#references;
  }

  open(_pool: PoolCore): void {
    this.#references++;
  }

  close(): void {
    this.#references--;
  }

  take(pool: PoolCore): number {
    const ref = this.ring === null ? 0 : this.#takeReturned(pool, this.ring);
    return ref !== 0 ? ref : this.#takeFree(pool);
  }

  #takeReturned(pool: PoolCore, ring: RefillRing): number {
    const { counts, netmems } = this.machine;
    counts[COUNT.LOCK_REFILL]++;
    for (let left = Math.min(ring.available, REFILL); left > 0; left--) {
      const ref = this.lent.lastReference(ring.pull());
      if (ref === 0) continue;
      if (netmems.pool[ref] !== pool.handle) {
        netmems.ppRef[ref] = 1;
        this.machine.put(ref);
        continue;
      }
      netmems.ppRef[ref] = 1;
      counts[COUNT.DMA_SYNC]++;
      pool.cachePush(ref);
    }
    return pool.cachePop();
  }

  #takeFree(pool: PoolCore): number {
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
    this.machine.counts[COUNT.LOCK_FREE_LIST]++;
    t.pool[ref] = 0;
    t.ppRef[ref] = 0;
    t.state[ref] = STATE.FREE;
    this.free.push(ref);
    return false;
  }

  describe(reply: Reply): void {
    reply['io-uring'] = {};
  }

  forget(): void {
    this.machine.counts[COUNT.DMA_UNMAP]++;
  }
}
