// Made by scripts/generate.ts from schemas. Do not edit: npm run generate
import type { FamilySpec } from '../spec.ts';

export const mmSpec = {
  name: 'mm',
  version: 1,
  doc: 'Memory of the simulated processes.',
  definitions: {
    seal: {
      type: 'flags',
      doc: 'Seals of a memfd, as in F_ADD_SEALS.',
      entries: { seal: 0, shrink: 1, grow: 2, write: 3, 'future-write': 4 },
    },
  },
  attributeSets: {
    shm: {
      doc: 'A memfd.',
      attributes: {
        fd: { value: 1, type: 's32', doc: 'fd in the calling session; in create and import the wanted number.' },
        size: { value: 2, type: 'u64', doc: 'Bytes.' },
        seals: { value: 3, type: 'u32', doc: 'Its seals; in create seal, shrink and grow if absent.', enum: 'seal' },
        name: { value: 4, type: 'string', doc: 'Name for people.', checks: { maxLen: 31 } },
        path: {
          value: 5,
          type: 'string',
          doc: 'File to map; in import /proc/PID/fd/N, by which the client has its memfd open.',
          checks: { minLen: 1, maxLen: 4095 },
        },
      },
    },
  },
  operations: [
    {
      name: 'shm-create',
      value: 1,
      doc: 'Makes a memfd filled with zeros.',
      attributeSet: 'shm',
      do: {
        request: { attributes: ['fd', 'size', 'seals', 'name'] },
        reply: { attributes: ['fd', 'path', 'size', 'seals'], always: ['fd', 'path', 'size', 'seals'] },
      },
    },
    {
      name: 'shm-import',
      value: 2,
      doc: 'Opens a memfd that the client brings. Its name has to begin with netmemd-client.',
      attributeSet: 'shm',
      do: {
        request: { attributes: ['fd', 'path'] },
        reply: { attributes: ['fd', 'path', 'size', 'seals'], always: ['fd', 'path', 'size', 'seals'] },
      },
    },
    {
      name: 'shm-get',
      value: 3,
      doc: 'Tells a memfd of the calling session.',
      attributeSet: 'shm',
      do: {
        request: { attributes: ['fd'] },
        reply: { attributes: ['fd', 'path', 'size', 'seals'], always: ['fd', 'path', 'size', 'seals'] },
      },
      dump: {
        request: { attributes: [] },
        reply: { attributes: ['fd', 'path', 'size', 'seals'], always: ['fd', 'path', 'size', 'seals'] },
      },
    },
  ],
  mcastGroups: [],
} as const satisfies FamilySpec;

/** Seals of a memfd, as in F_ADD_SEALS. Bit masks. */
export const MM_SEAL = { seal: 1, shrink: 2, grow: 4, write: 8, 'future-write': 16 } as const;
export type MmSeal = 'seal' | 'shrink' | 'grow' | 'write' | 'future-write';

/** A memfd. As JSON. */
export interface MmShmSet {
  /** fd in the calling session; in create and import the wanted number. */
  fd?: number;
  /** Bytes. */
  size?: number | string;
  /** Its seals; in create seal, shrink and grow if absent. */
  seals?: MmSeal | (MmSeal | number)[] | number;
  /** Name for people. */
  name?: string;
  /** File to map; in import /proc/PID/fd/N, by which the client has its memfd open. */
  path?: string;
}
/** The same, decoded. */
export interface MmShmAttrs {
  /** fd in the calling session; in create and import the wanted number. */
  fd?: number;
  /** Bytes. */
  size?: number;
  /** Its seals; in create seal, shrink and grow if absent. */
  seals?: number;
  /** Name for people. */
  name?: string;
  /** File to map; in import /proc/PID/fd/N, by which the client has its memfd open. */
  path?: string;
}

/** Request of shm-create (do) as JSON. Makes a memfd filled with zeros. */
export interface MmShmCreateDoRequest {
  /** fd in the calling session; in create and import the wanted number. */
  fd?: number;
  /** Bytes. */
  size?: number | string;
  /** Its seals; in create seal, shrink and grow if absent. */
  seals?: MmSeal | (MmSeal | number)[] | number;
  /** Name for people. */
  name?: string;
}
/** The same, decoded. */
export interface MmShmCreateDoAttrs {
  /** fd in the calling session; in create and import the wanted number. */
  fd?: number;
  /** Bytes. */
  size?: number;
  /** Its seals; in create seal, shrink and grow if absent. */
  seals?: number;
  /** Name for people. */
  name?: string;
}
export interface MmShmCreateDoReply {
  /** fd in the calling session; in create and import the wanted number. */
  fd: number;
  /** File to map; in import /proc/PID/fd/N, by which the client has its memfd open. */
  path: string;
  /** Bytes. */
  size: number | string;
  /** Its seals; in create seal, shrink and grow if absent. */
  seals: MmSeal | (MmSeal | number)[] | number;
}
/** What the operation hands to the renderer. */
export interface MmShmCreateDoReplyAttrs {
  /** fd in the calling session; in create and import the wanted number. */
  fd: number;
  /** File to map; in import /proc/PID/fd/N, by which the client has its memfd open. */
  path: string;
  /** Bytes. */
  size: number;
  /** Its seals; in create seal, shrink and grow if absent. */
  seals: number;
}

/** Request of shm-import (do) as JSON. Opens a memfd that the client brings. Its name has to begin with netmemd-client. */
export interface MmShmImportDoRequest {
  /** fd in the calling session; in create and import the wanted number. */
  fd?: number;
  /** File to map; in import /proc/PID/fd/N, by which the client has its memfd open. */
  path?: string;
}
/** The same, decoded. */
export interface MmShmImportDoAttrs {
  /** fd in the calling session; in create and import the wanted number. */
  fd?: number;
  /** File to map; in import /proc/PID/fd/N, by which the client has its memfd open. */
  path?: string;
}
export interface MmShmImportDoReply {
  /** fd in the calling session; in create and import the wanted number. */
  fd: number;
  /** File to map; in import /proc/PID/fd/N, by which the client has its memfd open. */
  path: string;
  /** Bytes. */
  size: number | string;
  /** Its seals; in create seal, shrink and grow if absent. */
  seals: MmSeal | (MmSeal | number)[] | number;
}
/** What the operation hands to the renderer. */
export interface MmShmImportDoReplyAttrs {
  /** fd in the calling session; in create and import the wanted number. */
  fd: number;
  /** File to map; in import /proc/PID/fd/N, by which the client has its memfd open. */
  path: string;
  /** Bytes. */
  size: number;
  /** Its seals; in create seal, shrink and grow if absent. */
  seals: number;
}

/** Request of shm-get (do) as JSON. Tells a memfd of the calling session. */
export interface MmShmGetDoRequest {
  /** fd in the calling session; in create and import the wanted number. */
  fd?: number;
}
/** The same, decoded. */
export interface MmShmGetDoAttrs {
  /** fd in the calling session; in create and import the wanted number. */
  fd?: number;
}
export interface MmShmGetDoReply {
  /** fd in the calling session; in create and import the wanted number. */
  fd: number;
  /** File to map; in import /proc/PID/fd/N, by which the client has its memfd open. */
  path: string;
  /** Bytes. */
  size: number | string;
  /** Its seals; in create seal, shrink and grow if absent. */
  seals: MmSeal | (MmSeal | number)[] | number;
}
/** What the operation hands to the renderer. */
export interface MmShmGetDoReplyAttrs {
  /** fd in the calling session; in create and import the wanted number. */
  fd: number;
  /** File to map; in import /proc/PID/fd/N, by which the client has its memfd open. */
  path: string;
  /** Bytes. */
  size: number;
  /** Its seals; in create seal, shrink and grow if absent. */
  seals: number;
}

/** Request of shm-get (dump) as JSON. Tells a memfd of the calling session. */
export type MmShmGetDumpRequest = Record<string, never>;
/** The same, decoded. */
export type MmShmGetDumpAttrs = Record<string, never>;
export interface MmShmGetDumpReply {
  /** fd in the calling session; in create and import the wanted number. */
  fd: number;
  /** File to map; in import /proc/PID/fd/N, by which the client has its memfd open. */
  path: string;
  /** Bytes. */
  size: number | string;
  /** Its seals; in create seal, shrink and grow if absent. */
  seals: MmSeal | (MmSeal | number)[] | number;
}
/** What the operation hands to the renderer. */
export interface MmShmGetDumpReplyAttrs {
  /** fd in the calling session; in create and import the wanted number. */
  fd: number;
  /** File to map; in import /proc/PID/fd/N, by which the client has its memfd open. */
  path: string;
  /** Bytes. */
  size: number;
  /** Its seals; in create seal, shrink and grow if absent. */
  seals: number;
}
