import type { Clock } from '../clock.ts';
import type { KernelProfile } from '../profile.ts';
import type { MemoryProviderOps } from '../provider/memory-provider.ts';
import type { NetmemTable } from './netmem.ts';
import type { PageAllocator } from './page-allocator.ts';
import type { PagePool } from './page-pool.ts';

/** What a page pool needs from the kernel around it. */
export interface PoolHost {
  readonly netmems: NetmemTable;
  readonly pages: PageAllocator;
  readonly clock: Clock;
  readonly profile: KernelProfile;
  /** The tables that may stand behind a queue: fixed at build. */
  readonly providers: ReadonlySet<MemoryProviderOps>;
  /** NUMA nodes of the machine, and the node of the CPU that polls. */
  readonly numaNodes: number;
  readonly numaNode: number;
  /** Id of the NAPI being polled; 0 in process context. Decides direct against ring recycling. */
  readonly napiContext: number;
  readonly pools: PoolRegistry;
  /** Makes all CPUs free the skbs whose freeing was left to them, soon. */
  kickDeferredFrees(): void;
  /** The pool is at rest: its sums must add up. */
  check(pool: PagePool): void;
  log(level: 'info' | 'warn' | 'error', event: string, fields: Record<string, unknown>): void;
}

/** Where pools are listed: ids, netlink visibility and notifications (kernel: net/core/page_pool_user.c). */
export interface PoolRegistry {
  /** Gives the pool a handle (for netmems) and an id, and announces it. */
  list(pool: PagePool): void;
  unlist(pool: PagePool): void;
  /** Pools with a provider that exist; Linux's static key. */
  providerPools: number;
  changed(pool: PagePool): void;
  /** The pool behind a netmem's handle. */
  byHandle(handle: number): PagePool;
}
