import {
  PAGE_SIZE,
  PP_ALLOC_CACHE_REFILL,
  PP_ALLOC_CACHE_SIZE,
  PP_RELEASE_RETRY_MS,
  PP_RING_DEFAULT,
  PP_RING_MAX,
  PP_WARN_PERIOD_MS,
} from '../../uapi/limits.ts';
import type { Clock } from '../clock.ts';
import { fail, failCode } from '../error.ts';
import type { Netdev } from '../netdev/netdev.ts';
import type { KernelProfile } from '../profile.ts';
import type { MemoryProviderOps, ProviderReply } from '../provider/memory-provider.ts';
import { NETMEM_STATE, NETMEM_STATE_NAMES, NETMEM_STATES, type NetmemRef, type NetmemTable } from './netmem.ts';
import type { PageAllocator } from './page-allocator.ts';
import { POOL_STAT } from './pool-statistics.ts';
import { PtrRing } from './ptr-ring.ts';

export const PP_FLAG_DMA_MAP = 1 << 0;
export const PP_FLAG_DMA_SYNC_DEV = 1 << 1;
export const PP_FLAG_SYSTEM_POOL = 1 << 2;
export const PP_FLAG_ALLOW_UNREADABLE_NETMEM = 1 << 3;
const PP_FLAG_ALL = 0xf;

/** The fragment allocator's bias: references it holds on its current page, given back less the fragments handed out. */
const FRAG_BIAS = 2 ** 30;

/** What a page pool needs from the kernel around it. */
export interface PoolHost {
  readonly netmems: NetmemTable;
  readonly pages: PageAllocator;
  readonly clock: Clock;
  readonly profile: KernelProfile;
  /** Id of the NAPI being polled; 0 in process context. Decides direct against ring recycling. */
  readonly napiContext: number;
  readonly pools: PoolRegistry;
  log(level: 'info' | 'warn' | 'error', event: string, fields: Record<string, unknown>): void;
}

/** Where pools are listed: ids, netlink visibility and notifications (kernel: net/core/page_pool_user.c). */
export interface PoolRegistry {
  /** Gives the pool a handle (for netmems) and an id, and announces it. */
  list(pool: PagePool): void;
  unlist(pool: PagePool): void;
  changed(pool: PagePool): void;
  /** The pool behind a netmem's handle. */
  byHandle(handle: number): PagePool;
}

/** Parameters of pool creation; names after struct page_pool_params. */
export interface PagePoolParams {
  poolSize: number;
  flags: number;
  /** Links the pool to a netdev: only linked pools are visible in netlink. */
  netdev: Netdev | null;
  queueIdx: number;
  /** Id of the NAPI that solely consumes the pool; 0 = none yet. */
  napiId: number;
  order?: number;
  maxLen?: number;
}

/** A pool's life. `detached`: destroyed by its owner, waiting for netmems to come back. */
export type PagePoolState = 'attached' | 'detached' | 'gone';

/**
 * A page pool: the allocator of one RX queue (net/core/page_pool.c, 6.18).
 *
 * ```
 *   alloc            cache (LIFO, 128)  <-- refill up to 64 --  ptr ring (FIFO)  <-- slow --  provider / pages
 *   put, direct  --> cache
 *   put, else    ------------------------------------------->  ptr ring
 *   ring full, drain, destroy --------------------------------------------------------------> provider / pages
 * ```
 * hold counts netmems that came from the owner, release those that went back; the signed 32-bit difference is inflight.
 */
export class PagePool {
  readonly params: PagePoolParams;
  readonly host: PoolHost;
  readonly netmems: NetmemTable;
  readonly ring: PtrRing;
  readonly stats = new Float64Array(11);
  /** Netmems in each state; FREE and WAITING belong to the owner and stay 0 here. */
  readonly inState = new Int32Array(NETMEM_STATES);

  id = 0;
  handle = 0;
  napiId: number;
  netdev: Netdev | null;
  /** Netlink visibility after the netdev is gone: linked to loopback, without ifindex. */
  orphaned = false;
  state: PagePoolState = 'attached';
  /** Boot time in milliseconds of the detach; -1 while attached. */
  detachedAt = -1;
  mpOps: MemoryProviderOps | null = null;
  mpPriv: unknown = null;

  readonly #cache = new Int32Array(PP_ALLOC_CACHE_SIZE);
  #cacheCount = 0;
  /** u32 counters, kept as wrapped signed integers. */
  #hold = 0;
  #release = 0;
  #fragRef: NetmemRef = 0;
  #fragOffset = 0;
  #fragUsers = 0;
  #scrubbedCache = false;
  /** Set once destroy began, also where netlink still shows the NAPI (6.12). */
  #noDirect = false;
  #lastWarning = 0;

  /** Called when a netmem comes back to a pool whose consumer found it empty; the driver arms it. */
  onReturn: (() => void) | null = null;

  /**
   * Creates and lists a pool; the checks are in Linux's order. With PP_FLAG_ALLOW_UNREADABLE_NETMEM the provider
   * installed on (netdev, queueIdx) is picked up.
   *
   * @throws KernelError EINVAL (flags, DMA), EOPNOTSUPP (provider without DMA), or the provider's own errno
   */
  constructor(host: PoolHost, params: PagePoolParams) {
    const { flags } = params;
    if ((flags & ~PP_FLAG_ALL) !== 0) fail('EINVAL');
    if ((flags & PP_FLAG_DMA_SYNC_DEV) !== 0 && ((flags & PP_FLAG_DMA_MAP) === 0 || params.maxLen === 0))
      fail('EINVAL');
    this.host = host;
    this.params = params;
    this.netmems = host.netmems;
    this.netdev = params.netdev;
    this.napiId = params.napiId;
    this.ring = new PtrRing(Math.min(params.poolSize === 0 ? PP_RING_DEFAULT : params.poolSize, PP_RING_MAX));
    if ((flags & PP_FLAG_ALLOW_UNREADABLE_NETMEM) !== 0 && params.netdev !== null) {
      const provider = params.netdev.rxQueues[params.queueIdx]?.provider ?? null;
      if (provider !== null) {
        if ((flags & PP_FLAG_DMA_MAP) === 0 || (flags & PP_FLAG_DMA_SYNC_DEV) === 0) fail('EOPNOTSUPP');
        this.mpOps = provider.ops;
        this.mpPriv = provider.priv;
        const err = provider.ops.init(this);
        if (err !== 0) {
          host.log('warn', 'page-pool-init-failed', { provider: provider.ops.name, errno: -err });
          failCode(err);
        }
      }
    }
    host.pools.list(this);
  }

  /** Netmems that left the owner, entries in cache and ring included; wraps as Linux's 32-bit counters do. */
  get inflight(): number {
    return (this.#hold - this.#release) | 0;
  }

  get cacheCount(): number {
    return this.#cacheCount;
  }

  // ---- allocation ----

  /** One netmem with reference 1 in state POSTED; 0 when there is none. Consumer context only. */
  allocNetmem(): NetmemRef {
    let ref: NetmemRef;
    if (this.#cacheCount > 0) {
      ref = this.#cache[--this.#cacheCount];
      this.stats[POOL_STAT.ALLOC_FAST]++;
    } else {
      ref = this.#refill();
      if (ref === 0) ref = this.mpOps === null ? this.#allocSlow() : this.mpOps.allocNetmems(this);
      if (ref === 0) return 0;
    }
    this.move(ref, NETMEM_STATE.POSTED);
    return ref;
  }

  #refill(): NetmemRef {
    const { ring } = this;
    if (ring.count === 0) {
      this.stats[POOL_STAT.ALLOC_EMPTY]++;
      return 0;
    }
    do {
      const ref = ring.consume();
      this.move(ref, NETMEM_STATE.CACHE);
      this.#cache[this.#cacheCount++] = ref;
    } while (ring.count > 0 && this.#cacheCount < PP_ALLOC_CACHE_REFILL);
    this.stats[POOL_STAT.ALLOC_REFILL]++;
    return this.#cache[--this.#cacheCount];
  }

  #allocSlow(): NetmemRef {
    for (let i = 0; i < PP_ALLOC_CACHE_REFILL; i++) {
      const ref = this.host.pages.alloc();
      if (ref === 0) break;
      this.hold(ref);
      this.cachePush(ref);
    }
    if (this.#cacheCount === 0) return 0;
    this.stats[POOL_STAT.ALLOC_SLOW]++;
    return this.#cache[--this.#cacheCount];
  }

  /** Binds a netmem that comes from its owner to this pool: reference 1, hold counter + 1. For providers. */
  hold(ref: NetmemRef): void {
    const t = this.netmems;
    t.pool[ref] = this.handle;
    t.ppRef[ref] = 1;
    t.users[ref] = 0;
    t.state[ref] = NETMEM_STATE.CACHE;
    this.inState[NETMEM_STATE.CACHE]++;
    this.#hold = (this.#hold + 1) | 0;
  }

  /** Puts a held netmem into the alloc cache. For providers that fill in bulk; the cache must have room. */
  cachePush(ref: NetmemRef): void {
    this.#cache[this.#cacheCount++] = ref;
  }

  /** Where the last {@link allocFrag} lies, and the buffer space it accounts for. */
  fragOffset = 0;
  fragTruesize = 0;

  /**
   * A part of a buffer, shared with other users of it (page_pool_alloc()): requests of more than half a page get a whole
   * one; the last fragment of a page is charged with what is left of it (not on 6.12). Sizes are rounded up to 8 bytes.
   */
  allocFrag(size: number): NetmemRef {
    if (size * 2 > PAGE_SIZE) {
      this.fragOffset = 0;
      this.fragTruesize = PAGE_SIZE;
      return this.allocNetmem();
    }
    size = (size + 7) & ~7;
    const t = this.netmems;
    let ref = this.#fragRef;
    if (ref !== 0 && this.#fragOffset + size > PAGE_SIZE) {
      ref = this.#drainFrag(ref);
    }
    if (ref === 0) {
      ref = this.allocNetmem();
      if (ref === 0) {
        this.#fragRef = 0;
        return 0;
      }
    }
    if (ref !== this.#fragRef || this.#fragUsers === 0) {
      this.#fragRef = ref;
      this.#fragUsers = 0;
      this.#fragOffset = 0;
      t.ppRef[ref] = FRAG_BIAS;
    }
    this.#fragUsers++;
    this.fragOffset = this.#fragOffset;
    this.#fragOffset += size;
    this.fragTruesize = size;
    if (this.host.profile.lastFragTakesRest && this.#fragOffset + size > PAGE_SIZE) {
      this.fragTruesize = PAGE_SIZE - this.fragOffset;
      this.#fragOffset = PAGE_SIZE;
    }
    return ref;
  }

  /** Ends the current fragment page; returns it for reuse when nobody else holds it, 0 otherwise. */
  #drainFrag(ref: NetmemRef): NetmemRef {
    const t = this.netmems;
    this.#fragRef = 0;
    t.ppRef[ref] -= FRAG_BIAS - this.#fragUsers;
    this.#fragUsers = 0;
    if (t.ppRef[ref] > 0) return 0;
    t.ppRef[ref] = 1;
    this.stats[POOL_STAT.ALLOC_FAST]++;
    this.stats[POOL_STAT.RECYCLE_CACHED]++;
    this.move(ref, NETMEM_STATE.POSTED);
    return ref;
  }

  #freeFrag(): void {
    const ref = this.#fragRef;
    if (ref === 0) return;
    this.#fragRef = 0;
    this.netmems.ppRef[ref] -= FRAG_BIAS - this.#fragUsers;
    this.#fragUsers = 0;
    if (this.netmems.ppRef[ref] > 0) return;
    this.netmems.ppRef[ref] = 1;
    this.#returnToOwner(ref);
  }

  // ---- recycling ----

  /** Drops one reference; the last one recycles the netmem in the caller's context (napi_pp_put_page()). */
  put(ref: NetmemRef): void {
    if (--this.netmems.ppRef[ref] > 0) return;
    this.netmems.ppRef[ref] = 1;
    this.#recycle(ref, !this.#noDirect && this.napiId !== 0 && this.host.napiContext === this.napiId);
  }

  /** As {@link put}, by the pool's own consumer: direct recycling is allowed (page_pool_recycle_direct()). */
  putDirect(ref: NetmemRef): void {
    if (--this.netmems.ppRef[ref] > 0) return;
    this.netmems.ppRef[ref] = 1;
    this.#recycle(ref, !this.#noDirect);
  }

  #recycle(ref: NetmemRef, direct: boolean): void {
    if (direct) {
      if (this.#cacheCount < PP_ALLOC_CACHE_SIZE) {
        this.#cache[this.#cacheCount++] = ref;
        this.move(ref, NETMEM_STATE.CACHE);
        this.stats[POOL_STAT.RECYCLE_CACHED]++;
        if (this.onReturn !== null) this.onReturn();
        return;
      }
      this.stats[POOL_STAT.RECYCLE_CACHE_FULL]++;
    }
    if (this.ring.produce(ref)) {
      this.move(ref, NETMEM_STATE.RING);
      this.stats[POOL_STAT.RECYCLE_RING]++;
    } else {
      this.stats[POOL_STAT.RECYCLE_RING_FULL]++;
      this.#returnToOwner(ref);
    }
    if (this.onReturn !== null) this.onReturn();
  }

  /** Records where a netmem of this pool is. */
  move(ref: NetmemRef, to: number): void {
    const t = this.netmems;
    this.inState[t.state[ref]]--;
    this.inState[to]++;
    t.state[ref] = to;
  }

  #returnToOwner(ref: NetmemRef): void {
    const t = this.netmems;
    this.inState[t.state[ref]]--;
    t.state[ref] = NETMEM_STATE.FREE;
    const put = this.mpOps === null ? true : this.mpOps.releaseNetmem(this, ref);
    this.#release = (this.#release + 1) | 0;
    if (put) {
      t.pool[ref] = 0;
      t.ppRef[ref] = 0;
      this.host.pages.free(ref);
    }
  }

  // ---- life ----

  /** The NAPI that consumes the pool from now on (page_pool_enable_direct_recycling()). */
  enableDirectRecycling(napiId: number): void {
    this.napiId = napiId;
  }

  /** The owner lets go. The pool goes at once, or stays detached until every netmem is back. */
  destroy(): void {
    if (this.state !== 'attached') return;
    this.onReturn = null;
    if (!this.host.profile.detachedPoolKeepsNapi) this.napiId = 0;
    this.#noDirect = true;
    this.#freeFrag();
    if (this.#releaseAttempt()) return;
    this.state = 'detached';
    this.detachedAt = this.host.clock.now();
    this.#lastWarning = this.detachedAt;
    this.host.pools.changed(this);
    this.#armRetry();
  }

  #armRetry(): void {
    this.host.clock.after(PP_RELEASE_RETRY_MS, () => {
      if (this.#releaseAttempt() || this.inflight < 0) return;
      const now = this.host.clock.now();
      if (now - this.#lastWarning >= PP_WARN_PERIOD_MS && this.netdev === null && !this.orphaned) {
        this.#lastWarning = now;
        const seconds = Math.floor((now - this.detachedAt) / 1000);
        this.host.log('warn', 'stalled-pool-shutdown', { id: this.id, inflight: this.inflight, seconds });
      }
      this.#armRetry();
    });
  }

  /** Empties cache (once) and ring; true when that was the end of the pool. */
  #releaseAttempt(): boolean {
    if (!this.#scrubbedCache) {
      this.#scrubbedCache = true;
      while (this.#cacheCount > 0) this.#returnToOwner(this.#cache[--this.#cacheCount]);
    }
    for (let ref = this.ring.consume(); ref !== 0; ref = this.ring.consume()) this.#returnToOwner(ref);
    const left = this.inflight;
    if (left < 0) this.host.log('error', 'page-pool-negative-inflight', { id: this.id, inflight: left });
    if (left !== 0) return false;
    this.host.pools.unlist(this);
    this.state = 'gone';
    this.mpOps?.destroy(this);
    return true;
  }

  /**
   * The sum over the states against inflight, and the stores against their states. Constant time: cheap enough to run
   * after every poll.
   *
   * @returns null, or what disagrees
   */
  conservationFault(): string | null {
    let sum = 0;
    for (let s = 0; s < NETMEM_STATES; s++) {
      const n = this.inState[s];
      if (n < 0) return `state ${NETMEM_STATE_NAMES[s]} counts ${n}`;
      sum += n;
    }
    if (sum !== this.inflight) return `states add up to ${sum}, inflight is ${this.inflight}`;
    if (this.inState[NETMEM_STATE.CACHE] !== this.#cacheCount) {
      return `cache holds ${this.#cacheCount}, state says ${this.inState[NETMEM_STATE.CACHE]}`;
    }
    if (this.inState[NETMEM_STATE.RING] !== this.ring.count) {
      return `ring holds ${this.ring.count}, state says ${this.inState[NETMEM_STATE.RING]}`;
    }
    return null;
  }

  /** Attributes of page-pool-get and of the notifications, in wire order. */
  describe(): Record<string, unknown> {
    const reply: Record<string, unknown> = { id: this.id };
    if (this.netdev !== null && this.netdev.ifindex !== 1 && !this.orphaned) reply.ifindex = this.netdev.ifindex;
    if (this.napiId !== 0) reply['napi-id'] = this.napiId;
    const inflight = Math.max(0, this.inflight);
    reply.inflight = inflight;
    reply['inflight-mem'] = inflight * PAGE_SIZE;
    if (this.detachedAt >= 0) reply['detach-time'] = Math.floor(this.detachedAt / 1000);
    if (this.mpOps !== null) this.mpOps.nlFill(this.mpPriv, reply as ProviderReply, null);
    return reply;
  }
}
