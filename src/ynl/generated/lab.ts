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
      entries: { 'split-perfect': 0, 'bnxt-like': 1, 'netdevsim-dma': 2, netdevsim: 3, veth: 4, tap: 5, tun: 6 },
      docs: {
        'split-perfect': 'Headers in the header pool, every payload in buffers of its own.',
        'bnxt-like': 'Segments of a flow are merged by the device and fill buffers to the last byte (hardware GRO).',
        'netdevsim-dma': 'The test driver of the recordings.',
        netdevsim: 'Linux\'s own test device: no DMA device, packets not from its pools.',
        veth: 'An end of a veth pair: no queue management, NAPIs only with GRO on.',
        tap: 'A TAP device: no queue management, NAPIs or statistics of queues.',
        tun: 'A TUN device: as tap, without XDP.',
      },
    },
    provider: {
      type: 'enum',
      doc: 'Memory providers that are set by hand.',
      entries: { none: 0, capped: 1, 'huge-page': 2 },
      docs: {
        none: 'Takes the provider off: pages of the host again.',
        capped: 'Pages of the host, up to a number of bytes.',
        'huge-page': 'Pages cut from blocks of 2 MiB, the same ones for ever.',
      },
    },
    'pool-state': {
      type: 'enum',
      doc: 'Life of a page pool.',
      entries: { attached: 0, detached: 1 },
      docs: { attached: 'In use by its driver.', detached: 'Destroyed by its driver; waits for netmems to come back.' },
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
    'provider-set': {
      doc: 'A memory provider and the queues it is set on.',
      attributes: {
        ifindex: { value: 1, type: 'u32', doc: 'Device of the queues.', checks: { min: 1 } },
        queues: { value: 2, type: 'u32', doc: 'RX queues; all of them or none.', multiAttr: true },
        provider: { value: 3, type: 'u32', doc: 'What to set.', enum: 'provider' },
        limit: { value: 4, type: 'u64', doc: 'capped: bytes that all the queues together may use.', checks: { min: 4096 } },
        blocks: {
          value: 5,
          type: 'u32',
          doc: 'huge-page: blocks of 2 MiB that the queues share.',
          checks: { min: 1, max: 4096 },
        },
      },
    },
    'page-hold': {
      doc: 'Netmems kept out of a page pool.',
      attributes: {
        id: { value: 1, type: 'u32', doc: 'Its id.', checks: { min: 1 } },
        ifindex: { value: 2, type: 'u32', doc: 'Device of the pool.', checks: { min: 1 } },
        queue: { value: 3, type: 'u32', doc: 'RX queue of the pool; 0 if absent.' },
        count: { value: 4, type: 'u32', doc: 'How many; 1 if absent.', checks: { min: 1, max: 16384 } },
        foreign: {
          value: 5,
          type: 'flag',
          doc: 'Takes a reference to each page and gives the pool its own back, as somebody does who looks at pages that the pool knows nothing of.',
        },
      },
    },
    'netmem-states': {
      doc: 'How many netmems are where.',
      attributes: {
        free: { value: 1, type: 'u32', doc: 'With the provider.' },
        'provider-waiting': { value: 2, type: 'u32', doc: 'With the provider, which waits for other references to go.' },
        cache: { value: 3, type: 'u32', doc: 'In the alloc cache.' },
        ring: { value: 4, type: 'u32', doc: 'In the ptr ring.' },
        posted: { value: 5, type: 'u32', doc: 'With the driver: posted, its current fragment page, or held.' },
        stack: { value: 6, type: 'u32', doc: 'In packets on their way up.' },
        socket: { value: 7, type: 'u32', doc: 'In receive queues of sockets.' },
        user: { value: 8, type: 'u32', doc: 'With user space.' },
        'refill-pending': { value: 9, type: 'u32', doc: 'In a refill ring.' },
      },
    },
    'pool-event': {
      doc: 'Something a page pool did off its fast paths.',
      attributes: {
        'at-ms': { value: 1, type: 'uint', doc: 'Milliseconds of the kernel\'s clock.' },
        event: { value: 2, type: 'string', doc: 'What it was.' },
        value: { value: 3, type: 's32', doc: 'The netmem, or how many were gained (slow) or are left (retry).' },
        inflight: { value: 4, type: 's32', doc: 'Netmems in flight behind it.' },
      },
    },
    'pool-owner': {
      doc: 'Books of the provider behind a page pool; all pools that draw from it share them.',
      attributes: {
        name: { value: 1, type: 'string', doc: 'Kind, and what it belongs to.' },
        total: { value: 2, type: 'u32', doc: 'Netmems of the provider.' },
        free: { value: 3, type: 'u32', doc: 'Ready to be given to a pool.' },
        waiting: { value: 4, type: 'u32', doc: 'Back from a pool and still referenced by others.' },
        held: { value: 5, type: 'u32', doc: 'With user space or another outsider and in no pool.' },
        lent: { value: 6, type: 'u32', doc: 'In page pools.' },
      },
    },
    'pool-dma': {
      doc: 'How often a page pool asked the device for something.',
      attributes: {
        maps: { value: 1, type: 'uint', doc: 'Pages mapped.' },
        unmaps: { value: 2, type: 'uint', doc: 'Pages unmapped.' },
        syncs: { value: 3, type: 'uint', doc: 'Pages handed to the device again.' },
      },
    },
    'page-pool': {
      doc: 'A page pool from inside.',
      attributes: {
        id: { value: 1, type: 'u32', doc: 'Its id.', checks: { min: 1 } },
        ifindex: { value: 2, type: 'u32', doc: 'Its device; absent when that is gone.', checks: { min: 1 } },
        queue: { value: 3, type: 'u32', doc: 'RX queue it was made for.' },
        provider: { value: 4, type: 'string', doc: 'Name of its memory provider; absent for pages of the host.' },
        state: { value: 5, type: 'u32', doc: 'Where it is in its life.', enum: 'pool-state' },
        inflight: { value: 6, type: 's32', doc: 'Netmems that left the provider or page allocator and did not come back.' },
        hold: { value: 7, type: 'u32', doc: 'Netmems that came, wrapping.' },
        release: { value: 8, type: 'u32', doc: 'Netmems that went back, wrapping.' },
        states: {
          value: 9,
          type: 'nest',
          doc: 'Where they are. free and provider-waiting are the provider\'s, and count in no pool.',
          nested: 'netmem-states',
        },
        dma: { value: 10, type: 'nest', doc: 'What it asked the device for.', nested: 'pool-dma' },
        owner: { value: 11, type: 'nest', doc: 'Books of its provider.', nested: 'pool-owner' },
        history: { value: 12, type: 'nest', doc: 'The last events, oldest first.', multiAttr: true, nested: 'pool-event' },
        fault: { value: 13, type: 'string', doc: 'The sum that does not add up.' },
      },
    },
    'queue-reset': {
      doc: 'A restart of one RX queue.',
      attributes: {
        ifindex: { value: 1, type: 'u32', doc: 'Its device.', checks: { min: 1 } },
        queue: { value: 2, type: 'u32', doc: 'RX queue.' },
        mode: {
          value: 3,
          type: 'u32',
          doc: 'What becomes of its NAPI, in netdevsim\'s numbers: 0, 2 and 3 make a new one, 1 keeps it; 0 if absent.',
        },
      },
    },
    'dma-fault': {
      doc: 'Faults of the device behind the queues.',
      attributes: {
        ifindex: { value: 1, type: 'u32', doc: 'Its netdev.', checks: { min: 1 } },
        'map-fail-every': { value: 2, type: 'u32', doc: 'Every n-th mapping fails; 0: none.' },
      },
    },
    'dmabuf-fault': {
      doc: 'What a dmabuf refuses.',
      attributes: {
        fd: { value: 1, type: 's32', doc: 'dmabuf of the calling session.' },
        'attach-errno': {
          value: 2,
          type: 'string',
          doc: 'Errno by name that an import gets; 0 or absent for none.',
          checks: { maxLen: 31 },
        },
        'map-errno': {
          value: 3,
          type: 'string',
          doc: 'Errno by name that a mapping gets; 0 or absent for none.',
          checks: { maxLen: 31 },
        },
      },
    },
    'device-read': {
      doc: 'A read by a device.',
      attributes: {
        fd: { value: 1, type: 's32', doc: 'dmabuf of the calling session, memory of a device.' },
        addr: { value: 2, type: 'u64', doc: 'Device address.' },
        len: { value: 3, type: 'u32', doc: 'Bytes.', checks: { min: 1, max: 65536 } },
        data: { value: 4, type: 'binary', doc: 'The bytes.', displayHint: 'base64' },
      },
    },
    'cpu-node': {
      doc: 'Where the CPU lies that polls.',
      attributes: { node: { value: 1, type: 'u32', doc: 'NUMA node.', checks: { max: 63 } } },
    },
    'xdp-program': {
      doc: 'A simulated XDP program.',
      attributes: {
        fd: { value: 1, type: 's32', doc: 'Its fd; the lowest free number if absent.' },
        id: { value: 2, type: 'u32', doc: 'Its id.' },
        frags: { value: 3, type: 'flag', doc: 'It takes packets of several buffers (BPF_F_XDP_HAS_FRAGS).' },
      },
    },
    xsk: {
      doc: 'An AF_XDP buffer pool on a queue.',
      attributes: {
        ifindex: { value: 1, type: 'u32', doc: 'Its device.', checks: { min: 1 } },
        queue: { value: 2, type: 'u32', doc: 'Queue id, for RX and TX.' },
      },
    },
    experiment: {
      doc: 'Designs that no Linux has.',
      attributes: {
        'dynamic-importer': {
          value: 1,
          type: 'u8',
          doc: 'bind-rx imports dynamically: bound memory may move (0 or 1).',
          checks: { max: 1 },
        },
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
      name: 'provider-set',
      value: 10,
      doc: 'Sets a memory provider on RX queues, or takes it off, and restarts them. The conditions are those of bind-rx.',
      attributeSet: 'provider-set',
      flags: ['admin-perm'],
      do: { request: { attributes: ['ifindex', 'queues', 'provider', 'limit', 'blocks'] } },
    },
    {
      name: 'page-hold',
      value: 11,
      doc: 'Takes netmems out of the pool of a queue and keeps them, beyond the end of the device too.',
      attributeSet: 'page-hold',
      flags: ['admin-perm'],
      do: {
        request: { attributes: ['ifindex', 'queue', 'count', 'foreign'] },
        reply: { attributes: ['id'], always: ['id'] },
      },
    },
    {
      name: 'page-release',
      value: 12,
      doc: 'Gives back what page-hold keeps.',
      attributeSet: 'page-hold',
      flags: ['admin-perm'],
      do: { request: { attributes: ['id'] } },
    },
    {
      name: 'page-pool-get',
      value: 13,
      doc: 'Tells a page pool from inside.',
      attributeSet: 'page-pool',
      do: {
        request: { attributes: ['id'] },
        reply: {
          attributes: [
            'id',
            'ifindex',
            'queue',
            'provider',
            'state',
            'inflight',
            'hold',
            'release',
            'states',
            'dma',
            'owner',
            'history',
          ],
          always: ['id', 'queue', 'state', 'inflight', 'hold', 'release', 'states', 'dma'],
        },
      },
      dump: {
        request: { attributes: ['ifindex'] },
        reply: {
          attributes: [
            'id',
            'ifindex',
            'queue',
            'provider',
            'state',
            'inflight',
            'hold',
            'release',
            'states',
            'dma',
            'owner',
            'history',
          ],
          always: ['id', 'queue', 'state', 'inflight', 'hold', 'release', 'states', 'dma'],
        },
      },
    },
    {
      name: 'conservation-ntf',
      value: 14,
      doc: 'A netmem was lost or counted twice: a bug of netmemd. Told once a pool, with what the pool did before; nothing is mended.',
      attributeSet: 'page-pool',
      event: { attributes: ['id', 'ifindex', 'queue', 'provider', 'inflight', 'fault', 'history'] },
      mcgrp: 'faults',
    },
    {
      name: 'queue-reset',
      value: 15,
      doc: 'Restarts an RX queue as a binding does: a new page pool, the old one destroyed. The other queues go on.',
      attributeSet: 'queue-reset',
      flags: ['admin-perm'],
      do: { request: { attributes: ['ifindex', 'queue', 'mode'] } },
    },
    {
      name: 'dma-fault',
      value: 16,
      doc: 'Makes the device refuse to map pages.',
      attributeSet: 'dma-fault',
      flags: ['admin-perm'],
      do: { request: { attributes: ['ifindex', 'map-fail-every'] } },
    },
    {
      name: 'dmabuf-fault',
      value: 17,
      doc: 'Makes a dmabuf refuse netdevs that import it; what is imported stays.',
      attributeSet: 'dmabuf-fault',
      do: { request: { attributes: ['fd', 'attach-errno', 'map-errno'] } },
    },
    {
      name: 'device-read',
      value: 18,
      doc: 'Reads memory of a device as the device does.',
      attributeSet: 'device-read',
      do: { request: { attributes: ['fd', 'addr', 'len'] }, reply: { attributes: ['data'], always: ['data'] } },
    },
    {
      name: 'cpu-node',
      value: 19,
      doc: 'Moves the CPU that polls to another NUMA node: pages in the rings of page pools that lie on the old one are waived.',
      attributeSet: 'cpu-node',
      flags: ['admin-perm'],
      do: { request: { attributes: ['node'] } },
    },
    {
      name: 'xdp-load',
      value: 20,
      doc: 'Loads a simulated XDP program, which is never run; rt-link setlink attaches it.',
      attributeSet: 'xdp-program',
      flags: ['admin-perm'],
      do: { request: { attributes: ['fd', 'frags'] }, reply: { attributes: ['fd', 'id'], always: ['fd', 'id'] } },
    },
    {
      name: 'xsk-attach',
      value: 21,
      doc: 'Attaches an AF_XDP buffer pool to a queue, as a bind with XDP_ZEROCOPY does. Packets do not go to it.',
      attributeSet: 'xsk',
      flags: ['admin-perm'],
      do: { request: { attributes: ['ifindex', 'queue'] } },
    },
    {
      name: 'xsk-detach',
      value: 22,
      doc: 'Takes the AF_XDP buffer pool off a queue.',
      attributeSet: 'xsk',
      flags: ['admin-perm'],
      do: { request: { attributes: ['ifindex', 'queue'] } },
    },
    {
      name: 'experiment-set',
      value: 23,
      doc: 'Switches design experiments, which are off in every kernel release, and tells which are on.',
      attributeSet: 'experiment',
      flags: ['admin-perm'],
      do: {
        request: { attributes: ['dynamic-importer'] },
        reply: { attributes: ['dynamic-importer'], always: ['dynamic-importer'] },
      },
    },
    {
      name: 'reset',
      value: 24,
      doc: 'Back to the start: sessions end, wires close, devices are as configured.',
      attributeSet: 'netdev',
      flags: ['admin-perm'],
      do: { request: { attributes: [] } },
    },
  ],
  mcastGroups: ['faults'],
} as const satisfies FamilySpec;

/** How a driver puts packets into buffers. */
export const LAB_DRIVER = { 'split-perfect': 0, 'bnxt-like': 1, 'netdevsim-dma': 2, netdevsim: 3, veth: 4, tap: 5, tun: 6 } as const;
export type LabDriver = 'split-perfect' | 'bnxt-like' | 'netdevsim-dma' | 'netdevsim' | 'veth' | 'tap' | 'tun';

/** Memory providers that are set by hand. */
export const LAB_PROVIDER = { none: 0, capped: 1, 'huge-page': 2 } as const;
export type LabProvider = 'none' | 'capped' | 'huge-page';

/** Life of a page pool. */
export const LAB_POOL_STATE = { attached: 0, detached: 1 } as const;
export type LabPoolState = 'attached' | 'detached';

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

/** A memory provider and the queues it is set on. As JSON. */
export interface LabProviderSetSet {
  /** Device of the queues. */
  ifindex?: number;
  /** RX queues; all of them or none. */
  queues?: number[];
  /** What to set. */
  provider?: LabProvider | number;
  /** capped: bytes that all the queues together may use. */
  limit?: number | string;
  /** huge-page: blocks of 2 MiB that the queues share. */
  blocks?: number;
}
/** The same, decoded. */
export interface LabProviderSetAttrs {
  /** Device of the queues. */
  ifindex?: number;
  /** RX queues; all of them or none. */
  queues?: number[];
  /** What to set. */
  provider?: number;
  /** capped: bytes that all the queues together may use. */
  limit?: number;
  /** huge-page: blocks of 2 MiB that the queues share. */
  blocks?: number;
}

/** Netmems kept out of a page pool. As JSON. */
export interface LabPageHoldSet {
  /** Its id. */
  id?: number;
  /** Device of the pool. */
  ifindex?: number;
  /** RX queue of the pool; 0 if absent. */
  queue?: number;
  /** How many; 1 if absent. */
  count?: number;
  /** Takes a reference to each page and gives the pool its own back, as somebody does who looks at pages that the pool knows nothing of. */
  foreign?: boolean;
}
/** The same, decoded. */
export interface LabPageHoldAttrs {
  /** Its id. */
  id?: number;
  /** Device of the pool. */
  ifindex?: number;
  /** RX queue of the pool; 0 if absent. */
  queue?: number;
  /** How many; 1 if absent. */
  count?: number;
  /** Takes a reference to each page and gives the pool its own back, as somebody does who looks at pages that the pool knows nothing of. */
  foreign?: boolean;
}

/** How many netmems are where. As JSON. */
export interface LabNetmemStatesSet {
  /** With the provider. */
  free?: number;
  /** With the provider, which waits for other references to go. */
  'provider-waiting'?: number;
  /** In the alloc cache. */
  cache?: number;
  /** In the ptr ring. */
  ring?: number;
  /** With the driver: posted, its current fragment page, or held. */
  posted?: number;
  /** In packets on their way up. */
  stack?: number;
  /** In receive queues of sockets. */
  socket?: number;
  /** With user space. */
  user?: number;
  /** In a refill ring. */
  'refill-pending'?: number;
}
/** The same, decoded. */
export interface LabNetmemStatesAttrs {
  /** With the provider. */
  free?: number;
  /** With the provider, which waits for other references to go. */
  'provider-waiting'?: number;
  /** In the alloc cache. */
  cache?: number;
  /** In the ptr ring. */
  ring?: number;
  /** With the driver: posted, its current fragment page, or held. */
  posted?: number;
  /** In packets on their way up. */
  stack?: number;
  /** In receive queues of sockets. */
  socket?: number;
  /** With user space. */
  user?: number;
  /** In a refill ring. */
  'refill-pending'?: number;
}

/** Something a page pool did off its fast paths. As JSON. */
export interface LabPoolEventSet {
  /** Milliseconds of the kernel's clock. */
  'at-ms'?: number | string;
  /** What it was. */
  event?: string;
  /** The netmem, or how many were gained (slow) or are left (retry). */
  value?: number;
  /** Netmems in flight behind it. */
  inflight?: number;
}
/** The same, decoded. */
export interface LabPoolEventAttrs {
  /** Milliseconds of the kernel's clock. */
  'at-ms'?: number;
  /** What it was. */
  event?: string;
  /** The netmem, or how many were gained (slow) or are left (retry). */
  value?: number;
  /** Netmems in flight behind it. */
  inflight?: number;
}

/** Books of the provider behind a page pool; all pools that draw from it share them. As JSON. */
export interface LabPoolOwnerSet {
  /** Kind, and what it belongs to. */
  name?: string;
  /** Netmems of the provider. */
  total?: number;
  /** Ready to be given to a pool. */
  free?: number;
  /** Back from a pool and still referenced by others. */
  waiting?: number;
  /** With user space or another outsider and in no pool. */
  held?: number;
  /** In page pools. */
  lent?: number;
}
/** The same, decoded. */
export interface LabPoolOwnerAttrs {
  /** Kind, and what it belongs to. */
  name?: string;
  /** Netmems of the provider. */
  total?: number;
  /** Ready to be given to a pool. */
  free?: number;
  /** Back from a pool and still referenced by others. */
  waiting?: number;
  /** With user space or another outsider and in no pool. */
  held?: number;
  /** In page pools. */
  lent?: number;
}

/** How often a page pool asked the device for something. As JSON. */
export interface LabPoolDmaSet {
  /** Pages mapped. */
  maps?: number | string;
  /** Pages unmapped. */
  unmaps?: number | string;
  /** Pages handed to the device again. */
  syncs?: number | string;
}
/** The same, decoded. */
export interface LabPoolDmaAttrs {
  /** Pages mapped. */
  maps?: number;
  /** Pages unmapped. */
  unmaps?: number;
  /** Pages handed to the device again. */
  syncs?: number;
}

/** A page pool from inside. As JSON. */
export interface LabPagePoolSet {
  /** Its id. */
  id?: number;
  /** Its device; absent when that is gone. */
  ifindex?: number;
  /** RX queue it was made for. */
  queue?: number;
  /** Name of its memory provider; absent for pages of the host. */
  provider?: string;
  /** Where it is in its life. */
  state?: LabPoolState | number;
  /** Netmems that left the provider or page allocator and did not come back. */
  inflight?: number;
  /** Netmems that came, wrapping. */
  hold?: number;
  /** Netmems that went back, wrapping. */
  release?: number;
  /** Where they are. free and provider-waiting are the provider's, and count in no pool. */
  states?: LabNetmemStatesSet;
  /** What it asked the device for. */
  dma?: LabPoolDmaSet;
  /** Books of its provider. */
  owner?: LabPoolOwnerSet;
  /** The last events, oldest first. */
  history?: LabPoolEventSet[];
  /** The sum that does not add up. */
  fault?: string;
}
/** The same, decoded. */
export interface LabPagePoolAttrs {
  /** Its id. */
  id?: number;
  /** Its device; absent when that is gone. */
  ifindex?: number;
  /** RX queue it was made for. */
  queue?: number;
  /** Name of its memory provider; absent for pages of the host. */
  provider?: string;
  /** Where it is in its life. */
  state?: number;
  /** Netmems that left the provider or page allocator and did not come back. */
  inflight?: number;
  /** Netmems that came, wrapping. */
  hold?: number;
  /** Netmems that went back, wrapping. */
  release?: number;
  /** Where they are. free and provider-waiting are the provider's, and count in no pool. */
  states?: LabNetmemStatesAttrs;
  /** What it asked the device for. */
  dma?: LabPoolDmaAttrs;
  /** Books of its provider. */
  owner?: LabPoolOwnerAttrs;
  /** The last events, oldest first. */
  history?: LabPoolEventAttrs[];
  /** The sum that does not add up. */
  fault?: string;
}

/** A restart of one RX queue. As JSON. */
export interface LabQueueResetSet {
  /** Its device. */
  ifindex?: number;
  /** RX queue. */
  queue?: number;
  /** What becomes of its NAPI, in netdevsim's numbers: 0, 2 and 3 make a new one, 1 keeps it; 0 if absent. */
  mode?: number;
}
/** The same, decoded. */
export interface LabQueueResetAttrs {
  /** Its device. */
  ifindex?: number;
  /** RX queue. */
  queue?: number;
  /** What becomes of its NAPI, in netdevsim's numbers: 0, 2 and 3 make a new one, 1 keeps it; 0 if absent. */
  mode?: number;
}

/** Faults of the device behind the queues. As JSON. */
export interface LabDmaFaultSet {
  /** Its netdev. */
  ifindex?: number;
  /** Every n-th mapping fails; 0: none. */
  'map-fail-every'?: number;
}
/** The same, decoded. */
export interface LabDmaFaultAttrs {
  /** Its netdev. */
  ifindex?: number;
  /** Every n-th mapping fails; 0: none. */
  'map-fail-every'?: number;
}

/** What a dmabuf refuses. As JSON. */
export interface LabDmabufFaultSet {
  /** dmabuf of the calling session. */
  fd?: number;
  /** Errno by name that an import gets; 0 or absent for none. */
  'attach-errno'?: string;
  /** Errno by name that a mapping gets; 0 or absent for none. */
  'map-errno'?: string;
}
/** The same, decoded. */
export interface LabDmabufFaultAttrs {
  /** dmabuf of the calling session. */
  fd?: number;
  /** Errno by name that an import gets; 0 or absent for none. */
  'attach-errno'?: string;
  /** Errno by name that a mapping gets; 0 or absent for none. */
  'map-errno'?: string;
}

/** A read by a device. As JSON. */
export interface LabDeviceReadSet {
  /** dmabuf of the calling session, memory of a device. */
  fd?: number;
  /** Device address. */
  addr?: number | string;
  /** Bytes. */
  len?: number;
  /** The bytes. */
  data?: string;
}
/** The same, decoded. */
export interface LabDeviceReadAttrs {
  /** dmabuf of the calling session, memory of a device. */
  fd?: number;
  /** Device address. */
  addr?: number;
  /** Bytes. */
  len?: number;
  /** The bytes. */
  data?: Uint8Array;
}

/** Where the CPU lies that polls. As JSON. */
export interface LabCpuNodeSet {
  /** NUMA node. */
  node?: number;
}
/** The same, decoded. */
export interface LabCpuNodeAttrs {
  /** NUMA node. */
  node?: number;
}

/** A simulated XDP program. As JSON. */
export interface LabXdpProgramSet {
  /** Its fd; the lowest free number if absent. */
  fd?: number;
  /** Its id. */
  id?: number;
  /** It takes packets of several buffers (BPF_F_XDP_HAS_FRAGS). */
  frags?: boolean;
}
/** The same, decoded. */
export interface LabXdpProgramAttrs {
  /** Its fd; the lowest free number if absent. */
  fd?: number;
  /** Its id. */
  id?: number;
  /** It takes packets of several buffers (BPF_F_XDP_HAS_FRAGS). */
  frags?: boolean;
}

/** An AF_XDP buffer pool on a queue. As JSON. */
export interface LabXskSet {
  /** Its device. */
  ifindex?: number;
  /** Queue id, for RX and TX. */
  queue?: number;
}
/** The same, decoded. */
export interface LabXskAttrs {
  /** Its device. */
  ifindex?: number;
  /** Queue id, for RX and TX. */
  queue?: number;
}

/** Designs that no Linux has. As JSON. */
export interface LabExperimentSet {
  /** bind-rx imports dynamically: bound memory may move (0 or 1). */
  'dynamic-importer'?: number;
}
/** The same, decoded. */
export interface LabExperimentAttrs {
  /** bind-rx imports dynamically: bound memory may move (0 or 1). */
  'dynamic-importer'?: number;
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

/** Request of provider-set (do) as JSON. Sets a memory provider on RX queues, or takes it off, and restarts them. The conditions are those of bind-rx. */
export interface LabProviderSetDoRequest {
  /** Device of the queues. */
  ifindex?: number;
  /** RX queues; all of them or none. */
  queues?: number[];
  /** What to set. */
  provider?: LabProvider | number;
  /** capped: bytes that all the queues together may use. */
  limit?: number | string;
  /** huge-page: blocks of 2 MiB that the queues share. */
  blocks?: number;
}
/** The same, decoded. */
export interface LabProviderSetDoAttrs {
  /** Device of the queues. */
  ifindex?: number;
  /** RX queues; all of them or none. */
  queues?: number[];
  /** What to set. */
  provider?: number;
  /** capped: bytes that all the queues together may use. */
  limit?: number;
  /** huge-page: blocks of 2 MiB that the queues share. */
  blocks?: number;
}
export type LabProviderSetDoReply = null;

/** Request of page-hold (do) as JSON. Takes netmems out of the pool of a queue and keeps them, beyond the end of the device too. */
export interface LabPageHoldDoRequest {
  /** Device of the pool. */
  ifindex?: number;
  /** RX queue of the pool; 0 if absent. */
  queue?: number;
  /** How many; 1 if absent. */
  count?: number;
  /** Takes a reference to each page and gives the pool its own back, as somebody does who looks at pages that the pool knows nothing of. */
  foreign?: boolean;
}
/** The same, decoded. */
export interface LabPageHoldDoAttrs {
  /** Device of the pool. */
  ifindex?: number;
  /** RX queue of the pool; 0 if absent. */
  queue?: number;
  /** How many; 1 if absent. */
  count?: number;
  /** Takes a reference to each page and gives the pool its own back, as somebody does who looks at pages that the pool knows nothing of. */
  foreign?: boolean;
}
export interface LabPageHoldDoReply {
  /** Its id. */
  id: number;
}
/** What the operation hands to the renderer. */
export interface LabPageHoldDoReplyAttrs {
  /** Its id. */
  id: number;
}

/** Request of page-release (do) as JSON. Gives back what page-hold keeps. */
export interface LabPageReleaseDoRequest {
  /** Its id. */
  id?: number;
}
/** The same, decoded. */
export interface LabPageReleaseDoAttrs {
  /** Its id. */
  id?: number;
}
export type LabPageReleaseDoReply = null;

/** Request of page-pool-get (do) as JSON. Tells a page pool from inside. */
export interface LabPagePoolGetDoRequest {
  /** Its id. */
  id?: number;
}
/** The same, decoded. */
export interface LabPagePoolGetDoAttrs {
  /** Its id. */
  id?: number;
}
export interface LabPagePoolGetDoReply {
  /** Its id. */
  id: number;
  /** Its device; absent when that is gone. */
  ifindex?: number;
  /** RX queue it was made for. */
  queue: number;
  /** Name of its memory provider; absent for pages of the host. */
  provider?: string;
  /** Where it is in its life. */
  state: LabPoolState | number;
  /** Netmems that left the provider or page allocator and did not come back. */
  inflight: number;
  /** Netmems that came, wrapping. */
  hold: number;
  /** Netmems that went back, wrapping. */
  release: number;
  /** Where they are. free and provider-waiting are the provider's, and count in no pool. */
  states: LabNetmemStatesSet;
  /** What it asked the device for. */
  dma: LabPoolDmaSet;
  /** Books of its provider. */
  owner?: LabPoolOwnerSet;
  /** The last events, oldest first. */
  history?: LabPoolEventSet[];
}
/** What the operation hands to the renderer. */
export interface LabPagePoolGetDoReplyAttrs {
  /** Its id. */
  id: number;
  /** Its device; absent when that is gone. */
  ifindex?: number;
  /** RX queue it was made for. */
  queue: number;
  /** Name of its memory provider; absent for pages of the host. */
  provider?: string;
  /** Where it is in its life. */
  state: number;
  /** Netmems that left the provider or page allocator and did not come back. */
  inflight: number;
  /** Netmems that came, wrapping. */
  hold: number;
  /** Netmems that went back, wrapping. */
  release: number;
  /** Where they are. free and provider-waiting are the provider's, and count in no pool. */
  states: LabNetmemStatesAttrs;
  /** What it asked the device for. */
  dma: LabPoolDmaAttrs;
  /** Books of its provider. */
  owner?: LabPoolOwnerAttrs;
  /** The last events, oldest first. */
  history?: LabPoolEventAttrs[];
}

/** Request of page-pool-get (dump) as JSON. Tells a page pool from inside. */
export interface LabPagePoolGetDumpRequest {
  /** Its device; absent when that is gone. */
  ifindex?: number;
}
/** The same, decoded. */
export interface LabPagePoolGetDumpAttrs {
  /** Its device; absent when that is gone. */
  ifindex?: number;
}
export interface LabPagePoolGetDumpReply {
  /** Its id. */
  id: number;
  /** Its device; absent when that is gone. */
  ifindex?: number;
  /** RX queue it was made for. */
  queue: number;
  /** Name of its memory provider; absent for pages of the host. */
  provider?: string;
  /** Where it is in its life. */
  state: LabPoolState | number;
  /** Netmems that left the provider or page allocator and did not come back. */
  inflight: number;
  /** Netmems that came, wrapping. */
  hold: number;
  /** Netmems that went back, wrapping. */
  release: number;
  /** Where they are. free and provider-waiting are the provider's, and count in no pool. */
  states: LabNetmemStatesSet;
  /** What it asked the device for. */
  dma: LabPoolDmaSet;
  /** Books of its provider. */
  owner?: LabPoolOwnerSet;
  /** The last events, oldest first. */
  history?: LabPoolEventSet[];
}
/** What the operation hands to the renderer. */
export interface LabPagePoolGetDumpReplyAttrs {
  /** Its id. */
  id: number;
  /** Its device; absent when that is gone. */
  ifindex?: number;
  /** RX queue it was made for. */
  queue: number;
  /** Name of its memory provider; absent for pages of the host. */
  provider?: string;
  /** Where it is in its life. */
  state: number;
  /** Netmems that left the provider or page allocator and did not come back. */
  inflight: number;
  /** Netmems that came, wrapping. */
  hold: number;
  /** Netmems that went back, wrapping. */
  release: number;
  /** Where they are. free and provider-waiting are the provider's, and count in no pool. */
  states: LabNetmemStatesAttrs;
  /** What it asked the device for. */
  dma: LabPoolDmaAttrs;
  /** Books of its provider. */
  owner?: LabPoolOwnerAttrs;
  /** The last events, oldest first. */
  history?: LabPoolEventAttrs[];
}

/** A netmem was lost or counted twice: a bug of netmemd. Told once a pool, with what the pool did before; nothing is mended. */
export interface LabConservationNtfEvent {
  /** Its id. */
  id?: number;
  /** Its device; absent when that is gone. */
  ifindex?: number;
  /** RX queue it was made for. */
  queue?: number;
  /** Name of its memory provider; absent for pages of the host. */
  provider?: string;
  /** Netmems that left the provider or page allocator and did not come back. */
  inflight?: number;
  /** The sum that does not add up. */
  fault?: string;
  /** The last events, oldest first. */
  history?: LabPoolEventSet[];
}

/** Request of queue-reset (do) as JSON. Restarts an RX queue as a binding does: a new page pool, the old one destroyed. The other queues go on. */
export interface LabQueueResetDoRequest {
  /** Its device. */
  ifindex?: number;
  /** RX queue. */
  queue?: number;
  /** What becomes of its NAPI, in netdevsim's numbers: 0, 2 and 3 make a new one, 1 keeps it; 0 if absent. */
  mode?: number;
}
/** The same, decoded. */
export interface LabQueueResetDoAttrs {
  /** Its device. */
  ifindex?: number;
  /** RX queue. */
  queue?: number;
  /** What becomes of its NAPI, in netdevsim's numbers: 0, 2 and 3 make a new one, 1 keeps it; 0 if absent. */
  mode?: number;
}
export type LabQueueResetDoReply = null;

/** Request of dma-fault (do) as JSON. Makes the device refuse to map pages. */
export interface LabDmaFaultDoRequest {
  /** Its netdev. */
  ifindex?: number;
  /** Every n-th mapping fails; 0: none. */
  'map-fail-every'?: number;
}
/** The same, decoded. */
export interface LabDmaFaultDoAttrs {
  /** Its netdev. */
  ifindex?: number;
  /** Every n-th mapping fails; 0: none. */
  'map-fail-every'?: number;
}
export type LabDmaFaultDoReply = null;

/** Request of dmabuf-fault (do) as JSON. Makes a dmabuf refuse netdevs that import it; what is imported stays. */
export interface LabDmabufFaultDoRequest {
  /** dmabuf of the calling session. */
  fd?: number;
  /** Errno by name that an import gets; 0 or absent for none. */
  'attach-errno'?: string;
  /** Errno by name that a mapping gets; 0 or absent for none. */
  'map-errno'?: string;
}
/** The same, decoded. */
export interface LabDmabufFaultDoAttrs {
  /** dmabuf of the calling session. */
  fd?: number;
  /** Errno by name that an import gets; 0 or absent for none. */
  'attach-errno'?: string;
  /** Errno by name that a mapping gets; 0 or absent for none. */
  'map-errno'?: string;
}
export type LabDmabufFaultDoReply = null;

/** Request of device-read (do) as JSON. Reads memory of a device as the device does. */
export interface LabDeviceReadDoRequest {
  /** dmabuf of the calling session, memory of a device. */
  fd?: number;
  /** Device address. */
  addr?: number | string;
  /** Bytes. */
  len?: number;
}
/** The same, decoded. */
export interface LabDeviceReadDoAttrs {
  /** dmabuf of the calling session, memory of a device. */
  fd?: number;
  /** Device address. */
  addr?: number;
  /** Bytes. */
  len?: number;
}
export interface LabDeviceReadDoReply {
  /** The bytes. */
  data: string;
}
/** What the operation hands to the renderer. */
export interface LabDeviceReadDoReplyAttrs {
  /** The bytes. */
  data: Uint8Array;
}

/** Request of cpu-node (do) as JSON. Moves the CPU that polls to another NUMA node: pages in the rings of page pools that lie on the old one are waived. */
export interface LabCpuNodeDoRequest {
  /** NUMA node. */
  node?: number;
}
/** The same, decoded. */
export interface LabCpuNodeDoAttrs {
  /** NUMA node. */
  node?: number;
}
export type LabCpuNodeDoReply = null;

/** Request of xdp-load (do) as JSON. Loads a simulated XDP program, which is never run; rt-link setlink attaches it. */
export interface LabXdpLoadDoRequest {
  /** Its fd; the lowest free number if absent. */
  fd?: number;
  /** It takes packets of several buffers (BPF_F_XDP_HAS_FRAGS). */
  frags?: boolean;
}
/** The same, decoded. */
export interface LabXdpLoadDoAttrs {
  /** Its fd; the lowest free number if absent. */
  fd?: number;
  /** It takes packets of several buffers (BPF_F_XDP_HAS_FRAGS). */
  frags?: boolean;
}
export interface LabXdpLoadDoReply {
  /** Its fd; the lowest free number if absent. */
  fd: number;
  /** Its id. */
  id: number;
}
/** What the operation hands to the renderer. */
export interface LabXdpLoadDoReplyAttrs {
  /** Its fd; the lowest free number if absent. */
  fd: number;
  /** Its id. */
  id: number;
}

/** Request of xsk-attach (do) as JSON. Attaches an AF_XDP buffer pool to a queue, as a bind with XDP_ZEROCOPY does. Packets do not go to it. */
export interface LabXskAttachDoRequest {
  /** Its device. */
  ifindex?: number;
  /** Queue id, for RX and TX. */
  queue?: number;
}
/** The same, decoded. */
export interface LabXskAttachDoAttrs {
  /** Its device. */
  ifindex?: number;
  /** Queue id, for RX and TX. */
  queue?: number;
}
export type LabXskAttachDoReply = null;

/** Request of xsk-detach (do) as JSON. Takes the AF_XDP buffer pool off a queue. */
export interface LabXskDetachDoRequest {
  /** Its device. */
  ifindex?: number;
  /** Queue id, for RX and TX. */
  queue?: number;
}
/** The same, decoded. */
export interface LabXskDetachDoAttrs {
  /** Its device. */
  ifindex?: number;
  /** Queue id, for RX and TX. */
  queue?: number;
}
export type LabXskDetachDoReply = null;

/** Request of experiment-set (do) as JSON. Switches design experiments, which are off in every kernel release, and tells which are on. */
export interface LabExperimentSetDoRequest {
  /** bind-rx imports dynamically: bound memory may move (0 or 1). */
  'dynamic-importer'?: number;
}
/** The same, decoded. */
export interface LabExperimentSetDoAttrs {
  /** bind-rx imports dynamically: bound memory may move (0 or 1). */
  'dynamic-importer'?: number;
}
export interface LabExperimentSetDoReply {
  /** bind-rx imports dynamically: bound memory may move (0 or 1). */
  'dynamic-importer': number;
}
/** What the operation hands to the renderer. */
export interface LabExperimentSetDoReplyAttrs {
  /** bind-rx imports dynamically: bound memory may move (0 or 1). */
  'dynamic-importer': number;
}

/** Request of reset (do) as JSON. Back to the start: sessions end, wires close, devices are as configured. */
export type LabResetDoRequest = Record<string, never>;
/** The same, decoded. */
export type LabResetDoAttrs = Record<string, never>;
export type LabResetDoReply = null;
