import { fail, refuse } from '../kernel/error.ts';
import { ERRORS } from '../kernel/error-catalogue.ts';
import type { Kernel } from '../kernel/kernel.ts';
import {
  ALL_FLAGS,
  changeFlags,
  describeLink,
  type LinkRequest,
  linkKind,
  setLink,
  wantedFlags,
  type XdpRequest,
} from '../kernel/netdev/link.ts';
import type { Netdev } from '../kernel/netdev/netdev.ts';
import { prepareName } from '../kernel/netdev/netdev-name.ts';
import type { Session } from '../kernel/task/session.ts';
import {
  ETH_MAX_MTU,
  ETH_MIN_MTU,
  IFNAMSIZ,
  XDP_FLAGS_MASK,
  XDP_FLAGS_MODES,
  XDP_FLAGS_REPLACE,
} from '../uapi/link.ts';
import type { RtLinkNewlinkDoAttrs, RtLinkSetlinkDoAttrs, RtLinkXdpAttrsAttrs } from '../ynl/generated/rt-link.ts';
import type { Attrs } from '../ynl/spec.ts';
import type { FamilyHandlers } from './context.ts';

/** Drivers whose devices newlink makes, by the kind that names them. */
const KINDS = ['split-perfect', 'bnxt-like'] as const;
/** ETH_DATA_LEN: what ether_setup() gives a new device. */
const NEW_LINK_MTU = 1500;
/** Queues of a new device for which none are asked; as many as another simulated device has. */
const NEW_LINK_QUEUES = 8;
const MAX_QUEUES = 1024;

/** IFLA_IFNAME is no NUL-terminated string to the policy, so that one too long is out of range. @throws KernelError ERANGE */
function checkName({ ifname = '' }: Attrs): void {
  const policy = { type: 'string', 'max-length': IFNAMSIZ - 1 };
  if (Buffer.byteLength(ifname) >= IFNAMSIZ) refuse(ERRORS.stringOutOfRange, { 'bad-attr': '.ifname', policy });
}

/** The device that the header or a name selects. @throws KernelError ERANGE, EINVAL (neither), ENODEV */
function device(kernel: Kernel, attrs: Attrs): Netdev {
  checkName(attrs);
  const { 'ifi-index': index = 0, ifname } = attrs;
  if (index > 0) return kernel.netdevs.get(index) ?? fail('ENODEV');
  return ifname === undefined ? fail('EINVAL') : (kernel.netdevs.byName(ifname) ?? fail('ENODEV'));
}

function headerFilled(attrs: Attrs): boolean {
  return [attrs['ifi-type'], attrs['ifi-flags'], attrs['ifi-change']].some((value) => (value ?? 0) !== 0);
}

/** The `xdp` nest of setlink; without an fd it asks for nothing. @throws KernelError EINVAL, EBADF */
function xdpOf(session: Session, xdp: RtLinkXdpAttrsAttrs): XdpRequest | undefined {
  if (xdp.attached !== undefined || xdp['prog-id'] !== undefined) fail('EINVAL');
  const { fd, flags = 0, 'expected-fd': expected = -1 } = xdp;
  const modes = flags & XDP_FLAGS_MODES;
  if ((flags & ~XDP_FLAGS_MASK) !== 0 || (modes & (modes - 1)) !== 0) fail('EINVAL');
  if (fd === undefined) return undefined;
  const replace = (flags & XDP_FLAGS_REPLACE) !== 0;
  if (replace && xdp['expected-fd'] === undefined) fail('EINVAL');
  return {
    program: fd >= 0 ? session.fds.xdpProgram(fd) : null,
    expected: replace && expected >= 0 ? session.fds.xdpProgram(expected) : null,
    flags,
  };
}

function flagsOf(attrs: Attrs): LinkRequest {
  return { flags: attrs['ifi-flags'], change: attrs['ifi-change'] };
}

/** Family `rt-link` (net/core/rtnetlink.c), as far as simulated devices have links. */
export const rtLinkHandlers: FamilyHandlers = {
  getlink: {
    do({ kernel }, attrs) {
      if (headerFilled(attrs)) refuse(ERRORS.getlinkHeader);
      return describeLink(device(kernel, attrs));
    },
    *dump({ kernel }, attrs) {
      if (headerFilled(attrs)) refuse(ERRORS.linkDumpHeader);
      if ((attrs['ifi-index'] ?? 0) !== 0) refuse(ERRORS.linkDumpByIndex);
      for (const netdev of kernel.netdevs.list()) yield describeLink(netdev);
    },
  },

  // As with NLM_F_CREATE and NLM_F_EXCL.
  newlink: {
    do({ kernel, lab }, attrs) {
      const request = attrs as RtLinkNewlinkDoAttrs;
      const index = request['ifi-index'] ?? 0;
      const { ifname } = request;
      checkName(attrs);
      const kind = request.linkinfo?.kind;
      if (kind === 'netdevsim') refuse(ERRORS.nsimNewlink);
      if (index < 0) refuse(ERRORS.negativeIfindex);
      if (index > 0 ? kernel.netdevs.get(index) !== undefined : kernel.netdevs.byName(ifname ?? '') !== undefined)
        fail('EEXIST');
      const driver = KINDS.find((name) => name === kind) ?? refuse(ERRORS.unknownLinkKind);
      const tx = request['num-tx-queues'] ?? NEW_LINK_QUEUES;
      if (tx < 1 || tx > MAX_QUEUES) refuse(ERRORS.txQueueCount);
      const rx = request['num-rx-queues'] ?? NEW_LINK_QUEUES;
      if (rx < 1 || rx > MAX_QUEUES) refuse(ERRORS.rxQueueCount);
      const mtu = request.mtu ?? NEW_LINK_MTU;
      if (mtu < ETH_MIN_MTU) refuse(ERRORS.mtuTooSmall);
      if (mtu > ETH_MAX_MTU) refuse(ERRORS.mtuTooLarge);
      const name = prepareName(kernel.netdevs, ifname ?? `${kind}%d`);
      const made = { name, 'rx-queues': rx, 'tx-queues': tx, mtu, up: false, driver: { profile: driver } };
      const netdev = lab.addNetdev(index > 0 ? { ...made, ifindex: index } : made, true);
      if (request.address !== undefined) netdev.address = request.address.slice();
      if (request.broadcast !== undefined) netdev.broadcast = request.broadcast.slice();
      try {
        const flags = flagsOf(attrs);
        const asked = (flags.flags ?? 0) !== 0 || (flags.change ?? 0) !== 0;
        changeFlags(netdev, asked ? wantedFlags(netdev, flags) : netdev.flags, ALL_FLAGS);
      } catch (err) {
        lab.delNetdev(netdev.ifindex);
        throw err;
      }
      return null;
    },
  },

  dellink: {
    do({ kernel, lab }, attrs) {
      const netdev = device(kernel, attrs);
      // Devices of netdevsim are removed where they are made, and that of loopback is not.
      if (!KINDS.some((kind) => kind === linkKind(netdev))) fail('EOPNOTSUPP');
      lab.delNetdev(netdev.ifindex);
      return null;
    },
  },

  setlink: {
    do({ kernel, session }, attrs) {
      const request = attrs as RtLinkSetlinkDoAttrs;
      const netdev = device(kernel, attrs);
      setLink(netdev, {
        address: request.address,
        mtu: request.mtu,
        // Without an index the name selects the device.
        ifname: (request['ifi-index'] ?? 0) > 0 ? request.ifname : undefined,
        broadcast: request.broadcast,
        ...flagsOf(attrs),
        xdp: request.xdp === undefined ? undefined : () => xdpOf(session, request.xdp as RtLinkXdpAttrsAttrs),
      });
      return null;
    },
  },
};
