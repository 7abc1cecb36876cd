import { errnoName } from '../../uapi/errno.ts';
import { PAGE_SIZE } from '../../uapi/limits.ts';
import type { Attachment } from '../dmabuf/attachment.ts';
import type { Dmabuf } from '../dmabuf/dmabuf.ts';
import { DynamicImporter } from '../dmabuf/dynamic-importer.ts';
import { fail, refuse, refuseAs } from '../error.ts';
import { ERRORS } from '../error-catalogue.ts';
import type { Kernel } from '../kernel.ts';
import type { NetlinkSocket } from '../task/netlink-socket.ts';
import type { Session } from '../task/session.ts';
import { DevmemBinding } from './devmem-binding.ts';
import type { Netdev } from './netdev.ts';
import type { RxQueue } from './rx-queue.ts';

/** One entry of bind-rx's `queues`; missing parts are told from wrong ones. */
export interface QueueAttrs {
  id?: number;
  /** 0 = rx, 1 = tx. */
  type?: number;
}

function queueIndex(netdev: Netdev, attrs: QueueAttrs, rangeIsExtack: boolean): number {
  if (attrs.id === undefined) fail('EINVAL', { 'miss-type': 'id', 'miss-nest': '.queues' });
  if (attrs.type === undefined) fail('EINVAL', { 'miss-type': 'type', 'miss-nest': '.queues' });
  if (attrs.type !== 0) fail('EINVAL', { 'bad-attr': '.queues.type' });
  if (attrs.id >= netdev.rxQueues.length) {
    if (rangeIsExtack) refuse(ERRORS.queueOutOfRange);
    fail('EINVAL', { 'bad-attr': '.queues.id' });
  }
  return attrs.id;
}

/**
 * Attaches a netdev to a dmabuf and maps it (net_devmem_bind_dmabuf()).
 *
 * @throws KernelError the exporter's errno, with Linux's text
 */
export function importDmabuf(kernel: Kernel, dmabuf: Dmabuf, netdev: Netdev): Attachment {
  // Reached on 6.12 only.
  if (netdev.virtual) refuseAs('EINVAL', ERRORS.attachFailed);
  const importer = kernel.experiments.dynamicImporter ? new DynamicImporter() : null;
  const attachment = dmabuf.attach(netdev.ifindex, importer);
  if (typeof attachment === 'number') refuseAs(errnoName(-attachment), ERRORS.attachFailed);
  const err = attachment.map();
  if (err !== 0) {
    attachment.detach();
    refuseAs(errnoName(-err), ERRORS.mapFailed);
  }
  return attachment;
}

/**
 * netdev bind-rx, from the device look-up on (net/core/netdev-genl.c; 6.18, and 6.12's order where the profile says so).
 * A bind that fails on a queue takes the queues it had bound off again, and has used up an id; on 6.12 so has one that the
 * exporter refuses.
 *
 * @param rxPageSize bytes of one buffer (7.0 and later)
 * @returns the binding's id
 */
export function bindRx(
  kernel: Kernel,
  session: Session,
  netlink: NetlinkSocket,
  ifindex: number,
  fd: number,
  queues: readonly QueueAttrs[],
  rxPageSize = PAGE_SIZE,
): number {
  const { profile } = kernel;
  if ((rxPageSize & (rxPageSize - 1)) !== 0) refuse(ERRORS.pageSizeNotPowerOf2, { 'bad-attr': '.rx-page-size' });
  const netdev = kernel.netdevs.get(ifindex) ?? fail('ENODEV');
  if (profile.queuesReadFirst && !netdev.driver.queueManagement) fail('EOPNOTSUPP', { 'bad-attr': '.ifindex' });
  if (profile.xdpCheckedBeforeDmabuf && netdev.xdp.programs > 0) refuse(ERRORS.bindWithXdp);
  let wanted: RxQueue[] = [];
  if (profile.queuesReadFirst) {
    const indices = new Set(queues.map((attrs) => queueIndex(netdev, attrs, false)));
    wanted = [...indices].sort((a, b) => a - b).map((i) => netdev.rxQueues[i]);
    if (netdev.driver.dmaDevice === null) refuse(ERRORS.noDma);
  }
  const dmabuf = session.fds.dmabuf(fd);
  const early = profile.bindingIdLast ? 0 : kernel.nextBindingId();
  const attachment = importDmabuf(kernel, dmabuf, netdev);
  if (dmabuf.size % rxPageSize !== 0) {
    attachment.unmap();
    attachment.detach();
    refuse(ERRORS.misalignedSize, undefined, dmabuf.size, rxPageSize);
  }
  const binding = new DevmemBinding(early || kernel.nextBindingId(), attachment, netdev, kernel.netmems);
  kernel.bindings.set(binding.id, binding);
  try {
    if (profile.queuesReadFirst) for (const queue of wanted) binding.bindQueue(queue, rxPageSize);
    else for (const attrs of queues) binding.bindQueue(netdev.rxQueues[queueIndex(netdev, attrs, true)]);
  } catch (err) {
    kernel.bindings.delete(binding.id);
    binding.unbind();
    throw err;
  }
  netlink.bindings.push(binding);
  return binding.id;
}
