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
      entries: { system: 0, udmabuf: 1 },
      docs: {
        system: 'The system heap: scatter list entries of 1 MiB, 64 KiB and 4 KiB.',
        udmabuf: 'Pages of a memfd: one contiguous run, single pages on 6.12.',
      },
    },
    'sync-flags': {
      type: 'flags',
      doc: 'As in DMA_BUF_IOCTL_SYNC; without end an access starts.',
      entries: { read: 0, write: 1, end: 2 },
    },
  },
  attributeSets: {
    dmabuf: {
      doc: 'A dmabuf.',
      attributes: {
        fd: { value: 1, type: 's32', doc: 'fd in the calling session; in create the wanted number.' },
        size: { value: 2, type: 'u64', doc: 'Bytes, a multiple of 4096.', checks: { min: 1 } },
        name: { value: 3, type: 'string', doc: 'Name for people.', checks: { maxLen: 31 } },
        exporter: { value: 4, type: 'u32', doc: 'What exports the memory.', enum: 'exporter' },
        'client-write': {
          value: 5,
          type: 'u8',
          doc: 'Whether clients may write to it (0 or 1); the default depends on the backing.',
          checks: { max: 1 },
        },
        path: { value: 6, type: 'string', doc: 'File to map.' },
        bindings: { value: 7, type: 'u32', doc: 'Ids of the bindings that use it.', multiAttr: true },
        flags: { value: 8, type: 'u32', doc: 'What a sync starts or ends.', enum: 'sync-flags' },
      },
    },
  },
  operations: [
    {
      name: 'create',
      value: 1,
      doc: 'Makes a dmabuf filled with zeros.',
      attributeSet: 'dmabuf',
      do: {
        request: { attributes: ['fd', 'size', 'name', 'exporter', 'client-write'] },
        reply: { attributes: ['fd', 'size', 'path'], always: ['fd', 'size', 'path'] },
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
          attributes: ['fd', 'size', 'name', 'exporter', 'path', 'bindings'],
          always: ['fd', 'size', 'exporter', 'path'],
        },
      },
      dump: {
        request: { attributes: [] },
        reply: {
          attributes: ['fd', 'size', 'name', 'exporter', 'path', 'bindings'],
          always: ['fd', 'size', 'exporter', 'path'],
        },
      },
    },
    {
      name: 'sync',
      value: 4,
      doc: 'Starts or ends an access by the client. Memory here is coherent, so only the arguments are checked.',
      attributeSet: 'dmabuf',
      do: { request: { attributes: ['fd', 'flags'] } },
    },
  ],
  mcastGroups: [],
} as const satisfies FamilySpec;

/** What exports the memory. */
export const DMABUF_EXPORTER = { system: 0, udmabuf: 1 } as const;
export type DmabufExporter = 'system' | 'udmabuf';

/** As in DMA_BUF_IOCTL_SYNC; without end an access starts. Bit masks. */
export const DMABUF_SYNC_FLAGS = { read: 1, write: 2, end: 4 } as const;
export type DmabufSyncFlags = 'read' | 'write' | 'end';

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
  /** File to map. */
  path?: string;
  /** Ids of the bindings that use it. */
  bindings?: number[];
  /** What a sync starts or ends. */
  flags?: DmabufSyncFlags | (DmabufSyncFlags | number)[] | number;
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
  /** File to map. */
  path?: string;
  /** Ids of the bindings that use it. */
  bindings?: number[];
  /** What a sync starts or ends. */
  flags?: number;
}

/** Request of create (do) as JSON. Makes a dmabuf filled with zeros. */
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
}
export interface DmabufCreateDoReply {
  /** fd in the calling session; in create the wanted number. */
  fd: number;
  /** Bytes, a multiple of 4096. */
  size: number | string;
  /** File to map. */
  path: string;
}
/** What the operation hands to the renderer. */
export interface DmabufCreateDoReplyAttrs {
  /** fd in the calling session; in create the wanted number. */
  fd: number;
  /** Bytes, a multiple of 4096. */
  size: number;
  /** File to map. */
  path: string;
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
  /** File to map. */
  path: string;
  /** Ids of the bindings that use it. */
  bindings?: number[];
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
  /** File to map. */
  path: string;
  /** Ids of the bindings that use it. */
  bindings?: number[];
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
  /** File to map. */
  path: string;
  /** Ids of the bindings that use it. */
  bindings?: number[];
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
  /** File to map. */
  path: string;
  /** Ids of the bindings that use it. */
  bindings?: number[];
}

/** Request of sync (do) as JSON. Starts or ends an access by the client. Memory here is coherent, so only the arguments are checked. */
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
