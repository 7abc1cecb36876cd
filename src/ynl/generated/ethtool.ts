// Made by scripts/generate.ts from schemas. Do not edit: npm run generate
import type { FamilySpec } from '../spec.ts';

export const ethtoolSpec = {
  name: 'ethtool',
  version: 1,
  doc: 'Rings, channels and features of a device.',
  definitions: {
    'header-flags': {
      type: 'flags',
      doc: 'Wishes about the reply.',
      entries: { 'compact-bitsets': 0, 'omit-reply': 1, stats: 2 },
      docs: {
        'compact-bitsets': 'Bitsets as two byte strings instead of lists.',
        'omit-reply': 'No reply to a set request.',
        stats: 'Statistics too.',
      },
    },
    'tcp-data-split': {
      type: 'enum',
      doc: 'Whether headers and payload go to different buffers; unknown leaves it to the driver.',
      entries: { unknown: 0, disabled: 1, enabled: 2 },
    },
  },
  attributeSets: {
    header: {
      doc: 'Names the device.',
      attributes: {
        'dev-index': { value: 1, type: 'u32', doc: 'Its number.' },
        'dev-name': {
          value: 2,
          type: 'string',
          doc: 'Its name; must belong to the same device if dev-index is given too.',
          checks: { maxLen: 127 },
        },
        flags: { value: 3, type: 'u32', doc: 'Wishes about the reply.', enum: 'header-flags', checks: { flagsMask: 3 } },
      },
    },
    'bitset-bit': {
      doc: 'One bit, by index or by name.',
      attributes: {
        index: { value: 1, type: 'u32', doc: 'Number of the bit.' },
        name: { value: 2, type: 'string', doc: 'Name of the bit.' },
        value: { value: 3, type: 'flag', doc: 'The bit is set; absent means clear in a bitset with a mask.' },
      },
    },
    'bitset-bits': {
      doc: 'Bits of a bitset.',
      attributes: { bit: { value: 1, type: 'nest', doc: 'One bit.', multiAttr: true, nested: 'bitset-bit' } },
    },
    bitset: {
      doc: 'Set of named bits, as a list or as two byte strings.',
      attributes: {
        nomask: { value: 1, type: 'flag', doc: 'The list holds the set bits and nothing else.' },
        size: { value: 2, type: 'u32', doc: 'Number of bits.', checks: { max: 32767 } },
        bits: { value: 3, type: 'nest', doc: 'The list.', nested: 'bitset-bits' },
        value: { value: 4, type: 'binary', doc: 'Values in 32-bit words, little endian.' },
        mask: { value: 5, type: 'binary', doc: 'Which values count, in the same form.' },
      },
    },
    rings: {
      doc: 'Descriptor rings and how packets are put into buffers.',
      attributes: {
        header: { value: 1, type: 'nest', doc: 'The device.', nested: 'header' },
        'rx-max': { value: 2, type: 'u32', doc: 'Most RX descriptors.' },
        'rx-mini-max': { value: 3, type: 'u32', doc: 'Most descriptors of the mini ring.' },
        'rx-jumbo-max': { value: 4, type: 'u32', doc: 'Most descriptors of the jumbo ring.' },
        'tx-max': { value: 5, type: 'u32', doc: 'Most TX descriptors.' },
        rx: { value: 6, type: 'u32', doc: 'RX descriptors a queue.' },
        'rx-mini': { value: 7, type: 'u32', doc: 'Descriptors of the mini ring.' },
        'rx-jumbo': { value: 8, type: 'u32', doc: 'Descriptors of the jumbo ring.' },
        tx: { value: 9, type: 'u32', doc: 'TX descriptors a queue.' },
        'rx-buf-len': { value: 10, type: 'u32', doc: 'Bytes of a receive buffer.', checks: { min: 1 } },
        'tcp-data-split': { value: 11, type: 'u8', doc: 'Header/data split.', enum: 'tcp-data-split' },
        'cqe-size': { value: 12, type: 'u32', doc: 'Bytes of a completion.', checks: { min: 1 } },
        'tx-push': { value: 13, type: 'u8', doc: 'Descriptors are pushed to the device (0 or 1).', checks: { max: 1 } },
        'rx-push': { value: 14, type: 'u8', doc: 'The same for receive (0 or 1).', checks: { max: 1 } },
        'tx-push-buf-len': { value: 15, type: 'u32', doc: 'Bytes of the push buffer.' },
        'tx-push-buf-len-max': { value: 16, type: 'u32', doc: 'Most of them.' },
        'hds-thresh': { value: 17, type: 'u32', doc: 'Payloads up to this many bytes are not split off.', since: '6.18' },
        'hds-thresh-max': { value: 18, type: 'u32', doc: 'Largest hds-thresh.', since: '6.18' },
      },
    },
    features: {
      doc: 'Offload features.',
      attributes: {
        header: { value: 1, type: 'nest', doc: 'The device.', nested: 'header' },
        hw: { value: 2, type: 'nest', doc: 'Features that can be changed.', nested: 'bitset' },
        wanted: { value: 3, type: 'nest', doc: 'Features asked for.', nested: 'bitset' },
        active: { value: 4, type: 'nest', doc: 'Features that are on.', nested: 'bitset' },
        nochange: { value: 5, type: 'nest', doc: 'Features that never change.', nested: 'bitset' },
      },
    },
    channels: {
      doc: 'Queues of a device.',
      attributes: {
        header: { value: 1, type: 'nest', doc: 'The device.', nested: 'header' },
        'rx-max': { value: 2, type: 'u32', doc: 'Most RX-only channels.' },
        'tx-max': { value: 3, type: 'u32', doc: 'Most TX-only channels.' },
        'other-max': { value: 4, type: 'u32', doc: 'Most other channels.' },
        'combined-max': { value: 5, type: 'u32', doc: 'Most combined channels.' },
        'rx-count': { value: 6, type: 'u32', doc: 'RX-only channels.' },
        'tx-count': { value: 7, type: 'u32', doc: 'TX-only channels.' },
        'other-count': { value: 8, type: 'u32', doc: 'Other channels.' },
        'combined-count': { value: 9, type: 'u32', doc: 'Channels with an RX and a TX queue.' },
      },
    },
  },
  operations: [
    {
      name: 'features-get',
      value: 11,
      doc: 'Tells the features of a device.',
      attributeSet: 'features',
      do: {
        request: { attributes: ['header'] },
        reply: { attributes: ['header', 'hw', 'wanted', 'active', 'nochange'], always: ['header'] },
      },
      dump: {
        request: { attributes: ['header'] },
        reply: { attributes: ['header', 'hw', 'wanted', 'active', 'nochange'], always: ['header'] },
      },
    },
    {
      name: 'features-set',
      value: 12,
      doc: 'Changes features. The reply tells what was asked for and not done, and what changed.',
      attributeSet: 'features',
      flags: ['admin-perm'],
      do: { request: { attributes: ['header', 'wanted'] }, reply: { attributes: ['header', 'wanted', 'active'] } },
    },
    {
      name: 'features-ntf',
      value: 13,
      doc: 'Features changed.',
      attributeSet: 'features',
      notify: 'features-get',
      mcgrp: 'monitor',
    },
    {
      name: 'rings-get',
      value: 15,
      doc: 'Tells ring sizes and header/data split.',
      attributeSet: 'rings',
      do: {
        request: { attributes: ['header'] },
        reply: {
          attributes: [
            'header',
            'rx-max',
            'rx-mini-max',
            'rx-jumbo-max',
            'tx-max',
            'rx',
            'rx-mini',
            'rx-jumbo',
            'tx',
            'rx-buf-len',
            'tcp-data-split',
            'cqe-size',
            'tx-push',
            'rx-push',
            'tx-push-buf-len',
            'tx-push-buf-len-max',
            'hds-thresh',
            'hds-thresh-max',
          ],
          always: ['header'],
        },
      },
      dump: {
        request: { attributes: ['header'] },
        reply: {
          attributes: [
            'header',
            'rx-max',
            'rx-mini-max',
            'rx-jumbo-max',
            'tx-max',
            'rx',
            'rx-mini',
            'rx-jumbo',
            'tx',
            'rx-buf-len',
            'tcp-data-split',
            'cqe-size',
            'tx-push',
            'rx-push',
            'tx-push-buf-len',
            'tx-push-buf-len-max',
            'hds-thresh',
            'hds-thresh-max',
          ],
          always: ['header'],
        },
      },
    },
    {
      name: 'rings-set',
      value: 16,
      doc: 'Changes ring sizes and header/data split.',
      attributeSet: 'rings',
      flags: ['admin-perm'],
      do: {
        request: {
          attributes: [
            'header',
            'rx',
            'rx-mini',
            'rx-jumbo',
            'tx',
            'rx-buf-len',
            'tcp-data-split',
            'cqe-size',
            'tx-push',
            'rx-push',
            'tx-push-buf-len',
            'hds-thresh',
          ],
        },
      },
    },
    {
      name: 'rings-ntf',
      value: 17,
      doc: 'Ring sizes or header/data split changed.',
      attributeSet: 'rings',
      notify: 'rings-get',
      mcgrp: 'monitor',
    },
    {
      name: 'channels-get',
      value: 17,
      doc: 'Tells the numbers of channels.',
      attributeSet: 'channels',
      do: {
        request: { attributes: ['header'] },
        reply: {
          attributes: [
            'header',
            'rx-max',
            'tx-max',
            'other-max',
            'combined-max',
            'rx-count',
            'tx-count',
            'other-count',
            'combined-count',
          ],
          always: ['header'],
        },
      },
      dump: {
        request: { attributes: ['header'] },
        reply: {
          attributes: [
            'header',
            'rx-max',
            'tx-max',
            'other-max',
            'combined-max',
            'rx-count',
            'tx-count',
            'other-count',
            'combined-count',
          ],
          always: ['header'],
        },
      },
    },
    {
      name: 'channels-set',
      value: 18,
      doc: 'Changes the numbers of channels: queues come and go while the device is up.',
      attributeSet: 'channels',
      flags: ['admin-perm'],
      do: { request: { attributes: ['header', 'rx-count', 'tx-count', 'other-count', 'combined-count'] } },
    },
    {
      name: 'channels-ntf',
      value: 19,
      doc: 'Numbers of channels changed.',
      attributeSet: 'channels',
      notify: 'channels-get',
      mcgrp: 'monitor',
    },
  ],
  mcastGroups: ['monitor'],
} as const satisfies FamilySpec;

/** Wishes about the reply. Bit masks. */
export const ETHTOOL_HEADER_FLAGS = { 'compact-bitsets': 1, 'omit-reply': 2, stats: 4 } as const;
export type EthtoolHeaderFlags = 'compact-bitsets' | 'omit-reply' | 'stats';

/** Whether headers and payload go to different buffers; unknown leaves it to the driver. */
export const ETHTOOL_TCP_DATA_SPLIT = { unknown: 0, disabled: 1, enabled: 2 } as const;
export type EthtoolTcpDataSplit = 'unknown' | 'disabled' | 'enabled';

/** Names the device. As JSON. */
export interface EthtoolHeaderSet {
  /** Its number. */
  'dev-index'?: number;
  /** Its name; must belong to the same device if dev-index is given too. */
  'dev-name'?: string;
  /** Wishes about the reply. */
  flags?: EthtoolHeaderFlags | (EthtoolHeaderFlags | number)[] | number;
}
/** The same, decoded. */
export interface EthtoolHeaderAttrs {
  /** Its number. */
  'dev-index'?: number;
  /** Its name; must belong to the same device if dev-index is given too. */
  'dev-name'?: string;
  /** Wishes about the reply. */
  flags?: number;
}

/** One bit, by index or by name. As JSON. */
export interface EthtoolBitsetBitSet {
  /** Number of the bit. */
  index?: number;
  /** Name of the bit. */
  name?: string;
  /** The bit is set; absent means clear in a bitset with a mask. */
  value?: boolean;
}
/** The same, decoded. */
export interface EthtoolBitsetBitAttrs {
  /** Number of the bit. */
  index?: number;
  /** Name of the bit. */
  name?: string;
  /** The bit is set; absent means clear in a bitset with a mask. */
  value?: boolean;
}

/** Bits of a bitset. As JSON. */
export interface EthtoolBitsetBitsSet {
  /** One bit. */
  bit?: EthtoolBitsetBitSet[];
}
/** The same, decoded. */
export interface EthtoolBitsetBitsAttrs {
  /** One bit. */
  bit?: EthtoolBitsetBitAttrs[];
}

/** Set of named bits, as a list or as two byte strings. As JSON. */
export interface EthtoolBitsetSet {
  /** The list holds the set bits and nothing else. */
  nomask?: boolean;
  /** Number of bits. */
  size?: number;
  /** The list. */
  bits?: EthtoolBitsetBitsSet;
  /** Values in 32-bit words, little endian. */
  value?: string;
  /** Which values count, in the same form. */
  mask?: string;
}
/** The same, decoded. */
export interface EthtoolBitsetAttrs {
  /** The list holds the set bits and nothing else. */
  nomask?: boolean;
  /** Number of bits. */
  size?: number;
  /** The list. */
  bits?: EthtoolBitsetBitsAttrs;
  /** Values in 32-bit words, little endian. */
  value?: Uint8Array;
  /** Which values count, in the same form. */
  mask?: Uint8Array;
}

/** Descriptor rings and how packets are put into buffers. As JSON. */
export interface EthtoolRingsSet {
  /** The device. */
  header?: EthtoolHeaderSet;
  /** Most RX descriptors. */
  'rx-max'?: number;
  /** Most descriptors of the mini ring. */
  'rx-mini-max'?: number;
  /** Most descriptors of the jumbo ring. */
  'rx-jumbo-max'?: number;
  /** Most TX descriptors. */
  'tx-max'?: number;
  /** RX descriptors a queue. */
  rx?: number;
  /** Descriptors of the mini ring. */
  'rx-mini'?: number;
  /** Descriptors of the jumbo ring. */
  'rx-jumbo'?: number;
  /** TX descriptors a queue. */
  tx?: number;
  /** Bytes of a receive buffer. */
  'rx-buf-len'?: number;
  /** Header/data split. */
  'tcp-data-split'?: EthtoolTcpDataSplit | number;
  /** Bytes of a completion. */
  'cqe-size'?: number;
  /** Descriptors are pushed to the device (0 or 1). */
  'tx-push'?: number;
  /** The same for receive (0 or 1). */
  'rx-push'?: number;
  /** Bytes of the push buffer. */
  'tx-push-buf-len'?: number;
  /** Most of them. */
  'tx-push-buf-len-max'?: number;
  /** Payloads up to this many bytes are not split off. */
  'hds-thresh'?: number;
  /** Largest hds-thresh. */
  'hds-thresh-max'?: number;
}
/** The same, decoded. */
export interface EthtoolRingsAttrs {
  /** The device. */
  header?: EthtoolHeaderAttrs;
  /** Most RX descriptors. */
  'rx-max'?: number;
  /** Most descriptors of the mini ring. */
  'rx-mini-max'?: number;
  /** Most descriptors of the jumbo ring. */
  'rx-jumbo-max'?: number;
  /** Most TX descriptors. */
  'tx-max'?: number;
  /** RX descriptors a queue. */
  rx?: number;
  /** Descriptors of the mini ring. */
  'rx-mini'?: number;
  /** Descriptors of the jumbo ring. */
  'rx-jumbo'?: number;
  /** TX descriptors a queue. */
  tx?: number;
  /** Bytes of a receive buffer. */
  'rx-buf-len'?: number;
  /** Header/data split. */
  'tcp-data-split'?: number;
  /** Bytes of a completion. */
  'cqe-size'?: number;
  /** Descriptors are pushed to the device (0 or 1). */
  'tx-push'?: number;
  /** The same for receive (0 or 1). */
  'rx-push'?: number;
  /** Bytes of the push buffer. */
  'tx-push-buf-len'?: number;
  /** Most of them. */
  'tx-push-buf-len-max'?: number;
  /** Payloads up to this many bytes are not split off. */
  'hds-thresh'?: number;
  /** Largest hds-thresh. */
  'hds-thresh-max'?: number;
}

/** Offload features. As JSON. */
export interface EthtoolFeaturesSet {
  /** The device. */
  header?: EthtoolHeaderSet;
  /** Features that can be changed. */
  hw?: EthtoolBitsetSet;
  /** Features asked for. */
  wanted?: EthtoolBitsetSet;
  /** Features that are on. */
  active?: EthtoolBitsetSet;
  /** Features that never change. */
  nochange?: EthtoolBitsetSet;
}
/** The same, decoded. */
export interface EthtoolFeaturesAttrs {
  /** The device. */
  header?: EthtoolHeaderAttrs;
  /** Features that can be changed. */
  hw?: EthtoolBitsetAttrs;
  /** Features asked for. */
  wanted?: EthtoolBitsetAttrs;
  /** Features that are on. */
  active?: EthtoolBitsetAttrs;
  /** Features that never change. */
  nochange?: EthtoolBitsetAttrs;
}

/** Queues of a device. As JSON. */
export interface EthtoolChannelsSet {
  /** The device. */
  header?: EthtoolHeaderSet;
  /** Most RX-only channels. */
  'rx-max'?: number;
  /** Most TX-only channels. */
  'tx-max'?: number;
  /** Most other channels. */
  'other-max'?: number;
  /** Most combined channels. */
  'combined-max'?: number;
  /** RX-only channels. */
  'rx-count'?: number;
  /** TX-only channels. */
  'tx-count'?: number;
  /** Other channels. */
  'other-count'?: number;
  /** Channels with an RX and a TX queue. */
  'combined-count'?: number;
}
/** The same, decoded. */
export interface EthtoolChannelsAttrs {
  /** The device. */
  header?: EthtoolHeaderAttrs;
  /** Most RX-only channels. */
  'rx-max'?: number;
  /** Most TX-only channels. */
  'tx-max'?: number;
  /** Most other channels. */
  'other-max'?: number;
  /** Most combined channels. */
  'combined-max'?: number;
  /** RX-only channels. */
  'rx-count'?: number;
  /** TX-only channels. */
  'tx-count'?: number;
  /** Other channels. */
  'other-count'?: number;
  /** Channels with an RX and a TX queue. */
  'combined-count'?: number;
}

/** Request of features-get (do) as JSON. Tells the features of a device. */
export interface EthtoolFeaturesGetDoRequest {
  /** The device. */
  header?: EthtoolHeaderSet;
}
/** The same, decoded. */
export interface EthtoolFeaturesGetDoAttrs {
  /** The device. */
  header?: EthtoolHeaderAttrs;
}
export interface EthtoolFeaturesGetDoReply {
  /** The device. */
  header: EthtoolHeaderSet;
  /** Features that can be changed. */
  hw?: EthtoolBitsetSet;
  /** Features asked for. */
  wanted?: EthtoolBitsetSet;
  /** Features that are on. */
  active?: EthtoolBitsetSet;
  /** Features that never change. */
  nochange?: EthtoolBitsetSet;
}
/** What the operation hands to the renderer. */
export interface EthtoolFeaturesGetDoReplyAttrs {
  /** The device. */
  header: EthtoolHeaderAttrs;
  /** Features that can be changed. */
  hw?: EthtoolBitsetAttrs;
  /** Features asked for. */
  wanted?: EthtoolBitsetAttrs;
  /** Features that are on. */
  active?: EthtoolBitsetAttrs;
  /** Features that never change. */
  nochange?: EthtoolBitsetAttrs;
}

/** Request of features-get (dump) as JSON. Tells the features of a device. */
export interface EthtoolFeaturesGetDumpRequest {
  /** The device. */
  header?: EthtoolHeaderSet;
}
/** The same, decoded. */
export interface EthtoolFeaturesGetDumpAttrs {
  /** The device. */
  header?: EthtoolHeaderAttrs;
}
export interface EthtoolFeaturesGetDumpReply {
  /** The device. */
  header: EthtoolHeaderSet;
  /** Features that can be changed. */
  hw?: EthtoolBitsetSet;
  /** Features asked for. */
  wanted?: EthtoolBitsetSet;
  /** Features that are on. */
  active?: EthtoolBitsetSet;
  /** Features that never change. */
  nochange?: EthtoolBitsetSet;
}
/** What the operation hands to the renderer. */
export interface EthtoolFeaturesGetDumpReplyAttrs {
  /** The device. */
  header: EthtoolHeaderAttrs;
  /** Features that can be changed. */
  hw?: EthtoolBitsetAttrs;
  /** Features asked for. */
  wanted?: EthtoolBitsetAttrs;
  /** Features that are on. */
  active?: EthtoolBitsetAttrs;
  /** Features that never change. */
  nochange?: EthtoolBitsetAttrs;
}

/** Request of features-set (do) as JSON. Changes features. The reply tells what was asked for and not done, and what changed. */
export interface EthtoolFeaturesSetDoRequest {
  /** The device. */
  header?: EthtoolHeaderSet;
  /** Features asked for. */
  wanted?: EthtoolBitsetSet;
}
/** The same, decoded. */
export interface EthtoolFeaturesSetDoAttrs {
  /** The device. */
  header?: EthtoolHeaderAttrs;
  /** Features asked for. */
  wanted?: EthtoolBitsetAttrs;
}
export interface EthtoolFeaturesSetDoReply {
  /** The device. */
  header?: EthtoolHeaderSet;
  /** Features asked for. */
  wanted?: EthtoolBitsetSet;
  /** Features that are on. */
  active?: EthtoolBitsetSet;
}
/** What the operation hands to the renderer. */
export interface EthtoolFeaturesSetDoReplyAttrs {
  /** The device. */
  header?: EthtoolHeaderAttrs;
  /** Features asked for. */
  wanted?: EthtoolBitsetAttrs;
  /** Features that are on. */
  active?: EthtoolBitsetAttrs;
}

/** Request of rings-get (do) as JSON. Tells ring sizes and header/data split. */
export interface EthtoolRingsGetDoRequest {
  /** The device. */
  header?: EthtoolHeaderSet;
}
/** The same, decoded. */
export interface EthtoolRingsGetDoAttrs {
  /** The device. */
  header?: EthtoolHeaderAttrs;
}
export interface EthtoolRingsGetDoReply {
  /** The device. */
  header: EthtoolHeaderSet;
  /** Most RX descriptors. */
  'rx-max'?: number;
  /** Most descriptors of the mini ring. */
  'rx-mini-max'?: number;
  /** Most descriptors of the jumbo ring. */
  'rx-jumbo-max'?: number;
  /** Most TX descriptors. */
  'tx-max'?: number;
  /** RX descriptors a queue. */
  rx?: number;
  /** Descriptors of the mini ring. */
  'rx-mini'?: number;
  /** Descriptors of the jumbo ring. */
  'rx-jumbo'?: number;
  /** TX descriptors a queue. */
  tx?: number;
  /** Bytes of a receive buffer. */
  'rx-buf-len'?: number;
  /** Header/data split. */
  'tcp-data-split'?: EthtoolTcpDataSplit | number;
  /** Bytes of a completion. */
  'cqe-size'?: number;
  /** Descriptors are pushed to the device (0 or 1). */
  'tx-push'?: number;
  /** The same for receive (0 or 1). */
  'rx-push'?: number;
  /** Bytes of the push buffer. */
  'tx-push-buf-len'?: number;
  /** Most of them. */
  'tx-push-buf-len-max'?: number;
  /** Payloads up to this many bytes are not split off. */
  'hds-thresh'?: number;
  /** Largest hds-thresh. */
  'hds-thresh-max'?: number;
}
/** What the operation hands to the renderer. */
export interface EthtoolRingsGetDoReplyAttrs {
  /** The device. */
  header: EthtoolHeaderAttrs;
  /** Most RX descriptors. */
  'rx-max'?: number;
  /** Most descriptors of the mini ring. */
  'rx-mini-max'?: number;
  /** Most descriptors of the jumbo ring. */
  'rx-jumbo-max'?: number;
  /** Most TX descriptors. */
  'tx-max'?: number;
  /** RX descriptors a queue. */
  rx?: number;
  /** Descriptors of the mini ring. */
  'rx-mini'?: number;
  /** Descriptors of the jumbo ring. */
  'rx-jumbo'?: number;
  /** TX descriptors a queue. */
  tx?: number;
  /** Bytes of a receive buffer. */
  'rx-buf-len'?: number;
  /** Header/data split. */
  'tcp-data-split'?: number;
  /** Bytes of a completion. */
  'cqe-size'?: number;
  /** Descriptors are pushed to the device (0 or 1). */
  'tx-push'?: number;
  /** The same for receive (0 or 1). */
  'rx-push'?: number;
  /** Bytes of the push buffer. */
  'tx-push-buf-len'?: number;
  /** Most of them. */
  'tx-push-buf-len-max'?: number;
  /** Payloads up to this many bytes are not split off. */
  'hds-thresh'?: number;
  /** Largest hds-thresh. */
  'hds-thresh-max'?: number;
}

/** Request of rings-get (dump) as JSON. Tells ring sizes and header/data split. */
export interface EthtoolRingsGetDumpRequest {
  /** The device. */
  header?: EthtoolHeaderSet;
}
/** The same, decoded. */
export interface EthtoolRingsGetDumpAttrs {
  /** The device. */
  header?: EthtoolHeaderAttrs;
}
export interface EthtoolRingsGetDumpReply {
  /** The device. */
  header: EthtoolHeaderSet;
  /** Most RX descriptors. */
  'rx-max'?: number;
  /** Most descriptors of the mini ring. */
  'rx-mini-max'?: number;
  /** Most descriptors of the jumbo ring. */
  'rx-jumbo-max'?: number;
  /** Most TX descriptors. */
  'tx-max'?: number;
  /** RX descriptors a queue. */
  rx?: number;
  /** Descriptors of the mini ring. */
  'rx-mini'?: number;
  /** Descriptors of the jumbo ring. */
  'rx-jumbo'?: number;
  /** TX descriptors a queue. */
  tx?: number;
  /** Bytes of a receive buffer. */
  'rx-buf-len'?: number;
  /** Header/data split. */
  'tcp-data-split'?: EthtoolTcpDataSplit | number;
  /** Bytes of a completion. */
  'cqe-size'?: number;
  /** Descriptors are pushed to the device (0 or 1). */
  'tx-push'?: number;
  /** The same for receive (0 or 1). */
  'rx-push'?: number;
  /** Bytes of the push buffer. */
  'tx-push-buf-len'?: number;
  /** Most of them. */
  'tx-push-buf-len-max'?: number;
  /** Payloads up to this many bytes are not split off. */
  'hds-thresh'?: number;
  /** Largest hds-thresh. */
  'hds-thresh-max'?: number;
}
/** What the operation hands to the renderer. */
export interface EthtoolRingsGetDumpReplyAttrs {
  /** The device. */
  header: EthtoolHeaderAttrs;
  /** Most RX descriptors. */
  'rx-max'?: number;
  /** Most descriptors of the mini ring. */
  'rx-mini-max'?: number;
  /** Most descriptors of the jumbo ring. */
  'rx-jumbo-max'?: number;
  /** Most TX descriptors. */
  'tx-max'?: number;
  /** RX descriptors a queue. */
  rx?: number;
  /** Descriptors of the mini ring. */
  'rx-mini'?: number;
  /** Descriptors of the jumbo ring. */
  'rx-jumbo'?: number;
  /** TX descriptors a queue. */
  tx?: number;
  /** Bytes of a receive buffer. */
  'rx-buf-len'?: number;
  /** Header/data split. */
  'tcp-data-split'?: number;
  /** Bytes of a completion. */
  'cqe-size'?: number;
  /** Descriptors are pushed to the device (0 or 1). */
  'tx-push'?: number;
  /** The same for receive (0 or 1). */
  'rx-push'?: number;
  /** Bytes of the push buffer. */
  'tx-push-buf-len'?: number;
  /** Most of them. */
  'tx-push-buf-len-max'?: number;
  /** Payloads up to this many bytes are not split off. */
  'hds-thresh'?: number;
  /** Largest hds-thresh. */
  'hds-thresh-max'?: number;
}

/** Request of rings-set (do) as JSON. Changes ring sizes and header/data split. */
export interface EthtoolRingsSetDoRequest {
  /** The device. */
  header?: EthtoolHeaderSet;
  /** RX descriptors a queue. */
  rx?: number;
  /** Descriptors of the mini ring. */
  'rx-mini'?: number;
  /** Descriptors of the jumbo ring. */
  'rx-jumbo'?: number;
  /** TX descriptors a queue. */
  tx?: number;
  /** Bytes of a receive buffer. */
  'rx-buf-len'?: number;
  /** Header/data split. */
  'tcp-data-split'?: EthtoolTcpDataSplit | number;
  /** Bytes of a completion. */
  'cqe-size'?: number;
  /** Descriptors are pushed to the device (0 or 1). */
  'tx-push'?: number;
  /** The same for receive (0 or 1). */
  'rx-push'?: number;
  /** Bytes of the push buffer. */
  'tx-push-buf-len'?: number;
  /** Payloads up to this many bytes are not split off. */
  'hds-thresh'?: number;
}
/** The same, decoded. */
export interface EthtoolRingsSetDoAttrs {
  /** The device. */
  header?: EthtoolHeaderAttrs;
  /** RX descriptors a queue. */
  rx?: number;
  /** Descriptors of the mini ring. */
  'rx-mini'?: number;
  /** Descriptors of the jumbo ring. */
  'rx-jumbo'?: number;
  /** TX descriptors a queue. */
  tx?: number;
  /** Bytes of a receive buffer. */
  'rx-buf-len'?: number;
  /** Header/data split. */
  'tcp-data-split'?: number;
  /** Bytes of a completion. */
  'cqe-size'?: number;
  /** Descriptors are pushed to the device (0 or 1). */
  'tx-push'?: number;
  /** The same for receive (0 or 1). */
  'rx-push'?: number;
  /** Bytes of the push buffer. */
  'tx-push-buf-len'?: number;
  /** Payloads up to this many bytes are not split off. */
  'hds-thresh'?: number;
}
export type EthtoolRingsSetDoReply = null;

/** Request of channels-get (do) as JSON. Tells the numbers of channels. */
export interface EthtoolChannelsGetDoRequest {
  /** The device. */
  header?: EthtoolHeaderSet;
}
/** The same, decoded. */
export interface EthtoolChannelsGetDoAttrs {
  /** The device. */
  header?: EthtoolHeaderAttrs;
}
export interface EthtoolChannelsGetDoReply {
  /** The device. */
  header: EthtoolHeaderSet;
  /** Most RX-only channels. */
  'rx-max'?: number;
  /** Most TX-only channels. */
  'tx-max'?: number;
  /** Most other channels. */
  'other-max'?: number;
  /** Most combined channels. */
  'combined-max'?: number;
  /** RX-only channels. */
  'rx-count'?: number;
  /** TX-only channels. */
  'tx-count'?: number;
  /** Other channels. */
  'other-count'?: number;
  /** Channels with an RX and a TX queue. */
  'combined-count'?: number;
}
/** What the operation hands to the renderer. */
export interface EthtoolChannelsGetDoReplyAttrs {
  /** The device. */
  header: EthtoolHeaderAttrs;
  /** Most RX-only channels. */
  'rx-max'?: number;
  /** Most TX-only channels. */
  'tx-max'?: number;
  /** Most other channels. */
  'other-max'?: number;
  /** Most combined channels. */
  'combined-max'?: number;
  /** RX-only channels. */
  'rx-count'?: number;
  /** TX-only channels. */
  'tx-count'?: number;
  /** Other channels. */
  'other-count'?: number;
  /** Channels with an RX and a TX queue. */
  'combined-count'?: number;
}

/** Request of channels-get (dump) as JSON. Tells the numbers of channels. */
export interface EthtoolChannelsGetDumpRequest {
  /** The device. */
  header?: EthtoolHeaderSet;
}
/** The same, decoded. */
export interface EthtoolChannelsGetDumpAttrs {
  /** The device. */
  header?: EthtoolHeaderAttrs;
}
export interface EthtoolChannelsGetDumpReply {
  /** The device. */
  header: EthtoolHeaderSet;
  /** Most RX-only channels. */
  'rx-max'?: number;
  /** Most TX-only channels. */
  'tx-max'?: number;
  /** Most other channels. */
  'other-max'?: number;
  /** Most combined channels. */
  'combined-max'?: number;
  /** RX-only channels. */
  'rx-count'?: number;
  /** TX-only channels. */
  'tx-count'?: number;
  /** Other channels. */
  'other-count'?: number;
  /** Channels with an RX and a TX queue. */
  'combined-count'?: number;
}
/** What the operation hands to the renderer. */
export interface EthtoolChannelsGetDumpReplyAttrs {
  /** The device. */
  header: EthtoolHeaderAttrs;
  /** Most RX-only channels. */
  'rx-max'?: number;
  /** Most TX-only channels. */
  'tx-max'?: number;
  /** Most other channels. */
  'other-max'?: number;
  /** Most combined channels. */
  'combined-max'?: number;
  /** RX-only channels. */
  'rx-count'?: number;
  /** TX-only channels. */
  'tx-count'?: number;
  /** Other channels. */
  'other-count'?: number;
  /** Channels with an RX and a TX queue. */
  'combined-count'?: number;
}

/** Request of channels-set (do) as JSON. Changes the numbers of channels: queues come and go while the device is up. */
export interface EthtoolChannelsSetDoRequest {
  /** The device. */
  header?: EthtoolHeaderSet;
  /** RX-only channels. */
  'rx-count'?: number;
  /** TX-only channels. */
  'tx-count'?: number;
  /** Other channels. */
  'other-count'?: number;
  /** Channels with an RX and a TX queue. */
  'combined-count'?: number;
}
/** The same, decoded. */
export interface EthtoolChannelsSetDoAttrs {
  /** The device. */
  header?: EthtoolHeaderAttrs;
  /** RX-only channels. */
  'rx-count'?: number;
  /** TX-only channels. */
  'tx-count'?: number;
  /** Other channels. */
  'other-count'?: number;
  /** Channels with an RX and a TX queue. */
  'combined-count'?: number;
}
export type EthtoolChannelsSetDoReply = null;
