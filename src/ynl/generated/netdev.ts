// Made by scripts/generate.ts from schemas. Do not edit: npm run generate
import type { FamilySpec } from '../spec.ts';

export const netdevSpec = {
  name: 'netdev',
  version: 1,
  doc: 'Devices, RX and TX queues, NAPI instances, page pools and memory provider bindings.',
  definitions: {
    'xdp-act': {
      type: 'flags',
      doc: 'XDP abilities of a device.',
      entries: { basic: 0, redirect: 1, 'ndo-xmit': 2, 'xsk-zerocopy': 3, 'hw-offload': 4, 'rx-sg': 5, 'ndo-xmit-sg': 6 },
    },
    'xdp-rx-metadata': {
      type: 'flags',
      doc: 'Metadata a device can hand to an XDP program.',
      entries: { timestamp: 0, hash: 1, 'vlan-tag': 2 },
    },
    'xsk-flags': {
      type: 'flags',
      doc: 'AF_XDP transmit abilities of a device.',
      entries: { 'tx-timestamp': 0, 'tx-checksum': 1, 'tx-launch-time-fifo': 2 },
    },
    'queue-type': { type: 'enum', doc: 'Direction of a queue.', entries: { rx: 0, tx: 1 } },
    'qstats-scope': {
      type: 'flags',
      doc: 'What one entry of a statistics dump stands for. None means one entry a device.',
      entries: { queue: 0 },
    },
    'napi-threaded': {
      type: 'enum',
      doc: 'Where a NAPI instance polls.',
      entries: { disabled: 0, enabled: 1, 'busy-poll': 2 },
      since: { 'busy-poll': '7.3' },
    },
  },
  attributeSets: {
    dev: {
      doc: 'A network device.',
      attributes: {
        ifindex: { value: 1, type: 'u32', doc: 'Number of the device.', checks: { min: 1 } },
        pad: { value: 2, type: 'pad' },
        'xdp-features': { value: 3, type: 'u64', doc: 'XDP abilities.', enum: 'xdp-act' },
        'xdp-zc-max-segs': { value: 4, type: 'u32', doc: 'Most fragments of a zero-copy AF_XDP packet.', checks: { min: 1 } },
        'xdp-rx-metadata-features': { value: 5, type: 'u64', doc: 'XDP metadata the device offers.', enum: 'xdp-rx-metadata' },
        'xsk-features': { value: 6, type: 'u64', doc: 'AF_XDP transmit abilities.', enum: 'xsk-flags' },
      },
    },
    'io-uring-provider-info': {
      doc: 'Says by its presence that an io_uring area provides the memory.',
      attributes: { 'rx-buf-len': { value: 1, type: 'uint', doc: 'Bytes of one buffer of the area.', since: '7.3' } },
    },
    'xsk-info': { doc: 'Says by its presence that AF_XDP uses the queue.', attributes: {} },
    'page-pool': {
      doc: 'A page pool.',
      attributes: {
        id: { value: 1, type: 'uint', doc: 'Id of the pool.', checks: { min: 1, max: 4294967295 } },
        ifindex: {
          value: 2,
          type: 'u32',
          doc: 'Device the pool serves; absent for lo and for orphans.',
          checks: { min: 1, max: 2147483647 },
        },
        'napi-id': {
          value: 3,
          type: 'uint',
          doc: 'NAPI instance that recycles into the pool directly.',
          checks: { min: 1, max: 4294967295 },
        },
        inflight: { value: 4, type: 'uint', doc: 'Buffers taken from the pool and not yet back.' },
        'inflight-mem': { value: 5, type: 'uint', doc: 'The same in bytes.' },
        'detach-time': {
          value: 6,
          type: 'uint',
          doc: 'Second since boot at which the pool lost its queue; it still waits for buffers.',
        },
        dmabuf: { value: 7, type: 'u32', doc: 'Id of the dmabuf binding that provides the memory.' },
        'io-uring': {
          value: 8,
          type: 'nest',
          doc: 'Present when an io_uring area provides the memory.',
          nested: 'io-uring-provider-info',
          since: '6.18',
        },
      },
    },
    'page-pool-info': {
      doc: 'Selects or names a page pool.',
      subsetOf: 'page-pool',
      attributes: {
        id: { value: 1, type: 'uint', doc: 'Id of the pool.', checks: { min: 1, max: 4294967295 } },
        ifindex: {
          value: 2,
          type: 'u32',
          doc: 'Device the pool serves; absent for lo and for orphans.',
          checks: { min: 1, max: 2147483647 },
        },
      },
    },
    'page-pool-stats': {
      doc: 'Counters of a page pool since its creation.',
      attributes: {
        info: { value: 1, type: 'nest', doc: 'The pool the counters belong to.', nested: 'page-pool-info' },
        'alloc-fast': { value: 8, type: 'uint', doc: 'Buffers handed out from the cache.' },
        'alloc-slow': { value: 9, type: 'uint', doc: 'Order-0 buffers handed out by the slow path.' },
        'alloc-slow-high-order': { value: 10, type: 'uint', doc: 'Larger buffers handed out by the slow path.' },
        'alloc-empty': { value: 11, type: 'uint', doc: 'Times the ring was empty and the slow path had to run.' },
        'alloc-refill': { value: 12, type: 'uint', doc: 'Times the ring refilled the cache.' },
        'alloc-waive': { value: 13, type: 'uint', doc: 'Buffers of the ring that could not be used again.' },
        'recycle-cached': { value: 14, type: 'uint', doc: 'Buffers that came back into the cache.' },
        'recycle-cache-full': { value: 15, type: 'uint', doc: 'Times the cache was full on return.' },
        'recycle-ring': { value: 16, type: 'uint', doc: 'Buffers that came back into the ring.' },
        'recycle-ring-full': { value: 17, type: 'uint', doc: 'Buffers released because the ring was full.' },
        'recycle-released-refcnt': { value: 18, type: 'uint', doc: 'Buffers released because somebody else held them.' },
      },
    },
    napi: {
      doc: 'A NAPI instance.',
      attributes: {
        ifindex: { value: 1, type: 'u32', doc: 'Device of the instance.', checks: { min: 1 } },
        id: { value: 2, type: 'u32', doc: 'Id of the instance.' },
        irq: { value: 3, type: 'u32', doc: 'Interrupt of the instance.' },
        pid: { value: 4, type: 'u32', doc: 'Kernel thread that polls it.' },
        'defer-hard-irqs': {
          value: 5,
          type: 'u32',
          doc: 'Empty polls before interrupts are armed again.',
          checks: { max: 2147483647 },
          since: '6.18',
        },
        'gro-flush-timeout': { value: 6, type: 'uint', doc: 'Nanoseconds packets may wait in GRO.', since: '6.18' },
        'irq-suspend-timeout': {
          value: 7,
          type: 'uint',
          doc: 'Nanoseconds interrupts stay suspended while an application polls.',
          since: '6.18',
        },
        threaded: { value: 8, type: 'u32', doc: 'Whether a thread polls it.', enum: 'napi-threaded', since: '6.18' },
      },
    },
    queue: {
      doc: 'An RX or TX queue.',
      attributes: {
        id: { value: 1, type: 'u32', doc: 'Index of the queue, counted per type from 0.' },
        ifindex: { value: 2, type: 'u32', doc: 'Device of the queue.', checks: { min: 1 } },
        type: { value: 3, type: 'u32', doc: 'Direction of the queue.', enum: 'queue-type' },
        'napi-id': { value: 4, type: 'u32', doc: 'NAPI instance that serves the queue.' },
        dmabuf: { value: 5, type: 'u32', doc: 'Id of the dmabuf binding on the queue.' },
        'io-uring': {
          value: 6,
          type: 'nest',
          doc: 'Present when an io_uring area provides the memory.',
          nested: 'io-uring-provider-info',
          since: '6.18',
        },
        xsk: { value: 7, type: 'nest', doc: 'Present when AF_XDP uses the queue.', nested: 'xsk-info', since: '6.18' },
        lease: { value: 8, type: 'nest', doc: 'Queue that stands behind this one.', nested: 'lease', since: '7.3' },
      },
    },
    'queue-id': {
      doc: 'Names a queue of a device given elsewhere.',
      subsetOf: 'queue',
      attributes: {
        id: { value: 1, type: 'u32', doc: 'Index of the queue, counted per type from 0.' },
        type: { value: 3, type: 'u32', doc: 'Direction of the queue.', enum: 'queue-type' },
      },
    },
    lease: {
      doc: 'A queue that a queue of a virtual device is to stand for.',
      attributes: {
        ifindex: { value: 1, type: 'u32', doc: 'Device of the queue.', checks: { min: 1 } },
        queue: { value: 2, type: 'nest', doc: 'The queue.', nested: 'queue-id' },
        'netns-id': { value: 3, type: 's32', doc: 'Network namespace of the device.', checks: { min: 0 } },
      },
    },
    qstats: {
      doc: 'Statistics of a device or a queue; a counter the driver does not keep is absent.',
      attributes: {
        ifindex: { value: 1, type: 'u32', doc: 'Device the numbers belong to.', checks: { min: 1 } },
        'queue-type': { value: 2, type: 'u32', doc: 'Direction of the queue, in queue scope.', enum: 'queue-type' },
        'queue-id': { value: 3, type: 'u32', doc: 'Index of the queue, in queue scope.' },
        scope: { value: 4, type: 'uint', doc: 'What one entry stands for.', enum: 'qstats-scope' },
        'rx-packets': { value: 8, type: 'uint', doc: 'Packets received.' },
        'rx-bytes': { value: 9, type: 'uint', doc: 'Bytes received.' },
        'tx-packets': { value: 10, type: 'uint', doc: 'Packets sent.' },
        'tx-bytes': { value: 11, type: 'uint', doc: 'Bytes sent.' },
        'rx-alloc-fail': { value: 12, type: 'uint', doc: 'Times a buffer or packet could not be allocated.' },
        'rx-hw-drops': { value: 13, type: 'uint', doc: 'Packets the device dropped for whatever reason.' },
        'rx-hw-drop-overruns': { value: 14, type: 'uint', doc: 'Packets the device dropped for want of a posted buffer.' },
        'rx-csum-complete': { value: 15, type: 'uint', doc: 'Packets with a full checksum from the device.' },
        'rx-csum-unnecessary': { value: 16, type: 'uint', doc: 'Packets whose checksums the device found right.' },
        'rx-csum-none': { value: 17, type: 'uint', doc: 'Packets the device did not checksum.' },
        'rx-csum-bad': { value: 18, type: 'uint', doc: 'Packets with a wrong checksum.' },
        'rx-hw-gro-packets': { value: 19, type: 'uint', doc: 'Packets the device made by joining others.' },
        'rx-hw-gro-bytes': { value: 20, type: 'uint', doc: 'Bytes in these packets.' },
        'rx-hw-gro-wire-packets': { value: 21, type: 'uint', doc: 'Packets of the wire that were joined.' },
        'rx-hw-gro-wire-bytes': { value: 22, type: 'uint', doc: 'Bytes of the wire in them.' },
        'rx-hw-drop-ratelimits': { value: 23, type: 'uint', doc: 'Packets dropped by a receive rate limit.' },
        'tx-hw-drops': { value: 24, type: 'uint', doc: 'Packets the device dropped while sending.' },
        'tx-hw-drop-errors': { value: 25, type: 'uint', doc: 'Packets dropped because they were malformed.' },
        'tx-csum-none': { value: 26, type: 'uint', doc: 'Packets sent without checksum offload.' },
        'tx-needs-csum': { value: 27, type: 'uint', doc: 'Packets sent with checksum offload.' },
        'tx-hw-gso-packets': { value: 28, type: 'uint', doc: 'Packets the device cut into segments.' },
        'tx-hw-gso-bytes': { value: 29, type: 'uint', doc: 'Bytes in these packets.' },
        'tx-hw-gso-wire-packets': { value: 30, type: 'uint', doc: 'Segments they became.' },
        'tx-hw-gso-wire-bytes': { value: 31, type: 'uint', doc: 'Bytes of the segments.' },
        'tx-hw-drop-ratelimits': { value: 32, type: 'uint', doc: 'Packets dropped by a send rate limit.' },
        'tx-stop': { value: 33, type: 'uint', doc: 'Times the queue was stopped for want of room.' },
        'tx-wake': { value: 34, type: 'uint', doc: 'Times it was started again.' },
      },
    },
    dmabuf: {
      doc: 'A dmabuf bound to RX queues.',
      attributes: {
        ifindex: { value: 1, type: 'u32', doc: 'Device of the queues.', checks: { min: 1 } },
        queues: { value: 2, type: 'nest', doc: 'RX queues to bind to.', multiAttr: true, nested: 'queue-id' },
        fd: { value: 3, type: 'u32', doc: 'fd of the dmabuf in the calling session.' },
        id: { value: 4, type: 'u32', doc: 'Id of the binding.', checks: { min: 1 } },
        'rx-page-size': { value: 5, type: 'u32', doc: 'Bytes of one buffer, a power of two.', checks: { min: 4096 }, since: '7.3' },
      },
    },
  },
  operations: [
    {
      name: 'dev-get',
      value: 1,
      doc: 'Tells a device and its abilities.',
      attributeSet: 'dev',
      do: {
        request: { attributes: ['ifindex'] },
        reply: {
          attributes: ['ifindex', 'xdp-features', 'xdp-rx-metadata-features', 'xsk-features', 'xdp-zc-max-segs'],
          always: ['ifindex', 'xdp-features', 'xdp-rx-metadata-features', 'xsk-features'],
        },
      },
      dump: {
        request: { attributes: [], since: '7.3' },
        reply: {
          attributes: ['ifindex', 'xdp-features', 'xdp-rx-metadata-features', 'xsk-features', 'xdp-zc-max-segs'],
          always: ['ifindex', 'xdp-features', 'xdp-rx-metadata-features', 'xsk-features'],
        },
      },
    },
    { name: 'dev-add-ntf', value: 2, doc: 'A device appeared.', attributeSet: 'dev', notify: 'dev-get', mcgrp: 'mgmt' },
    { name: 'dev-del-ntf', value: 3, doc: 'A device is gone.', attributeSet: 'dev', notify: 'dev-get', mcgrp: 'mgmt' },
    {
      name: 'dev-change-ntf',
      value: 4,
      doc: 'The XDP abilities of a device changed.',
      attributeSet: 'dev',
      notify: 'dev-get',
      mcgrp: 'mgmt',
    },
    {
      name: 'page-pool-get',
      value: 5,
      doc: 'Tells a page pool.',
      attributeSet: 'page-pool',
      do: {
        request: { attributes: ['id'] },
        reply: {
          attributes: ['id', 'ifindex', 'napi-id', 'inflight', 'inflight-mem', 'detach-time', 'dmabuf', 'io-uring'],
          always: ['id', 'inflight', 'inflight-mem'],
        },
      },
      dump: {
        request: { attributes: ['ifindex'], since: '7.3' },
        reply: {
          attributes: ['id', 'ifindex', 'napi-id', 'inflight', 'inflight-mem', 'detach-time', 'dmabuf', 'io-uring'],
          always: ['id', 'inflight', 'inflight-mem'],
        },
      },
    },
    {
      name: 'page-pool-add-ntf',
      value: 6,
      doc: 'A page pool was created.',
      attributeSet: 'page-pool',
      notify: 'page-pool-get',
      mcgrp: 'page-pool',
    },
    {
      name: 'page-pool-del-ntf',
      value: 7,
      doc: 'A page pool is gone for good.',
      attributeSet: 'page-pool',
      notify: 'page-pool-get',
      mcgrp: 'page-pool',
    },
    {
      name: 'page-pool-change-ntf',
      value: 8,
      doc: 'A page pool lost its queue or its device.',
      attributeSet: 'page-pool',
      notify: 'page-pool-get',
      mcgrp: 'page-pool',
    },
    {
      name: 'page-pool-stats-get',
      value: 9,
      doc: 'Tells the counters of a page pool.',
      attributeSet: 'page-pool-stats',
      do: {
        request: { attributes: ['info'] },
        reply: {
          attributes: [
            'info',
            'alloc-fast',
            'alloc-slow',
            'alloc-slow-high-order',
            'alloc-empty',
            'alloc-refill',
            'alloc-waive',
            'recycle-cached',
            'recycle-cache-full',
            'recycle-ring',
            'recycle-ring-full',
            'recycle-released-refcnt',
          ],
          always: [
            'info',
            'alloc-fast',
            'alloc-slow',
            'alloc-slow-high-order',
            'alloc-empty',
            'alloc-refill',
            'alloc-waive',
            'recycle-cached',
            'recycle-cache-full',
            'recycle-ring',
            'recycle-ring-full',
            'recycle-released-refcnt',
          ],
        },
      },
      dump: {
        request: { attributes: ['info'], since: '7.3' },
        reply: {
          attributes: [
            'info',
            'alloc-fast',
            'alloc-slow',
            'alloc-slow-high-order',
            'alloc-empty',
            'alloc-refill',
            'alloc-waive',
            'recycle-cached',
            'recycle-cache-full',
            'recycle-ring',
            'recycle-ring-full',
            'recycle-released-refcnt',
          ],
          always: [
            'info',
            'alloc-fast',
            'alloc-slow',
            'alloc-slow-high-order',
            'alloc-empty',
            'alloc-refill',
            'alloc-waive',
            'recycle-cached',
            'recycle-cache-full',
            'recycle-ring',
            'recycle-ring-full',
            'recycle-released-refcnt',
          ],
        },
      },
      configCond: 'page-pool-stats',
    },
    {
      name: 'queue-get',
      value: 10,
      doc: 'Tells a queue and what provides its memory.',
      attributeSet: 'queue',
      do: {
        request: { attributes: ['id', 'ifindex', 'type'] },
        reply: {
          attributes: ['id', 'type', 'ifindex', 'napi-id', 'dmabuf', 'io-uring', 'xsk'],
          always: ['id', 'type', 'ifindex'],
        },
      },
      dump: {
        request: { attributes: ['ifindex'] },
        reply: {
          attributes: ['id', 'type', 'ifindex', 'napi-id', 'dmabuf', 'io-uring', 'xsk'],
          always: ['id', 'type', 'ifindex'],
        },
      },
    },
    {
      name: 'napi-get',
      value: 11,
      doc: 'Tells a NAPI instance and its settings.',
      attributeSet: 'napi',
      do: {
        request: { attributes: ['id'] },
        reply: {
          attributes: ['id', 'ifindex', 'irq', 'pid', 'defer-hard-irqs', 'gro-flush-timeout', 'irq-suspend-timeout', 'threaded'],
          always: ['id', 'ifindex'],
        },
      },
      dump: {
        request: { attributes: ['ifindex'] },
        reply: {
          attributes: ['id', 'ifindex', 'irq', 'pid', 'defer-hard-irqs', 'gro-flush-timeout', 'irq-suspend-timeout', 'threaded'],
          always: ['id', 'ifindex'],
        },
      },
    },
    {
      name: 'qstats-get',
      value: 12,
      doc: 'Tells the statistics of devices or queues.',
      attributeSet: 'qstats',
      dump: {
        request: { attributes: ['ifindex', 'scope'] },
        reply: {
          attributes: [
            'ifindex',
            'queue-type',
            'queue-id',
            'rx-packets',
            'rx-bytes',
            'tx-packets',
            'tx-bytes',
            'rx-alloc-fail',
            'rx-hw-drops',
            'rx-hw-drop-overruns',
            'rx-csum-complete',
            'rx-csum-unnecessary',
            'rx-csum-none',
            'rx-csum-bad',
            'rx-hw-gro-packets',
            'rx-hw-gro-bytes',
            'rx-hw-gro-wire-packets',
            'rx-hw-gro-wire-bytes',
            'rx-hw-drop-ratelimits',
            'tx-hw-drops',
            'tx-hw-drop-errors',
            'tx-csum-none',
            'tx-needs-csum',
            'tx-hw-gso-packets',
            'tx-hw-gso-bytes',
            'tx-hw-gso-wire-packets',
            'tx-hw-gso-wire-bytes',
            'tx-hw-drop-ratelimits',
            'tx-stop',
            'tx-wake',
          ],
          always: ['ifindex'],
        },
      },
    },
    {
      name: 'bind-rx',
      value: 13,
      doc: 'Binds a dmabuf to RX queues. The binding lives as long as the netlink socket that made it.',
      attributeSet: 'dmabuf',
      flags: ['admin-perm'],
      do: {
        request: { attributes: ['ifindex', 'queues', 'fd', 'rx-page-size'] },
        reply: { attributes: ['id'], always: ['id'] },
      },
    },
    {
      name: 'napi-set',
      value: 14,
      doc: 'Changes settings of a NAPI instance.',
      attributeSet: 'napi',
      flags: ['admin-perm'],
      do: { request: { attributes: ['id', 'defer-hard-irqs', 'gro-flush-timeout', 'irq-suspend-timeout', 'threaded'] } },
      since: '6.18',
    },
    {
      name: 'bind-tx',
      value: 15,
      doc: 'Binds a dmabuf to a device for sending, as bind-rx does for receiving. Only netdevsim-dma allows it; nothing sends from the dmabuf.',
      attributeSet: 'dmabuf',
      do: { request: { attributes: ['ifindex', 'fd'] }, reply: { attributes: ['id'], always: ['id'] } },
      since: '6.18',
    },
    {
      name: 'queue-create',
      value: 16,
      doc: 'Makes a queue of a virtual device that stands for one of another device. No driver here has such queues, so it is always refused.',
      attributeSet: 'queue',
      flags: ['admin-perm'],
      do: { request: { attributes: ['ifindex', 'type', 'lease'] }, reply: { attributes: ['id'], always: ['id'] } },
      since: '7.3',
    },
  ],
  mcastGroups: ['mgmt', 'page-pool'],
} as const satisfies FamilySpec;

/** XDP abilities of a device. Bit masks. */
export const NETDEV_XDP_ACT = { basic: 1, redirect: 2, 'ndo-xmit': 4, 'xsk-zerocopy': 8, 'hw-offload': 16, 'rx-sg': 32, 'ndo-xmit-sg': 64 } as const;
export type NetdevXdpAct = 'basic' | 'redirect' | 'ndo-xmit' | 'xsk-zerocopy' | 'hw-offload' | 'rx-sg' | 'ndo-xmit-sg';

/** Metadata a device can hand to an XDP program. Bit masks. */
export const NETDEV_XDP_RX_METADATA = { timestamp: 1, hash: 2, 'vlan-tag': 4 } as const;
export type NetdevXdpRxMetadata = 'timestamp' | 'hash' | 'vlan-tag';

/** AF_XDP transmit abilities of a device. Bit masks. */
export const NETDEV_XSK_FLAGS = { 'tx-timestamp': 1, 'tx-checksum': 2, 'tx-launch-time-fifo': 4 } as const;
export type NetdevXskFlags = 'tx-timestamp' | 'tx-checksum' | 'tx-launch-time-fifo';

/** Direction of a queue. */
export const NETDEV_QUEUE_TYPE = { rx: 0, tx: 1 } as const;
export type NetdevQueueType = 'rx' | 'tx';

/** What one entry of a statistics dump stands for. None means one entry a device. Bit masks. */
export const NETDEV_QSTATS_SCOPE = { queue: 1 } as const;
export type NetdevQstatsScope = 'queue';

/** Where a NAPI instance polls. */
export const NETDEV_NAPI_THREADED = { disabled: 0, enabled: 1, 'busy-poll': 2 } as const;
export type NetdevNapiThreaded = 'disabled' | 'enabled' | 'busy-poll';

/** A network device. As JSON. */
export interface NetdevDevSet {
  /** Number of the device. */
  ifindex?: number;
  /** XDP abilities. */
  'xdp-features'?: NetdevXdpAct | (NetdevXdpAct | number)[] | number;
  /** Most fragments of a zero-copy AF_XDP packet. */
  'xdp-zc-max-segs'?: number;
  /** XDP metadata the device offers. */
  'xdp-rx-metadata-features'?: NetdevXdpRxMetadata | (NetdevXdpRxMetadata | number)[] | number;
  /** AF_XDP transmit abilities. */
  'xsk-features'?: NetdevXskFlags | (NetdevXskFlags | number)[] | number;
}
/** The same, decoded. */
export interface NetdevDevAttrs {
  /** Number of the device. */
  ifindex?: number;
  /** XDP abilities. */
  'xdp-features'?: number;
  /** Most fragments of a zero-copy AF_XDP packet. */
  'xdp-zc-max-segs'?: number;
  /** XDP metadata the device offers. */
  'xdp-rx-metadata-features'?: number;
  /** AF_XDP transmit abilities. */
  'xsk-features'?: number;
}

/** Says by its presence that an io_uring area provides the memory. As JSON. */
export interface NetdevIoUringProviderInfoSet {
  /** Bytes of one buffer of the area. */
  'rx-buf-len'?: number | string;
}
/** The same, decoded. */
export interface NetdevIoUringProviderInfoAttrs {
  /** Bytes of one buffer of the area. */
  'rx-buf-len'?: number;
}

/** Says by its presence that AF_XDP uses the queue. As JSON. */
export type NetdevXskInfoSet = Record<string, never>;
/** The same, decoded. */
export type NetdevXskInfoAttrs = Record<string, never>;

/** A page pool. As JSON. */
export interface NetdevPagePoolSet {
  /** Id of the pool. */
  id?: number | string;
  /** Device the pool serves; absent for lo and for orphans. */
  ifindex?: number;
  /** NAPI instance that recycles into the pool directly. */
  'napi-id'?: number | string;
  /** Buffers taken from the pool and not yet back. */
  inflight?: number | string;
  /** The same in bytes. */
  'inflight-mem'?: number | string;
  /** Second since boot at which the pool lost its queue; it still waits for buffers. */
  'detach-time'?: number | string;
  /** Id of the dmabuf binding that provides the memory. */
  dmabuf?: number;
  /** Present when an io_uring area provides the memory. */
  'io-uring'?: NetdevIoUringProviderInfoSet;
}
/** The same, decoded. */
export interface NetdevPagePoolAttrs {
  /** Id of the pool. */
  id?: number;
  /** Device the pool serves; absent for lo and for orphans. */
  ifindex?: number;
  /** NAPI instance that recycles into the pool directly. */
  'napi-id'?: number;
  /** Buffers taken from the pool and not yet back. */
  inflight?: number;
  /** The same in bytes. */
  'inflight-mem'?: number;
  /** Second since boot at which the pool lost its queue; it still waits for buffers. */
  'detach-time'?: number;
  /** Id of the dmabuf binding that provides the memory. */
  dmabuf?: number;
  /** Present when an io_uring area provides the memory. */
  'io-uring'?: NetdevIoUringProviderInfoAttrs;
}

/** Selects or names a page pool. As JSON. */
export interface NetdevPagePoolInfoSet {
  /** Id of the pool. */
  id?: number | string;
  /** Device the pool serves; absent for lo and for orphans. */
  ifindex?: number;
}
/** The same, decoded. */
export interface NetdevPagePoolInfoAttrs {
  /** Id of the pool. */
  id?: number;
  /** Device the pool serves; absent for lo and for orphans. */
  ifindex?: number;
}

/** Counters of a page pool since its creation. As JSON. */
export interface NetdevPagePoolStatsSet {
  /** The pool the counters belong to. */
  info?: NetdevPagePoolInfoSet;
  /** Buffers handed out from the cache. */
  'alloc-fast'?: number | string;
  /** Order-0 buffers handed out by the slow path. */
  'alloc-slow'?: number | string;
  /** Larger buffers handed out by the slow path. */
  'alloc-slow-high-order'?: number | string;
  /** Times the ring was empty and the slow path had to run. */
  'alloc-empty'?: number | string;
  /** Times the ring refilled the cache. */
  'alloc-refill'?: number | string;
  /** Buffers of the ring that could not be used again. */
  'alloc-waive'?: number | string;
  /** Buffers that came back into the cache. */
  'recycle-cached'?: number | string;
  /** Times the cache was full on return. */
  'recycle-cache-full'?: number | string;
  /** Buffers that came back into the ring. */
  'recycle-ring'?: number | string;
  /** Buffers released because the ring was full. */
  'recycle-ring-full'?: number | string;
  /** Buffers released because somebody else held them. */
  'recycle-released-refcnt'?: number | string;
}
/** The same, decoded. */
export interface NetdevPagePoolStatsAttrs {
  /** The pool the counters belong to. */
  info?: NetdevPagePoolInfoAttrs;
  /** Buffers handed out from the cache. */
  'alloc-fast'?: number;
  /** Order-0 buffers handed out by the slow path. */
  'alloc-slow'?: number;
  /** Larger buffers handed out by the slow path. */
  'alloc-slow-high-order'?: number;
  /** Times the ring was empty and the slow path had to run. */
  'alloc-empty'?: number;
  /** Times the ring refilled the cache. */
  'alloc-refill'?: number;
  /** Buffers of the ring that could not be used again. */
  'alloc-waive'?: number;
  /** Buffers that came back into the cache. */
  'recycle-cached'?: number;
  /** Times the cache was full on return. */
  'recycle-cache-full'?: number;
  /** Buffers that came back into the ring. */
  'recycle-ring'?: number;
  /** Buffers released because the ring was full. */
  'recycle-ring-full'?: number;
  /** Buffers released because somebody else held them. */
  'recycle-released-refcnt'?: number;
}

/** A NAPI instance. As JSON. */
export interface NetdevNapiSet {
  /** Device of the instance. */
  ifindex?: number;
  /** Id of the instance. */
  id?: number;
  /** Interrupt of the instance. */
  irq?: number;
  /** Kernel thread that polls it. */
  pid?: number;
  /** Empty polls before interrupts are armed again. */
  'defer-hard-irqs'?: number;
  /** Nanoseconds packets may wait in GRO. */
  'gro-flush-timeout'?: number | string;
  /** Nanoseconds interrupts stay suspended while an application polls. */
  'irq-suspend-timeout'?: number | string;
  /** Whether a thread polls it. */
  threaded?: NetdevNapiThreaded | number;
}
/** The same, decoded. */
export interface NetdevNapiAttrs {
  /** Device of the instance. */
  ifindex?: number;
  /** Id of the instance. */
  id?: number;
  /** Interrupt of the instance. */
  irq?: number;
  /** Kernel thread that polls it. */
  pid?: number;
  /** Empty polls before interrupts are armed again. */
  'defer-hard-irqs'?: number;
  /** Nanoseconds packets may wait in GRO. */
  'gro-flush-timeout'?: number;
  /** Nanoseconds interrupts stay suspended while an application polls. */
  'irq-suspend-timeout'?: number;
  /** Whether a thread polls it. */
  threaded?: number;
}

/** An RX or TX queue. As JSON. */
export interface NetdevQueueSet {
  /** Index of the queue, counted per type from 0. */
  id?: number;
  /** Device of the queue. */
  ifindex?: number;
  /** Direction of the queue. */
  type?: NetdevQueueType | number;
  /** NAPI instance that serves the queue. */
  'napi-id'?: number;
  /** Id of the dmabuf binding on the queue. */
  dmabuf?: number;
  /** Present when an io_uring area provides the memory. */
  'io-uring'?: NetdevIoUringProviderInfoSet;
  /** Present when AF_XDP uses the queue. */
  xsk?: NetdevXskInfoSet;
  /** Queue that stands behind this one. */
  lease?: NetdevLeaseSet;
}
/** The same, decoded. */
export interface NetdevQueueAttrs {
  /** Index of the queue, counted per type from 0. */
  id?: number;
  /** Device of the queue. */
  ifindex?: number;
  /** Direction of the queue. */
  type?: number;
  /** NAPI instance that serves the queue. */
  'napi-id'?: number;
  /** Id of the dmabuf binding on the queue. */
  dmabuf?: number;
  /** Present when an io_uring area provides the memory. */
  'io-uring'?: NetdevIoUringProviderInfoAttrs;
  /** Present when AF_XDP uses the queue. */
  xsk?: NetdevXskInfoAttrs;
  /** Queue that stands behind this one. */
  lease?: NetdevLeaseAttrs;
}

/** Names a queue of a device given elsewhere. As JSON. */
export interface NetdevQueueIdSet {
  /** Index of the queue, counted per type from 0. */
  id?: number;
  /** Direction of the queue. */
  type?: NetdevQueueType | number;
}
/** The same, decoded. */
export interface NetdevQueueIdAttrs {
  /** Index of the queue, counted per type from 0. */
  id?: number;
  /** Direction of the queue. */
  type?: number;
}

/** A queue that a queue of a virtual device is to stand for. As JSON. */
export interface NetdevLeaseSet {
  /** Device of the queue. */
  ifindex?: number;
  /** The queue. */
  queue?: NetdevQueueIdSet;
  /** Network namespace of the device. */
  'netns-id'?: number;
}
/** The same, decoded. */
export interface NetdevLeaseAttrs {
  /** Device of the queue. */
  ifindex?: number;
  /** The queue. */
  queue?: NetdevQueueIdAttrs;
  /** Network namespace of the device. */
  'netns-id'?: number;
}

/** Statistics of a device or a queue; a counter the driver does not keep is absent. As JSON. */
export interface NetdevQstatsSet {
  /** Device the numbers belong to. */
  ifindex?: number;
  /** Direction of the queue, in queue scope. */
  'queue-type'?: NetdevQueueType | number;
  /** Index of the queue, in queue scope. */
  'queue-id'?: number;
  /** What one entry stands for. */
  scope?: NetdevQstatsScope | (NetdevQstatsScope | number)[] | number;
  /** Packets received. */
  'rx-packets'?: number | string;
  /** Bytes received. */
  'rx-bytes'?: number | string;
  /** Packets sent. */
  'tx-packets'?: number | string;
  /** Bytes sent. */
  'tx-bytes'?: number | string;
  /** Times a buffer or packet could not be allocated. */
  'rx-alloc-fail'?: number | string;
  /** Packets the device dropped for whatever reason. */
  'rx-hw-drops'?: number | string;
  /** Packets the device dropped for want of a posted buffer. */
  'rx-hw-drop-overruns'?: number | string;
  /** Packets with a full checksum from the device. */
  'rx-csum-complete'?: number | string;
  /** Packets whose checksums the device found right. */
  'rx-csum-unnecessary'?: number | string;
  /** Packets the device did not checksum. */
  'rx-csum-none'?: number | string;
  /** Packets with a wrong checksum. */
  'rx-csum-bad'?: number | string;
  /** Packets the device made by joining others. */
  'rx-hw-gro-packets'?: number | string;
  /** Bytes in these packets. */
  'rx-hw-gro-bytes'?: number | string;
  /** Packets of the wire that were joined. */
  'rx-hw-gro-wire-packets'?: number | string;
  /** Bytes of the wire in them. */
  'rx-hw-gro-wire-bytes'?: number | string;
  /** Packets dropped by a receive rate limit. */
  'rx-hw-drop-ratelimits'?: number | string;
  /** Packets the device dropped while sending. */
  'tx-hw-drops'?: number | string;
  /** Packets dropped because they were malformed. */
  'tx-hw-drop-errors'?: number | string;
  /** Packets sent without checksum offload. */
  'tx-csum-none'?: number | string;
  /** Packets sent with checksum offload. */
  'tx-needs-csum'?: number | string;
  /** Packets the device cut into segments. */
  'tx-hw-gso-packets'?: number | string;
  /** Bytes in these packets. */
  'tx-hw-gso-bytes'?: number | string;
  /** Segments they became. */
  'tx-hw-gso-wire-packets'?: number | string;
  /** Bytes of the segments. */
  'tx-hw-gso-wire-bytes'?: number | string;
  /** Packets dropped by a send rate limit. */
  'tx-hw-drop-ratelimits'?: number | string;
  /** Times the queue was stopped for want of room. */
  'tx-stop'?: number | string;
  /** Times it was started again. */
  'tx-wake'?: number | string;
}
/** The same, decoded. */
export interface NetdevQstatsAttrs {
  /** Device the numbers belong to. */
  ifindex?: number;
  /** Direction of the queue, in queue scope. */
  'queue-type'?: number;
  /** Index of the queue, in queue scope. */
  'queue-id'?: number;
  /** What one entry stands for. */
  scope?: number;
  /** Packets received. */
  'rx-packets'?: number;
  /** Bytes received. */
  'rx-bytes'?: number;
  /** Packets sent. */
  'tx-packets'?: number;
  /** Bytes sent. */
  'tx-bytes'?: number;
  /** Times a buffer or packet could not be allocated. */
  'rx-alloc-fail'?: number;
  /** Packets the device dropped for whatever reason. */
  'rx-hw-drops'?: number;
  /** Packets the device dropped for want of a posted buffer. */
  'rx-hw-drop-overruns'?: number;
  /** Packets with a full checksum from the device. */
  'rx-csum-complete'?: number;
  /** Packets whose checksums the device found right. */
  'rx-csum-unnecessary'?: number;
  /** Packets the device did not checksum. */
  'rx-csum-none'?: number;
  /** Packets with a wrong checksum. */
  'rx-csum-bad'?: number;
  /** Packets the device made by joining others. */
  'rx-hw-gro-packets'?: number;
  /** Bytes in these packets. */
  'rx-hw-gro-bytes'?: number;
  /** Packets of the wire that were joined. */
  'rx-hw-gro-wire-packets'?: number;
  /** Bytes of the wire in them. */
  'rx-hw-gro-wire-bytes'?: number;
  /** Packets dropped by a receive rate limit. */
  'rx-hw-drop-ratelimits'?: number;
  /** Packets the device dropped while sending. */
  'tx-hw-drops'?: number;
  /** Packets dropped because they were malformed. */
  'tx-hw-drop-errors'?: number;
  /** Packets sent without checksum offload. */
  'tx-csum-none'?: number;
  /** Packets sent with checksum offload. */
  'tx-needs-csum'?: number;
  /** Packets the device cut into segments. */
  'tx-hw-gso-packets'?: number;
  /** Bytes in these packets. */
  'tx-hw-gso-bytes'?: number;
  /** Segments they became. */
  'tx-hw-gso-wire-packets'?: number;
  /** Bytes of the segments. */
  'tx-hw-gso-wire-bytes'?: number;
  /** Packets dropped by a send rate limit. */
  'tx-hw-drop-ratelimits'?: number;
  /** Times the queue was stopped for want of room. */
  'tx-stop'?: number;
  /** Times it was started again. */
  'tx-wake'?: number;
}

/** A dmabuf bound to RX queues. As JSON. */
export interface NetdevDmabufSet {
  /** Device of the queues. */
  ifindex?: number;
  /** RX queues to bind to. */
  queues?: NetdevQueueIdSet[];
  /** fd of the dmabuf in the calling session. */
  fd?: number;
  /** Id of the binding. */
  id?: number;
  /** Bytes of one buffer, a power of two. */
  'rx-page-size'?: number;
}
/** The same, decoded. */
export interface NetdevDmabufAttrs {
  /** Device of the queues. */
  ifindex?: number;
  /** RX queues to bind to. */
  queues?: NetdevQueueIdAttrs[];
  /** fd of the dmabuf in the calling session. */
  fd?: number;
  /** Id of the binding. */
  id?: number;
  /** Bytes of one buffer, a power of two. */
  'rx-page-size'?: number;
}

/** Request of dev-get (do) as JSON. Tells a device and its abilities. */
export interface NetdevDevGetDoRequest {
  /** Number of the device. */
  ifindex?: number;
}
/** The same, decoded. */
export interface NetdevDevGetDoAttrs {
  /** Number of the device. */
  ifindex?: number;
}
export interface NetdevDevGetDoReply {
  /** Number of the device. */
  ifindex: number;
  /** XDP abilities. */
  'xdp-features': NetdevXdpAct | (NetdevXdpAct | number)[] | number;
  /** XDP metadata the device offers. */
  'xdp-rx-metadata-features': NetdevXdpRxMetadata | (NetdevXdpRxMetadata | number)[] | number;
  /** AF_XDP transmit abilities. */
  'xsk-features': NetdevXskFlags | (NetdevXskFlags | number)[] | number;
  /** Most fragments of a zero-copy AF_XDP packet. */
  'xdp-zc-max-segs'?: number;
}
/** What the operation hands to the renderer. */
export interface NetdevDevGetDoReplyAttrs {
  /** Number of the device. */
  ifindex: number;
  /** XDP abilities. */
  'xdp-features': number;
  /** XDP metadata the device offers. */
  'xdp-rx-metadata-features': number;
  /** AF_XDP transmit abilities. */
  'xsk-features': number;
  /** Most fragments of a zero-copy AF_XDP packet. */
  'xdp-zc-max-segs'?: number;
}

/** Request of dev-get (dump) as JSON. Tells a device and its abilities. */
export type NetdevDevGetDumpRequest = Record<string, never>;
/** The same, decoded. */
export type NetdevDevGetDumpAttrs = Record<string, never>;
export interface NetdevDevGetDumpReply {
  /** Number of the device. */
  ifindex: number;
  /** XDP abilities. */
  'xdp-features': NetdevXdpAct | (NetdevXdpAct | number)[] | number;
  /** XDP metadata the device offers. */
  'xdp-rx-metadata-features': NetdevXdpRxMetadata | (NetdevXdpRxMetadata | number)[] | number;
  /** AF_XDP transmit abilities. */
  'xsk-features': NetdevXskFlags | (NetdevXskFlags | number)[] | number;
  /** Most fragments of a zero-copy AF_XDP packet. */
  'xdp-zc-max-segs'?: number;
}
/** What the operation hands to the renderer. */
export interface NetdevDevGetDumpReplyAttrs {
  /** Number of the device. */
  ifindex: number;
  /** XDP abilities. */
  'xdp-features': number;
  /** XDP metadata the device offers. */
  'xdp-rx-metadata-features': number;
  /** AF_XDP transmit abilities. */
  'xsk-features': number;
  /** Most fragments of a zero-copy AF_XDP packet. */
  'xdp-zc-max-segs'?: number;
}

/** Request of page-pool-get (do) as JSON. Tells a page pool. */
export interface NetdevPagePoolGetDoRequest {
  /** Id of the pool. */
  id?: number | string;
}
/** The same, decoded. */
export interface NetdevPagePoolGetDoAttrs {
  /** Id of the pool. */
  id?: number;
}
export interface NetdevPagePoolGetDoReply {
  /** Id of the pool. */
  id: number | string;
  /** Device the pool serves; absent for lo and for orphans. */
  ifindex?: number;
  /** NAPI instance that recycles into the pool directly. */
  'napi-id'?: number | string;
  /** Buffers taken from the pool and not yet back. */
  inflight: number | string;
  /** The same in bytes. */
  'inflight-mem': number | string;
  /** Second since boot at which the pool lost its queue; it still waits for buffers. */
  'detach-time'?: number | string;
  /** Id of the dmabuf binding that provides the memory. */
  dmabuf?: number;
  /** Present when an io_uring area provides the memory. */
  'io-uring'?: NetdevIoUringProviderInfoSet;
}
/** What the operation hands to the renderer. */
export interface NetdevPagePoolGetDoReplyAttrs {
  /** Id of the pool. */
  id: number;
  /** Device the pool serves; absent for lo and for orphans. */
  ifindex?: number;
  /** NAPI instance that recycles into the pool directly. */
  'napi-id'?: number;
  /** Buffers taken from the pool and not yet back. */
  inflight: number;
  /** The same in bytes. */
  'inflight-mem': number;
  /** Second since boot at which the pool lost its queue; it still waits for buffers. */
  'detach-time'?: number;
  /** Id of the dmabuf binding that provides the memory. */
  dmabuf?: number;
  /** Present when an io_uring area provides the memory. */
  'io-uring'?: NetdevIoUringProviderInfoAttrs;
}

/** Request of page-pool-get (dump) as JSON. Tells a page pool. */
export interface NetdevPagePoolGetDumpRequest {
  /** Device the pool serves; absent for lo and for orphans. */
  ifindex?: number;
}
/** The same, decoded. */
export interface NetdevPagePoolGetDumpAttrs {
  /** Device the pool serves; absent for lo and for orphans. */
  ifindex?: number;
}
export interface NetdevPagePoolGetDumpReply {
  /** Id of the pool. */
  id: number | string;
  /** Device the pool serves; absent for lo and for orphans. */
  ifindex?: number;
  /** NAPI instance that recycles into the pool directly. */
  'napi-id'?: number | string;
  /** Buffers taken from the pool and not yet back. */
  inflight: number | string;
  /** The same in bytes. */
  'inflight-mem': number | string;
  /** Second since boot at which the pool lost its queue; it still waits for buffers. */
  'detach-time'?: number | string;
  /** Id of the dmabuf binding that provides the memory. */
  dmabuf?: number;
  /** Present when an io_uring area provides the memory. */
  'io-uring'?: NetdevIoUringProviderInfoSet;
}
/** What the operation hands to the renderer. */
export interface NetdevPagePoolGetDumpReplyAttrs {
  /** Id of the pool. */
  id: number;
  /** Device the pool serves; absent for lo and for orphans. */
  ifindex?: number;
  /** NAPI instance that recycles into the pool directly. */
  'napi-id'?: number;
  /** Buffers taken from the pool and not yet back. */
  inflight: number;
  /** The same in bytes. */
  'inflight-mem': number;
  /** Second since boot at which the pool lost its queue; it still waits for buffers. */
  'detach-time'?: number;
  /** Id of the dmabuf binding that provides the memory. */
  dmabuf?: number;
  /** Present when an io_uring area provides the memory. */
  'io-uring'?: NetdevIoUringProviderInfoAttrs;
}

/** Request of page-pool-stats-get (do) as JSON. Tells the counters of a page pool. */
export interface NetdevPagePoolStatsGetDoRequest {
  /** The pool the counters belong to. */
  info?: NetdevPagePoolInfoSet;
}
/** The same, decoded. */
export interface NetdevPagePoolStatsGetDoAttrs {
  /** The pool the counters belong to. */
  info?: NetdevPagePoolInfoAttrs;
}
export interface NetdevPagePoolStatsGetDoReply {
  /** The pool the counters belong to. */
  info: NetdevPagePoolInfoSet;
  /** Buffers handed out from the cache. */
  'alloc-fast': number | string;
  /** Order-0 buffers handed out by the slow path. */
  'alloc-slow': number | string;
  /** Larger buffers handed out by the slow path. */
  'alloc-slow-high-order': number | string;
  /** Times the ring was empty and the slow path had to run. */
  'alloc-empty': number | string;
  /** Times the ring refilled the cache. */
  'alloc-refill': number | string;
  /** Buffers of the ring that could not be used again. */
  'alloc-waive': number | string;
  /** Buffers that came back into the cache. */
  'recycle-cached': number | string;
  /** Times the cache was full on return. */
  'recycle-cache-full': number | string;
  /** Buffers that came back into the ring. */
  'recycle-ring': number | string;
  /** Buffers released because the ring was full. */
  'recycle-ring-full': number | string;
  /** Buffers released because somebody else held them. */
  'recycle-released-refcnt': number | string;
}
/** What the operation hands to the renderer. */
export interface NetdevPagePoolStatsGetDoReplyAttrs {
  /** The pool the counters belong to. */
  info: NetdevPagePoolInfoAttrs;
  /** Buffers handed out from the cache. */
  'alloc-fast': number;
  /** Order-0 buffers handed out by the slow path. */
  'alloc-slow': number;
  /** Larger buffers handed out by the slow path. */
  'alloc-slow-high-order': number;
  /** Times the ring was empty and the slow path had to run. */
  'alloc-empty': number;
  /** Times the ring refilled the cache. */
  'alloc-refill': number;
  /** Buffers of the ring that could not be used again. */
  'alloc-waive': number;
  /** Buffers that came back into the cache. */
  'recycle-cached': number;
  /** Times the cache was full on return. */
  'recycle-cache-full': number;
  /** Buffers that came back into the ring. */
  'recycle-ring': number;
  /** Buffers released because the ring was full. */
  'recycle-ring-full': number;
  /** Buffers released because somebody else held them. */
  'recycle-released-refcnt': number;
}

/** Request of page-pool-stats-get (dump) as JSON. Tells the counters of a page pool. */
export interface NetdevPagePoolStatsGetDumpRequest {
  /** The pool the counters belong to. */
  info?: NetdevPagePoolInfoSet;
}
/** The same, decoded. */
export interface NetdevPagePoolStatsGetDumpAttrs {
  /** The pool the counters belong to. */
  info?: NetdevPagePoolInfoAttrs;
}
export interface NetdevPagePoolStatsGetDumpReply {
  /** The pool the counters belong to. */
  info: NetdevPagePoolInfoSet;
  /** Buffers handed out from the cache. */
  'alloc-fast': number | string;
  /** Order-0 buffers handed out by the slow path. */
  'alloc-slow': number | string;
  /** Larger buffers handed out by the slow path. */
  'alloc-slow-high-order': number | string;
  /** Times the ring was empty and the slow path had to run. */
  'alloc-empty': number | string;
  /** Times the ring refilled the cache. */
  'alloc-refill': number | string;
  /** Buffers of the ring that could not be used again. */
  'alloc-waive': number | string;
  /** Buffers that came back into the cache. */
  'recycle-cached': number | string;
  /** Times the cache was full on return. */
  'recycle-cache-full': number | string;
  /** Buffers that came back into the ring. */
  'recycle-ring': number | string;
  /** Buffers released because the ring was full. */
  'recycle-ring-full': number | string;
  /** Buffers released because somebody else held them. */
  'recycle-released-refcnt': number | string;
}
/** What the operation hands to the renderer. */
export interface NetdevPagePoolStatsGetDumpReplyAttrs {
  /** The pool the counters belong to. */
  info: NetdevPagePoolInfoAttrs;
  /** Buffers handed out from the cache. */
  'alloc-fast': number;
  /** Order-0 buffers handed out by the slow path. */
  'alloc-slow': number;
  /** Larger buffers handed out by the slow path. */
  'alloc-slow-high-order': number;
  /** Times the ring was empty and the slow path had to run. */
  'alloc-empty': number;
  /** Times the ring refilled the cache. */
  'alloc-refill': number;
  /** Buffers of the ring that could not be used again. */
  'alloc-waive': number;
  /** Buffers that came back into the cache. */
  'recycle-cached': number;
  /** Times the cache was full on return. */
  'recycle-cache-full': number;
  /** Buffers that came back into the ring. */
  'recycle-ring': number;
  /** Buffers released because the ring was full. */
  'recycle-ring-full': number;
  /** Buffers released because somebody else held them. */
  'recycle-released-refcnt': number;
}

/** Request of queue-get (do) as JSON. Tells a queue and what provides its memory. */
export interface NetdevQueueGetDoRequest {
  /** Index of the queue, counted per type from 0. */
  id?: number;
  /** Device of the queue. */
  ifindex?: number;
  /** Direction of the queue. */
  type?: NetdevQueueType | number;
}
/** The same, decoded. */
export interface NetdevQueueGetDoAttrs {
  /** Index of the queue, counted per type from 0. */
  id?: number;
  /** Device of the queue. */
  ifindex?: number;
  /** Direction of the queue. */
  type?: number;
}
export interface NetdevQueueGetDoReply {
  /** Index of the queue, counted per type from 0. */
  id: number;
  /** Direction of the queue. */
  type: NetdevQueueType | number;
  /** Device of the queue. */
  ifindex: number;
  /** NAPI instance that serves the queue. */
  'napi-id'?: number;
  /** Id of the dmabuf binding on the queue. */
  dmabuf?: number;
  /** Present when an io_uring area provides the memory. */
  'io-uring'?: NetdevIoUringProviderInfoSet;
  /** Present when AF_XDP uses the queue. */
  xsk?: NetdevXskInfoSet;
}
/** What the operation hands to the renderer. */
export interface NetdevQueueGetDoReplyAttrs {
  /** Index of the queue, counted per type from 0. */
  id: number;
  /** Direction of the queue. */
  type: number;
  /** Device of the queue. */
  ifindex: number;
  /** NAPI instance that serves the queue. */
  'napi-id'?: number;
  /** Id of the dmabuf binding on the queue. */
  dmabuf?: number;
  /** Present when an io_uring area provides the memory. */
  'io-uring'?: NetdevIoUringProviderInfoAttrs;
  /** Present when AF_XDP uses the queue. */
  xsk?: NetdevXskInfoAttrs;
}

/** Request of queue-get (dump) as JSON. Tells a queue and what provides its memory. */
export interface NetdevQueueGetDumpRequest {
  /** Device of the queue. */
  ifindex?: number;
}
/** The same, decoded. */
export interface NetdevQueueGetDumpAttrs {
  /** Device of the queue. */
  ifindex?: number;
}
export interface NetdevQueueGetDumpReply {
  /** Index of the queue, counted per type from 0. */
  id: number;
  /** Direction of the queue. */
  type: NetdevQueueType | number;
  /** Device of the queue. */
  ifindex: number;
  /** NAPI instance that serves the queue. */
  'napi-id'?: number;
  /** Id of the dmabuf binding on the queue. */
  dmabuf?: number;
  /** Present when an io_uring area provides the memory. */
  'io-uring'?: NetdevIoUringProviderInfoSet;
  /** Present when AF_XDP uses the queue. */
  xsk?: NetdevXskInfoSet;
}
/** What the operation hands to the renderer. */
export interface NetdevQueueGetDumpReplyAttrs {
  /** Index of the queue, counted per type from 0. */
  id: number;
  /** Direction of the queue. */
  type: number;
  /** Device of the queue. */
  ifindex: number;
  /** NAPI instance that serves the queue. */
  'napi-id'?: number;
  /** Id of the dmabuf binding on the queue. */
  dmabuf?: number;
  /** Present when an io_uring area provides the memory. */
  'io-uring'?: NetdevIoUringProviderInfoAttrs;
  /** Present when AF_XDP uses the queue. */
  xsk?: NetdevXskInfoAttrs;
}

/** Request of napi-get (do) as JSON. Tells a NAPI instance and its settings. */
export interface NetdevNapiGetDoRequest {
  /** Id of the instance. */
  id?: number;
}
/** The same, decoded. */
export interface NetdevNapiGetDoAttrs {
  /** Id of the instance. */
  id?: number;
}
export interface NetdevNapiGetDoReply {
  /** Id of the instance. */
  id: number;
  /** Device of the instance. */
  ifindex: number;
  /** Interrupt of the instance. */
  irq?: number;
  /** Kernel thread that polls it. */
  pid?: number;
  /** Empty polls before interrupts are armed again. */
  'defer-hard-irqs'?: number;
  /** Nanoseconds packets may wait in GRO. */
  'gro-flush-timeout'?: number | string;
  /** Nanoseconds interrupts stay suspended while an application polls. */
  'irq-suspend-timeout'?: number | string;
  /** Whether a thread polls it. */
  threaded?: NetdevNapiThreaded | number;
}
/** What the operation hands to the renderer. */
export interface NetdevNapiGetDoReplyAttrs {
  /** Id of the instance. */
  id: number;
  /** Device of the instance. */
  ifindex: number;
  /** Interrupt of the instance. */
  irq?: number;
  /** Kernel thread that polls it. */
  pid?: number;
  /** Empty polls before interrupts are armed again. */
  'defer-hard-irqs'?: number;
  /** Nanoseconds packets may wait in GRO. */
  'gro-flush-timeout'?: number;
  /** Nanoseconds interrupts stay suspended while an application polls. */
  'irq-suspend-timeout'?: number;
  /** Whether a thread polls it. */
  threaded?: number;
}

/** Request of napi-get (dump) as JSON. Tells a NAPI instance and its settings. */
export interface NetdevNapiGetDumpRequest {
  /** Device of the instance. */
  ifindex?: number;
}
/** The same, decoded. */
export interface NetdevNapiGetDumpAttrs {
  /** Device of the instance. */
  ifindex?: number;
}
export interface NetdevNapiGetDumpReply {
  /** Id of the instance. */
  id: number;
  /** Device of the instance. */
  ifindex: number;
  /** Interrupt of the instance. */
  irq?: number;
  /** Kernel thread that polls it. */
  pid?: number;
  /** Empty polls before interrupts are armed again. */
  'defer-hard-irqs'?: number;
  /** Nanoseconds packets may wait in GRO. */
  'gro-flush-timeout'?: number | string;
  /** Nanoseconds interrupts stay suspended while an application polls. */
  'irq-suspend-timeout'?: number | string;
  /** Whether a thread polls it. */
  threaded?: NetdevNapiThreaded | number;
}
/** What the operation hands to the renderer. */
export interface NetdevNapiGetDumpReplyAttrs {
  /** Id of the instance. */
  id: number;
  /** Device of the instance. */
  ifindex: number;
  /** Interrupt of the instance. */
  irq?: number;
  /** Kernel thread that polls it. */
  pid?: number;
  /** Empty polls before interrupts are armed again. */
  'defer-hard-irqs'?: number;
  /** Nanoseconds packets may wait in GRO. */
  'gro-flush-timeout'?: number;
  /** Nanoseconds interrupts stay suspended while an application polls. */
  'irq-suspend-timeout'?: number;
  /** Whether a thread polls it. */
  threaded?: number;
}

/** Request of qstats-get (dump) as JSON. Tells the statistics of devices or queues. */
export interface NetdevQstatsGetDumpRequest {
  /** Device the numbers belong to. */
  ifindex?: number;
  /** What one entry stands for. */
  scope?: NetdevQstatsScope | (NetdevQstatsScope | number)[] | number;
}
/** The same, decoded. */
export interface NetdevQstatsGetDumpAttrs {
  /** Device the numbers belong to. */
  ifindex?: number;
  /** What one entry stands for. */
  scope?: number;
}
export interface NetdevQstatsGetDumpReply {
  /** Device the numbers belong to. */
  ifindex: number;
  /** Direction of the queue, in queue scope. */
  'queue-type'?: NetdevQueueType | number;
  /** Index of the queue, in queue scope. */
  'queue-id'?: number;
  /** Packets received. */
  'rx-packets'?: number | string;
  /** Bytes received. */
  'rx-bytes'?: number | string;
  /** Packets sent. */
  'tx-packets'?: number | string;
  /** Bytes sent. */
  'tx-bytes'?: number | string;
  /** Times a buffer or packet could not be allocated. */
  'rx-alloc-fail'?: number | string;
  /** Packets the device dropped for whatever reason. */
  'rx-hw-drops'?: number | string;
  /** Packets the device dropped for want of a posted buffer. */
  'rx-hw-drop-overruns'?: number | string;
  /** Packets with a full checksum from the device. */
  'rx-csum-complete'?: number | string;
  /** Packets whose checksums the device found right. */
  'rx-csum-unnecessary'?: number | string;
  /** Packets the device did not checksum. */
  'rx-csum-none'?: number | string;
  /** Packets with a wrong checksum. */
  'rx-csum-bad'?: number | string;
  /** Packets the device made by joining others. */
  'rx-hw-gro-packets'?: number | string;
  /** Bytes in these packets. */
  'rx-hw-gro-bytes'?: number | string;
  /** Packets of the wire that were joined. */
  'rx-hw-gro-wire-packets'?: number | string;
  /** Bytes of the wire in them. */
  'rx-hw-gro-wire-bytes'?: number | string;
  /** Packets dropped by a receive rate limit. */
  'rx-hw-drop-ratelimits'?: number | string;
  /** Packets the device dropped while sending. */
  'tx-hw-drops'?: number | string;
  /** Packets dropped because they were malformed. */
  'tx-hw-drop-errors'?: number | string;
  /** Packets sent without checksum offload. */
  'tx-csum-none'?: number | string;
  /** Packets sent with checksum offload. */
  'tx-needs-csum'?: number | string;
  /** Packets the device cut into segments. */
  'tx-hw-gso-packets'?: number | string;
  /** Bytes in these packets. */
  'tx-hw-gso-bytes'?: number | string;
  /** Segments they became. */
  'tx-hw-gso-wire-packets'?: number | string;
  /** Bytes of the segments. */
  'tx-hw-gso-wire-bytes'?: number | string;
  /** Packets dropped by a send rate limit. */
  'tx-hw-drop-ratelimits'?: number | string;
  /** Times the queue was stopped for want of room. */
  'tx-stop'?: number | string;
  /** Times it was started again. */
  'tx-wake'?: number | string;
}
/** What the operation hands to the renderer. */
export interface NetdevQstatsGetDumpReplyAttrs {
  /** Device the numbers belong to. */
  ifindex: number;
  /** Direction of the queue, in queue scope. */
  'queue-type'?: number;
  /** Index of the queue, in queue scope. */
  'queue-id'?: number;
  /** Packets received. */
  'rx-packets'?: number;
  /** Bytes received. */
  'rx-bytes'?: number;
  /** Packets sent. */
  'tx-packets'?: number;
  /** Bytes sent. */
  'tx-bytes'?: number;
  /** Times a buffer or packet could not be allocated. */
  'rx-alloc-fail'?: number;
  /** Packets the device dropped for whatever reason. */
  'rx-hw-drops'?: number;
  /** Packets the device dropped for want of a posted buffer. */
  'rx-hw-drop-overruns'?: number;
  /** Packets with a full checksum from the device. */
  'rx-csum-complete'?: number;
  /** Packets whose checksums the device found right. */
  'rx-csum-unnecessary'?: number;
  /** Packets the device did not checksum. */
  'rx-csum-none'?: number;
  /** Packets with a wrong checksum. */
  'rx-csum-bad'?: number;
  /** Packets the device made by joining others. */
  'rx-hw-gro-packets'?: number;
  /** Bytes in these packets. */
  'rx-hw-gro-bytes'?: number;
  /** Packets of the wire that were joined. */
  'rx-hw-gro-wire-packets'?: number;
  /** Bytes of the wire in them. */
  'rx-hw-gro-wire-bytes'?: number;
  /** Packets dropped by a receive rate limit. */
  'rx-hw-drop-ratelimits'?: number;
  /** Packets the device dropped while sending. */
  'tx-hw-drops'?: number;
  /** Packets dropped because they were malformed. */
  'tx-hw-drop-errors'?: number;
  /** Packets sent without checksum offload. */
  'tx-csum-none'?: number;
  /** Packets sent with checksum offload. */
  'tx-needs-csum'?: number;
  /** Packets the device cut into segments. */
  'tx-hw-gso-packets'?: number;
  /** Bytes in these packets. */
  'tx-hw-gso-bytes'?: number;
  /** Segments they became. */
  'tx-hw-gso-wire-packets'?: number;
  /** Bytes of the segments. */
  'tx-hw-gso-wire-bytes'?: number;
  /** Packets dropped by a send rate limit. */
  'tx-hw-drop-ratelimits'?: number;
  /** Times the queue was stopped for want of room. */
  'tx-stop'?: number;
  /** Times it was started again. */
  'tx-wake'?: number;
}

/** Request of bind-rx (do) as JSON. Binds a dmabuf to RX queues. The binding lives as long as the netlink socket that made it. */
export interface NetdevBindRxDoRequest {
  /** Device of the queues. */
  ifindex?: number;
  /** RX queues to bind to. */
  queues?: NetdevQueueIdSet[];
  /** fd of the dmabuf in the calling session. */
  fd?: number;
  /** Bytes of one buffer, a power of two. */
  'rx-page-size'?: number;
}
/** The same, decoded. */
export interface NetdevBindRxDoAttrs {
  /** Device of the queues. */
  ifindex?: number;
  /** RX queues to bind to. */
  queues?: NetdevQueueIdAttrs[];
  /** fd of the dmabuf in the calling session. */
  fd?: number;
  /** Bytes of one buffer, a power of two. */
  'rx-page-size'?: number;
}
export interface NetdevBindRxDoReply {
  /** Id of the binding. */
  id: number;
}
/** What the operation hands to the renderer. */
export interface NetdevBindRxDoReplyAttrs {
  /** Id of the binding. */
  id: number;
}

/** Request of napi-set (do) as JSON. Changes settings of a NAPI instance. */
export interface NetdevNapiSetDoRequest {
  /** Id of the instance. */
  id?: number;
  /** Empty polls before interrupts are armed again. */
  'defer-hard-irqs'?: number;
  /** Nanoseconds packets may wait in GRO. */
  'gro-flush-timeout'?: number | string;
  /** Nanoseconds interrupts stay suspended while an application polls. */
  'irq-suspend-timeout'?: number | string;
  /** Whether a thread polls it. */
  threaded?: NetdevNapiThreaded | number;
}
/** The same, decoded. */
export interface NetdevNapiSetDoAttrs {
  /** Id of the instance. */
  id?: number;
  /** Empty polls before interrupts are armed again. */
  'defer-hard-irqs'?: number;
  /** Nanoseconds packets may wait in GRO. */
  'gro-flush-timeout'?: number;
  /** Nanoseconds interrupts stay suspended while an application polls. */
  'irq-suspend-timeout'?: number;
  /** Whether a thread polls it. */
  threaded?: number;
}
export type NetdevNapiSetDoReply = null;

/** Request of bind-tx (do) as JSON. Binds a dmabuf to a device for sending, as bind-rx does for receiving. Only netdevsim-dma allows it; nothing sends from the dmabuf. */
export interface NetdevBindTxDoRequest {
  /** Device of the queues. */
  ifindex?: number;
  /** fd of the dmabuf in the calling session. */
  fd?: number;
}
/** The same, decoded. */
export interface NetdevBindTxDoAttrs {
  /** Device of the queues. */
  ifindex?: number;
  /** fd of the dmabuf in the calling session. */
  fd?: number;
}
export interface NetdevBindTxDoReply {
  /** Id of the binding. */
  id: number;
}
/** What the operation hands to the renderer. */
export interface NetdevBindTxDoReplyAttrs {
  /** Id of the binding. */
  id: number;
}

/** Request of queue-create (do) as JSON. Makes a queue of a virtual device that stands for one of another device. No driver here has such queues, so it is always refused. */
export interface NetdevQueueCreateDoRequest {
  /** Device of the queue. */
  ifindex?: number;
  /** Direction of the queue. */
  type?: NetdevQueueType | number;
  /** Queue that stands behind this one. */
  lease?: NetdevLeaseSet;
}
/** The same, decoded. */
export interface NetdevQueueCreateDoAttrs {
  /** Device of the queue. */
  ifindex?: number;
  /** Direction of the queue. */
  type?: number;
  /** Queue that stands behind this one. */
  lease?: NetdevLeaseAttrs;
}
export interface NetdevQueueCreateDoReply {
  /** Index of the queue, counted per type from 0. */
  id: number;
}
/** What the operation hands to the renderer. */
export interface NetdevQueueCreateDoReplyAttrs {
  /** Index of the queue, counted per type from 0. */
  id: number;
}
