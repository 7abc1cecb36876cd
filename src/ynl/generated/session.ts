// Made by scripts/generate.ts from schemas. Do not edit: npm run generate
import type { FamilySpec } from '../spec.ts';

export const sessionSpec = {
  name: 'session',
  version: 1,
  doc: 'Simulated processes. A session owns fds, netlink sockets and what hangs on them, and takes all with it when it ends.',
  definitions: {
    'fd-type': {
      type: 'enum',
      doc: 'What an fd stands for.',
      entries: { dmabuf: 0, netlink: 1, socket: 2, pipe: 3, memfd: 4, 'bpf-prog': 5 },
    },
  },
  attributeSets: {
    fd: {
      doc: 'An open fd.',
      attributes: {
        fd: { value: 1, type: 's32', doc: 'Its number.' },
        type: { value: 2, type: 'u32', doc: 'What it stands for.', enum: 'fd-type' },
      },
    },
    session: {
      doc: 'A session.',
      attributes: {
        id: {
          value: 1,
          type: 'string',
          doc: 'Id to send in the netmemd-session header.',
          checks: { minLen: 1, maxLen: 64 },
        },
        name: { value: 2, type: 'string', doc: 'Name for people.', checks: { maxLen: 127 } },
        'lease-ms': {
          value: 3,
          type: 'uint',
          doc: 'Milliseconds without a request or connection after which the session ends; absent means never.',
          checks: { min: 1, max: 4294967295 },
        },
        unprivileged: { value: 4, type: 'flag', doc: 'The session has no CAP_NET_ADMIN.' },
        cpu: {
          value: 5,
          type: 'u32',
          doc: 'CPU it runs on; absent means 0, where NAPIs are polled. What it reads on another one is freed later.',
        },
        memlock: {
          value: 6,
          type: 'u64',
          doc: 'Bytes it may pin (RLIMIT_MEMLOCK); absent means limits.memlock-bytes, and in a reply no limit.',
        },
        locked: { value: 7, type: 'u64', doc: 'Bytes it has pinned.' },
        'age-ms': { value: 8, type: 'uint', doc: 'Milliseconds since it was opened.' },
        connections: { value: 9, type: 'u32', doc: 'Streams that are open for it.' },
        fds: { value: 10, type: 'nest', doc: 'Its fds, ascending.', multiAttr: true, nested: 'fd' },
        bindings: {
          value: 11,
          type: 'u32',
          doc: 'Ids of the dmabuf bindings of its netlink sockets, oldest first.',
          multiAttr: true,
        },
      },
    },
    'fd-op': { doc: 'An fd of the calling session.', attributes: { fd: { value: 1, type: 's32', doc: 'Number of the fd.' } } },
    pipe: {
      doc: 'A read from a pipe.',
      attributes: {
        fd: { value: 1, type: 's32', doc: 'Pipe of the calling session.' },
        len: { value: 2, type: 'u32', doc: 'Most bytes to take; 65536 if absent.' },
        'timeout-ms': { value: 3, type: 'u32', doc: 'Longest wait in milliseconds; 0 does not wait.' },
        data: { value: 4, type: 'binary', doc: 'The bytes.', displayHint: 'base64' },
      },
    },
    binding: {
      doc: 'A dmabuf binding.',
      attributes: { id: { value: 1, type: 'u32', doc: 'Id that bind-rx gave.', checks: { min: 1 } } },
    },
  },
  operations: [
    {
      name: 'open',
      value: 1,
      doc: 'Starts a session.',
      attributeSet: 'session',
      do: {
        request: { attributes: ['name', 'lease-ms', 'unprivileged', 'cpu', 'memlock'] },
        reply: { attributes: ['id'], always: ['id'] },
      },
    },
    {
      name: 'close',
      value: 2,
      doc: 'Ends a session as a process ends, its fds closed in ascending order.',
      attributeSet: 'session',
      do: { request: { attributes: ['id'] } },
    },
    {
      name: 'get',
      value: 3,
      doc: 'Tells a session; without an id the calling one.',
      attributeSet: 'session',
      do: {
        request: { attributes: ['id'] },
        reply: {
          attributes: [
            'id',
            'name',
            'lease-ms',
            'unprivileged',
            'cpu',
            'memlock',
            'locked',
            'age-ms',
            'connections',
            'fds',
            'bindings',
          ],
          always: ['id', 'locked', 'age-ms', 'connections'],
        },
      },
      dump: {
        request: { attributes: [] },
        reply: {
          attributes: [
            'id',
            'name',
            'lease-ms',
            'unprivileged',
            'cpu',
            'memlock',
            'locked',
            'age-ms',
            'connections',
            'fds',
            'bindings',
          ],
          always: ['id', 'locked', 'age-ms', 'connections'],
        },
      },
    },
    {
      name: 'hold',
      value: 4,
      doc: 'Stream that ends the session when it drops.',
      attributeSet: 'session',
      do: { request: { attributes: ['id'] }, reply: { attributes: ['id'], always: ['id'] } },
      stream: 'hold',
    },
    {
      name: 'sched-setaffinity',
      value: 5,
      doc: 'Moves the calling session to a CPU.',
      attributeSet: 'session',
      do: { request: { attributes: ['cpu'] } },
    },
    {
      name: 'netlink-open',
      value: 6,
      doc: 'Opens one more netlink socket. Requests use it through the netmemd-netlink header.',
      attributeSet: 'fd-op',
      do: { request: { attributes: ['fd'] }, reply: { attributes: ['fd'], always: ['fd'] } },
    },
    {
      name: 'pipe-open',
      value: 7,
      doc: 'Opens a pipe whose fd reads and writes, as that of a FIFO opened O_RDWR: it never ends.',
      attributeSet: 'fd-op',
      do: { request: { attributes: ['fd'] }, reply: { attributes: ['fd'], always: ['fd'] } },
    },
    {
      name: 'pipe-read',
      value: 8,
      doc: 'Takes bytes out of a pipe; pages read to the end lose the reference that the pipe has.',
      attributeSet: 'pipe',
      do: { request: { attributes: ['fd', 'len', 'timeout-ms'] }, reply: { attributes: ['data'], always: ['data'] } },
      blocking: true,
    },
    {
      name: 'fd-close',
      value: 9,
      doc: 'Closes any fd; a netlink socket takes its bindings with it, newest first.',
      attributeSet: 'fd-op',
      do: { request: { attributes: ['fd'] } },
    },
    {
      name: 'unbind',
      value: 10,
      doc: 'Ends one binding while its netlink socket stays open. Linux has nothing like it.',
      attributeSet: 'binding',
      do: { request: { attributes: ['id'] } },
      extension: true,
    },
  ],
  mcastGroups: [],
} as const satisfies FamilySpec;

/** What an fd stands for. */
export const SESSION_FD_TYPE = { dmabuf: 0, netlink: 1, socket: 2, pipe: 3, memfd: 4, 'bpf-prog': 5 } as const;
export type SessionFdType = 'dmabuf' | 'netlink' | 'socket' | 'pipe' | 'memfd' | 'bpf-prog';

/** An open fd. As JSON. */
export interface SessionFdSet {
  /** Its number. */
  fd?: number;
  /** What it stands for. */
  type?: SessionFdType | number;
}
/** The same, decoded. */
export interface SessionFdAttrs {
  /** Its number. */
  fd?: number;
  /** What it stands for. */
  type?: number;
}

/** A session. As JSON. */
export interface SessionSessionSet {
  /** Id to send in the netmemd-session header. */
  id?: string;
  /** Name for people. */
  name?: string;
  /** Milliseconds without a request or connection after which the session ends; absent means never. */
  'lease-ms'?: number | string;
  /** The session has no CAP_NET_ADMIN. */
  unprivileged?: boolean;
  /** CPU it runs on; absent means 0, where NAPIs are polled. What it reads on another one is freed later. */
  cpu?: number;
  /** Bytes it may pin (RLIMIT_MEMLOCK); absent means limits.memlock-bytes, and in a reply no limit. */
  memlock?: number | string;
  /** Bytes it has pinned. */
  locked?: number | string;
  /** Milliseconds since it was opened. */
  'age-ms'?: number | string;
  /** Streams that are open for it. */
  connections?: number;
  /** Its fds, ascending. */
  fds?: SessionFdSet[];
  /** Ids of the dmabuf bindings of its netlink sockets, oldest first. */
  bindings?: number[];
}
/** The same, decoded. */
export interface SessionSessionAttrs {
  /** Id to send in the netmemd-session header. */
  id?: string;
  /** Name for people. */
  name?: string;
  /** Milliseconds without a request or connection after which the session ends; absent means never. */
  'lease-ms'?: number;
  /** The session has no CAP_NET_ADMIN. */
  unprivileged?: boolean;
  /** CPU it runs on; absent means 0, where NAPIs are polled. What it reads on another one is freed later. */
  cpu?: number;
  /** Bytes it may pin (RLIMIT_MEMLOCK); absent means limits.memlock-bytes, and in a reply no limit. */
  memlock?: number;
  /** Bytes it has pinned. */
  locked?: number;
  /** Milliseconds since it was opened. */
  'age-ms'?: number;
  /** Streams that are open for it. */
  connections?: number;
  /** Its fds, ascending. */
  fds?: SessionFdAttrs[];
  /** Ids of the dmabuf bindings of its netlink sockets, oldest first. */
  bindings?: number[];
}

/** An fd of the calling session. As JSON. */
export interface SessionFdOpSet {
  /** Number of the fd. */
  fd?: number;
}
/** The same, decoded. */
export interface SessionFdOpAttrs {
  /** Number of the fd. */
  fd?: number;
}

/** A read from a pipe. As JSON. */
export interface SessionPipeSet {
  /** Pipe of the calling session. */
  fd?: number;
  /** Most bytes to take; 65536 if absent. */
  len?: number;
  /** Longest wait in milliseconds; 0 does not wait. */
  'timeout-ms'?: number;
  /** The bytes. */
  data?: string;
}
/** The same, decoded. */
export interface SessionPipeAttrs {
  /** Pipe of the calling session. */
  fd?: number;
  /** Most bytes to take; 65536 if absent. */
  len?: number;
  /** Longest wait in milliseconds; 0 does not wait. */
  'timeout-ms'?: number;
  /** The bytes. */
  data?: Uint8Array;
}

/** A dmabuf binding. As JSON. */
export interface SessionBindingSet {
  /** Id that bind-rx gave. */
  id?: number;
}
/** The same, decoded. */
export interface SessionBindingAttrs {
  /** Id that bind-rx gave. */
  id?: number;
}

/** Request of open (do) as JSON. Starts a session. */
export interface SessionOpenDoRequest {
  /** Name for people. */
  name?: string;
  /** Milliseconds without a request or connection after which the session ends; absent means never. */
  'lease-ms'?: number | string;
  /** The session has no CAP_NET_ADMIN. */
  unprivileged?: boolean;
  /** CPU it runs on; absent means 0, where NAPIs are polled. What it reads on another one is freed later. */
  cpu?: number;
  /** Bytes it may pin (RLIMIT_MEMLOCK); absent means limits.memlock-bytes, and in a reply no limit. */
  memlock?: number | string;
}
/** The same, decoded. */
export interface SessionOpenDoAttrs {
  /** Name for people. */
  name?: string;
  /** Milliseconds without a request or connection after which the session ends; absent means never. */
  'lease-ms'?: number;
  /** The session has no CAP_NET_ADMIN. */
  unprivileged?: boolean;
  /** CPU it runs on; absent means 0, where NAPIs are polled. What it reads on another one is freed later. */
  cpu?: number;
  /** Bytes it may pin (RLIMIT_MEMLOCK); absent means limits.memlock-bytes, and in a reply no limit. */
  memlock?: number;
}
export interface SessionOpenDoReply {
  /** Id to send in the netmemd-session header. */
  id: string;
}
/** What the operation hands to the renderer. */
export interface SessionOpenDoReplyAttrs {
  /** Id to send in the netmemd-session header. */
  id: string;
}

/** Request of close (do) as JSON. Ends a session as a process ends, its fds closed in ascending order. */
export interface SessionCloseDoRequest {
  /** Id to send in the netmemd-session header. */
  id?: string;
}
/** The same, decoded. */
export interface SessionCloseDoAttrs {
  /** Id to send in the netmemd-session header. */
  id?: string;
}
export type SessionCloseDoReply = null;

/** Request of get (do) as JSON. Tells a session; without an id the calling one. */
export interface SessionGetDoRequest {
  /** Id to send in the netmemd-session header. */
  id?: string;
}
/** The same, decoded. */
export interface SessionGetDoAttrs {
  /** Id to send in the netmemd-session header. */
  id?: string;
}
export interface SessionGetDoReply {
  /** Id to send in the netmemd-session header. */
  id: string;
  /** Name for people. */
  name?: string;
  /** Milliseconds without a request or connection after which the session ends; absent means never. */
  'lease-ms'?: number | string;
  /** The session has no CAP_NET_ADMIN. */
  unprivileged?: boolean;
  /** CPU it runs on; absent means 0, where NAPIs are polled. What it reads on another one is freed later. */
  cpu?: number;
  /** Bytes it may pin (RLIMIT_MEMLOCK); absent means limits.memlock-bytes, and in a reply no limit. */
  memlock?: number | string;
  /** Bytes it has pinned. */
  locked: number | string;
  /** Milliseconds since it was opened. */
  'age-ms': number | string;
  /** Streams that are open for it. */
  connections: number;
  /** Its fds, ascending. */
  fds?: SessionFdSet[];
  /** Ids of the dmabuf bindings of its netlink sockets, oldest first. */
  bindings?: number[];
}
/** What the operation hands to the renderer. */
export interface SessionGetDoReplyAttrs {
  /** Id to send in the netmemd-session header. */
  id: string;
  /** Name for people. */
  name?: string;
  /** Milliseconds without a request or connection after which the session ends; absent means never. */
  'lease-ms'?: number;
  /** The session has no CAP_NET_ADMIN. */
  unprivileged?: boolean;
  /** CPU it runs on; absent means 0, where NAPIs are polled. What it reads on another one is freed later. */
  cpu?: number;
  /** Bytes it may pin (RLIMIT_MEMLOCK); absent means limits.memlock-bytes, and in a reply no limit. */
  memlock?: number;
  /** Bytes it has pinned. */
  locked: number;
  /** Milliseconds since it was opened. */
  'age-ms': number;
  /** Streams that are open for it. */
  connections: number;
  /** Its fds, ascending. */
  fds?: SessionFdAttrs[];
  /** Ids of the dmabuf bindings of its netlink sockets, oldest first. */
  bindings?: number[];
}

/** Request of get (dump) as JSON. Tells a session; without an id the calling one. */
export type SessionGetDumpRequest = Record<string, never>;
/** The same, decoded. */
export type SessionGetDumpAttrs = Record<string, never>;
export interface SessionGetDumpReply {
  /** Id to send in the netmemd-session header. */
  id: string;
  /** Name for people. */
  name?: string;
  /** Milliseconds without a request or connection after which the session ends; absent means never. */
  'lease-ms'?: number | string;
  /** The session has no CAP_NET_ADMIN. */
  unprivileged?: boolean;
  /** CPU it runs on; absent means 0, where NAPIs are polled. What it reads on another one is freed later. */
  cpu?: number;
  /** Bytes it may pin (RLIMIT_MEMLOCK); absent means limits.memlock-bytes, and in a reply no limit. */
  memlock?: number | string;
  /** Bytes it has pinned. */
  locked: number | string;
  /** Milliseconds since it was opened. */
  'age-ms': number | string;
  /** Streams that are open for it. */
  connections: number;
  /** Its fds, ascending. */
  fds?: SessionFdSet[];
  /** Ids of the dmabuf bindings of its netlink sockets, oldest first. */
  bindings?: number[];
}
/** What the operation hands to the renderer. */
export interface SessionGetDumpReplyAttrs {
  /** Id to send in the netmemd-session header. */
  id: string;
  /** Name for people. */
  name?: string;
  /** Milliseconds without a request or connection after which the session ends; absent means never. */
  'lease-ms'?: number;
  /** The session has no CAP_NET_ADMIN. */
  unprivileged?: boolean;
  /** CPU it runs on; absent means 0, where NAPIs are polled. What it reads on another one is freed later. */
  cpu?: number;
  /** Bytes it may pin (RLIMIT_MEMLOCK); absent means limits.memlock-bytes, and in a reply no limit. */
  memlock?: number;
  /** Bytes it has pinned. */
  locked: number;
  /** Milliseconds since it was opened. */
  'age-ms': number;
  /** Streams that are open for it. */
  connections: number;
  /** Its fds, ascending. */
  fds?: SessionFdAttrs[];
  /** Ids of the dmabuf bindings of its netlink sockets, oldest first. */
  bindings?: number[];
}

/** Request of hold (do) as JSON. Stream that ends the session when it drops. */
export interface SessionHoldDoRequest {
  /** Id to send in the netmemd-session header. */
  id?: string;
}
/** The same, decoded. */
export interface SessionHoldDoAttrs {
  /** Id to send in the netmemd-session header. */
  id?: string;
}
export interface SessionHoldDoReply {
  /** Id to send in the netmemd-session header. */
  id: string;
}
/** What the operation hands to the renderer. */
export interface SessionHoldDoReplyAttrs {
  /** Id to send in the netmemd-session header. */
  id: string;
}

/** Request of sched-setaffinity (do) as JSON. Moves the calling session to a CPU. */
export interface SessionSchedSetaffinityDoRequest {
  /** CPU it runs on; absent means 0, where NAPIs are polled. What it reads on another one is freed later. */
  cpu?: number;
}
/** The same, decoded. */
export interface SessionSchedSetaffinityDoAttrs {
  /** CPU it runs on; absent means 0, where NAPIs are polled. What it reads on another one is freed later. */
  cpu?: number;
}
export type SessionSchedSetaffinityDoReply = null;

/** Request of netlink-open (do) as JSON. Opens one more netlink socket. Requests use it through the netmemd-netlink header. */
export interface SessionNetlinkOpenDoRequest {
  /** Number of the fd. */
  fd?: number;
}
/** The same, decoded. */
export interface SessionNetlinkOpenDoAttrs {
  /** Number of the fd. */
  fd?: number;
}
export interface SessionNetlinkOpenDoReply {
  /** Number of the fd. */
  fd: number;
}
/** What the operation hands to the renderer. */
export interface SessionNetlinkOpenDoReplyAttrs {
  /** Number of the fd. */
  fd: number;
}

/** Request of pipe-open (do) as JSON. Opens a pipe whose fd reads and writes, as that of a FIFO opened O_RDWR: it never ends. */
export interface SessionPipeOpenDoRequest {
  /** Number of the fd. */
  fd?: number;
}
/** The same, decoded. */
export interface SessionPipeOpenDoAttrs {
  /** Number of the fd. */
  fd?: number;
}
export interface SessionPipeOpenDoReply {
  /** Number of the fd. */
  fd: number;
}
/** What the operation hands to the renderer. */
export interface SessionPipeOpenDoReplyAttrs {
  /** Number of the fd. */
  fd: number;
}

/** Request of pipe-read (do) as JSON. Takes bytes out of a pipe; pages read to the end lose the reference that the pipe has. */
export interface SessionPipeReadDoRequest {
  /** Pipe of the calling session. */
  fd?: number;
  /** Most bytes to take; 65536 if absent. */
  len?: number;
  /** Longest wait in milliseconds; 0 does not wait. */
  'timeout-ms'?: number;
}
/** The same, decoded. */
export interface SessionPipeReadDoAttrs {
  /** Pipe of the calling session. */
  fd?: number;
  /** Most bytes to take; 65536 if absent. */
  len?: number;
  /** Longest wait in milliseconds; 0 does not wait. */
  'timeout-ms'?: number;
}
export interface SessionPipeReadDoReply {
  /** The bytes. */
  data: string;
}
/** What the operation hands to the renderer. */
export interface SessionPipeReadDoReplyAttrs {
  /** The bytes. */
  data: Uint8Array;
}

/** Request of fd-close (do) as JSON. Closes any fd; a netlink socket takes its bindings with it, newest first. */
export interface SessionFdCloseDoRequest {
  /** Number of the fd. */
  fd?: number;
}
/** The same, decoded. */
export interface SessionFdCloseDoAttrs {
  /** Number of the fd. */
  fd?: number;
}
export type SessionFdCloseDoReply = null;

/** Request of unbind (do) as JSON. Ends one binding while its netlink socket stays open. Linux has nothing like it. */
export interface SessionUnbindDoRequest {
  /** Id that bind-rx gave. */
  id?: number;
}
/** The same, decoded. */
export interface SessionUnbindDoAttrs {
  /** Id that bind-rx gave. */
  id?: number;
}
export type SessionUnbindDoReply = null;
