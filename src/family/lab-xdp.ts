import { fail } from '../kernel/error.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Netdev } from '../kernel/netdev/netdev.ts';
import { XdpProgram } from '../kernel/netdev/xdp-program.ts';
import type { LabXdpLoadDoAttrs, LabXskAttachDoAttrs } from '../ynl/generated/lab.ts';
import { requireAttr } from '../ynl/policy.ts';
import type { Attrs } from '../ynl/spec.ts';
import type { FamilyHandlers } from './context.ts';

function netdevAndQueue(kernel: Kernel, attrs: Attrs): { netdev: Netdev; queue: number } {
  requireAttr(attrs, ['ifindex', 'queue']);
  const { ifindex, queue } = attrs as Required<LabXskAttachDoAttrs>;
  return { netdev: kernel.netdevs.get(ifindex) ?? fail('ENODEV', { 'bad-attr': '.ifindex' }), queue };
}

/** Family `lab`, XDP: programs and AF_XDP pools, as far as checks look at them. */
export const labXdpHandlers: FamilyHandlers = {
  'xdp-load': {
    do({ kernel, session }, attrs) {
      const { fd, frags = false } = attrs as LabXdpLoadDoAttrs;
      session.fds.check(fd);
      const program = new XdpProgram(kernel, frags);
      return { fd: session.fds.install(program, fd), id: program.id };
    },
  },
  'xsk-attach': {
    do({ kernel }, attrs) {
      const { netdev, queue } = netdevAndQueue(kernel, attrs);
      netdev.xsk.attach(queue);
      return null;
    },
  },
  'xsk-detach': {
    do({ kernel }, attrs) {
      const { netdev, queue } = netdevAndQueue(kernel, attrs);
      netdev.xsk.detach(queue);
      return null;
    },
  },
};
