import { MAX_SKB_FRAGS, PAGE_SIZE } from '../../uapi/limits.ts';
import { refuse } from '../error.ts';
import { ERRORS } from '../error-catalogue.ts';

/** Driver profiles by name. */
export const DRIVER_PROFILES = ['split-perfect', 'bnxt-like', 'netdevsim', 'netdevsim-dma'] as const;
export type DriverProfile = (typeof DRIVER_PROFILES)[number];

/** How a driver puts payload into buffers. */
export interface DriverParams {
  readonly profile: DriverProfile;
  /**
   * `whole`: every chunk at offset 0 of its own buffer. `fragment`: chunks of at most half a page share a buffer.
   * `aggregate`: the device merges segments of a flow and fills buffers to the last byte (hardware GRO).
   */
  readonly placement: 'whole' | 'fragment' | 'aggregate';
  /** Buffers posted ahead of traffic: `ring` = the rx ring size, a number, or 0 = taken when the packet arrives. */
  readonly post: number | 'ring';
  /** Payload bytes left in the linear part, and in which packets: every n-th, 0 = all. Only on queues with a provider. */
  readonly linear: number;
  readonly linearMod: number;
  /** Software GRO. */
  readonly gro: boolean;
  /** Largest chunk put into one buffer, bytes. */
  readonly chunk: number;
  /** Slots of a pool's ring; 0 = the rx ring size. */
  readonly poolRing: number;
  /** A second pool for headers beside a payload pool with a provider. */
  readonly headerPool: boolean;
  /** Queues without provider draw from their pool; otherwise packets come in ordinary memory, as the sender made them. */
  readonly poolsOrdinaryTraffic: boolean;
  /** RX queue = destination port modulo queues, instead of flow rules and RSS. */
  readonly queueByPort: boolean;
  /**
   * The pool knows its NAPI when it is created. Otherwise (netdevsim) from queue start, unless that NAPI was enabled before and
   * so has its id.
   */
  readonly napiAtCreation: boolean;
  /** NAPIs are made when the device is opened, not when it is probed: before 6.13 they have new ids then. */
  readonly napisAtOpen: boolean;
  /**
   * A queue's restart makes a NAPI which belongs to no device yet when the pool is made, so that the pool is linked to none
   * and netlink does not show it (netdevsim's reset modes 0, 2 and 3).
   */
  readonly restartHidesPool: boolean;
  /** Buffers that come back to a starved queue make it refill at once; otherwise only the next packet's poll does. */
  readonly refillsOnReturn: boolean;
}

const SPLIT_PERFECT: DriverParams = {
  profile: 'split-perfect',
  placement: 'whole',
  post: 'ring',
  linear: 0,
  linearMod: 0,
  gro: true,
  chunk: PAGE_SIZE,
  poolRing: 0,
  headerPool: true,
  poolsOrdinaryTraffic: true,
  queueByPort: false,
  napiAtCreation: true,
  napisAtOpen: false,
  restartHidesPool: false,
  refillsOnReturn: true,
};

/** Linux's test device, with a DMA-capable parent and a receive path into its pools, as it was recorded. */
const NETDEVSIM_DMA: DriverParams = {
  ...SPLIT_PERFECT,
  profile: 'netdevsim-dma',
  post: 0,
  gro: false,
  poolRing: 256,
  headerPool: false,
  poolsOrdinaryTraffic: false,
  queueByPort: true,
  napiAtCreation: false,
  napisAtOpen: true,
  refillsOnReturn: false,
};

const PROFILES: Record<DriverProfile, DriverParams> = {
  'split-perfect': SPLIT_PERFECT,
  'bnxt-like': { ...SPLIT_PERFECT, profile: 'bnxt-like', placement: 'aggregate' },
  netdevsim: { ...NETDEVSIM_DMA, profile: 'netdevsim', gro: true, restartHidesPool: true },
  'netdevsim-dma': NETDEVSIM_DMA,
};

/** Parameters a user may set on `netdevsim-dma`; the names are the test driver's own. */
export interface DriverOverrides {
  mode?: number;
  post?: number;
  lin?: number;
  'lin-mod'?: number;
  gro?: boolean | number;
  chunk?: number;
  'pool-ring'?: number;
}

/**
 * The parameters of a profile with a user's overrides.
 *
 * @throws KernelError EINVAL for parameters of another profile, or when a packet of `mtu` bytes could need more than 17 frags
 */
export function driverParams(profile: DriverProfile, overrides: DriverOverrides, mtu: number): DriverParams {
  if (profile !== 'netdevsim-dma' && Object.values(overrides).some((value) => value !== undefined)) {
    refuse(ERRORS.driverTakesNone, { 'bad-attr': '.driver-params' });
  }
  const base = PROFILES[profile];
  const chunk = overrides.chunk ?? base.chunk;
  if (chunk < 1 || chunk > PAGE_SIZE || Math.ceil(mtu / chunk) > MAX_SKB_FRAGS) {
    refuse(ERRORS.driverChunk, { 'bad-attr': '.driver-params.chunk' });
  }
  return {
    ...base,
    placement: overrides.mode === undefined ? base.placement : overrides.mode === 2 ? 'fragment' : 'whole',
    post: overrides.post ?? base.post,
    linear: overrides.lin ?? base.linear,
    linearMod: overrides['lin-mod'] ?? base.linearMod,
    gro: overrides.gro === undefined ? base.gro : Boolean(overrides.gro),
    chunk,
    poolRing: overrides['pool-ring'] ?? base.poolRing,
  };
}
