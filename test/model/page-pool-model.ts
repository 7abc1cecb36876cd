import type { PagePool } from '../../src/kernel/netmem/page-pool.ts';
import { POOL_STAT } from '../../src/kernel/netmem/pool-statistics.ts';

import type { Cached, DmaModel, Netmem, OwnerModel } from './page-pool-owners.ts';

/** A ptr ring as its producer sees it: slots that were read are clear from the end of their batch on. */
class RingModel {
  readonly entries: Netmem[] = [];
  readonly #size: number;
  readonly #batch: number;
  #at = 0;
  #unclear = 0;

  constructor(size: number) {
    this.#size = size;
    this.#batch = size < 32 ? 1 : 16;
  }

  produce(netmem: Netmem): boolean {
    if (this.entries.length + this.#unclear === this.#size) return false;
    this.entries.push(netmem);
    return true;
  }

  consume(): Netmem | undefined {
    const netmem = this.entries.shift();
    if (netmem === undefined) return undefined;
    this.#at++;
    this.#unclear++;
    if (this.#unclear === this.#batch || this.#at === this.#size) this.#unclear = 0;
    if (this.#at === this.#size) this.#at = 0;
    return netmem;
  }
}

export const FRAG_BIAS = 2 ** 30;
const PAGE = 4096;

/** A page pool in arrays and plain arithmetic, after the rules of Linux 6.18; knows nothing of the one it is compared with. */
export class PoolModel {
  /** The pool it stands for. */
  readonly real: PagePool;
  readonly owner: OwnerModel;
  /** What it maps pages for; null: it does not. */
  readonly dma: DmaModel | null;
  readonly napiId: number;
  readonly cache: Cached[] = [];
  readonly ring: RingModel;
  readonly stats = new Array<number>(11).fill(0);
  inflight = 0;
  state: 'attached' | 'detached' | 'gone' = 'attached';
  /** When a detached pool looks again. */
  retryAt = 0;
  /** -1: wherever the CPU is. */
  nid = -1;
  frag: Netmem | null = null;
  fragAt = 0;
  #fragUsers = 0;
  /** The last fragment of a page takes what is left of it. */
  readonly #restToLast: boolean;

  constructor(real: PagePool, owner: OwnerModel, dma: DmaModel | null, restToLast: boolean) {
    this.#restToLast = restToLast;
    this.real = real;
    this.owner = owner;
    this.dma = dma;
    this.napiId = real.napiId;
    this.ring = new RingModel(real.ring.size);
    owner.refs++;
  }

  direct(context: number): boolean {
    return this.state === 'attached' && context === this.napiId;
  }

  /** @param got what the pool really gave: the name of a netmem that was fresh; null: nothing is to be had */
  alloc(context: number, cpuNode: number, got: (expected: Cached | null) => Netmem | null): Netmem | null {
    return got(this.#pop(context, cpuNode));
  }

  #pop(context: number, cpuNode: number): Cached | null {
    const { cache, ring, stats } = this;
    if (cache.length > 0) {
      stats[POOL_STAT.ALLOC_FAST]++;
      return cache.pop() as Cached;
    }
    if (ring.entries.length === 0) {
      stats[POOL_STAT.ALLOC_EMPTY]++;
    } else {
      const node = this.nid < 0 ? cpuNode : this.nid;
      while (ring.entries.length > 0 && cache.length < 64) {
        const netmem = ring.consume() as Netmem;
        if (this.owner.pages && netmem.node !== node) {
          stats[POOL_STAT.ALLOC_WAIVE]++;
          this.release(netmem);
          break;
        }
        cache.push(netmem);
      }
      if (cache.length > 0) {
        stats[POOL_STAT.ALLOC_REFILL]++;
        return cache.pop() as Cached;
      }
    }
    const { known, fresh } = this.owner.supply(this, context);
    cache.push(...known);
    for (let i = 0; i < fresh; i++) cache.push('fresh');
    this.inflight += fresh;
    if (cache.length === 0) return null;
    if (this.owner.slow) stats[POOL_STAT.ALLOC_SLOW]++;
    return cache.pop() as Cached;
  }

  /** A fragment. @returns its netmem and where it lies, or null */
  allocFrag(size: number, alloc: () => Netmem | null): { netmem: Netmem; at: number } | null {
    let reuse: Netmem | null = null;
    if (this.frag !== null && this.fragAt + size > PAGE) {
      const netmem = this.frag;
      this.frag = null;
      if (this.#endFrag(netmem)) {
        if (netmem.foreign > 0) {
          this.release(netmem);
        } else {
          reuse = netmem;
          this.stats[POOL_STAT.RECYCLE_CACHED]++;
          this.stats[POOL_STAT.ALLOC_FAST]++;
        }
      }
    }
    if (this.frag === null) {
      const netmem = reuse ?? alloc();
      if (netmem === null) return null;
      netmem.pp = FRAG_BIAS;
      this.frag = netmem;
      this.fragAt = 0;
      this.#fragUsers = 0;
    }
    const at = this.fragAt;
    this.#fragUsers++;
    this.fragAt += size;
    if (this.#restToLast && this.fragAt + size > PAGE) this.fragAt = PAGE;
    return { netmem: this.frag, at };
  }

  #endFrag(netmem: Netmem): boolean {
    netmem.pp -= FRAG_BIAS - this.#fragUsers;
    this.#fragUsers = 0;
    if (netmem.pp > 0) return false;
    netmem.pp = 1;
    return true;
  }

  /** One reference is dropped. */
  put(netmem: Netmem, direct: boolean): void {
    if (--netmem.pp > 0) return;
    netmem.pp = 1;
    this.recycle(netmem, direct);
  }

  /** The last reference is gone, and is 1 again. */
  recycle(netmem: Netmem, direct: boolean): void {
    if (!this.#meantForRing(netmem, direct)) return;
    if (this.ring.produce(netmem)) {
      this.stats[POOL_STAT.RECYCLE_RING]++;
    } else {
      this.stats[POOL_STAT.RECYCLE_RING_FULL]++;
      this.release(netmem);
    }
  }

  /** Several at once, whose last references are gone. */
  recycleBulk(netmems: Netmem[], direct: boolean): void {
    const ring = netmems.filter((netmem) => this.#meantForRing(netmem, direct));
    const full = ring.findIndex((netmem) => !this.ring.produce(netmem));
    this.stats[POOL_STAT.RECYCLE_RING] += full < 0 ? ring.length : full;
    if (full < 0) return;
    this.stats[POOL_STAT.RECYCLE_RING_FULL]++;
    for (const netmem of ring.slice(full)) this.release(netmem);
  }

  #meantForRing(netmem: Netmem, direct: boolean): boolean {
    if (netmem.foreign > 0) {
      this.stats[POOL_STAT.RECYCLE_RELEASED_REFCNT]++;
      this.release(netmem);
      return false;
    }
    if (!direct) return true;
    if (this.cache.length === 128) {
      this.stats[POOL_STAT.RECYCLE_CACHE_FULL]++;
      return true;
    }
    this.stats[POOL_STAT.RECYCLE_CACHED]++;
    this.cache.push(netmem);
    return false;
  }

  release(netmem: Cached): void {
    this.inflight--;
    if (netmem !== 'fresh') netmem.gone = true;
    this.owner.back(netmem);
  }

  updateNid(nid: number): void {
    this.nid = nid;
    for (const cached of this.cache.splice(0)) this.release(cached);
  }

  destroy(now: number): void {
    this.state = 'detached';
    this.retryAt = now;
    const { frag } = this;
    this.frag = null;
    if (frag !== null && this.#endFrag(frag)) this.release(frag);
    for (const cached of this.cache.splice(0)) this.release(cached);
    this.retry();
  }

  /** What is in the ring goes back; with nothing left out that is the end. */
  retry(): void {
    for (let netmem = this.ring.consume(); netmem !== undefined; netmem = this.ring.consume()) this.release(netmem);
    this.retryAt += 1000;
    if (this.inflight > 0) return;
    this.state = 'gone';
    this.owner.put();
  }
}
