import { PAGE_SIZE } from '../../uapi/limits.ts';
import { XDP_ACT_HW_OFFLOAD } from '../../uapi/link.ts';
import { fail } from '../error.ts';
import type { Netdev } from '../netdev/netdev.ts';
import type { RxQueue } from '../netdev/rx-queue.ts';
import { PagePool } from '../netmem/page-pool.ts';
import { PP_FLAG_ALLOW_UNREADABLE_NETMEM, PP_FLAG_DMA_MAP, PP_FLAG_DMA_SYNC_DEV } from '../netmem/page-pool-params.ts';
import type { DmaDevice } from './dma-device.ts';
import type { DriverParams } from './driver-params.ts';
import { RxRing } from './rx-ring.ts';

/** The driver of one simulated netdev: makes, starts, stops and frees the memory of its RX queues. */
export class Driver {
  readonly netdev: Netdev;
  readonly params: DriverParams;
  /** Has the callbacks of netdev_queue_mgmt_ops. */
  readonly queueManagement: boolean;
  /** The DMA-capable device behind the queues; null = there is none. */
  readonly dmaDevice: DmaDevice | null;

  constructor(
    netdev: Netdev,
    params: DriverParams,
    options: { queueManagement: boolean; dmaDevice: DmaDevice | null },
  ) {
    this.netdev = netdev;
    this.params = params;
    this.queueManagement = options.queueManagement;
    this.dmaDevice = options.dmaDevice;
  }

  /** XDP abilities without a program attached (NETDEV_XDP_ACT_*). */
  get xdpFeatures(): number {
    const { netdevsim, xdpFeatures } = this.params;
    return netdevsim && !this.netdev.kernel.profile.netdevsimRunsXdp ? XDP_ACT_HW_OFFLOAD : xdpFeatures;
  }

  /**
   * Creates the queue's pools. A queue with a provider gets a separate pool for headers, if the profile has one.
   *
   * @param napi of a restart: whether the queue gets a new NAPI or keeps its own
   * @throws KernelError ENETDOWN (a NAPI to be kept is not there), and what creating a pool says
   */
  allocQueueMemory(queue: RxQueue, napi: 'new' | 'kept' | 'opening' = 'opening'): RxRing {
    const { kernel, rings } = this.netdev;
    const { params } = this;
    if (napi === 'kept' && !this.netdev.up) fail('ENETDOWN');
    const known = queue.napi.enabled && napi !== 'new';
    const common = {
      poolSize: params.poolRing === 0 ? rings.config.rx : params.poolRing,
      netdev: params.hidesPools || (params.restartHidesPool && napi === 'new') ? null : this.netdev,
      queueIdx: queue.index,
      napiId: params.napiAtCreation || kernel.profile.detachedPoolKeepsNapi || known ? queue.napi.id : 0,
      dev: this.dmaDevice,
      dmaDir: this.dmaDevice === null ? ('bidirectional' as const) : ('from-device' as const),
      maxLen: PAGE_SIZE,
    };
    const dma = this.dmaDevice !== null ? PP_FLAG_DMA_MAP | PP_FLAG_DMA_SYNC_DEV : 0;
    const unreadable = this.queueManagement && this.dmaDevice !== null ? PP_FLAG_ALLOW_UNREADABLE_NETMEM : 0;
    const pool = new PagePool(kernel, { ...common, flags: dma | unreadable });
    let headPool: PagePool | null = null;
    if (params.headerPool && pool.mpOps !== null) {
      try {
        headPool = new PagePool(kernel, { ...common, flags: dma });
      } catch (err) {
        pool.destroy();
        throw err;
      }
    }
    return new RxRing(this, queue, pool, headPool, params.post === 'ring' ? rings.config.rx : params.post);
  }

  /** {@link allocQueueMemory} of each queue, or of none. @throws KernelError as there */
  allocQueues(queues: readonly RxQueue[]): RxRing[] {
    const rings: RxRing[] = [];
    try {
      for (const queue of queues) rings.push(this.allocQueueMemory(queue));
    } catch (err) {
      for (const ring of rings) this.freeQueueMemory(ring);
      throw err;
    }
    return rings;
  }

  freeQueueMemory(ring: RxRing): void {
    ring.pool.destroy();
    ring.headPool?.destroy();
  }

  startQueue(queue: RxQueue, ring: RxRing): void {
    queue.ring = ring;
    queue.napi.queue = queue;
    queue.napi.enabled = true;
    ring.start();
  }

  /** Finishes the packets the device had completed, then takes the posted buffers back. null: the queue was dead. */
  stopQueue(queue: RxQueue): RxRing | null {
    const { ring } = queue;
    if (ring === null) return null;
    this.netdev.kernel.drainNapi(queue.napi);
    ring.stop();
    queue.ring = null;
    return ring;
  }
}
