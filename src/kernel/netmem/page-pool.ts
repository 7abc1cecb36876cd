import {
  PAGE_SIZE,
  PP_ALLOC_CACHE_REFILL,
  PP_ALLOC_CACHE_SIZE,
  PP_RELEASE_RETRY_MS,
  PP_WARN_PERIOD_MS,
} from '../../uapi/limits.ts';
import { fail, failCode } from '../error.ts';
import type { Netdev } from '../netdev/netdev.ts';
import type { MemoryProviderOps, ProviderReply } from '../provider/memory-provider.ts';
import { NETMEM_STATE, NETMEM_STATES, type NetmemRef, type NetmemTable } from './netmem.ts';
import type { NetmemOwner } from './owner.ts';
import { PageFrag } from './page-frag.ts';
import {
  checkPagePoolParams,
  NUMA_NO_NODE,
  type PagePoolParams,
  PP_FLAG_ALLOW_UNREADABLE_NETMEM,
} from './page-pool-params.ts';
import { PoolDma } from './pool-dma.ts';
import { POOL_EVENT, PoolHistory } from './pool-history.ts';
import type { PoolHost } from './pool-host.ts';
import { POOL_STAT } from './pool-statistics.ts';
import { PtrRing } from './ptr-ring.ts';

// V8 folds a module's own constants into the code of the hot paths; imported ones are loaded and checked at each use.
const STAT = POOL_STAT;
const STATE = NETMEM_STATE;
const CACHE_REFILL = PP_ALLOC_CACHE_REFILL;
/** No context: process context is 0. */
const NO_NAPI = -1;

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
 *   page that others still reference -------------------------------------------------------> provider / pages
 * ```
 * hold counts netmems that came from the owner, release those that went back; the signed 32-bit difference is inflight.
 * Going back only transfers the pool's ownership reference: the page allocator drops it, a provider may keep it and wait
 * until it is the last one.
 */
export class PagePool {
  readonly params: PagePoolParams;
  readonly host: PoolHost;
  readonly netmems: NetmemTable;
  readonly ring: PtrRing;
  readonly order: number;
  readonly stats = new Float64Array(11);
  /**
   * Netmems that packets, sockets and users have, by state. Those of the states before follow from the stores
   * ({@link countIn}): counting them as well would double the cost of an allocation.
   */
  readonly inState = new Int32Array(NETMEM_STATES);
  readonly history = new PoolHistory();
  id = 0;
  handle = 0;
  napiId = 0;
  netdev: Netdev | null;
  /** Netlink visibility after the netdev is gone: linked to loopback, without ifindex. */
  orphaned = false;
  state: PagePoolState = 'attached';
  /** Boot time in milliseconds of the detach; -1 while attached. */
  detachedAt = -1;
  mpOps: MemoryProviderOps | null = null;
  mpPriv: unknown = null;
  /** Who keeps books of the provider's netmems. */
  owner: NetmemOwner | null = null;
  /** Node pages should lie on; NUMA_NO_NODE = that of the CPU which refills. */
  nid: number;
  readonly dma: PoolDma;

  readonly #frag = new PageFrag(this);
  readonly #cache = new Int32Array(PP_ALLOC_CACHE_SIZE);
  #cacheCount = 0;
  /** Netmems that are in no store: allocated and not yet back. */
  #out = 0;
  /** u32 counters, kept as wrapped signed integers. */
  #hold = 0;
  #release = 0;
  /** Who may call destroy() before it happens: the creator, and the XDP memory model. */
  #users = 1;
  #disconnect: (() => void) | null = null;
  /** Release attempts so far. */
  #attempts = 0;
  /** The NAPI whose puts may go to the cache: napiId until destroy() begins, on 6.12 too where netlink shows it longer. */
  #directNapi = NO_NAPI;
  #lastWarning = 0;
  /** References dropped that nobody had (WARN_ON in page_pool_unref_netmem()): of netmems that had gone back to their owner. */
  strayPuts = 0;
  /** A violation of conservation was reported. */
  faulty = false;
  /** Called when a netmem comes back to a pool whose consumer found it empty; the driver arms it. */
  onReturn: (() => void) | null = null;

  /**
   * Creates and lists a pool; the checks are in Linux's order. With PP_FLAG_ALLOW_UNREADABLE_NETMEM the provider
   * installed on (netdev, queueIdx) is picked up; nobody can pass one in.
   *
   * @throws KernelError EINVAL (flags, DMA), EOPNOTSUPP (provider without DMA), EFAULT (a provider that was not built in),
   *   or the provider's own errno
   */
  constructor(host: PoolHost, params: PagePoolParams) {
    const slots = checkPagePoolParams(params);
    const { flags } = params;
    this.host = host;
    this.params = params;
    this.netmems = host.netmems;
    this.netdev = params.netdev;
    this.enableDirectRecycling(params.napiId);
    this.order = params.order ?? 0;
    this.nid = params.nid ?? NUMA_NO_NODE;
    this.dma = new PoolDma(params, host.netmems);
    this.ring = new PtrRing(slots);
    if ((flags & PP_FLAG_ALLOW_UNREADABLE_NETMEM) !== 0 && params.netdev !== null) {
      const provider = params.netdev.rxQueues[params.queueIdx]?.provider ?? null;
      if (provider !== null) this.#install(provider.ops, provider.priv);
    }
    host.pools.list(this);
  }

  #install(ops: MemoryProviderOps, priv: unknown): void {
    const { host } = this;
    if (!this.dma.maps || !this.dma.sync) fail('EOPNOTSUPP');
    if (!host.providers.has(ops)) {
      host.log('warn', 'page-pool-provider-not-built-in', { provider: ops.name });
      fail('EFAULT');
    }
    this.mpOps = ops;
    this.mpPriv = priv;
    const err = ops.init(this);
    if (err !== 0) {
      host.log('warn', 'page-pool-init-failed', { provider: ops.name, errno: -err });
      failCode(err);
    }
    host.pools.providerPools++;
    if (host.netmems.owners.has(priv as NetmemOwner)) this.owner = priv as NetmemOwner;
  }

  /** Netmems that left the owner, entries in cache and ring included; wraps as Linux's 32-bit counters do. */
  get inflight(): number {
    return (this.#hold - this.#release) | 0;
  }

  /** Netmems that came from the owner, and that went back: u32, wrapping. */
  get holds(): number {
    return this.#hold >>> 0;
  }

  get releases(): number {
    return this.#release >>> 0;
  }

  get cacheCount(): number {
    return this.#cacheCount;
  }

  /** Netmems allocated and not yet back: posted, in packets, sockets, with users. */
  get out(): number {
    return this.#out;
  }

  /** Netmems of the pool in a state; none is ever FREE or WAITING, which are the owner's. */
  countIn(state: number): number {
    if (state > STATE.POSTED) return this.inState[state];
    if (state === STATE.CACHE) return this.#cacheCount;
    if (state === STATE.RING) return this.ring.count;
    if (state !== STATE.POSTED) return 0;
    return this.inState.reduce((posted, n) => posted - n, this.#out);
  }

  // ---- allocation ----

  /** One netmem with reference 1 in state POSTED; 0 when there is none. Consumer context only. */
  allocNetmem(): NetmemRef {
    let ref: NetmemRef;
    if (this.#cacheCount > 0) {
      ref = this.#cache[--this.#cacheCount];
      this.stats[STAT.ALLOC_FAST]++;
    } else {
      ref = this.#refill();
      if (ref === 0) ref = this.#allocSlow();
      if (ref === 0) return 0;
    }
    this.netmems.state[ref] = STATE.POSTED;
    this.#out++;
    return ref;
  }

  /** Moves entries from the ring to the empty cache; the first on a foreign node ends it and goes back to its owner. */
  #refill(): NetmemRef {
    const { ring, host } = this;
    let ref = ring.consume();
    if (ref === 0) {
      this.stats[STAT.ALLOC_EMPTY]++;
      return 0;
    }
    const numa = host.numaNodes > 1;
    do {
      if (numa && !this.#onPreferredNode(ref)) {
        this.#record(POOL_EVENT.WAIVE, ref);
        this.returnNetmem(ref);
        this.stats[STAT.ALLOC_WAIVE]++;
        break;
      }
      this.netmems.state[ref] = STATE.CACHE;
      this.#cache[this.#cacheCount++] = ref;
    } while (this.#cacheCount < CACHE_REFILL && (ref = ring.consume()) !== 0);
    if (this.#cacheCount === 0) return 0;
    this.stats[STAT.ALLOC_REFILL]++;
    return this.#cache[--this.#cacheCount];
  }

  /** NUMA node that its pages should lie on. */
  get node(): number {
    return this.nid === NUMA_NO_NODE ? this.host.numaNode : this.nid;
  }

  #onPreferredNode(ref: NetmemRef): boolean {
    const area = this.netmems.areaOf(ref);
    return area.unreadable || area.node === this.node;
  }

  #allocSlow(): NetmemRef {
    let ref: NetmemRef;
    if (this.mpOps !== null) ref = this.mpOps.allocNetmems(this);
    else ref = this.order === 0 ? this.#allocBulk() : this.#allocHighOrder();
    if (ref === 0) this.#record(POOL_EVENT.EMPTY, 0);
    else this.#record(POOL_EVENT.SLOW, this.#cacheCount + 1);
    return ref;
  }

  /** Up to 64 pages at once into the empty cache. A page that cannot be mapped is dropped. */
  #allocBulk(): NetmemRef {
    const { pages } = this.host;
    for (let i = 0; i < CACHE_REFILL; i++) {
      const ref = pages.alloc(0, this.node);
      if (ref === 0) break;
      if (!this.dma.map(ref)) continue;
      this.hold(ref);
      this.#cache[this.#cacheCount++] = ref;
    }
    if (this.#cacheCount === 0) return 0;
    this.stats[STAT.ALLOC_SLOW]++;
    return this.#cache[--this.#cacheCount];
  }

  #allocHighOrder(): NetmemRef {
    const ref = this.host.pages.alloc(this.order, this.node);
    if (ref === 0 || !this.dma.map(ref)) return 0;
    this.stats[STAT.ALLOC_SLOW_HIGH_ORDER]++;
    this.hold(ref);
    return ref;
  }

  /** Binds a netmem that comes from its owner to this pool: reference 1, hold counter + 1. For providers. */
  hold(ref: NetmemRef): void {
    const t = this.netmems;
    t.pool[ref] = this.handle;
    t.ppRef[ref] = 1;
    t.users[ref] = 0;
    t.state[ref] = STATE.CACHE;
    this.#hold = (this.#hold + 1) | 0;
  }

  /** Puts a held netmem into the alloc cache. For providers that fill in bulk; the cache must have room. */
  cachePush(ref: NetmemRef): void {
    this.#cache[this.#cacheCount++] = ref;
  }

  /** As {@link cachePush}, for a netmem of this pool that was out and came back to its provider. */
  cachePushBack(ref: NetmemRef): void {
    this.#takeBack(ref, STATE.CACHE);
    this.#cache[this.#cacheCount++] = ref;
  }

  /** The next netmem of the cache a provider has just filled, as what its allocNetmems returns; 0 when it is empty. */
  cachePop(): NetmemRef {
    return this.#cacheCount === 0 ? 0 : this.#cache[--this.#cacheCount];
  }

  /** The node of the consumer changed (page_pool_update_nid()): what is cached goes back, what is in the ring is sorted out. */
  updateNid(nid: number): void {
    this.nid = nid;
    while (this.#cacheCount > 0) this.returnNetmem(this.#cache[--this.#cacheCount]);
  }

  /** Where the last {@link alloc} or {@link allocFrag} lies, and the buffer space it accounts for. */
  fragOffset = 0;
  fragTruesize = 0;

  /** A buffer of `size` bytes, whole or shared: {@link PageFrag.alloc}. */
  alloc(size: number): NetmemRef {
    return this.#frag.alloc(size);
  }

  /** A part of a page, shared with other users of it: {@link PageFrag.allocFrag}. */
  allocFrag(size: number): NetmemRef {
    return this.#frag.allocFrag(size);
  }

  // ---- recycling ----

  /** Drops one reference; the last one recycles the netmem in the caller's context (napi_pp_put_page()). */
  put(ref: NetmemRef): void {
    if (this.#unref(ref)) this.#recycle(ref, false);
  }

  /** As {@link put}, by the pool's own consumer: direct recycling is allowed (page_pool_recycle_direct()). */
  putDirect(ref: NetmemRef): void {
    if (this.#unref(ref)) this.#recycle(ref, this.#users > 0);
  }

  /** true: that was the last one. A pooled netmem always carries one, so it is not even written. */
  #unref(ref: NetmemRef): boolean {
    const { ppRef } = this.netmems;
    if (ppRef[ref] === 1) return true;
    if (--ppRef[ref] < 0) this.strayPuts++;
    return false;
  }

  /** Whether a put in the present context may go straight to the cache (page_pool_napi_local()). */
  get napiLocal(): boolean {
    return this.host.napiContext === this.#directNapi;
  }

  #recycle(ref: NetmemRef, direct: boolean): void {
    if (this.recycleDirect(ref, direct)) {
      if (this.recycleInRing(ref)) {
        this.stats[STAT.RECYCLE_RING]++;
      } else {
        this.stats[STAT.RECYCLE_RING_FULL]++;
        this.ringFull(ref);
      }
    }
    if (this.onReturn !== null) this.onReturn();
  }

  /**
   * First half of a put whose last pool reference is gone (__page_pool_put_page()): a page that others still reference
   * goes to its owner; a direct put goes to the cache. true: the netmem is meant for the ring.
   */
  recycleDirect(ref: NetmemRef, direct: boolean): boolean {
    if (this.netmems.pageRef[ref] !== 1) {
      this.stats[STAT.RECYCLE_RELEASED_REFCNT]++;
      this.#record(POOL_EVENT.FOREIGN, ref);
      this.returnNetmem(ref);
      return false;
    }
    if (this.dma.sync) this.dma.syncForDevice();
    if (!direct && !this.napiLocal) return true;
    if (this.#cacheCount === this.#cache.length) {
      this.stats[STAT.RECYCLE_CACHE_FULL]++;
      return true;
    }
    this.#cache[this.#cacheCount++] = ref;
    this.#takeBack(ref, STATE.CACHE);
    this.stats[STAT.RECYCLE_CACHED]++;
    return false;
  }

  /** Second half: into the ring. false: full, nothing was done. The caller counts. */
  recycleInRing(ref: NetmemRef): boolean {
    if (!this.ring.produce(ref)) return false;
    this.#takeBack(ref, STATE.RING);
    return true;
  }

  /** The ring had no room: the netmem goes back to its owner. */
  ringFull(ref: NetmemRef): void {
    this.#record(POOL_EVENT.RING_FULL, ref);
    this.returnNetmem(ref);
  }

  /** A netmem that was out is back in a store, or goes to its owner. */
  #takeBack(ref: NetmemRef, to: number): void {
    const { state } = this.netmems;
    const from = state[ref];
    // One that was not out is somebody's mistake: not counted, so that the sums disagree from now on.
    if (from >= STATE.POSTED) {
      if (from !== STATE.POSTED) this.inState[from]--;
      this.#out--;
    }
    state[ref] = to;
  }

  /** Records where a netmem that is out is now. */
  move(ref: NetmemRef, to: number): void {
    const { state } = this.netmems;
    const from = state[ref];
    if (from > STATE.POSTED) this.inState[from]--;
    if (to > STATE.POSTED) this.inState[to]++;
    state[ref] = to;
  }

  /** The pool lets go: its ownership reference is the provider's, or is dropped (page_pool_return_netmem()). */
  returnNetmem(ref: NetmemRef): void {
    const t = this.netmems;
    if (t.state[ref] >= STATE.POSTED) this.#takeBack(ref, STATE.FREE);
    else t.state[ref] = STATE.FREE;
    let put = true;
    if (this.mpOps !== null) put = this.mpOps.releaseNetmem(this, ref);
    else this.dma.unmap();
    this.#release = (this.#release + 1) | 0;
    if (!put) return;
    t.pool[ref] = 0;
    t.ppRef[ref] = 0;
    if (t.pageRef[ref] > 1) t.state[ref] = STATE.WAITING;
    t.putPage(ref);
  }

  #record(event: number, value: number): void {
    this.history.add(this.host.clock.now(), event, value, this.inflight);
  }

  // ---- life ----

  /** The NAPI that consumes the pool from now on (page_pool_enable_direct_recycling()). */
  enableDirectRecycling(napiId: number): void {
    this.napiId = napiId;
    this.#directNapi = napiId === 0 || this.#users === 0 ? NO_NAPI : napiId;
  }

  /** The pool is an XDP memory model too: one more destroy() is needed. @param disconnect called first of all at the end */
  useXdpMem(disconnect: () => void): void {
    this.#users++;
    this.#disconnect = disconnect;
  }

  /** A user lets go. With the last one the pool goes at once, or stays detached until every netmem is back. */
  destroy(): void {
    if (this.#users === 0 || --this.#users > 0) return;
    this.onReturn = null;
    if (!this.host.profile.detachedPoolKeepsNapi) this.napiId = 0;
    this.#directNapi = NO_NAPI;
    this.#frag.free();
    this.#record(POOL_EVENT.DESTROY, 0);
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
      if (this.host.profile.retryKicksDeferred) this.host.kickDeferredFrees();
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
    if (this.#attempts++ === 0) {
      while (this.#cacheCount > 0) this.returnNetmem(this.#cache[--this.#cacheCount]);
      this.dma.end(this.host.profile.unmapsAtDestroy);
    }
    for (let ref = this.ring.consume(); ref !== 0; ref = this.ring.consume()) this.returnNetmem(ref);
    const left = this.inflight;
    this.#record(POOL_EVENT.RETRY, left);
    this.host.check(this);
    if (left < 0) this.host.log('error', 'page-pool-negative-inflight', { id: this.id, inflight: left });
    if (left !== 0) return false;
    this.#disconnect?.();
    this.host.pools.unlist(this);
    this.state = 'gone';
    if (this.mpOps !== null) {
      this.mpOps.destroy(this);
      this.host.pools.providerPools--;
    }
    return true;
  }

  /** Attributes of page-pool-get and of the notifications, in wire order. */
  describe(): Record<string, unknown> {
    const reply: Record<string, unknown> = { id: this.id };
    if (this.netdev !== null && this.netdev.ifindex !== 1 && !this.orphaned) reply.ifindex = this.netdev.ifindex;
    if (this.napiId !== 0) reply['napi-id'] = this.napiId;
    reply.inflight = Math.max(0, this.inflight);
    reply['inflight-mem'] = (reply.inflight as number) * (PAGE_SIZE << this.order);
    if (this.detachedAt >= 0) reply['detach-time'] = Math.floor(this.detachedAt / 1000);
    if (this.mpOps !== null && this.mpOps.nlFill(this.mpPriv, reply as ProviderReply, null) !== 0) fail('EMSGSIZE');
    return reply;
  }
}
