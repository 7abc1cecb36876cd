import { PAGE_SIZE } from '../../uapi/limits.ts';
import { fail, KernelError, refuse } from '../error.ts';
import { ERRORS } from '../error-catalogue.ts';
import type { ProviderParams } from '../provider/memory-provider.ts';
import { restartQueue } from './queue-restart.ts';
import type { RxQueue } from './rx-queue.ts';

/**
 * Installs a memory provider on a queue and restarts it (net/core/netdev_rx_queue.c, 6.18). On failure the queue is as it
 * was before.
 *
 * @param rxPageSize bytes of one buffer, if that is to be another size than a page; no driver here has any
 * @throws KernelError EOPNOTSUPP, EINVAL, EEXIST, EBUSY with Linux's text, ENODATA (the driver's pool ignored the
 *   provider), or what the driver said
 */
export function openProvider(queue: RxQueue, params: ProviderParams, rxPageSize = PAGE_SIZE): void {
  const { netdev } = queue;
  if (!netdev.driver.queueManagement) fail('EOPNOTSUPP');
  if (netdev.kernel.profile.checksDataSplit) {
    if (netdev.rings.config.tcpDataSplit !== 'enabled') refuse(ERRORS.dataSplitDisabled);
    if (netdev.rings.config.hdsThresh !== 0) refuse(ERRORS.hdsThreshNotZero);
  }
  if (netdev.xdp.programs > 0) refuse(ERRORS.providerWithXdp);
  if (rxPageSize !== PAGE_SIZE) refuse(ERRORS.noRxPageSize);
  if (queue.provider !== null) refuse(ERRORS.queueAlreadyBound);
  if (netdev.xsk.has(queue.index)) refuse(ERRORS.queueHasXsk);
  queue.provider = params;
  try {
    restartQueue(queue);
  } catch (err) {
    queue.provider = null;
    throw err;
  }
}

/** Takes a provider off its queue. A restart that fails leaves the queue on its old pool, as Linux only warns. */
export function closeProvider(queue: RxQueue, priv: unknown): void {
  const { netdev } = queue;
  if (netdev.state === 'unregistered' || queue.provider === null) return;
  if (queue.provider.priv !== priv) {
    netdev.kernel.log('warn', 'queue-provider-mismatch', { ifindex: netdev.ifindex, queue: queue.index });
    return;
  }
  queue.provider = null;
  try {
    restartQueue(queue);
  } catch (err) {
    if (err instanceof KernelError && err.errno === 'ENETDOWN') return;
    netdev.kernel.log('warn', 'queue-restart-failed', {
      ifindex: netdev.ifindex,
      queue: queue.index,
      error: String(err),
    });
  }
}
