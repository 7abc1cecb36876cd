import {
  ARPHRD_ETHER,
  ARPHRD_LOOPBACK,
  ETH_MIN_MTU,
  IF_OPER,
  IFF_ALLMULTI,
  IFF_AUTOMEDIA,
  IFF_DEBUG,
  IFF_DYNAMIC,
  IFF_LOWER_UP,
  IFF_MULTICAST,
  IFF_NOARP,
  IFF_NOTRAILERS,
  IFF_PORTSEL,
  IFF_PROMISC,
  IFF_RUNNING,
  IFF_UP,
  XDP_ATTACHED,
} from '../../uapi/link.ts';
import { maxMtu } from '../driver/driver-params.ts';
import { fail, refuse } from '../error.ts';
import { ERRORS } from '../error-catalogue.ts';
import type { Netdev } from './netdev.ts';
import { prepareName } from './netdev-name.ts';
import type { XdpProgram } from './xdp-program.ts';

/** `ifi-change` of a link that comes or goes. */
export const ALL_FLAGS = 0xffff_ffff;

/** Flags that a request may set besides IFF_UP (__dev_change_flags(), net/core/dev.c). */
const SETTABLE =
  IFF_DEBUG |
  IFF_NOTRAILERS |
  IFF_NOARP |
  IFF_DYNAMIC |
  IFF_MULTICAST |
  IFF_PORTSEL |
  IFF_AUTOMEDIA |
  IFF_PROMISC |
  IFF_ALLMULTI;

/** What setlink changes; what is absent stays. */
export interface LinkRequest {
  /** 6 bytes. */
  address?: Uint8Array;
  mtu?: number;
  /** A name or a pattern with %d. */
  ifname?: string;
  broadcast?: Uint8Array;
  /** New flags (IFF_*), as far as `change` names them; 0 stands for all. */
  flags?: number;
  change?: number;
  /** Read when its turn comes; undefined = nothing is asked for. */
  xdp?: () => XdpRequest | undefined;
}

export interface XdpRequest {
  /** null = detach. */
  program: XdpProgram | null;
  /** With XDP_FLAGS_REPLACE: what must be attached. */
  expected: XdpProgram | null;
  /** XDP_FLAGS_* */
  flags: number;
}

/** Kind of a link that Linux could make and remove by rtnetlink, by what drives it; lo has none. */
export function linkKind(netdev: Netdev): string | null {
  if (netdev.loopback) return null;
  const { netdevsim, profile } = netdev.driver.params;
  return netdevsim ? 'netdevsim' : profile;
}

/** Flags as rtnetlink tells them (dev_get_flags()): the carrier is there while the device is up. */
export function linkFlags(netdev: Netdev): number {
  return netdev.up ? netdev.flags | IFF_UP | IFF_RUNNING | IFF_LOWER_UP : netdev.flags;
}

/** The `xdp` nest (rtnl_xdp_fill(), net/core/rtnetlink.c). */
function describeXdp({ xdp }: Netdev): Record<string, unknown> {
  if (xdp.skb !== null) return { 'skb-prog-id': xdp.skb.id, attached: XDP_ATTACHED.SKB, 'prog-id': xdp.skb.id };
  if (xdp.drv !== null) return { 'drv-prog-id': xdp.drv.id, attached: XDP_ATTACHED.DRV, 'prog-id': xdp.drv.id };
  return { attached: XDP_ATTACHED.NONE };
}

/**
 * Attributes of getlink and of the notifications, in Linux's order (rtnl_fill_ifinfo(), net/core/rtnetlink.c, 6.18).
 *
 * @param change of a notification: the flags that changed
 */
export function describeLink(netdev: Netdev, change = 0): Record<string, unknown> {
  const { loopback, up } = netdev;
  const reply: Record<string, unknown> = {
    'ifi-family': 0,
    'ifi-type': loopback ? ARPHRD_LOOPBACK : ARPHRD_ETHER,
    'ifi-index': netdev.ifindex,
    'ifi-flags': linkFlags(netdev),
    'ifi-change': change,
    ifname: netdev.name,
    operstate: loopback ? IF_OPER.UNKNOWN : up ? IF_OPER.UP : IF_OPER.DOWN,
    mtu: netdev.mtu,
    'min-mtu': loopback ? 0 : ETH_MIN_MTU,
    'max-mtu': loopback ? 0 : maxMtu(netdev.driver.params),
    promiscuity: (netdev.flags & IFF_PROMISC) !== 0 ? 1 : 0,
    allmulti: (netdev.flags & IFF_ALLMULTI) !== 0 ? 1 : 0,
    'num-tx-queues': netdev.channels.max.combined + netdev.channels.max.tx,
    'num-rx-queues': netdev.channels.max.combined + netdev.channels.max.rx,
    carrier: loopback || up ? 1 : 0,
    address: netdev.address,
    broadcast: netdev.broadcast,
    xdp: describeXdp(netdev),
  };
  const kind = linkKind(netdev);
  if (kind !== null) reply.linkinfo = { kind };
  return reply;
}

/** Tells group link. @param change flags that changed */
export function announceLink(
  netdev: Netdev,
  change: number,
  event: 'newlink-ntf' | 'dellink-ntf' = 'newlink-ntf',
): void {
  netdev.kernel.events.emit('rt-link/rtnlgrp-link', event, () => describeLink(netdev, change));
}

/** is_valid_ether_addr(): neither a group's address nor all zero. */
function validAddress(address: Uint8Array): boolean {
  return (address[0] & 1) === 0 && address.some((byte) => byte !== 0);
}

function setAddress(netdev: Netdev, address: Uint8Array): void {
  if (address.some((byte, i) => byte !== netdev.address[i])) {
    if (!validAddress(address)) fail('EADDRNOTAVAIL');
    netdev.address = address.slice();
  }
  announceLink(netdev, 0);
}

/** Packets that are under way keep the size they have, and so do connections: their MSS was told to the far end. */
function setMtu(netdev: Netdev, mtu: number): void {
  if (mtu === netdev.mtu) return;
  if (!netdev.loopback) {
    if (mtu < ETH_MIN_MTU) refuse(ERRORS.mtuTooSmall);
    if (mtu > maxMtu(netdev.driver.params)) refuse(ERRORS.mtuTooLarge);
  }
  netdev.xdp.checkMtu(mtu);
  netdev.mtu = mtu;
  announceLink(netdev, 0);
}

function setName(netdev: Netdev, wanted: string): void {
  if (wanted === netdev.name) return;
  netdev.name = prepareName(netdev.kernel.netdevs, wanted);
  announceLink(netdev, 0);
}

/** netif_change_flags(): up or down, and flags that only stand there. @param announce flags told whatever changed */
export function changeFlags(netdev: Netdev, wanted: number, announce = 0): void {
  const before = linkFlags(netdev);
  const up = (wanted & IFF_UP) !== 0;
  netdev.flags = (netdev.flags & ~SETTABLE) | (wanted & SETTABLE);
  if (up !== netdev.up) {
    if (up) {
      // ndo_validate_addr
      if (!netdev.loopback && !validAddress(netdev.address)) fail('EADDRNOTAVAIL');
      netdev.open();
    } else {
      netdev.close();
    }
  }
  const changed = (before ^ linkFlags(netdev)) & (SETTABLE | IFF_UP);
  if ((changed | announce) !== 0) announceLink(netdev, (changed | announce) >>> 0);
}

/** Flags a request asks for: those it does not name stay (rtnl_dev_combine_flags()). */
export function wantedFlags(netdev: Netdev, { flags = 0, change = 0 }: LinkRequest): number {
  return change === 0 ? flags : (flags & change) | (linkFlags(netdev) & ~change);
}

/**
 * Changes a link in the order of do_setlink() (net/core/rtnetlink.c, 6.18): address, mtu, name, broadcast, flags, XDP. As there, a
 * refusal leaves what was changed before it.
 *
 * @throws KernelError EADDRNOTAVAIL, EINVAL, EEXIST, EBUSY and what opening the device and attaching a program say
 */
export function setLink(netdev: Netdev, request: LinkRequest): void {
  let modified = false;
  // What has no notification of its own is told at the end, of a device that is up (netdev_state_change()).
  let untold = false;
  try {
    if (request.address !== undefined) {
      setAddress(netdev, request.address);
      modified = untold = true;
    }
    if (request.mtu !== undefined) {
      setMtu(netdev, request.mtu);
      modified = true;
    }
    if (request.ifname !== undefined && request.ifname !== '') {
      setName(netdev, request.ifname);
      modified = true;
    }
    if (request.broadcast !== undefined) {
      netdev.broadcast = request.broadcast.slice();
      announceLink(netdev, 0);
    }
    if ((request.flags ?? 0) !== 0 || (request.change ?? 0) !== 0) changeFlags(netdev, wantedFlags(netdev, request));
    const xdp = request.xdp?.();
    if (xdp !== undefined) {
      netdev.xdp.attach(xdp.program, xdp.expected, xdp.flags);
      modified = untold = true;
    }
  } catch (err) {
    if (modified) {
      netdev.kernel.log('warn', 'link-changed-in-part', { ifindex: netdev.ifindex, error: String(err) });
    }
    throw err;
  } finally {
    if (untold && netdev.up) announceLink(netdev, 0);
  }
}
