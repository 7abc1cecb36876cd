import { PP_RING_DEFAULT, PP_RING_MAX } from '../../uapi/limits.ts';
import type { DmaDevice } from '../driver/dma-device.ts';
import { fail } from '../error.ts';
import type { Netdev } from '../netdev/netdev.ts';

/** The pool maps and unmaps its pages. */
export const PP_FLAG_DMA_MAP = 1 << 0;
/** The pool syncs pages for the device when they are recycled; needs DMA_MAP and a length. */
export const PP_FLAG_DMA_SYNC_DEV = 1 << 1;
/** A per-CPU system pool. */
export const PP_FLAG_SYSTEM_POOL = 1 << 2;
/** The pool picks up the provider installed on its queue. */
export const PP_FLAG_ALLOW_UNREADABLE_NETMEM = 1 << 3;
const PP_FLAG_ALL = 0xf;

/** NUMA node "where the CPU that refills is". */
export const NUMA_NO_NODE = -1;

export type DmaDirection = 'bidirectional' | 'to-device' | 'from-device';

/** Parameters of pool creation; names after struct page_pool_params. */
export interface PagePoolParams {
  /** Pages of one allocation: 2^order. Default 0. */
  order?: number;
  /** Slots of the recycle ring: 0 = 1024, more than 16384 is 16384. */
  poolSize: number;
  /** Default {@link NUMA_NO_NODE}. */
  nid?: number;
  /** What pages are mapped for; needed with PP_FLAG_DMA_MAP to count maps. */
  dev?: DmaDevice | null;
  /** Id of the NAPI that solely consumes the pool; 0 = none yet. */
  napiId: number;
  /** Default from-device. */
  dmaDir?: DmaDirection;
  maxLen?: number;
  /** Links the pool to a netdev: only linked pools are visible in netlink. */
  netdev: Netdev | null;
  queueIdx: number;
  flags: number;
}

/**
 * The checks of page_pool_init() (net/core/page_pool.c, 6.18), in its order.
 *
 * @returns slots of the recycle ring
 * @throws KernelError EINVAL: unknown flags; mapping in a direction that does not receive; sync without mapping or length
 */
export function checkPagePoolParams(params: PagePoolParams): number {
  const { flags, dmaDir } = params;
  if ((flags & ~PP_FLAG_ALL) !== 0) fail('EINVAL');
  const slots = Math.min(params.poolSize === 0 ? PP_RING_DEFAULT : params.poolSize, PP_RING_MAX);
  if ((flags & PP_FLAG_DMA_MAP) !== 0 && dmaDir === 'to-device') fail('EINVAL');
  if ((flags & PP_FLAG_DMA_SYNC_DEV) !== 0 && ((flags & PP_FLAG_DMA_MAP) === 0 || !params.maxLen)) fail('EINVAL');
  return slots;
}
