import { fail } from '../error.ts';
import type { Netdev } from './netdev.ts';
import { restartQueue } from './queue-restart.ts';

/**
 * What a reset does with the queue's NAPI, in netdevsim's numbers: 0 a new one, made with the memory; 1 the old one stays; 2 and
 * 3 a new one too, added after or before the old one is deleted. All make a new page pool.
 */
const QUEUE_RESET_MODES = ['new', 'kept', 'new', 'new'] as const;

/**
 * Restarts one RX queue as netdevsim's debugfs file `queue_reset` does (drivers/net/netdevsim/netdev.c, 6.18). What the
 * modes differ in shows in the pool: which NAPI it names, and on netdevsim whether netlink sees it at all.
 *
 * @throws KernelError EINVAL (no such queue, no such mode), ENETDOWN (mode 1 while the device is down), EOPNOTSUPP, and what
 *   {@link restartQueue} says
 */
export function resetQueue(netdev: Netdev, queue: number, mode: number): void {
  if (queue >= netdev.rxQueues.length) fail('EINVAL', { 'bad-attr': '.queue' });
  if (mode >= QUEUE_RESET_MODES.length) fail('EINVAL', { 'bad-attr': '.mode' });
  restartQueue(netdev.rxQueues[queue], QUEUE_RESET_MODES[mode]);
}
