import type { RxRing } from '../driver/rx-ring.ts';
import { fail } from '../error.ts';
import type { RxQueue } from './rx-queue.ts';

/**
 * Replaces a queue's memory while the other queues go on (net/core/netdev_rx_queue.c: netdev_rx_queue_restart(), 6.18):
 *
 * ```
 *  alloc new -> provider really used? -> stop old -> start new -> free old
 *      |errno        |ENODATA              |errno       |errno: start old again
 * ```
 * Up to the stop a failure leaves the old queue untouched. The new pool exists before the old one goes, so a restart
 * shows as add(new), then del(old) or change(old).
 *
 * @param napi whether the driver makes a new NAPI for the queue or keeps the old one
 */
export function restartQueue(queue: RxQueue, napi: 'new' | 'kept' = 'new'): void {
  const { netdev } = queue;
  const { driver } = netdev;
  if (!driver.queueManagement) fail('EOPNOTSUPP');
  const up = netdev.up;
  if (!up && !netdev.kernel.profile.restartsClosedDevice) fail('ENETDOWN');
  const fresh = driver.allocQueueMemory(queue, napi);
  if (queue.provider !== null && fresh.pool.mpPriv !== queue.provider.priv) {
    driver.freeQueueMemory(fresh);
    fail('ENODATA');
  }
  if (!up) {
    driver.freeQueueMemory(fresh);
    return;
  }
  let old: RxRing | null;
  try {
    old = driver.stopQueue(queue);
  } catch (err) {
    driver.freeQueueMemory(fresh);
    throw err;
  }
  try {
    driver.startQueue(queue, fresh);
  } catch (err) {
    try {
      if (old !== null) driver.startQueue(queue, old);
    } catch (again) {
      netdev.kernel.log('error', 'queue-restart-rollback-failed', {
        ifindex: netdev.ifindex,
        queue: queue.index,
        error: String(again),
      });
      queue.ring = null;
      driver.freeQueueMemory(old as RxRing);
    }
    driver.freeQueueMemory(fresh);
    throw err;
  }
  if (old === null) netdev.releaseHeld();
  else driver.freeQueueMemory(old);
}
