// Made by scripts/generate.ts from schemas. Do not edit: npm run generate
import type { FamilySpec } from '../spec.ts';

export const labSpec = {
  name: 'lab',
  version: 1,
  doc: 'The bench around the simulated kernel: devices, wires and traffic.',
  definitions: {
    driver: {
      type: 'enum',
      doc: 'How a driver puts packets into buffers.',
      entries: { 'split-perfect': 0, 'bnxt-like': 1, 'netdevsim-dma': 2 },
      docs: {
        'split-perfect': 'Headers in the header pool, every payload in buffers of its own.',
        'bnxt-like': 'Segments of a flow are merged by the device and fill buffers to the last byte (hardware GRO).',
        'netdevsim-dma': 'The test driver of the recordings.',
      },
    },
  },
  attributeSets: {
    'netdevsim-dma': {
      doc: 'Parameters of the netdevsim-dma driver.',
      attributes: {
        mode: {
          value: 1,
          type: 'u32',
          doc: '1 gives every chunk a buffer, 2 packs chunks of at most 2048 bytes.',
          checks: { min: 1, max: 2 },
        },
        post: {
          value: 2,
          type: 'u32',
          doc: 'Buffers posted ahead; 0 takes them when a packet arrives.',
          checks: { max: 65536 },
        },
        lin: { value: 3, type: 'u32', doc: 'Payload bytes that stay in the linear part.', checks: { max: 65535 } },
        'lin-mod': { value: 4, type: 'u32', doc: 'Only every lin-mod-th packet keeps linear bytes; 0 means every packet.' },
        gro: { value: 5, type: 'u32', doc: 'Packets go through GRO (0 or 1).', checks: { max: 1 } },
        chunk: { value: 6, type: 'u32', doc: 'Most bytes of one chunk.', checks: { min: 1, max: 65535 } },
        'pool-ring': { value: 7, type: 'u32', doc: 'Slots of the ring of a page pool.', checks: { min: 1, max: 16384 } },
      },
    },
    netdev: {
      doc: 'A simulated device.',
      attributes: {
        ifindex: { value: 1, type: 'u32', doc: 'Its number.', checks: { min: 1, max: 2147483647 } },
        name: { value: 2, type: 'string', doc: 'Its name.', checks: { minLen: 1, maxLen: 15 } },
        'rx-queues': { value: 3, type: 'u32', doc: 'RX queues.', checks: { min: 1, max: 1024 } },
        'tx-queues': { value: 4, type: 'u32', doc: 'TX queues.', checks: { min: 1, max: 1024 } },
        rx: { value: 5, type: 'u32', doc: 'RX descriptors a queue.', checks: { min: 1, max: 32768 } },
        mtu: { value: 6, type: 'u32', doc: 'MTU in bytes.', checks: { min: 68, max: 65535 } },
        driver: { value: 7, type: 'u32', doc: 'Driver profile.', enum: 'driver' },
        'driver-params': { value: 8, type: 'nest', doc: 'Parameters of netdevsim-dma.', nested: 'netdevsim-dma' },
        ipv4: {
          value: 9,
          type: 'string',
          doc: 'IPv4 address with prefix length, such as 192.0.2.1/24.',
          checks: { maxLen: 18 },
        },
        ipv6: {
          value: 10,
          type: 'string',
          doc: 'IPv6 address with prefix length, such as 2001:db8::1/64.',
          checks: { maxLen: 49 },
        },
      },
    },
    'upstream-peer': {
      doc: 'A listener of the host.',
      attributes: { connect: { value: 1, type: 'string', doc: 'Where to connect, host:port.', checks: { minLen: 1, maxLen: 262 } } },
    },
    tcp: {
      doc: 'A published port.',
      attributes: {
        id: { value: 1, type: 'u32', doc: 'Its id.', checks: { min: 1 } },
        ifindex: { value: 2, type: 'u32', doc: 'Device whose wire it is.', checks: { min: 1 } },
        listen: {
          value: 3,
          type: 'string',
          doc: 'Where the host listens, host:port; port 0 takes a free one.',
          checks: { minLen: 1, maxLen: 262 },
        },
        port: {
          value: 4,
          type: 'u16',
          doc: 'Port of the simulated socket; the same as the host port if absent.',
          checks: { min: 1 },
        },
        to: {
          value: 5,
          type: 'nest',
          doc: 'Listener of the client that takes the place of a simulated one.',
          nested: 'upstream-peer',
        },
        flows: { value: 6, type: 'u32', doc: 'Open connections.' },
        accepted: { value: 7, type: 'uint', doc: 'Connections that became flows.' },
        refused: { value: 8, type: 'uint', doc: 'Connections that were reset: nobody listened, or a limit was reached.' },
      },
    },
    upstream: {
      doc: 'Where connections of simulated sockets go.',
      attributes: {
        id: { value: 1, type: 'u32', doc: 'Its id.', checks: { min: 1 } },
        ifindex: { value: 2, type: 'u32', doc: 'Device whose wire it is.', checks: { min: 1 } },
        to: { value: 3, type: 'string', doc: 'Where the host connects to, host:port.', checks: { minLen: 1, maxLen: 262 } },
        port: {
          value: 4,
          type: 'u16',
          doc: 'Only connections to this simulated port; every port if absent.',
          checks: { min: 1 },
        },
      },
    },
    pktgen: {
      doc: 'A traffic generator.',
      attributes: {
        id: { value: 1, type: 'u32', doc: 'Its id.', checks: { min: 1 } },
        ifindex: { value: 2, type: 'u32', doc: 'Device it feeds.', checks: { min: 1 } },
        'dst-port': { value: 3, type: 'u16', doc: 'Port of the simulated listener.', checks: { min: 1 } },
        bytes: { value: 4, type: 'u64', doc: 'Payload bytes of all flows; 0 is endless. In a reply the bytes delivered.' },
        payload: { value: 5, type: 'u32', doc: 'Payload bytes of a segment.', checks: { min: 1, max: 65535 } },
        flows: { value: 6, type: 'u32', doc: 'Connections.', checks: { min: 1, max: 4096 } },
        'rate-bps': { value: 7, type: 'u64', doc: 'Most payload bits a second; unlimited if absent or 0.' },
        packets: { value: 8, type: 'uint', doc: 'Segments delivered.' },
        'elapsed-ms': { value: 9, type: 'uint', doc: 'Milliseconds since the start.' },
        total: { value: 10, type: 'u64', doc: 'Payload bytes asked for; 0 is endless.' },
      },
    },
  },
  operations: [
    {
      name: 'netdev-add',
      value: 1,
      doc: 'Adds a device.',
      attributeSet: 'netdev',
      flags: ['admin-perm'],
      do: {
        request: {
          attributes: ['ifindex', 'name', 'rx-queues', 'tx-queues', 'rx', 'mtu', 'driver', 'driver-params', 'ipv4', 'ipv6'],
        },
        reply: { attributes: ['ifindex', 'name'], always: ['ifindex'] },
      },
    },
    {
      name: 'netdev-del',
      value: 2,
      doc: 'Removes a device. Whoever holds buffers of it keeps them.',
      attributeSet: 'netdev',
      flags: ['admin-perm'],
      do: { request: { attributes: ['ifindex'] } },
    },
    {
      name: 'tcp-publish',
      value: 3,
      doc: 'Opens a port of the host whose connections become flows of a device.',
      attributeSet: 'tcp',
      flags: ['admin-perm'],
      do: {
        request: { attributes: ['ifindex', 'listen', 'port', 'to'] },
        reply: { attributes: ['id', 'listen', 'port'], always: ['id', 'listen', 'port'] },
      },
    },
    {
      name: 'tcp-unpublish',
      value: 4,
      doc: 'Closes a published port, or an upstream; its connections are reset.',
      attributeSet: 'tcp',
      flags: ['admin-perm'],
      do: { request: { attributes: ['id'] } },
    },
    {
      name: 'tcp-get',
      value: 5,
      doc: 'Tells a published port.',
      attributeSet: 'tcp',
      do: {
        request: { attributes: ['id'] },
        reply: {
          attributes: ['id', 'ifindex', 'listen', 'port', 'to', 'flows', 'accepted', 'refused'],
          always: ['id', 'ifindex', 'listen', 'port'],
        },
      },
      dump: {
        request: { attributes: ['ifindex'] },
        reply: {
          attributes: ['id', 'ifindex', 'listen', 'port', 'to', 'flows', 'accepted', 'refused'],
          always: ['id', 'ifindex', 'listen', 'port'],
        },
      },
    },
    {
      name: 'tcp-upstream',
      value: 6,
      doc: 'Sends connections of simulated sockets to a listener of the host.',
      attributeSet: 'upstream',
      flags: ['admin-perm'],
      do: { request: { attributes: ['ifindex', 'to', 'port'] }, reply: { attributes: ['id'], always: ['id'] } },
    },
    {
      name: 'pktgen-start',
      value: 7,
      doc: 'Starts a traffic generator.',
      attributeSet: 'pktgen',
      flags: ['admin-perm'],
      do: {
        request: { attributes: ['ifindex', 'dst-port', 'bytes', 'payload', 'flows', 'rate-bps'] },
        reply: { attributes: ['id'], always: ['id'] },
      },
    },
    {
      name: 'pktgen-stop',
      value: 8,
      doc: 'Stops a traffic generator and tells what it did.',
      attributeSet: 'pktgen',
      flags: ['admin-perm'],
      do: {
        request: { attributes: ['id'] },
        reply: { attributes: ['id', 'bytes', 'packets', 'elapsed-ms'], always: ['id', 'bytes', 'packets', 'elapsed-ms'] },
      },
    },
    {
      name: 'pktgen-get',
      value: 9,
      doc: 'Tells a traffic generator.',
      attributeSet: 'pktgen',
      do: {
        request: { attributes: ['id'] },
        reply: {
          attributes: ['id', 'ifindex', 'dst-port', 'payload', 'flows', 'rate-bps', 'total', 'bytes', 'packets', 'elapsed-ms'],
          always: ['id', 'ifindex', 'dst-port', 'bytes', 'packets'],
        },
      },
      dump: {
        request: { attributes: ['ifindex'] },
        reply: {
          attributes: ['id', 'ifindex', 'dst-port', 'payload', 'flows', 'rate-bps', 'total', 'bytes', 'packets', 'elapsed-ms'],
          always: ['id', 'ifindex', 'dst-port', 'bytes', 'packets'],
        },
      },
    },
    {
      name: 'reset',
      value: 10,
      doc: 'Back to the start: sessions end, wires close, devices are as configured.',
      attributeSet: 'netdev',
      flags: ['admin-perm'],
      do: { request: { attributes: [] } },
    },
  ],
  mcastGroups: [],
} as const satisfies FamilySpec;

/** How a driver puts packets into buffers. */
export const LAB_DRIVER = { 'split-perfect': 0, 'bnxt-like': 1, 'netdevsim-dma': 2 } as const;
export type LabDriver = 'split-perfect' | 'bnxt-like' | 'netdevsim-dma';

/** Parameters of the netdevsim-dma driver. As JSON. */
export interface LabNetdevsimDmaSet {
  /** 1 gives every chunk a buffer, 2 packs chunks of at most 2048 bytes. */
  mode?: number;
  /** Buffers posted ahead; 0 takes them when a packet arrives. */
  post?: number;
  /** Payload bytes that stay in the linear part. */
  lin?: number;
  /** Only every lin-mod-th packet keeps linear bytes; 0 means every packet. */
  'lin-mod'?: number;
  /** Packets go through GRO (0 or 1). */
  gro?: number;
  /** Most bytes of one chunk. */
  chunk?: number;
  /** Slots of the ring of a page pool. */
  'pool-ring'?: number;
}
/** The same, decoded. */
export interface LabNetdevsimDmaAttrs {
  /** 1 gives every chunk a buffer, 2 packs chunks of at most 2048 bytes. */
  mode?: number;
  /** Buffers posted ahead; 0 takes them when a packet arrives. */
  post?: number;
  /** Payload bytes that stay in the linear part. */
  lin?: number;
  /** Only every lin-mod-th packet keeps linear bytes; 0 means every packet. */
  'lin-mod'?: number;
  /** Packets go through GRO (0 or 1). */
  gro?: number;
  /** Most bytes of one chunk. */
  chunk?: number;
  /** Slots of the ring of a page pool. */
  'pool-ring'?: number;
}

/** A simulated device. As JSON. */
export interface LabNetdevSet {
  /** Its number. */
  ifindex?: number;
  /** Its name. */
  name?: string;
  /** RX queues. */
  'rx-queues'?: number;
  /** TX queues. */
  'tx-queues'?: number;
  /** RX descriptors a queue. */
  rx?: number;
  /** MTU in bytes. */
  mtu?: number;
  /** Driver profile. */
  driver?: LabDriver | number;
  /** Parameters of netdevsim-dma. */
  'driver-params'?: LabNetdevsimDmaSet;
  /** IPv4 address with prefix length, such as 192.0.2.1/24. */
  ipv4?: string;
  /** IPv6 address with prefix length, such as 2001:db8::1/64. */
  ipv6?: string;
}
/** The same, decoded. */
export interface LabNetdevAttrs {
  /** Its number. */
  ifindex?: number;
  /** Its name. */
  name?: string;
  /** RX queues. */
  'rx-queues'?: number;
  /** TX queues. */
  'tx-queues'?: number;
  /** RX descriptors a queue. */
  rx?: number;
  /** MTU in bytes. */
  mtu?: number;
  /** Driver profile. */
  driver?: number;
  /** Parameters of netdevsim-dma. */
  'driver-params'?: LabNetdevsimDmaAttrs;
  /** IPv4 address with prefix length, such as 192.0.2.1/24. */
  ipv4?: string;
  /** IPv6 address with prefix length, such as 2001:db8::1/64. */
  ipv6?: string;
}

/** A listener of the host. As JSON. */
export interface LabUpstreamPeerSet {
  /** Where to connect, host:port. */
  connect?: string;
}
/** The same, decoded. */
export interface LabUpstreamPeerAttrs {
  /** Where to connect, host:port. */
  connect?: string;
}

/** A published port. As JSON. */
export interface LabTcpSet {
  /** Its id. */
  id?: number;
  /** Device whose wire it is. */
  ifindex?: number;
  /** Where the host listens, host:port; port 0 takes a free one. */
  listen?: string;
  /** Port of the simulated socket; the same as the host port if absent. */
  port?: number;
  /** Listener of the client that takes the place of a simulated one. */
  to?: LabUpstreamPeerSet;
  /** Open connections. */
  flows?: number;
  /** Connections that became flows. */
  accepted?: number | string;
  /** Connections that were reset: nobody listened, or a limit was reached. */
  refused?: number | string;
}
/** The same, decoded. */
export interface LabTcpAttrs {
  /** Its id. */
  id?: number;
  /** Device whose wire it is. */
  ifindex?: number;
  /** Where the host listens, host:port; port 0 takes a free one. */
  listen?: string;
  /** Port of the simulated socket; the same as the host port if absent. */
  port?: number;
  /** Listener of the client that takes the place of a simulated one. */
  to?: LabUpstreamPeerAttrs;
  /** Open connections. */
  flows?: number;
  /** Connections that became flows. */
  accepted?: number;
  /** Connections that were reset: nobody listened, or a limit was reached. */
  refused?: number;
}

/** Where connections of simulated sockets go. As JSON. */
export interface LabUpstreamSet {
  /** Its id. */
  id?: number;
  /** Device whose wire it is. */
  ifindex?: number;
  /** Where the host connects to, host:port. */
  to?: string;
  /** Only connections to this simulated port; every port if absent. */
  port?: number;
}
/** The same, decoded. */
export interface LabUpstreamAttrs {
  /** Its id. */
  id?: number;
  /** Device whose wire it is. */
  ifindex?: number;
  /** Where the host connects to, host:port. */
  to?: string;
  /** Only connections to this simulated port; every port if absent. */
  port?: number;
}

/** A traffic generator. As JSON. */
export interface LabPktgenSet {
  /** Its id. */
  id?: number;
  /** Device it feeds. */
  ifindex?: number;
  /** Port of the simulated listener. */
  'dst-port'?: number;
  /** Payload bytes of all flows; 0 is endless. In a reply the bytes delivered. */
  bytes?: number | string;
  /** Payload bytes of a segment. */
  payload?: number;
  /** Connections. */
  flows?: number;
  /** Most payload bits a second; unlimited if absent or 0. */
  'rate-bps'?: number | string;
  /** Segments delivered. */
  packets?: number | string;
  /** Milliseconds since the start. */
  'elapsed-ms'?: number | string;
  /** Payload bytes asked for; 0 is endless. */
  total?: number | string;
}
/** The same, decoded. */
export interface LabPktgenAttrs {
  /** Its id. */
  id?: number;
  /** Device it feeds. */
  ifindex?: number;
  /** Port of the simulated listener. */
  'dst-port'?: number;
  /** Payload bytes of all flows; 0 is endless. In a reply the bytes delivered. */
  bytes?: number;
  /** Payload bytes of a segment. */
  payload?: number;
  /** Connections. */
  flows?: number;
  /** Most payload bits a second; unlimited if absent or 0. */
  'rate-bps'?: number;
  /** Segments delivered. */
  packets?: number;
  /** Milliseconds since the start. */
  'elapsed-ms'?: number;
  /** Payload bytes asked for; 0 is endless. */
  total?: number;
}

/** Request of netdev-add (do) as JSON. Adds a device. */
export interface LabNetdevAddDoRequest {
  /** Its number. */
  ifindex?: number;
  /** Its name. */
  name?: string;
  /** RX queues. */
  'rx-queues'?: number;
  /** TX queues. */
  'tx-queues'?: number;
  /** RX descriptors a queue. */
  rx?: number;
  /** MTU in bytes. */
  mtu?: number;
  /** Driver profile. */
  driver?: LabDriver | number;
  /** Parameters of netdevsim-dma. */
  'driver-params'?: LabNetdevsimDmaSet;
  /** IPv4 address with prefix length, such as 192.0.2.1/24. */
  ipv4?: string;
  /** IPv6 address with prefix length, such as 2001:db8::1/64. */
  ipv6?: string;
}
/** The same, decoded. */
export interface LabNetdevAddDoAttrs {
  /** Its number. */
  ifindex?: number;
  /** Its name. */
  name?: string;
  /** RX queues. */
  'rx-queues'?: number;
  /** TX queues. */
  'tx-queues'?: number;
  /** RX descriptors a queue. */
  rx?: number;
  /** MTU in bytes. */
  mtu?: number;
  /** Driver profile. */
  driver?: number;
  /** Parameters of netdevsim-dma. */
  'driver-params'?: LabNetdevsimDmaAttrs;
  /** IPv4 address with prefix length, such as 192.0.2.1/24. */
  ipv4?: string;
  /** IPv6 address with prefix length, such as 2001:db8::1/64. */
  ipv6?: string;
}
export interface LabNetdevAddDoReply {
  /** Its number. */
  ifindex: number;
  /** Its name. */
  name?: string;
}
/** What the operation hands to the renderer. */
export interface LabNetdevAddDoReplyAttrs {
  /** Its number. */
  ifindex: number;
  /** Its name. */
  name?: string;
}

/** Request of netdev-del (do) as JSON. Removes a device. Whoever holds buffers of it keeps them. */
export interface LabNetdevDelDoRequest {
  /** Its number. */
  ifindex?: number;
}
/** The same, decoded. */
export interface LabNetdevDelDoAttrs {
  /** Its number. */
  ifindex?: number;
}
export type LabNetdevDelDoReply = null;

/** Request of tcp-publish (do) as JSON. Opens a port of the host whose connections become flows of a device. */
export interface LabTcpPublishDoRequest {
  /** Device whose wire it is. */
  ifindex?: number;
  /** Where the host listens, host:port; port 0 takes a free one. */
  listen?: string;
  /** Port of the simulated socket; the same as the host port if absent. */
  port?: number;
  /** Listener of the client that takes the place of a simulated one. */
  to?: LabUpstreamPeerSet;
}
/** The same, decoded. */
export interface LabTcpPublishDoAttrs {
  /** Device whose wire it is. */
  ifindex?: number;
  /** Where the host listens, host:port; port 0 takes a free one. */
  listen?: string;
  /** Port of the simulated socket; the same as the host port if absent. */
  port?: number;
  /** Listener of the client that takes the place of a simulated one. */
  to?: LabUpstreamPeerAttrs;
}
export interface LabTcpPublishDoReply {
  /** Its id. */
  id: number;
  /** Where the host listens, host:port; port 0 takes a free one. */
  listen: string;
  /** Port of the simulated socket; the same as the host port if absent. */
  port: number;
}
/** What the operation hands to the renderer. */
export interface LabTcpPublishDoReplyAttrs {
  /** Its id. */
  id: number;
  /** Where the host listens, host:port; port 0 takes a free one. */
  listen: string;
  /** Port of the simulated socket; the same as the host port if absent. */
  port: number;
}

/** Request of tcp-unpublish (do) as JSON. Closes a published port, or an upstream; its connections are reset. */
export interface LabTcpUnpublishDoRequest {
  /** Its id. */
  id?: number;
}
/** The same, decoded. */
export interface LabTcpUnpublishDoAttrs {
  /** Its id. */
  id?: number;
}
export type LabTcpUnpublishDoReply = null;

/** Request of tcp-get (do) as JSON. Tells a published port. */
export interface LabTcpGetDoRequest {
  /** Its id. */
  id?: number;
}
/** The same, decoded. */
export interface LabTcpGetDoAttrs {
  /** Its id. */
  id?: number;
}
export interface LabTcpGetDoReply {
  /** Its id. */
  id: number;
  /** Device whose wire it is. */
  ifindex: number;
  /** Where the host listens, host:port; port 0 takes a free one. */
  listen: string;
  /** Port of the simulated socket; the same as the host port if absent. */
  port: number;
  /** Listener of the client that takes the place of a simulated one. */
  to?: LabUpstreamPeerSet;
  /** Open connections. */
  flows?: number;
  /** Connections that became flows. */
  accepted?: number | string;
  /** Connections that were reset: nobody listened, or a limit was reached. */
  refused?: number | string;
}
/** What the operation hands to the renderer. */
export interface LabTcpGetDoReplyAttrs {
  /** Its id. */
  id: number;
  /** Device whose wire it is. */
  ifindex: number;
  /** Where the host listens, host:port; port 0 takes a free one. */
  listen: string;
  /** Port of the simulated socket; the same as the host port if absent. */
  port: number;
  /** Listener of the client that takes the place of a simulated one. */
  to?: LabUpstreamPeerAttrs;
  /** Open connections. */
  flows?: number;
  /** Connections that became flows. */
  accepted?: number;
  /** Connections that were reset: nobody listened, or a limit was reached. */
  refused?: number;
}

/** Request of tcp-get (dump) as JSON. Tells a published port. */
export interface LabTcpGetDumpRequest {
  /** Device whose wire it is. */
  ifindex?: number;
}
/** The same, decoded. */
export interface LabTcpGetDumpAttrs {
  /** Device whose wire it is. */
  ifindex?: number;
}
export interface LabTcpGetDumpReply {
  /** Its id. */
  id: number;
  /** Device whose wire it is. */
  ifindex: number;
  /** Where the host listens, host:port; port 0 takes a free one. */
  listen: string;
  /** Port of the simulated socket; the same as the host port if absent. */
  port: number;
  /** Listener of the client that takes the place of a simulated one. */
  to?: LabUpstreamPeerSet;
  /** Open connections. */
  flows?: number;
  /** Connections that became flows. */
  accepted?: number | string;
  /** Connections that were reset: nobody listened, or a limit was reached. */
  refused?: number | string;
}
/** What the operation hands to the renderer. */
export interface LabTcpGetDumpReplyAttrs {
  /** Its id. */
  id: number;
  /** Device whose wire it is. */
  ifindex: number;
  /** Where the host listens, host:port; port 0 takes a free one. */
  listen: string;
  /** Port of the simulated socket; the same as the host port if absent. */
  port: number;
  /** Listener of the client that takes the place of a simulated one. */
  to?: LabUpstreamPeerAttrs;
  /** Open connections. */
  flows?: number;
  /** Connections that became flows. */
  accepted?: number;
  /** Connections that were reset: nobody listened, or a limit was reached. */
  refused?: number;
}

/** Request of tcp-upstream (do) as JSON. Sends connections of simulated sockets to a listener of the host. */
export interface LabTcpUpstreamDoRequest {
  /** Device whose wire it is. */
  ifindex?: number;
  /** Where the host connects to, host:port. */
  to?: string;
  /** Only connections to this simulated port; every port if absent. */
  port?: number;
}
/** The same, decoded. */
export interface LabTcpUpstreamDoAttrs {
  /** Device whose wire it is. */
  ifindex?: number;
  /** Where the host connects to, host:port. */
  to?: string;
  /** Only connections to this simulated port; every port if absent. */
  port?: number;
}
export interface LabTcpUpstreamDoReply {
  /** Its id. */
  id: number;
}
/** What the operation hands to the renderer. */
export interface LabTcpUpstreamDoReplyAttrs {
  /** Its id. */
  id: number;
}

/** Request of pktgen-start (do) as JSON. Starts a traffic generator. */
export interface LabPktgenStartDoRequest {
  /** Device it feeds. */
  ifindex?: number;
  /** Port of the simulated listener. */
  'dst-port'?: number;
  /** Payload bytes of all flows; 0 is endless. In a reply the bytes delivered. */
  bytes?: number | string;
  /** Payload bytes of a segment. */
  payload?: number;
  /** Connections. */
  flows?: number;
  /** Most payload bits a second; unlimited if absent or 0. */
  'rate-bps'?: number | string;
}
/** The same, decoded. */
export interface LabPktgenStartDoAttrs {
  /** Device it feeds. */
  ifindex?: number;
  /** Port of the simulated listener. */
  'dst-port'?: number;
  /** Payload bytes of all flows; 0 is endless. In a reply the bytes delivered. */
  bytes?: number;
  /** Payload bytes of a segment. */
  payload?: number;
  /** Connections. */
  flows?: number;
  /** Most payload bits a second; unlimited if absent or 0. */
  'rate-bps'?: number;
}
export interface LabPktgenStartDoReply {
  /** Its id. */
  id: number;
}
/** What the operation hands to the renderer. */
export interface LabPktgenStartDoReplyAttrs {
  /** Its id. */
  id: number;
}

/** Request of pktgen-stop (do) as JSON. Stops a traffic generator and tells what it did. */
export interface LabPktgenStopDoRequest {
  /** Its id. */
  id?: number;
}
/** The same, decoded. */
export interface LabPktgenStopDoAttrs {
  /** Its id. */
  id?: number;
}
export interface LabPktgenStopDoReply {
  /** Its id. */
  id: number;
  /** Payload bytes of all flows; 0 is endless. In a reply the bytes delivered. */
  bytes: number | string;
  /** Segments delivered. */
  packets: number | string;
  /** Milliseconds since the start. */
  'elapsed-ms': number | string;
}
/** What the operation hands to the renderer. */
export interface LabPktgenStopDoReplyAttrs {
  /** Its id. */
  id: number;
  /** Payload bytes of all flows; 0 is endless. In a reply the bytes delivered. */
  bytes: number;
  /** Segments delivered. */
  packets: number;
  /** Milliseconds since the start. */
  'elapsed-ms': number;
}

/** Request of pktgen-get (do) as JSON. Tells a traffic generator. */
export interface LabPktgenGetDoRequest {
  /** Its id. */
  id?: number;
}
/** The same, decoded. */
export interface LabPktgenGetDoAttrs {
  /** Its id. */
  id?: number;
}
export interface LabPktgenGetDoReply {
  /** Its id. */
  id: number;
  /** Device it feeds. */
  ifindex: number;
  /** Port of the simulated listener. */
  'dst-port': number;
  /** Payload bytes of a segment. */
  payload?: number;
  /** Connections. */
  flows?: number;
  /** Most payload bits a second; unlimited if absent or 0. */
  'rate-bps'?: number | string;
  /** Payload bytes asked for; 0 is endless. */
  total?: number | string;
  /** Payload bytes of all flows; 0 is endless. In a reply the bytes delivered. */
  bytes: number | string;
  /** Segments delivered. */
  packets: number | string;
  /** Milliseconds since the start. */
  'elapsed-ms'?: number | string;
}
/** What the operation hands to the renderer. */
export interface LabPktgenGetDoReplyAttrs {
  /** Its id. */
  id: number;
  /** Device it feeds. */
  ifindex: number;
  /** Port of the simulated listener. */
  'dst-port': number;
  /** Payload bytes of a segment. */
  payload?: number;
  /** Connections. */
  flows?: number;
  /** Most payload bits a second; unlimited if absent or 0. */
  'rate-bps'?: number;
  /** Payload bytes asked for; 0 is endless. */
  total?: number;
  /** Payload bytes of all flows; 0 is endless. In a reply the bytes delivered. */
  bytes: number;
  /** Segments delivered. */
  packets: number;
  /** Milliseconds since the start. */
  'elapsed-ms'?: number;
}

/** Request of pktgen-get (dump) as JSON. Tells a traffic generator. */
export interface LabPktgenGetDumpRequest {
  /** Device it feeds. */
  ifindex?: number;
}
/** The same, decoded. */
export interface LabPktgenGetDumpAttrs {
  /** Device it feeds. */
  ifindex?: number;
}
export interface LabPktgenGetDumpReply {
  /** Its id. */
  id: number;
  /** Device it feeds. */
  ifindex: number;
  /** Port of the simulated listener. */
  'dst-port': number;
  /** Payload bytes of a segment. */
  payload?: number;
  /** Connections. */
  flows?: number;
  /** Most payload bits a second; unlimited if absent or 0. */
  'rate-bps'?: number | string;
  /** Payload bytes asked for; 0 is endless. */
  total?: number | string;
  /** Payload bytes of all flows; 0 is endless. In a reply the bytes delivered. */
  bytes: number | string;
  /** Segments delivered. */
  packets: number | string;
  /** Milliseconds since the start. */
  'elapsed-ms'?: number | string;
}
/** What the operation hands to the renderer. */
export interface LabPktgenGetDumpReplyAttrs {
  /** Its id. */
  id: number;
  /** Device it feeds. */
  ifindex: number;
  /** Port of the simulated listener. */
  'dst-port': number;
  /** Payload bytes of a segment. */
  payload?: number;
  /** Connections. */
  flows?: number;
  /** Most payload bits a second; unlimited if absent or 0. */
  'rate-bps'?: number;
  /** Payload bytes asked for; 0 is endless. */
  total?: number;
  /** Payload bytes of all flows; 0 is endless. In a reply the bytes delivered. */
  bytes: number;
  /** Segments delivered. */
  packets: number;
  /** Milliseconds since the start. */
  'elapsed-ms'?: number;
}

/** Request of reset (do) as JSON. Back to the start: sessions end, wires close, devices are as configured. */
export type LabResetDoRequest = Record<string, never>;
/** The same, decoded. */
export type LabResetDoAttrs = Record<string, never>;
export type LabResetDoReply = null;
