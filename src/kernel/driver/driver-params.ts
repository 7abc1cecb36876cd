import { MAX_SKB_FRAGS, PAGE_SIZE } from '../../uapi/limits.ts';
import {
  ETH_MAX_MTU,
  XDP_ACT_BASIC,
  XDP_ACT_HW_OFFLOAD,
  XDP_ACT_NDO_XMIT,
  XDP_ACT_NDO_XMIT_SG,
  XDP_ACT_REDIRECT,
  XDP_ACT_RX_SG,
  XDP_ACT_XSK_ZEROCOPY,
} from '../../uapi/link.ts';
import { refuse } from '../error.ts';
import { ERRORS } from '../error-catalogue.ts';

/** Driver profiles by name. */
export const DRIVER_PROFILES = [
  'split-perfect',
  'bnxt-like',
  'netdevsim',
  'netdevsim-dma',
  'veth',
  'tap',
  'tun',
] as const;
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
  /** Single queues can be restarted (netdev_queue_mgmt_ops), where the release allows it. */
  readonly managesQueues: boolean;
  /** A device that can do DMA stands behind the queues. */
  readonly dma: boolean;
  /** Takes packets whose payload lies in a dmabuf (netdev->netmem_tx). */
  readonly netmemTx: boolean;
  /** No device of any kind stands behind it. */
  readonly virtual: boolean;
  /** Page pools that name no device: netlink never shows them. */
  readonly hidesPools: boolean;
  /** NAPIs that netlink knows: all, those of a device with GRO on, or none. */
  readonly napis: 'all' | 'gro' | 'none';
  /** NAPIs that are made again for the same queue get their id and settings back (6.13 and later). */
  readonly napiConfigs: boolean;
  /** The driver says which NAPI serves which RX queue. */
  readonly linksNapis: boolean;
  /** Counters of qstats-get: none, packets and bytes, or drops and hardware GRO too. */
  readonly qstats: 'none' | 'traffic' | 'all';
  /** Metadata that XDP programs can ask for (NETDEV_XDP_RX_METADATA_*). */
  readonly xdpRxMetadata: number;
  /** Queues that channels-set takes out of use keep their memory and NAPI (netdevsim). */
  readonly keepsUnusedQueues: boolean;
  /** Checks of its own as netdevsim makes them. */
  readonly netdevsim: boolean;
  /** XDP abilities (NETDEV_XDP_ACT_*). */
  readonly xdpFeatures: number;
  /** Programs of other devices may redirect to this one only while it has a program itself (bnxt). */
  readonly xdpXmitWithProgram: boolean;
}

/** enum netdev_xdp_rx_metadata, uapi/linux/netdev.h. */
const XDP_RX_METADATA = { TIMESTAMP: 1, HASH: 2, VLAN_TAG: 4 } as const;

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
  managesQueues: true,
  dma: true,
  netmemTx: false,
  virtual: false,
  hidesPools: false,
  napis: 'all',
  napiConfigs: true,
  linksNapis: true,
  qstats: 'all',
  xdpRxMetadata: 0,
  keepsUnusedQueues: false,
  netdevsim: false,
  xdpFeatures:
    XDP_ACT_BASIC | XDP_ACT_REDIRECT | XDP_ACT_NDO_XMIT | XDP_ACT_XSK_ZEROCOPY | XDP_ACT_RX_SG | XDP_ACT_NDO_XMIT_SG,
  xdpXmitWithProgram: false,
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
  netmemTx: true,
  keepsUnusedQueues: true,
  netdevsim: true,
  xdpFeatures: XDP_ACT_BASIC | XDP_ACT_HW_OFFLOAD,
};

const NETDEVSIM: DriverParams = {
  ...NETDEVSIM_DMA,
  profile: 'netdevsim',
  gro: true,
  restartHidesPool: true,
  dma: false,
  netmemTx: false,
  qstats: 'traffic',
};

/** One end of a veth pair: NAPIs only while GRO is on, linked to no queue, and made anew whenever it is opened. */
const VETH: DriverParams = {
  ...NETDEVSIM,
  profile: 'veth',
  gro: false,
  queueByPort: false,
  restartHidesPool: false,
  managesQueues: false,
  virtual: true,
  hidesPools: true,
  napis: 'gro',
  napiConfigs: false,
  linksNapis: false,
  qstats: 'none',
  netdevsim: false,
  xdpFeatures: XDP_ACT_BASIC | XDP_ACT_REDIRECT | XDP_ACT_RX_SG,
  xdpRxMetadata: XDP_RX_METADATA.TIMESTAMP | XDP_RX_METADATA.HASH | XDP_RX_METADATA.VLAN_TAG,
};

/** TUN devices: frames of a process; their NAPIs, if any, have no ids. */
const TUN: DriverParams = { ...VETH, profile: 'tun', napis: 'none', xdpFeatures: 0, xdpRxMetadata: 0 };

const PROFILES: Record<DriverProfile, DriverParams> = {
  'split-perfect': SPLIT_PERFECT,
  'bnxt-like': {
    ...SPLIT_PERFECT,
    profile: 'bnxt-like',
    placement: 'aggregate',
    xdpFeatures: XDP_ACT_BASIC | XDP_ACT_REDIRECT | XDP_ACT_RX_SG,
    xdpXmitWithProgram: true,
  },
  netdevsim: NETDEVSIM,
  'netdevsim-dma': NETDEVSIM_DMA,
  veth: VETH,
  tap: { ...TUN, profile: 'tap', xdpFeatures: XDP_ACT_BASIC | XDP_ACT_REDIRECT | XDP_ACT_NDO_XMIT },
  tun: TUN,
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

/** Largest MTU that a driver takes: a packet must fit into the frags of one skb. */
export function maxMtu(params: DriverParams): number {
  return Math.min(ETH_MAX_MTU, MAX_SKB_FRAGS * params.chunk);
}
