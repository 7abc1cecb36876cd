import { fail, refuse } from '../error.ts';
import { ERRORS } from '../error-catalogue.ts';
import type { Kernel } from '../kernel.ts';
import type { NetlinkSocket } from '../task/netlink-socket.ts';
import type { Session } from '../task/session.ts';
import { importDmabuf } from './bind-rx.ts';
import { DevmemBinding } from './devmem-binding.ts';

/**
 * netdev bind-tx, from the device look-up on (net/core/netdev-genl.c, 6.18): a binding to the device itself and to none of its
 * queues, in the id space of bind-rx. It holds the dmabuf until its netlink socket is closed; the simulated stack sends
 * nothing from it.
 *
 * @returns the binding's id
 * @throws KernelError ENODEV; EOPNOTSUPP (the driver does not send from dmabufs, no DMA); EBADF, EINVAL (the fd); what the
 *   exporter says
 */
export function bindTx(kernel: Kernel, session: Session, netlink: NetlinkSocket, ifindex: number, fd: number): number {
  const netdev = kernel.netdevs.get(ifindex) ?? fail('ENODEV');
  const { params, dmaDevice } = netdev.driver;
  if (netdev.loopback || !params.netmemTx) refuse(ERRORS.noNetmemTx);
  if (dmaDevice === null) refuse(ERRORS.noDma);
  const attachment = importDmabuf(kernel, session.fds.dmabuf(fd), netdev);
  const binding = new DevmemBinding(kernel.nextBindingId(), attachment, netdev, kernel.netmems);
  kernel.bindings.set(binding.id, binding);
  netlink.bindings.push(binding);
  return binding.id;
}
