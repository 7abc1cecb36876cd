import { ERRNO } from '../../uapi/errno.ts';
import { PAGE_SIZE, PP_ALLOC_CACHE_REFILL } from '../../uapi/limits.ts';
import type { NetmemRef, NetmemTable } from '../netmem/netmem.ts';
import type { NetmemOwner } from '../netmem/owner.ts';
import type { PageAccount, PageAllocator } from '../netmem/page-allocator.ts';
import type { PagePool } from '../netmem/page-pool.ts';
import type { MemoryProviderOps } from './memory-provider.ts';

/**
 * The memory that a guest of an overcommitted host may use for receiving: one account for all queues it is set on.
 *
 * ```
 *  charged           in pools (lent) | given up, still referenced (waiting)    <= limit
 *  page allocator    everything else
 * ```
 * A page counts from its allocation until it is really free. A page that its pool has let go of but a pipe still references
 * is memory in use all the same; to forget it would let a slow reader take more than the limit.
 */
export class CappedMemory implements NetmemOwner, PageAccount {
  readonly ownerName: string;
  /** Whole pages in the limit. */
  readonly limit: number;
  readonly free = 0;
  readonly held = 0;
  total = 0;
  /** Pages of no pool that are not free yet. */
  waiting = 0;
  lent = 0;
  readonly #netmems: NetmemTable;
  readonly #pages: PageAllocator;
  #refs = 1;

  /** @param limit bytes */
  constructor(netmems: NetmemTable, pages: PageAllocator, limit: number, name = '') {
    this.#netmems = netmems;
    this.#pages = pages;
    this.limit = Math.floor(limit / PAGE_SIZE);
    this.ownerName = `capped ${name}`.trimEnd();
    netmems.owners.add(this);
  }

  /** Pages that may still be charged. */
  get room(): number {
    return this.limit - this.total;
  }

  /** A charged page from the kernel; 0 at the limit, or when the host has none. */
  take(node: number): NetmemRef {
    if (this.total >= this.limit) return 0;
    const ref = this.#pages.alloc(0, node, this);
    if (ref === 0) return 0;
    this.total++;
    this.waiting++;
    return ref;
  }

  /** The page is in a pool from now on, or is no longer. */
  lend(): void {
    this.waiting--;
    this.lent++;
  }

  takeBack(): void {
    this.lent--;
    this.waiting++;
  }

  uncharge(): void {
    this.waiting--;
    this.total--;
    this.#leave();
  }

  /** Taken for each queue and each pool. */
  get(): void {
    this.#refs++;
  }

  put(): void {
    this.#refs--;
    this.#leave();
  }

  #leave(): void {
    if (this.#refs === 0 && this.total === 0) this.#netmems.owners.delete(this);
  }
}

/**
 * Host pages up to a number of bytes. Every page is the kernel's: released, it goes back to the page allocator, and the
 * account has room again. `priv` is the {@link CappedMemory}.
 */
export const cappedProvider: MemoryProviderOps = Object.freeze({
  name: 'capped',

  init(pool: PagePool): number {
    if (!(pool.mpPriv instanceof CappedMemory) || pool.order !== 0) return -ERRNO.EINVAL;
    pool.mpPriv.get();
    return 0;
  },

  destroy(pool: PagePool): void {
    (pool.mpPriv as CappedMemory).put();
  },

  allocNetmems(pool: PagePool): NetmemRef {
    const memory = pool.mpPriv as CappedMemory;
    for (let i = 0; i < PP_ALLOC_CACHE_REFILL; i++) {
      const ref = memory.take(pool.node);
      if (ref === 0) break;
      if (!pool.dma.map(ref)) continue;
      memory.lend();
      pool.hold(ref);
      pool.cachePush(ref);
    }
    return pool.cachePop();
  },

  releaseNetmem(pool: PagePool): boolean {
    pool.dma.unmap();
    (pool.mpPriv as CappedMemory).takeBack();
    return true;
  },

  nlFill: () => 0,

  uninstall(priv: unknown): void {
    (priv as CappedMemory).put();
  },
});
