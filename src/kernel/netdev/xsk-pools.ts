import { XDP_ACT_BASIC, XDP_ACT_REDIRECT, XDP_ACT_XSK_ZEROCOPY } from '../../uapi/link.ts';
import { fail } from '../error.ts';
import type { Netdev } from './netdev.ts';

const ZEROCOPY = XDP_ACT_BASIC | XDP_ACT_REDIRECT | XDP_ACT_XSK_ZEROCOPY;

/**
 * The AF_XDP buffer pools of a device by queue id: one stands for the RX and the TX queue of that id. A pool is only there
 * for settings to look at: packets do not go to it.
 */
export class XskPools {
  readonly #netdev: Netdev;
  readonly #queues = new Set<number>();

  constructor(netdev: Netdev) {
    this.#netdev = netdev;
  }

  has(queue: number): boolean {
    return this.#queues.has(queue);
  }

  /**
   * xp_assign_dev() as a bind with XDP_ZEROCOPY reaches it (net/xdp/xsk_buff_pool.c, 6.18). A provider anywhere on the device
   * stands against it.
   *
   * @throws KernelError EBUSY (the queue has a pool, or a queue a provider), EINVAL (no such queue), EOPNOTSUPP
   */
  attach(queue: number): void {
    const { rxQueues, txQueues, xdp, hasProvider } = this.#netdev;
    if (this.#queues.has(queue)) fail('EBUSY');
    if (queue >= Math.max(rxQueues.length, txQueues)) fail('EINVAL');
    if ((xdp.features & ZEROCOPY) !== ZEROCOPY) fail('EOPNOTSUPP');
    if (hasProvider) fail('EBUSY');
    this.#queues.add(queue);
  }

  /** @throws KernelError ENOENT */
  detach(queue: number): void {
    if (!this.#queues.delete(queue)) fail('ENOENT');
  }

  clear(): void {
    this.#queues.clear();
  }
}
