// Made by scripts/generate.ts from schemas. Do not edit: npm run generate
import type { FamilySpec } from '../spec.ts';

export const dmabufSpec = {
  name: 'dmabuf',
  version: 1,
  doc: 'Memory of fixed length that a client maps and a device writes to.',
  definitions: {
    exporter: {
      type: 'enum',
      doc: 'What exports the memory.',
      entries: { system: 0, udmabuf: 1, device: 2 },
      docs: {
        system: 'The system heap: scatter list entries of 1 MiB, 64 KiB and 4 KiB.',
        udmabuf: 'Pages of a memfd: one contiguous run, single pages on 6.12.',
        device: 'Memory of a device: the host cannot map it, offsets are device addresses.',
      },
    },
    'sync-flags': {
      type: 'flags',
      doc: 'As in DMA_BUF_IOCTL_SYNC; without end an access starts.',
      entries: { read: 0, write: 1, end: 2 },
    },
    'attachment-state': {
      type: 'enum',
      doc: 'How far an import has come.',
      entries: { attached: 0, mapped: 1, finishing: 2 },
      docs: {
        attached: 'Without a mapping.',
        mapped: 'Its netdev may write to the memory.',
        finishing: 'The memory is about to move: nothing is allocated, what is out is waited for.',
      },
    },
  },
  attributeSets: {
    attachment: {
      doc: 'A netdev that imports a dmabuf.',
      attributes: {
        ifindex: { value: 1, type: 'u32', doc: 'Number of the netdev.' },
        dynamic: { value: 2, type: 'flag', doc: 'The importer lets the memory move; no Linux does.' },
        state: { value: 3, type: 'u32', doc: 'How far it has come.', enum: 'attachment-state' },
        outstanding: { value: 4, type: 'u32', doc: 'Buffers with pools, sockets and user space.' },
        maps: { value: 5, type: 'uint', doc: 'Mappings made.' },
        unmaps: { value: 6, type: 'uint', doc: 'Mappings undone.' },
        syncs: { value: 7, type: 'uint', doc: 'Times the memory changed hands between device and host.' },
      },
    },
    dmabuf: {
      doc: 'A dmabuf.',
      attributes: {
        fd: { value: 1, type: 's32', doc: 'fd in the calling session; in create the wanted number.' },
        size: { value: 2, type: 'u64', doc: 'Bytes, a multiple of 4096.' },
        name: { value: 3, type: 'string', doc: 'Name for people.', checks: { maxLen: 31 } },
        exporter: { value: 4, type: 'u32', doc: 'What exports the memory.', enum: 'exporter' },
        'client-write': {
          value: 5,
          type: 'u8',
          doc: 'Whether clients may write to it (0 or 1); the default depends on the backing.',
          checks: { max: 1 },
        },
        path: { value: 6, type: 'string', doc: 'File to map; empty where the host cannot.' },
        bindings: { value: 7, type: 'u32', doc: 'Ids of the bindings that use it.', multiAttr: true },
        flags: { value: 8, type: 'u32', doc: 'What a sync starts or ends.', enum: 'sync-flags' },
        memfd: { value: 9, type: 's32', doc: 'udmabuf: fd of the memfd whose pages it takes.' },
        offset: { value: 10, type: 'u64', doc: 'udmabuf: byte of the memfd, a multiple of 4096, at which the dmabuf starts.' },
        'p2p-reachable': {
          value: 11,
          type: 'u32',
          doc: 'device: numbers of the netdevs that reach it peer to peer; none if absent.',
          multiAttr: true,
        },
        'va-base': {
          value: 12,
          type: 'u64',
          doc: 'device: address of its first byte, a multiple of 4096; a free place if absent.',
        },
        attachments: { value: 13, type: 'nest', doc: 'Netdevs that import it, oldest first.', multiAttr: true, nested: 'attachment' },
        maps: { value: 14, type: 'uint', doc: 'Mappings made since it exists.' },
        unmaps: { value: 15, type: 'uint', doc: 'Mappings undone.' },
        syncs: { value: 16, type: 'uint', doc: 'Times it changed hands between devices and the host.' },
        revoked: { value: 17, type: 'flag', doc: 'The memory was taken away.' },
        'timeout-ms': { value: 18, type: 'u32', doc: 'Longest wait in milliseconds; 0 does not wait.' },
      },
    },
  },
  operations: [
    {
      name: 'create',
      value: 1,
      doc: 'Makes a dmabuf: of new memory filled with zeros, or, as UDMABUF_CREATE does, of a part of a memfd.',
      attributeSet: 'dmabuf',
      do: {
        request: {
          attributes: ['fd', 'size', 'name', 'exporter', 'client-write', 'memfd', 'offset', 'p2p-reachable', 'va-base'],
        },
        reply: { attributes: ['fd', 'size', 'path', 'offset', 'va-base'], always: ['fd', 'size', 'path'] },
      },
    },
    {
      name: 'close',
      value: 2,
      doc: 'Closes its fd; bindings keep the memory.',
      attributeSet: 'dmabuf',
      do: { request: { attributes: ['fd'] } },
    },
    {
      name: 'get',
      value: 3,
      doc: 'Tells a dmabuf of the calling session.',
      attributeSet: 'dmabuf',
      do: {
        request: { attributes: ['fd'] },
        reply: {
          attributes: [
            'fd',
            'size',
            'name',
            'exporter',
            'path',
            'offset',
            'va-base',
            'p2p-reachable',
            'revoked',
            'bindings',
            'attachments',
            'maps',
            'unmaps',
            'syncs',
          ],
          always: ['fd', 'size', 'exporter', 'path', 'maps', 'unmaps', 'syncs'],
        },
      },
      dump: {
        request: { attributes: [] },
        reply: {
          attributes: [
            'fd',
            'size',
            'name',
            'exporter',
            'path',
            'offset',
            'va-base',
            'p2p-reachable',
            'revoked',
            'bindings',
            'attachments',
            'maps',
            'unmaps',
            'syncs',
          ],
          always: ['fd', 'size', 'exporter', 'path', 'maps', 'unmaps', 'syncs'],
        },
      },
    },
    {
      name: 'sync',
      value: 4,
      doc: 'Starts or ends an access by the client. Memory here is coherent, so arguments are checked and the changes of hands counted.',
      attributeSet: 'dmabuf',
      do: { request: { attributes: ['fd', 'flags'] } },
    },
    {
      name: 'move',
      value: 5,
      doc: 'Puts device memory at another address. Whoever imports it statically, as Linux does, makes that EBUSY; dynamic importers are waited for.',
      attributeSet: 'dmabuf',
      do: {
        request: { attributes: ['fd', 'va-base', 'timeout-ms'] },
        reply: { attributes: ['va-base'], always: ['va-base'] },
      },
      blocking: true,
      extension: true,
    },
    {
      name: 'revoke',
      value: 6,
      doc: 'Takes device memory away for good: it cannot be imported any more. EBUSY while it is.',
      attributeSet: 'dmabuf',
      do: { request: { attributes: ['fd'] } },
      extension: true,
    },
  ],
  mcastGroups: [],
} as const satisfies FamilySpec;

/** What exports the memory. */
export const DMABUF_EXPORTER = { system: 0, udmabuf: 1, device: 2 } as const;
export type DmabufExporter = 'system' | 'udmabuf' | 'device';

/** As in DMA_BUF_IOCTL_SYNC; without end an access starts. Bit masks. */
export const DMABUF_SYNC_FLAGS = { read: 1, write: 2, end: 4 } as const;
export type DmabufSyncFlags = 'read' | 'write' | 'end';

/** How far an import has come. */
export const DMABUF_ATTACHMENT_STATE = { attached: 0, mapped: 1, finishing: 2 } as const;
export type DmabufAttachmentState = 'attached' | 'mapped' | 'finishing';

/** A netdev that imports a dmabuf. As JSON. */
export interface DmabufAttachmentSet {
  /** Number of the netdev. */
  ifindex?: number;
  /** The importer lets the memory move; no Linux does. */
  dynamic?: boolean;
  /** How far it has come. */
  state?: DmabufAttachmentState | number;
  /** Buffers with pools, sockets and user space. */
  outstanding?: number;
  /** Mappings made. */
  maps?: number | string;
  /** Mappings undone. */
  unmaps?: number | string;
  /** Times the memory changed hands between device and host. */
  syncs?: number | string;
}
/** The same, decoded. */
export interface DmabufAttachmentAttrs {
  /** Number of the netdev. */
  ifindex?: number;
  /** The importer lets the memory move; no Linux does. */
  dynamic?: boolean;
  /** How far it has come. */
  state?: number;
  /** Buffers with pools, sockets and user space. */
  outstanding?: number;
  /** Mappings made. */
  maps?: number;
  /** Mappings undone. */
  unmaps?: number;
  /** Times the memory changed hands between device and host. */
  syncs?: number;
}

/** A dmabuf. As JSON. */
export interface DmabufDmabufSet {
  /** fd in the calling session; in create the wanted number. */
  fd?: number;
  /** Bytes, a multiple of 4096. */
  size?: number | string;
  /** Name for people. */
  name?: string;
  /** What exports the memory. */
  exporter?: DmabufExporter | number;
  /** Whether clients may write to it (0 or 1); the default depends on the backing. */
  'client-write'?: number;
  /** File to map; empty where the host cannot. */
  path?: string;
  /** Ids of the bindings that use it. */
  bindings?: number[];
  /** What a sync starts or ends. */
  flags?: DmabufSyncFlags | (DmabufSyncFlags | number)[] | number;
  /** udmabuf: fd of the memfd whose pages it takes. */
  memfd?: number;
  /** udmabuf: byte of the memfd, a multiple of 4096, at which the dmabuf starts. */
  offset?: number | string;
  /** device: numbers of the netdevs that reach it peer to peer; none if absent. */
  'p2p-reachable'?: number[];
  /** device: address of its first byte, a multiple of 4096; a free place if absent. */
  'va-base'?: number | string;
  /** Netdevs that import it, oldest first. */
  attachments?: DmabufAttachmentSet[];
  /** Mappings made since it exists. */
  maps?: number | string;
  /** Mappings undone. */
  unmaps?: number | string;
  /** Times it changed hands between devices and the host. */
  syncs?: number | string;
  /** The memory was taken away. */
  revoked?: boolean;
  /** Longest wait in milliseconds; 0 does not wait. */
  'timeout-ms'?: number;
}
/** The same, decoded. */
export interface DmabufDmabufAttrs {
  /** fd in the calling session; in create the wanted number. */
  fd?: number;
  /** Bytes, a multiple of 4096. */
  size?: number;
  /** Name for people. */
  name?: string;
  /** What exports the memory. */
  exporter?: number;
  /** Whether clients may write to it (0 or 1); the default depends on the backing. */
  'client-write'?: number;
  /** File to map; empty where the host cannot. */
  path?: string;
  /** Ids of the bindings that use it. */
  bindings?: number[];
  /** What a sync starts or ends. */
  flags?: number;
  /** udmabuf: fd of the memfd whose pages it takes. */
  memfd?: number;
  /** udmabuf: byte of the memfd, a multiple of 4096, at which the dmabuf starts. */
  offset?: number;
  /** device: numbers of the netdevs that reach it peer to peer; none if absent. */
  'p2p-reachable'?: number[];
  /** device: address of its first byte, a multiple of 4096; a free place if absent. */
  'va-base'?: number;
  /** Netdevs that import it, oldest first. */
  attachments?: DmabufAttachmentAttrs[];
  /** Mappings made since it exists. */
  maps?: number;
  /** Mappings undone. */
  unmaps?: number;
  /** Times it changed hands between devices and the host. */
  syncs?: number;
  /** The memory was taken away. */
  revoked?: boolean;
  /** Longest wait in milliseconds; 0 does not wait. */
  'timeout-ms'?: number;
}

/** Request of create (do) as JSON. Makes a dmabuf: of new memory filled with zeros, or, as UDMABUF_CREATE does, of a part of a memfd. */
export interface DmabufCreateDoRequest {
  /** fd in the calling session; in create the wanted number. */
  fd?: number;
  /** Bytes, a multiple of 4096. */
  size?: number | string;
  /** Name for people. */
  name?: string;
  /** What exports the memory. */
  exporter?: DmabufExporter | number;
  /** Whether clients may write to it (0 or 1); the default depends on the backing. */
  'client-write'?: number;
  /** udmabuf: fd of the memfd whose pages it takes. */
  memfd?: number;
  /** udmabuf: byte of the memfd, a multiple of 4096, at which the dmabuf starts. */
  offset?: number | string;
  /** device: numbers of the netdevs that reach it peer to peer; none if absent. */
  'p2p-reachable'?: number[];
  /** device: address of its first byte, a multiple of 4096; a free place if absent. */
  'va-base'?: number | string;
}
/** The same, decoded. */
export interface DmabufCreateDoAttrs {
  /** fd in the calling session; in create the wanted number. */
  fd?: number;
  /** Bytes, a multiple of 4096. */
  size?: number;
  /** Name for people. */
  name?: string;
  /** What exports the memory. */
  exporter?: number;
  /** Whether clients may write to it (0 or 1); the default depends on the backing. */
  'client-write'?: number;
  /** udmabuf: fd of the memfd whose pages it takes. */
  memfd?: number;
  /** udmabuf: byte of the memfd, a multiple of 4096, at which the dmabuf starts. */
  offset?: number;
  /** device: numbers of the netdevs that reach it peer to peer; none if absent. */
  'p2p-reachable'?: number[];
  /** device: address of its first byte, a multiple of 4096; a free place if absent. */
  'va-base'?: number;
}
export interface DmabufCreateDoReply {
  /** fd in the calling session; in create the wanted number. */
  fd: number;
  /** Bytes, a multiple of 4096. */
  size: number | string;
  /** File to map; empty where the host cannot. */
  path: string;
  /** udmabuf: byte of the memfd, a multiple of 4096, at which the dmabuf starts. */
  offset?: number | string;
  /** device: address of its first byte, a multiple of 4096; a free place if absent. */
  'va-base'?: number | string;
}
/** What the operation hands to the renderer. */
export interface DmabufCreateDoReplyAttrs {
  /** fd in the calling session; in create the wanted number. */
  fd: number;
  /** Bytes, a multiple of 4096. */
  size: number;
  /** File to map; empty where the host cannot. */
  path: string;
  /** udmabuf: byte of the memfd, a multiple of 4096, at which the dmabuf starts. */
  offset?: number;
  /** device: address of its first byte, a multiple of 4096; a free place if absent. */
  'va-base'?: number;
}

/** Request of close (do) as JSON. Closes its fd; bindings keep the memory. */
export interface DmabufCloseDoRequest {
  /** fd in the calling session; in create the wanted number. */
  fd?: number;
}
/** The same, decoded. */
export interface DmabufCloseDoAttrs {
  /** fd in the calling session; in create the wanted number. */
  fd?: number;
}
export type DmabufCloseDoReply = null;

/** Request of get (do) as JSON. Tells a dmabuf of the calling session. */
export interface DmabufGetDoRequest {
  /** fd in the calling session; in create the wanted number. */
  fd?: number;
}
/** The same, decoded. */
export interface DmabufGetDoAttrs {
  /** fd in the calling session; in create the wanted number. */
  fd?: number;
}
export interface DmabufGetDoReply {
  /** fd in the calling session; in create the wanted number. */
  fd: number;
  /** Bytes, a multiple of 4096. */
  size: number | string;
  /** Name for people. */
  name?: string;
  /** What exports the memory. */
  exporter: DmabufExporter | number;
  /** File to map; empty where the host cannot. */
  path: string;
  /** udmabuf: byte of the memfd, a multiple of 4096, at which the dmabuf starts. */
  offset?: number | string;
  /** device: address of its first byte, a multiple of 4096; a free place if absent. */
  'va-base'?: number | string;
  /** device: numbers of the netdevs that reach it peer to peer; none if absent. */
  'p2p-reachable'?: number[];
  /** The memory was taken away. */
  revoked?: boolean;
  /** Ids of the bindings that use it. */
  bindings?: number[];
  /** Netdevs that import it, oldest first. */
  attachments?: DmabufAttachmentSet[];
  /** Mappings made since it exists. */
  maps: number | string;
  /** Mappings undone. */
  unmaps: number | string;
  /** Times it changed hands between devices and the host. */
  syncs: number | string;
}
/** What the operation hands to the renderer. */
export interface DmabufGetDoReplyAttrs {
  /** fd in the calling session; in create the wanted number. */
  fd: number;
  /** Bytes, a multiple of 4096. */
  size: number;
  /** Name for people. */
  name?: string;
  /** What exports the memory. */
  exporter: number;
  /** File to map; empty where the host cannot. */
  path: string;
  /** udmabuf: byte of the memfd, a multiple of 4096, at which the dmabuf starts. */
  offset?: number;
  /** device: address of its first byte, a multiple of 4096; a free place if absent. */
  'va-base'?: number;
  /** device: numbers of the netdevs that reach it peer to peer; none if absent. */
  'p2p-reachable'?: number[];
  /** The memory was taken away. */
  revoked?: boolean;
  /** Ids of the bindings that use it. */
  bindings?: number[];
  /** Netdevs that import it, oldest first. */
  attachments?: DmabufAttachmentAttrs[];
  /** Mappings made since it exists. */
  maps: number;
  /** Mappings undone. */
  unmaps: number;
  /** Times it changed hands between devices and the host. */
  syncs: number;
}

/** Request of get (dump) as JSON. Tells a dmabuf of the calling session. */
export type DmabufGetDumpRequest = Record<string, never>;
/** The same, decoded. */
export type DmabufGetDumpAttrs = Record<string, never>;
export interface DmabufGetDumpReply {
  /** fd in the calling session; in create the wanted number. */
  fd: number;
  /** Bytes, a multiple of 4096. */
  size: number | string;
  /** Name for people. */
  name?: string;
  /** What exports the memory. */
  exporter: DmabufExporter | number;
  /** File to map; empty where the host cannot. */
  path: string;
  /** udmabuf: byte of the memfd, a multiple of 4096, at which the dmabuf starts. */
  offset?: number | string;
  /** device: address of its first byte, a multiple of 4096; a free place if absent. */
  'va-base'?: number | string;
  /** device: numbers of the netdevs that reach it peer to peer; none if absent. */
  'p2p-reachable'?: number[];
  /** The memory was taken away. */
  revoked?: boolean;
  /** Ids of the bindings that use it. */
  bindings?: number[];
  /** Netdevs that import it, oldest first. */
  attachments?: DmabufAttachmentSet[];
  /** Mappings made since it exists. */
  maps: number | string;
  /** Mappings undone. */
  unmaps: number | string;
  /** Times it changed hands between devices and the host. */
  syncs: number | string;
}
/** What the operation hands to the renderer. */
export interface DmabufGetDumpReplyAttrs {
  /** fd in the calling session; in create the wanted number. */
  fd: number;
  /** Bytes, a multiple of 4096. */
  size: number;
  /** Name for people. */
  name?: string;
  /** What exports the memory. */
  exporter: number;
  /** File to map; empty where the host cannot. */
  path: string;
  /** udmabuf: byte of the memfd, a multiple of 4096, at which the dmabuf starts. */
  offset?: number;
  /** device: address of its first byte, a multiple of 4096; a free place if absent. */
  'va-base'?: number;
  /** device: numbers of the netdevs that reach it peer to peer; none if absent. */
  'p2p-reachable'?: number[];
  /** The memory was taken away. */
  revoked?: boolean;
  /** Ids of the bindings that use it. */
  bindings?: number[];
  /** Netdevs that import it, oldest first. */
  attachments?: DmabufAttachmentAttrs[];
  /** Mappings made since it exists. */
  maps: number;
  /** Mappings undone. */
  unmaps: number;
  /** Times it changed hands between devices and the host. */
  syncs: number;
}

/** Request of sync (do) as JSON. Starts or ends an access by the client. Memory here is coherent, so arguments are checked and the changes of hands counted. */
export interface DmabufSyncDoRequest {
  /** fd in the calling session; in create the wanted number. */
  fd?: number;
  /** What a sync starts or ends. */
  flags?: DmabufSyncFlags | (DmabufSyncFlags | number)[] | number;
}
/** The same, decoded. */
export interface DmabufSyncDoAttrs {
  /** fd in the calling session; in create the wanted number. */
  fd?: number;
  /** What a sync starts or ends. */
  flags?: number;
}
export type DmabufSyncDoReply = null;

/** Request of move (do) as JSON. Puts device memory at another address. Whoever imports it statically, as Linux does, makes that EBUSY; dynamic importers are waited for. */
export interface DmabufMoveDoRequest {
  /** fd in the calling session; in create the wanted number. */
  fd?: number;
  /** device: address of its first byte, a multiple of 4096; a free place if absent. */
  'va-base'?: number | string;
  /** Longest wait in milliseconds; 0 does not wait. */
  'timeout-ms'?: number;
}
/** The same, decoded. */
export interface DmabufMoveDoAttrs {
  /** fd in the calling session; in create the wanted number. */
  fd?: number;
  /** device: address of its first byte, a multiple of 4096; a free place if absent. */
  'va-base'?: number;
  /** Longest wait in milliseconds; 0 does not wait. */
  'timeout-ms'?: number;
}
export interface DmabufMoveDoReply {
  /** device: address of its first byte, a multiple of 4096; a free place if absent. */
  'va-base': number | string;
}
/** What the operation hands to the renderer. */
export interface DmabufMoveDoReplyAttrs {
  /** device: address of its first byte, a multiple of 4096; a free place if absent. */
  'va-base': number;
}

/** Request of revoke (do) as JSON. Takes device memory away for good: it cannot be imported any more. EBUSY while it is. */
export interface DmabufRevokeDoRequest {
  /** fd in the calling session; in create the wanted number. */
  fd?: number;
}
/** The same, decoded. */
export interface DmabufRevokeDoAttrs {
  /** fd in the calling session; in create the wanted number. */
  fd?: number;
}
export type DmabufRevokeDoReply = null;
