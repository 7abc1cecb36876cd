import { POOL_STAT } from '../../src/kernel/netmem/pool-statistics.ts';
import { PtrRing } from '../../src/kernel/netmem/ptr-ring.ts';
import { COUNT } from './counts.ts';
import type { Machine } from './machine.ts';
import { STATE } from './netmems.ts';

const CACHE = 128;
export const REFILL = 64;
const RING = 1024;

/** What describes a pool in netlink. */
export interface Reply {
  dmabuf?: number;
  'io-uring'?: Record<string, never>;
}

/**
 * The page pool that all designs share, after src/kernel/netmem/page-pool.ts: cache, ptr ring, counters, statistics. Where
 * the designs differ it has six abstract operations, which are named for what they ask and not for who answers.
 *
 * ```
 *   alloc            cache (LIFO, 128)  <-- refill up to 64 --  ptr ring (FIFO, 1024)  <-- takeFromOwner() -- ?
 *   put, direct  --> cache
 *   put, else    ------------------------------------------->  ptr ring
 *   ring full, drain, destroy ----------------------------------------------  giveToOwner() ----> ?
 * ```
 */
export abstract class PoolCore {
  readonly machine: Machine;
  /** What the queue was given: one of KIND, and that memory. */
  readonly kind: number;
  readonly memory: unknown;
  readonly handle: number;
  readonly stats = new Float64Array(11);
  readonly ring = new PtrRing(RING);
  /** Whether buffers are synced for the device when they are put back. */
  dmaSync = true;
  destroyed = false;
  gone = false;
  readonly counts: Float64Array;
  readonly #cache = new Int32Array(CACHE);
  #cacheCount = 0;
  #hold = 0;
  #release = 0;

  constructor(machine: Machine, kind: number, memory: unknown) {
    this.machine = machine;
    this.kind = kind;
    this.memory = memory;
    this.counts = machine.counts;
    this.handle = machine.list(this);
    this.openOwner();
  }

  protected abstract openOwner(): void;
  protected abstract closeOwner(): void;
  /** One netmem, held; may push more of them into the empty cache. 0: none. */
  protected abstract takeFromOwner(): number;
  /** true: the core clears the netmem and drops the page reference. */
  protected abstract giveToOwner(ref: number): boolean;
  abstract describe(reply: Reply): void;
  /** The netdev goes away. */
  abstract forgetQueue(): void;

  get inflight(): number {
    return (this.#hold - this.#release) | 0;
  }

  get cacheCount(): number {
    return this.#cacheCount;
  }

  // ---- allocation: NAPI only ----

  alloc(): number {
    let ref: number;
    if (this.#cacheCount > 0) {
      ref = this.#cache[--this.#cacheCount];
      this.stats[POOL_STAT.ALLOC_FAST]++;
    } else {
      ref = this.#refill();
      if (ref === 0) ref = this.takeFromOwner();
      if (ref === 0) {
        this.counts[COUNT.STARVED]++;
        return 0;
      }
    }
    this.machine.netmems.state[ref] = STATE.OUT;
    return ref;
  }

  #refill(): number {
    const { ring } = this;
    if (ring.count === 0) {
      this.stats[POOL_STAT.ALLOC_EMPTY]++;
      return 0;
    }
    do {
      const ref = ring.consume();
      this.machine.netmems.state[ref] = STATE.CACHE;
      this.#cache[this.#cacheCount++] = ref;
    } while (ring.count > 0 && this.#cacheCount < REFILL);
    this.stats[POOL_STAT.ALLOC_REFILL]++;
    return this.#cache[--this.#cacheCount];
  }

  /** For owners: a netmem enters the pool. */
  hold(ref: number): void {
    const t = this.machine.netmems;
    t.pool[ref] = this.handle;
    t.ppRef[ref] = 1;
    t.state[ref] = STATE.CACHE;
    this.#hold = (this.#hold + 1) | 0;
  }

  /** For owners that fill in bulk. */
  cachePush(ref: number): void {
    this.machine.netmems.state[ref] = STATE.CACHE;
    this.#cache[this.#cacheCount++] = ref;
  }

  /** For owners that filled in bulk: the last one in. 0: none. */
  cachePop(): number {
    return this.#cacheCount === 0 ? 0 : this.#cache[--this.#cacheCount];
  }

  // ---- recycling ----

  /** Drops a reference in process context: the last one sends the netmem to the ring. */
  put(ref: number): void {
    if (--this.machine.netmems.ppRef[ref] > 0) return;
    this.putUnreferenced(ref);
  }

  /** As put, of a netmem whose last reference is gone. */
  putUnreferenced(ref: number): void {
    if (!this.#recyclable(ref)) return;
    this.counts[COUNT.LOCK_PRODUCER]++;
    this.#intoRing(ref);
  }

  /** Drops a reference in the context of the pool's NAPI: the last one sends the netmem to the cache. */
  putDirect(ref: number): void {
    if (--this.machine.netmems.ppRef[ref] > 0) return;
    if (!this.#recyclable(ref)) return;
    if (this.#cacheCount < CACHE && !this.destroyed) {
      this.#cache[this.#cacheCount++] = ref;
      this.machine.netmems.state[ref] = STATE.CACHE;
      this.stats[POOL_STAT.RECYCLE_CACHED]++;
      return;
    }
    if (!this.destroyed) this.stats[POOL_STAT.RECYCLE_CACHE_FULL]++;
    this.counts[COUNT.LOCK_PRODUCER]++;
    this.#intoRing(ref);
  }

  /** Netmems whose last reference is gone, in process context: one lock for all. */
  putBulk(refs: Int32Array, from: number, to: number): void {
    this.counts[COUNT.LOCK_PRODUCER]++;
    let full = false;
    for (let i = from; i < to; i++) {
      const ref = refs[i];
      if (!this.#recyclable(ref)) continue;
      if (!full && this.ring.produce(ref)) {
        this.machine.netmems.state[ref] = STATE.RING;
        this.stats[POOL_STAT.RECYCLE_RING]++;
        continue;
      }
      if (!full) this.stats[POOL_STAT.RECYCLE_RING_FULL]++;
      full = true;
      this.#returnToOwner(ref);
    }
  }

  #recyclable(ref: number): boolean {
    const t = this.machine.netmems;
    t.ppRef[ref] = 1;
    if (t.pageRef[ref] > 1) {
      this.stats[POOL_STAT.RECYCLE_RELEASED_REFCNT]++;
      this.#returnToOwner(ref);
      return false;
    }
    if (this.dmaSync) this.counts[COUNT.DMA_SYNC]++;
    return true;
  }

  #intoRing(ref: number): void {
    if (this.ring.produce(ref)) {
      this.machine.netmems.state[ref] = STATE.RING;
      this.stats[POOL_STAT.RECYCLE_RING]++;
    } else {
      this.stats[POOL_STAT.RECYCLE_RING_FULL]++;
      this.#returnToOwner(ref);
    }
  }

  #returnToOwner(ref: number): void {
    const t = this.machine.netmems;
    t.state[ref] = STATE.FREE;
    const drop = this.giveToOwner(ref);
    this.#release = (this.#release + 1) | 0;
    if (!drop) return;
    t.pool[ref] = 0;
    t.ppRef[ref] = 0;
    this.machine.pages.drop(ref);
  }

  // ---- life ----

  destroy(): void {
    this.destroyed = true;
    while (this.#cacheCount > 0) this.#returnToOwner(this.#cache[--this.#cacheCount]);
    this.retry();
  }

  /** Empties the ring again; true when the pool is gone. */
  retry(): boolean {
    if (this.gone) return true;
    while (this.ring.count > 0) {
      this.counts[COUNT.LOCK_CONSUMER]++;
      this.#returnToOwner(this.ring.consume());
    }
    if (this.inflight !== 0) return false;
    this.gone = true;
    this.machine.unlist(this.handle);
    this.closeOwner();
    return true;
  }
}
