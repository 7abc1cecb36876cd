import { ZCRX_6_18, ZCRX_7_3, type ZcrxRules } from './io-uring/zcrx-rules.ts';

/** Kernel releases the model can answer as. */
export const KERNEL_RELEASES = ['6.12', '6.18', '7.3'] as const;
export type KernelRelease = (typeof KERNEL_RELEASES)[number];

/** What differs by release, read from here only. */
export interface KernelProfile {
  readonly release: KernelRelease;
  /** page-pool-get shows napi-id on detached pools, and netdevsim pools get it at creation (6.12). */
  readonly detachedPoolKeepsNapi: boolean;
  /** A pool that is destroyed unmaps the pages still out at once (6.16 and later). */
  readonly unmapsAtDestroy: boolean;
  /** A udmabuf's scatter list has one entry a page (6.12) or one a contiguous run. */
  readonly udmabufEntryPerPage: boolean;
  /**
   * Drivers of netmems get fragments from page_pool_alloc_netmem() (6.14 and later), which charges the last one of a page with the
   * rest of it; before, from page_pool_alloc_frag_netmem(), which does not.
   */
  readonly lastFragTakesRest: boolean;
  /** Small skb heads are page frags, so that TCP can merge them as frags (6.12). */
  readonly smallHeadsArePageFrags: boolean;
  /** sizeof(sk_buff) plus the smallest head, as charged to a socket. */
  readonly smallSkbTruesize: number;
  /** bind-rx checks tcp-data-split and hds-thresh (6.14 and later). */
  readonly checksDataSplit: boolean;
  /** bind-rx looks for XDP programs once and before the dmabuf (6.12), with a text of its own; later each queue does. */
  readonly xdpCheckedBeforeDmabuf: boolean;
  /** bind-rx reads all queues before it touches one (6.18 and later); before, in message order. */
  readonly queuesReadFirst: boolean;
  /** A binding gets its id once the dmabuf is mapped (6.16 and later); before, when nothing was tried yet. */
  readonly bindingIdLast: boolean;
  /** Restarting a queue of a device that is down frees the new memory at once (6.14 and later). */
  readonly restartsClosedDevice: boolean;
  /** A NAPI keeps its id when it is made again for the same queue (6.13 and later). */
  readonly napiIdsPersist: boolean;
  /** netdevsim can restart single queues (6.14 and later). */
  readonly netdevsimQueueManagement: boolean;
  /** net.core.skb_defer_max (net/core/hotdata.c): 64, since 6.19 128. */
  readonly skbDeferMax: number;
  /** A list of deferred skbs is full with one less: skb_attempt_defer_free() counts before it compares (6.18 and later). */
  readonly skbDeferCountsFirst: boolean;
  /**
   * Each retry of a detached pool makes all CPUs free their deferred skbs (page_pool_release_retry(), 6.18.y after .2). The
   * recorded 6.12.107 and 7.3.4 do not.
   */
  readonly retryKicksDeferred: boolean;
  /** napi-get shows `threaded` (6.17 and later). */
  readonly napiThreaded: boolean;
  /** queue-get shows AF_XDP pools (6.15 and later). */
  readonly showsXsk: boolean;
  /** netdevsim runs XDP programs on what it receives and says so in xdp-features (6.17 and later; recorded on 6.12 and 7.3). */
  readonly netdevsimRunsXdp: boolean;
  /** dev-get shows xsk-features' launch time and dumps refuse attributes (7.x). */
  readonly strictDumps: boolean;
  /** io_uring zero-copy receive (6.15 and later). */
  readonly zcrx: ZcrxRules;
}

const V6_18: KernelProfile = {
  release: '6.18',
  detachedPoolKeepsNapi: false,
  unmapsAtDestroy: true,
  udmabufEntryPerPage: false,
  lastFragTakesRest: true,
  smallHeadsArePageFrags: false,
  smallSkbTruesize: 960,
  checksDataSplit: true,
  xdpCheckedBeforeDmabuf: false,
  queuesReadFirst: true,
  bindingIdLast: true,
  restartsClosedDevice: true,
  napiIdsPersist: true,
  netdevsimQueueManagement: true,
  skbDeferMax: 64,
  skbDeferCountsFirst: true,
  retryKicksDeferred: true,
  napiThreaded: true,
  showsXsk: true,
  netdevsimRunsXdp: true,
  strictDumps: false,
  zcrx: ZCRX_6_18,
};

const PROFILES: Record<KernelRelease, KernelProfile> = {
  '6.12': {
    ...V6_18,
    release: '6.12',
    detachedPoolKeepsNapi: true,
    unmapsAtDestroy: false,
    udmabufEntryPerPage: true,
    lastFragTakesRest: false,
    smallHeadsArePageFrags: true,
    smallSkbTruesize: 1280,
    checksDataSplit: false,
    xdpCheckedBeforeDmabuf: true,
    queuesReadFirst: false,
    bindingIdLast: false,
    restartsClosedDevice: false,
    napiIdsPersist: false,
    netdevsimQueueManagement: false,
    skbDeferCountsFirst: false,
    retryKicksDeferred: false,
    napiThreaded: false,
    showsXsk: false,
    netdevsimRunsXdp: false,
  },
  '6.18': V6_18,
  '7.3': { ...V6_18, release: '7.3', skbDeferMax: 128, retryKicksDeferred: false, strictDumps: true, zcrx: ZCRX_7_3 },
};

export function kernelProfile(release: KernelRelease): KernelProfile {
  return PROFILES[release];
}
