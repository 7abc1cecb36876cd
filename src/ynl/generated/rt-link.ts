// Made by scripts/generate.ts from schemas. Do not edit: npm run generate
import type { FamilySpec } from '../spec.ts';

export const rtLinkSpec = {
  name: 'rt-link',
  version: 1,
  doc: 'Links: names, MTU, addresses, up and down, XDP programs.',
  definitions: {
    'ifinfo-flags': {
      type: 'flags',
      doc: 'Flags of a device.',
      entries: {
        up: 0,
        broadcast: 1,
        debug: 2,
        loopback: 3,
        'point-to-point': 4,
        'no-trailers': 5,
        running: 6,
        'no-arp': 7,
        promisc: 8,
        'all-multi': 9,
        master: 10,
        slave: 11,
        multicast: 12,
        portsel: 13,
        'auto-media': 14,
        dynamic: 15,
        'lower-up': 16,
        dormant: 17,
        echo: 18,
      },
      docs: { up: 'The device is open.', running: 'It can pass packets.', 'lower-up': 'There is a carrier.' },
    },
  },
  attributeSets: {
    'link-attrs': {
      doc: 'A link.',
      attributes: {
        'ifi-family': { value: 0, type: 'u8', doc: 'Address family; 0.', header: true },
        'ifi-type': { value: 0, type: 'u16', doc: 'Hardware type: 1 ethernet, 772 loopback.', header: true },
        'ifi-index': { value: 0, type: 's32', doc: 'Number of the device.', header: true },
        'ifi-flags': { value: 0, type: 'u32', doc: 'Its flags.', enum: 'ifinfo-flags', header: true },
        'ifi-change': {
          value: 0,
          type: 'u32',
          doc: 'In a request the bits of ifi-flags that count, 0 for all; in a notification those that changed.',
          header: true,
        },
        address: { value: 1, type: 'binary', doc: 'Hardware address.', displayHint: 'mac' },
        broadcast: { value: 2, type: 'binary', doc: 'Hardware address of broadcast frames.', displayHint: 'mac' },
        ifname: { value: 3, type: 'string', doc: 'Its name; %d stands for the first free number.' },
        mtu: { value: 4, type: 'u32', doc: 'MTU in bytes.' },
        operstate: { value: 16, type: 'u8', doc: 'State of RFC 2863: 0 unknown, 2 down, 6 up.' },
        linkinfo: { value: 18, type: 'nest', doc: 'What kind of link it is.', nested: 'linkinfo-attrs' },
        promiscuity: { value: 30, type: 'u32', doc: 'How often somebody wants packets of others too.' },
        'num-tx-queues': { value: 31, type: 'u32', doc: 'Most TX queues.' },
        'num-rx-queues': { value: 32, type: 'u32', doc: 'Most RX queues.' },
        carrier: { value: 33, type: 'u8', doc: 'There is a carrier.' },
        xdp: { value: 43, type: 'nest', doc: 'XDP programs.', nested: 'xdp-attrs' },
        'min-mtu': { value: 50, type: 'u32', doc: 'Smallest MTU; 0 for no limit.' },
        'max-mtu': { value: 51, type: 'u32', doc: 'Largest MTU; 0 for no limit.' },
        allmulti: { value: 61, type: 'u32', doc: 'How often somebody wants all multicast packets.' },
      },
    },
    'linkinfo-attrs': {
      doc: 'Kind of a link.',
      attributes: {
        kind: {
          value: 1,
          type: 'string',
          doc: 'What makes such links: a driver profile (split-perfect, bnxt-like), or netdevsim.',
          checks: { maxLen: 63 },
        },
      },
    },
    'xdp-attrs': {
      doc: 'XDP programs of a link.',
      attributes: {
        fd: { value: 1, type: 's32', doc: 'fd of the program to attach; -1 detaches.' },
        attached: { value: 2, type: 'u8', doc: 'How a program is attached: 0 none, 1 in the driver, 2 generic.' },
        flags: {
          value: 3,
          type: 'u32',
          doc: 'XDP_FLAGS_*: 1 only if none is attached, 2 generic, 4 in the driver, 8 on the device, 16 replace.',
        },
        'prog-id': { value: 4, type: 'u32', doc: 'Id of the program.' },
        'drv-prog-id': { value: 5, type: 'u32', doc: 'Id of the program in the driver.' },
        'skb-prog-id': { value: 6, type: 'u32', doc: 'Id of the generic program.' },
        'hw-prog-id': { value: 7, type: 'u32', doc: 'Id of the program on the device.' },
        'expected-fd': { value: 8, type: 's32', doc: 'To replace: fd of the program that must be attached; -1 for none.' },
      },
    },
  },
  operations: [
    {
      name: 'newlink',
      value: 16,
      doc: 'Makes a simulated device. It fails if there is one of that name or number.',
      attributeSet: 'link-attrs',
      flags: ['admin-perm'],
      do: {
        request: {
          attributes: [
            'ifi-family',
            'ifi-type',
            'ifi-index',
            'ifi-flags',
            'ifi-change',
            'ifname',
            'linkinfo',
            'num-tx-queues',
            'num-rx-queues',
            'address',
            'broadcast',
            'mtu',
          ],
        },
      },
    },
    {
      name: 'dellink',
      value: 17,
      doc: 'Removes a simulated device, by number or name.',
      attributeSet: 'link-attrs',
      flags: ['admin-perm'],
      do: { request: { attributes: ['ifi-family', 'ifi-type', 'ifi-index', 'ifi-flags', 'ifi-change', 'ifname'] } },
    },
    {
      name: 'getlink',
      value: 18,
      doc: 'Tells a link, by number or name.',
      attributeSet: 'link-attrs',
      do: {
        request: { attributes: ['ifi-family', 'ifi-type', 'ifi-index', 'ifi-flags', 'ifi-change', 'ifname'] },
        reply: {
          attributes: [
            'ifi-family',
            'ifi-type',
            'ifi-index',
            'ifi-flags',
            'ifi-change',
            'ifname',
            'operstate',
            'mtu',
            'min-mtu',
            'max-mtu',
            'promiscuity',
            'allmulti',
            'num-tx-queues',
            'num-rx-queues',
            'carrier',
            'address',
            'broadcast',
            'xdp',
            'linkinfo',
          ],
          always: [
            'ifi-family',
            'ifi-type',
            'ifi-index',
            'ifi-flags',
            'ifi-change',
            'ifname',
            'operstate',
            'mtu',
            'min-mtu',
            'max-mtu',
            'promiscuity',
            'allmulti',
            'num-tx-queues',
            'num-rx-queues',
            'carrier',
            'address',
            'broadcast',
            'xdp',
          ],
        },
      },
      dump: {
        request: { attributes: ['ifi-family', 'ifi-type', 'ifi-index', 'ifi-flags', 'ifi-change'] },
        reply: {
          attributes: [
            'ifi-family',
            'ifi-type',
            'ifi-index',
            'ifi-flags',
            'ifi-change',
            'ifname',
            'operstate',
            'mtu',
            'min-mtu',
            'max-mtu',
            'promiscuity',
            'allmulti',
            'num-tx-queues',
            'num-rx-queues',
            'carrier',
            'address',
            'broadcast',
            'xdp',
            'linkinfo',
          ],
          always: [
            'ifi-family',
            'ifi-type',
            'ifi-index',
            'ifi-flags',
            'ifi-change',
            'ifname',
            'operstate',
            'mtu',
            'min-mtu',
            'max-mtu',
            'promiscuity',
            'allmulti',
            'num-tx-queues',
            'num-rx-queues',
            'carrier',
            'address',
            'broadcast',
            'xdp',
          ],
        },
      },
    },
    {
      name: 'newlink-ntf',
      value: 16,
      doc: 'A link is new, or something of it changed.',
      attributeSet: 'link-attrs',
      notify: 'getlink',
      mcgrp: 'rtnlgrp-link',
    },
    {
      name: 'dellink-ntf',
      value: 17,
      doc: 'A link is gone.',
      attributeSet: 'link-attrs',
      notify: 'getlink',
      mcgrp: 'rtnlgrp-link',
    },
    {
      name: 'setlink',
      value: 19,
      doc: 'Changes a link: address, mtu, name, flags, XDP program, in this order. What was changed before a refusal stays.',
      attributeSet: 'link-attrs',
      flags: ['admin-perm'],
      do: {
        request: {
          attributes: [
            'ifi-family',
            'ifi-type',
            'ifi-index',
            'ifi-flags',
            'ifi-change',
            'ifname',
            'mtu',
            'address',
            'broadcast',
            'xdp',
          ],
        },
      },
    },
  ],
  mcastGroups: ['rtnlgrp-link'],
} as const satisfies FamilySpec;

/** Flags of a device. Bit masks. */
export const RT_LINK_IFINFO_FLAGS = {
  up: 1,
  broadcast: 2,
  debug: 4,
  loopback: 8,
  'point-to-point': 16,
  'no-trailers': 32,
  running: 64,
  'no-arp': 128,
  promisc: 256,
  'all-multi': 512,
  master: 1024,
  slave: 2048,
  multicast: 4096,
  portsel: 8192,
  'auto-media': 16384,
  dynamic: 32768,
  'lower-up': 65536,
  dormant: 131072,
  echo: 262144,
} as const;
export type RtLinkIfinfoFlags = 'up' | 'broadcast' | 'debug' | 'loopback' | 'point-to-point' | 'no-trailers' | 'running' | 'no-arp' | 'promisc' | 'all-multi' | 'master' | 'slave' | 'multicast' | 'portsel' | 'auto-media' | 'dynamic' | 'lower-up' | 'dormant' | 'echo';

/** A link. As JSON. */
export interface RtLinkLinkAttrsSet {
  /** Address family; 0. */
  'ifi-family'?: number;
  /** Hardware type: 1 ethernet, 772 loopback. */
  'ifi-type'?: number;
  /** Number of the device. */
  'ifi-index'?: number;
  /** Its flags. */
  'ifi-flags'?: RtLinkIfinfoFlags | (RtLinkIfinfoFlags | number)[] | number;
  /** In a request the bits of ifi-flags that count, 0 for all; in a notification those that changed. */
  'ifi-change'?: number;
  /** Hardware address. */
  address?: string;
  /** Hardware address of broadcast frames. */
  broadcast?: string;
  /** Its name; %d stands for the first free number. */
  ifname?: string;
  /** MTU in bytes. */
  mtu?: number;
  /** State of RFC 2863: 0 unknown, 2 down, 6 up. */
  operstate?: number;
  /** What kind of link it is. */
  linkinfo?: RtLinkLinkinfoAttrsSet;
  /** How often somebody wants packets of others too. */
  promiscuity?: number;
  /** Most TX queues. */
  'num-tx-queues'?: number;
  /** Most RX queues. */
  'num-rx-queues'?: number;
  /** There is a carrier. */
  carrier?: number;
  /** XDP programs. */
  xdp?: RtLinkXdpAttrsSet;
  /** Smallest MTU; 0 for no limit. */
  'min-mtu'?: number;
  /** Largest MTU; 0 for no limit. */
  'max-mtu'?: number;
  /** How often somebody wants all multicast packets. */
  allmulti?: number;
}
/** The same, decoded. */
export interface RtLinkLinkAttrsAttrs {
  /** Address family; 0. */
  'ifi-family'?: number;
  /** Hardware type: 1 ethernet, 772 loopback. */
  'ifi-type'?: number;
  /** Number of the device. */
  'ifi-index'?: number;
  /** Its flags. */
  'ifi-flags'?: number;
  /** In a request the bits of ifi-flags that count, 0 for all; in a notification those that changed. */
  'ifi-change'?: number;
  /** Hardware address. */
  address?: Uint8Array;
  /** Hardware address of broadcast frames. */
  broadcast?: Uint8Array;
  /** Its name; %d stands for the first free number. */
  ifname?: string;
  /** MTU in bytes. */
  mtu?: number;
  /** State of RFC 2863: 0 unknown, 2 down, 6 up. */
  operstate?: number;
  /** What kind of link it is. */
  linkinfo?: RtLinkLinkinfoAttrsAttrs;
  /** How often somebody wants packets of others too. */
  promiscuity?: number;
  /** Most TX queues. */
  'num-tx-queues'?: number;
  /** Most RX queues. */
  'num-rx-queues'?: number;
  /** There is a carrier. */
  carrier?: number;
  /** XDP programs. */
  xdp?: RtLinkXdpAttrsAttrs;
  /** Smallest MTU; 0 for no limit. */
  'min-mtu'?: number;
  /** Largest MTU; 0 for no limit. */
  'max-mtu'?: number;
  /** How often somebody wants all multicast packets. */
  allmulti?: number;
}

/** Kind of a link. As JSON. */
export interface RtLinkLinkinfoAttrsSet {
  /** What makes such links: a driver profile (split-perfect, bnxt-like), or netdevsim. */
  kind?: string;
}
/** The same, decoded. */
export interface RtLinkLinkinfoAttrsAttrs {
  /** What makes such links: a driver profile (split-perfect, bnxt-like), or netdevsim. */
  kind?: string;
}

/** XDP programs of a link. As JSON. */
export interface RtLinkXdpAttrsSet {
  /** fd of the program to attach; -1 detaches. */
  fd?: number;
  /** How a program is attached: 0 none, 1 in the driver, 2 generic. */
  attached?: number;
  /** XDP_FLAGS_*: 1 only if none is attached, 2 generic, 4 in the driver, 8 on the device, 16 replace. */
  flags?: number;
  /** Id of the program. */
  'prog-id'?: number;
  /** Id of the program in the driver. */
  'drv-prog-id'?: number;
  /** Id of the generic program. */
  'skb-prog-id'?: number;
  /** Id of the program on the device. */
  'hw-prog-id'?: number;
  /** To replace: fd of the program that must be attached; -1 for none. */
  'expected-fd'?: number;
}
/** The same, decoded. */
export interface RtLinkXdpAttrsAttrs {
  /** fd of the program to attach; -1 detaches. */
  fd?: number;
  /** How a program is attached: 0 none, 1 in the driver, 2 generic. */
  attached?: number;
  /** XDP_FLAGS_*: 1 only if none is attached, 2 generic, 4 in the driver, 8 on the device, 16 replace. */
  flags?: number;
  /** Id of the program. */
  'prog-id'?: number;
  /** Id of the program in the driver. */
  'drv-prog-id'?: number;
  /** Id of the generic program. */
  'skb-prog-id'?: number;
  /** Id of the program on the device. */
  'hw-prog-id'?: number;
  /** To replace: fd of the program that must be attached; -1 for none. */
  'expected-fd'?: number;
}

/** Request of newlink (do) as JSON. Makes a simulated device. It fails if there is one of that name or number. */
export interface RtLinkNewlinkDoRequest {
  /** Address family; 0. */
  'ifi-family'?: number;
  /** Hardware type: 1 ethernet, 772 loopback. */
  'ifi-type'?: number;
  /** Number of the device. */
  'ifi-index'?: number;
  /** Its flags. */
  'ifi-flags'?: RtLinkIfinfoFlags | (RtLinkIfinfoFlags | number)[] | number;
  /** In a request the bits of ifi-flags that count, 0 for all; in a notification those that changed. */
  'ifi-change'?: number;
  /** Its name; %d stands for the first free number. */
  ifname?: string;
  /** What kind of link it is. */
  linkinfo?: RtLinkLinkinfoAttrsSet;
  /** Most TX queues. */
  'num-tx-queues'?: number;
  /** Most RX queues. */
  'num-rx-queues'?: number;
  /** Hardware address. */
  address?: string;
  /** Hardware address of broadcast frames. */
  broadcast?: string;
  /** MTU in bytes. */
  mtu?: number;
}
/** The same, decoded. */
export interface RtLinkNewlinkDoAttrs {
  /** Address family; 0. */
  'ifi-family'?: number;
  /** Hardware type: 1 ethernet, 772 loopback. */
  'ifi-type'?: number;
  /** Number of the device. */
  'ifi-index'?: number;
  /** Its flags. */
  'ifi-flags'?: number;
  /** In a request the bits of ifi-flags that count, 0 for all; in a notification those that changed. */
  'ifi-change'?: number;
  /** Its name; %d stands for the first free number. */
  ifname?: string;
  /** What kind of link it is. */
  linkinfo?: RtLinkLinkinfoAttrsAttrs;
  /** Most TX queues. */
  'num-tx-queues'?: number;
  /** Most RX queues. */
  'num-rx-queues'?: number;
  /** Hardware address. */
  address?: Uint8Array;
  /** Hardware address of broadcast frames. */
  broadcast?: Uint8Array;
  /** MTU in bytes. */
  mtu?: number;
}
export type RtLinkNewlinkDoReply = null;

/** Request of dellink (do) as JSON. Removes a simulated device, by number or name. */
export interface RtLinkDellinkDoRequest {
  /** Address family; 0. */
  'ifi-family'?: number;
  /** Hardware type: 1 ethernet, 772 loopback. */
  'ifi-type'?: number;
  /** Number of the device. */
  'ifi-index'?: number;
  /** Its flags. */
  'ifi-flags'?: RtLinkIfinfoFlags | (RtLinkIfinfoFlags | number)[] | number;
  /** In a request the bits of ifi-flags that count, 0 for all; in a notification those that changed. */
  'ifi-change'?: number;
  /** Its name; %d stands for the first free number. */
  ifname?: string;
}
/** The same, decoded. */
export interface RtLinkDellinkDoAttrs {
  /** Address family; 0. */
  'ifi-family'?: number;
  /** Hardware type: 1 ethernet, 772 loopback. */
  'ifi-type'?: number;
  /** Number of the device. */
  'ifi-index'?: number;
  /** Its flags. */
  'ifi-flags'?: number;
  /** In a request the bits of ifi-flags that count, 0 for all; in a notification those that changed. */
  'ifi-change'?: number;
  /** Its name; %d stands for the first free number. */
  ifname?: string;
}
export type RtLinkDellinkDoReply = null;

/** Request of getlink (do) as JSON. Tells a link, by number or name. */
export interface RtLinkGetlinkDoRequest {
  /** Address family; 0. */
  'ifi-family'?: number;
  /** Hardware type: 1 ethernet, 772 loopback. */
  'ifi-type'?: number;
  /** Number of the device. */
  'ifi-index'?: number;
  /** Its flags. */
  'ifi-flags'?: RtLinkIfinfoFlags | (RtLinkIfinfoFlags | number)[] | number;
  /** In a request the bits of ifi-flags that count, 0 for all; in a notification those that changed. */
  'ifi-change'?: number;
  /** Its name; %d stands for the first free number. */
  ifname?: string;
}
/** The same, decoded. */
export interface RtLinkGetlinkDoAttrs {
  /** Address family; 0. */
  'ifi-family'?: number;
  /** Hardware type: 1 ethernet, 772 loopback. */
  'ifi-type'?: number;
  /** Number of the device. */
  'ifi-index'?: number;
  /** Its flags. */
  'ifi-flags'?: number;
  /** In a request the bits of ifi-flags that count, 0 for all; in a notification those that changed. */
  'ifi-change'?: number;
  /** Its name; %d stands for the first free number. */
  ifname?: string;
}
export interface RtLinkGetlinkDoReply {
  /** Address family; 0. */
  'ifi-family': number;
  /** Hardware type: 1 ethernet, 772 loopback. */
  'ifi-type': number;
  /** Number of the device. */
  'ifi-index': number;
  /** Its flags. */
  'ifi-flags': RtLinkIfinfoFlags | (RtLinkIfinfoFlags | number)[] | number;
  /** In a request the bits of ifi-flags that count, 0 for all; in a notification those that changed. */
  'ifi-change': number;
  /** Its name; %d stands for the first free number. */
  ifname: string;
  /** State of RFC 2863: 0 unknown, 2 down, 6 up. */
  operstate: number;
  /** MTU in bytes. */
  mtu: number;
  /** Smallest MTU; 0 for no limit. */
  'min-mtu': number;
  /** Largest MTU; 0 for no limit. */
  'max-mtu': number;
  /** How often somebody wants packets of others too. */
  promiscuity: number;
  /** How often somebody wants all multicast packets. */
  allmulti: number;
  /** Most TX queues. */
  'num-tx-queues': number;
  /** Most RX queues. */
  'num-rx-queues': number;
  /** There is a carrier. */
  carrier: number;
  /** Hardware address. */
  address: string;
  /** Hardware address of broadcast frames. */
  broadcast: string;
  /** XDP programs. */
  xdp: RtLinkXdpAttrsSet;
  /** What kind of link it is. */
  linkinfo?: RtLinkLinkinfoAttrsSet;
}
/** What the operation hands to the renderer. */
export interface RtLinkGetlinkDoReplyAttrs {
  /** Address family; 0. */
  'ifi-family': number;
  /** Hardware type: 1 ethernet, 772 loopback. */
  'ifi-type': number;
  /** Number of the device. */
  'ifi-index': number;
  /** Its flags. */
  'ifi-flags': number;
  /** In a request the bits of ifi-flags that count, 0 for all; in a notification those that changed. */
  'ifi-change': number;
  /** Its name; %d stands for the first free number. */
  ifname: string;
  /** State of RFC 2863: 0 unknown, 2 down, 6 up. */
  operstate: number;
  /** MTU in bytes. */
  mtu: number;
  /** Smallest MTU; 0 for no limit. */
  'min-mtu': number;
  /** Largest MTU; 0 for no limit. */
  'max-mtu': number;
  /** How often somebody wants packets of others too. */
  promiscuity: number;
  /** How often somebody wants all multicast packets. */
  allmulti: number;
  /** Most TX queues. */
  'num-tx-queues': number;
  /** Most RX queues. */
  'num-rx-queues': number;
  /** There is a carrier. */
  carrier: number;
  /** Hardware address. */
  address: Uint8Array;
  /** Hardware address of broadcast frames. */
  broadcast: Uint8Array;
  /** XDP programs. */
  xdp: RtLinkXdpAttrsAttrs;
  /** What kind of link it is. */
  linkinfo?: RtLinkLinkinfoAttrsAttrs;
}

/** Request of getlink (dump) as JSON. Tells a link, by number or name. */
export interface RtLinkGetlinkDumpRequest {
  /** Address family; 0. */
  'ifi-family'?: number;
  /** Hardware type: 1 ethernet, 772 loopback. */
  'ifi-type'?: number;
  /** Number of the device. */
  'ifi-index'?: number;
  /** Its flags. */
  'ifi-flags'?: RtLinkIfinfoFlags | (RtLinkIfinfoFlags | number)[] | number;
  /** In a request the bits of ifi-flags that count, 0 for all; in a notification those that changed. */
  'ifi-change'?: number;
}
/** The same, decoded. */
export interface RtLinkGetlinkDumpAttrs {
  /** Address family; 0. */
  'ifi-family'?: number;
  /** Hardware type: 1 ethernet, 772 loopback. */
  'ifi-type'?: number;
  /** Number of the device. */
  'ifi-index'?: number;
  /** Its flags. */
  'ifi-flags'?: number;
  /** In a request the bits of ifi-flags that count, 0 for all; in a notification those that changed. */
  'ifi-change'?: number;
}
export interface RtLinkGetlinkDumpReply {
  /** Address family; 0. */
  'ifi-family': number;
  /** Hardware type: 1 ethernet, 772 loopback. */
  'ifi-type': number;
  /** Number of the device. */
  'ifi-index': number;
  /** Its flags. */
  'ifi-flags': RtLinkIfinfoFlags | (RtLinkIfinfoFlags | number)[] | number;
  /** In a request the bits of ifi-flags that count, 0 for all; in a notification those that changed. */
  'ifi-change': number;
  /** Its name; %d stands for the first free number. */
  ifname: string;
  /** State of RFC 2863: 0 unknown, 2 down, 6 up. */
  operstate: number;
  /** MTU in bytes. */
  mtu: number;
  /** Smallest MTU; 0 for no limit. */
  'min-mtu': number;
  /** Largest MTU; 0 for no limit. */
  'max-mtu': number;
  /** How often somebody wants packets of others too. */
  promiscuity: number;
  /** How often somebody wants all multicast packets. */
  allmulti: number;
  /** Most TX queues. */
  'num-tx-queues': number;
  /** Most RX queues. */
  'num-rx-queues': number;
  /** There is a carrier. */
  carrier: number;
  /** Hardware address. */
  address: string;
  /** Hardware address of broadcast frames. */
  broadcast: string;
  /** XDP programs. */
  xdp: RtLinkXdpAttrsSet;
  /** What kind of link it is. */
  linkinfo?: RtLinkLinkinfoAttrsSet;
}
/** What the operation hands to the renderer. */
export interface RtLinkGetlinkDumpReplyAttrs {
  /** Address family; 0. */
  'ifi-family': number;
  /** Hardware type: 1 ethernet, 772 loopback. */
  'ifi-type': number;
  /** Number of the device. */
  'ifi-index': number;
  /** Its flags. */
  'ifi-flags': number;
  /** In a request the bits of ifi-flags that count, 0 for all; in a notification those that changed. */
  'ifi-change': number;
  /** Its name; %d stands for the first free number. */
  ifname: string;
  /** State of RFC 2863: 0 unknown, 2 down, 6 up. */
  operstate: number;
  /** MTU in bytes. */
  mtu: number;
  /** Smallest MTU; 0 for no limit. */
  'min-mtu': number;
  /** Largest MTU; 0 for no limit. */
  'max-mtu': number;
  /** How often somebody wants packets of others too. */
  promiscuity: number;
  /** How often somebody wants all multicast packets. */
  allmulti: number;
  /** Most TX queues. */
  'num-tx-queues': number;
  /** Most RX queues. */
  'num-rx-queues': number;
  /** There is a carrier. */
  carrier: number;
  /** Hardware address. */
  address: Uint8Array;
  /** Hardware address of broadcast frames. */
  broadcast: Uint8Array;
  /** XDP programs. */
  xdp: RtLinkXdpAttrsAttrs;
  /** What kind of link it is. */
  linkinfo?: RtLinkLinkinfoAttrsAttrs;
}

/** Request of setlink (do) as JSON. Changes a link: address, mtu, name, flags, XDP program, in this order. What was changed before a refusal stays. */
export interface RtLinkSetlinkDoRequest {
  /** Address family; 0. */
  'ifi-family'?: number;
  /** Hardware type: 1 ethernet, 772 loopback. */
  'ifi-type'?: number;
  /** Number of the device. */
  'ifi-index'?: number;
  /** Its flags. */
  'ifi-flags'?: RtLinkIfinfoFlags | (RtLinkIfinfoFlags | number)[] | number;
  /** In a request the bits of ifi-flags that count, 0 for all; in a notification those that changed. */
  'ifi-change'?: number;
  /** Its name; %d stands for the first free number. */
  ifname?: string;
  /** MTU in bytes. */
  mtu?: number;
  /** Hardware address. */
  address?: string;
  /** Hardware address of broadcast frames. */
  broadcast?: string;
  /** XDP programs. */
  xdp?: RtLinkXdpAttrsSet;
}
/** The same, decoded. */
export interface RtLinkSetlinkDoAttrs {
  /** Address family; 0. */
  'ifi-family'?: number;
  /** Hardware type: 1 ethernet, 772 loopback. */
  'ifi-type'?: number;
  /** Number of the device. */
  'ifi-index'?: number;
  /** Its flags. */
  'ifi-flags'?: number;
  /** In a request the bits of ifi-flags that count, 0 for all; in a notification those that changed. */
  'ifi-change'?: number;
  /** Its name; %d stands for the first free number. */
  ifname?: string;
  /** MTU in bytes. */
  mtu?: number;
  /** Hardware address. */
  address?: Uint8Array;
  /** Hardware address of broadcast frames. */
  broadcast?: Uint8Array;
  /** XDP programs. */
  xdp?: RtLinkXdpAttrsAttrs;
}
export type RtLinkSetlinkDoReply = null;
