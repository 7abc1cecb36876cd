/** Kernel releases the model can answer as. */
export const KERNEL_RELEASES = ['6.12', '6.18', '7.3'] as const;
export type KernelRelease = (typeof KERNEL_RELEASES)[number];

/** What differs by release, read from here only. */
export interface KernelProfile {
  readonly release: KernelRelease;
  /** page-pool-get shows napi-id on detached pools, and netdevsim pools get it at creation (6.12). */
  readonly detachedPoolKeepsNapi: boolean;
  /** A udmabuf's scatter list has one entry a page (6.12) or one a contiguous run. */
  readonly udmabufEntryPerPage: boolean;
  /** The page pool charges the last fragment of a page with the rest of it, which then stays unused (6.18 and later). */
  readonly lastFragTakesRest: boolean;
  /** Small skb heads are page frags, so that TCP can merge them as frags (6.12). */
  readonly smallHeadsArePageFrags: boolean;
  /** sizeof(sk_buff) plus the smallest head, as charged to a socket. */
  readonly smallSkbTruesize: number;
  /** bind-rx checks tcp-data-split and hds-thresh (6.14 and later). */
  readonly checksDataSplit: boolean;
  /** bind-rx reads all queues before it touches one (6.18 and later); before, in message order. */
  readonly queuesReadFirst: boolean;
  /** Restarting a queue of a device that is down frees the new memory at once (6.14 and later). */
  readonly restartsClosedDevice: boolean;
  /** napi-get shows `threaded` (6.17 and later). */
  readonly napiThreaded: boolean;
  /** dev-get shows xsk-features' launch time and dumps refuse attributes (7.x). */
  readonly strictDumps: boolean;
}

const V6_18: KernelProfile = {
  release: '6.18',
  detachedPoolKeepsNapi: false,
  udmabufEntryPerPage: false,
  lastFragTakesRest: true,
  smallHeadsArePageFrags: false,
  smallSkbTruesize: 960,
  checksDataSplit: true,
  queuesReadFirst: true,
  restartsClosedDevice: true,
  napiThreaded: true,
  strictDumps: false,
};

const PROFILES: Record<KernelRelease, KernelProfile> = {
  '6.12': {
    ...V6_18,
    release: '6.12',
    detachedPoolKeepsNapi: true,
    udmabufEntryPerPage: true,
    lastFragTakesRest: false,
    smallHeadsArePageFrags: true,
    smallSkbTruesize: 1280,
    checksDataSplit: false,
    queuesReadFirst: false,
    restartsClosedDevice: false,
    napiThreaded: false,
  },
  '6.18': V6_18,
  '7.3': { ...V6_18, release: '7.3', strictDumps: true },
};

export function kernelProfile(release: KernelRelease): KernelProfile {
  return PROFILES[release];
}
