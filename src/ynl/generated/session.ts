// Made by scripts/generate.ts from schemas. Do not edit: npm run generate
import type { FamilySpec } from '../spec.ts';

export const sessionSpec = {
  name: 'session',
  version: 1,
  doc: 'Simulated processes. A session owns fds, netlink sockets and what hangs on them, and takes all with it when it ends.',
  definitions: { 'fd-type': { type: 'enum', doc: 'What an fd stands for.', entries: { dmabuf: 0, netlink: 1, socket: 2 } } },
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
        'age-ms': { value: 5, type: 'uint', doc: 'Milliseconds since it was opened.' },
        connections: { value: 6, type: 'u32', doc: 'Streams that are open for it.' },
        fds: { value: 7, type: 'nest', doc: 'Its fds, ascending.', multiAttr: true, nested: 'fd' },
        bindings: {
          value: 8,
          type: 'u32',
          doc: 'Ids of the dmabuf bindings of its netlink sockets, oldest first.',
          multiAttr: true,
        },
      },
    },
    'fd-op': { doc: 'An fd of the calling session.', attributes: { fd: { value: 1, type: 's32', doc: 'Number of the fd.' } } },
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
      do: { request: { attributes: ['name', 'lease-ms', 'unprivileged'] }, reply: { attributes: ['id'], always: ['id'] } },
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
          attributes: ['id', 'name', 'lease-ms', 'unprivileged', 'age-ms', 'connections', 'fds', 'bindings'],
          always: ['id', 'age-ms', 'connections'],
        },
      },
      dump: {
        request: { attributes: [] },
        reply: {
          attributes: ['id', 'name', 'lease-ms', 'unprivileged', 'age-ms', 'connections', 'fds', 'bindings'],
          always: ['id', 'age-ms', 'connections'],
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
      name: 'netlink-open',
      value: 5,
      doc: 'Opens one more netlink socket. Requests use it through the netmemd-netlink header.',
      attributeSet: 'fd-op',
      do: { request: { attributes: ['fd'] }, reply: { attributes: ['fd'], always: ['fd'] } },
    },
    {
      name: 'fd-close',
      value: 6,
      doc: 'Closes any fd; a netlink socket takes its bindings with it, newest first.',
      attributeSet: 'fd-op',
      do: { request: { attributes: ['fd'] } },
    },
    {
      name: 'unbind',
      value: 7,
      doc: 'Ends one binding while its netlink socket stays open. Linux has nothing like it.',
      attributeSet: 'binding',
      do: { request: { attributes: ['id'] } },
      extension: true,
    },
  ],
  mcastGroups: [],
} as const satisfies FamilySpec;

/** What an fd stands for. */
export const SESSION_FD_TYPE = { dmabuf: 0, netlink: 1, socket: 2 } as const;
export type SessionFdType = 'dmabuf' | 'netlink' | 'socket';

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
}
/** The same, decoded. */
export interface SessionOpenDoAttrs {
  /** Name for people. */
  name?: string;
  /** Milliseconds without a request or connection after which the session ends; absent means never. */
  'lease-ms'?: number;
  /** The session has no CAP_NET_ADMIN. */
  unprivileged?: boolean;
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
