// Made by scripts/generate.ts from schemas. Do not edit: npm run generate
import type { FamilySpec } from '../spec.ts';

export const socketSpec = {
  name: 'socket',
  version: 1,
  doc: 'TCP sockets of a session.',
  definitions: {
    'msg-flags': {
      type: 'flags',
      doc: 'Flags of a receive or send call and of its result.',
      entries: {
        MSG_OOB: 0,
        MSG_PEEK: 1,
        MSG_CTRUNC: 3,
        MSG_TRUNC: 5,
        MSG_DONTWAIT: 6,
        MSG_EOR: 7,
        MSG_WAITALL: 8,
        MSG_NOSIGNAL: 14,
        MSG_SOCK_DEVMEM: 25,
      },
    },
    level: { type: 'enum', doc: 'Layer an option or a control message belongs to.', entries: { SOL_SOCKET: 1, SOL_TCP: 6 } },
    optname: {
      type: 'enum',
      doc: 'Options, of SOL_SOCKET unless their name says TCP.',
      entries: {
        SO_ERROR: 4,
        SO_SNDBUF: 7,
        SO_RCVBUF: 8,
        SO_RCVLOWAT: 18,
        TCP_INQ: 36,
        SO_INCOMING_NAPI_ID: 56,
        SO_DEVMEM_DONTNEED: 80,
      },
    },
    'cmsg-type': {
      type: 'enum',
      doc: 'Control messages, of SOL_SOCKET unless their name says TCP.',
      entries: { TCP_CM_INQ: 36, SCM_DEVMEM_LINEAR: 78, SCM_DEVMEM_DMABUF: 79 },
      docs: {
        TCP_CM_INQ: 'Bytes that wait to be read.',
        SCM_DEVMEM_LINEAR: 'Payload that was copied to the data.',
        SCM_DEVMEM_DMABUF: 'Payload that stayed in the dmabuf.',
      },
    },
    how: { type: 'enum', doc: 'Directions to shut down.', entries: { SHUT_RD: 0, SHUT_WR: 1, SHUT_RDWR: 2 } },
    state: {
      type: 'enum',
      doc: 'State of a TCP socket.',
      entries: {
        established: 1,
        'syn-sent': 2,
        'syn-recv': 3,
        'fin-wait1': 4,
        'fin-wait2': 5,
        'time-wait': 6,
        close: 7,
        'close-wait': 8,
        'last-ack': 9,
        listen: 10,
        closing: 11,
      },
    },
    'splice-flags': {
      type: 'flags',
      doc: 'Flags of a splice.',
      entries: { SPLICE_F_MOVE: 0, SPLICE_F_NONBLOCK: 1, SPLICE_F_MORE: 2, SPLICE_F_GIFT: 3 },
      docs: {
        SPLICE_F_MOVE: 'Makes no difference.',
        SPLICE_F_NONBLOCK: 'A full pipe is EAGAIN at once.',
        SPLICE_F_MORE: 'Makes no difference.',
        SPLICE_F_GIFT: 'Makes no difference.',
      },
    },
  },
  attributeSets: {
    address: {
      doc: 'One end of a connection.',
      attributes: {
        addr: { value: 1, type: 'binary', doc: 'IP address.', displayHint: 'ipv4-or-v6' },
        port: { value: 2, type: 'u16', doc: 'TCP port.' },
      },
    },
    token: {
      doc: 'A frag the client holds.',
      attributes: {
        token: { value: 1, type: 'u32', doc: 'Handle that gives it back.' },
        offset: { value: 2, type: 'u64', doc: 'Where the frag starts in the dmabuf.' },
        size: { value: 3, type: 'u32', doc: 'Bytes of the frag.' },
        'age-ms': { value: 4, type: 'uint', doc: 'Milliseconds since it was handed out.' },
        'dmabuf-id': { value: 5, type: 'u32', doc: 'Binding the frag belongs to.' },
      },
    },
    'dmabuf-token': {
      doc: 'Range of tokens given back.',
      attributes: {
        'token-start': { value: 1, type: 'u32', doc: 'First token.' },
        'token-count': { value: 2, type: 'u32', doc: 'How many.' },
      },
    },
    cmsg: {
      doc: 'A control message.',
      attributes: {
        type: { value: 1, type: 'u32', doc: 'What it tells.', enum: 'cmsg-type' },
        'dmabuf-id': { value: 2, type: 'u32', doc: 'Binding the frag belongs to.' },
        'frag-offset': { value: 3, type: 'u64', doc: 'Where the frag starts in the dmabuf.' },
        'frag-size': { value: 4, type: 'u32', doc: 'Bytes of the frag or of the copied payload.' },
        'frag-token': { value: 5, type: 'u32', doc: 'Handle that gives the frag back.' },
        value: { value: 6, type: 's32', doc: 'Value of TCP_CM_INQ.' },
        level: { value: 7, type: 's32', doc: 'Layer of a message whose type has no name.', enum: 'level' },
      },
    },
    socket: {
      doc: 'A socket.',
      attributes: {
        fd: { value: 1, type: 's32', doc: 'fd in the calling session; in listen and connect the wanted number.' },
        ifindex: {
          value: 2,
          type: 'u32',
          doc: 'Device of the socket; in listen the only one it listens on.',
          checks: { min: 1 },
        },
        addr: { value: 3, type: 'binary', doc: 'Address to listen on or to connect to.', displayHint: 'ipv4-or-v6' },
        port: { value: 4, type: 'u16', doc: 'Port to listen on or to connect to.' },
        backlog: { value: 5, type: 's32', doc: 'Connections that may wait to be accepted.' },
        newfd: { value: 6, type: 's32', doc: 'Wanted number of the fd of the accepted connection.' },
        'timeout-ms': { value: 7, type: 'u32', doc: 'Longest wait in milliseconds; 0 does not wait.' },
        peer: { value: 8, type: 'nest', doc: 'The other end.', nested: 'address' },
        local: { value: 9, type: 'nest', doc: 'This end.', nested: 'address' },
        relay: {
          value: 10,
          type: 'nest',
          doc: 'The daemon\'s end of the connection to the client\'s own listener, as the client sees its peer.',
          nested: 'address',
        },
        state: { value: 11, type: 'u8', doc: 'State of the connection.', enum: 'state' },
        queue: { value: 12, type: 'u32', doc: 'RX queue the last packet came from.' },
        'napi-id': { value: 13, type: 'u32', doc: 'NAPI instance the last packet came from.' },
        inq: { value: 14, type: 'uint', doc: 'Bytes received and not yet read.' },
        outq: { value: 15, type: 'uint', doc: 'Bytes sent and not yet taken by the peer.' },
        rmem: { value: 16, type: 'uint', doc: 'Receive memory in use (truesize).' },
        rcvbuf: { value: 17, type: 'uint', doc: 'Limit of the receive memory.' },
        drops: { value: 18, type: 'uint', doc: 'Packets dropped for want of receive memory.' },
        acceptq: { value: 19, type: 'u32', doc: 'Connections that wait to be accepted.' },
        tokens: {
          value: 20,
          type: 'nest',
          doc: 'Frags handed out and not given back, by token; at most 1024 in one reply.',
          multiAttr: true,
          nested: 'token',
        },
        'tokens-held': { value: 21, type: 'u32', doc: 'How many frags are handed out and not given back.' },
        'token-start': { value: 22, type: 'u32', doc: 'First token to list.' },
        how: { value: 23, type: 'u32', doc: 'Directions to shut down.', enum: 'how' },
      },
    },
    message: {
      doc: 'One receive or send call.',
      attributes: {
        fd: { value: 1, type: 's32', doc: 'Socket of the calling session.' },
        len: {
          value: 2,
          type: 's32',
          doc: 'Room for data; in a reply the bytes received, frags included, 0 at the end of the stream.',
        },
        controllen: { value: 3, type: 'u32', doc: 'Room for control messages in bytes.' },
        flags: { value: 4, type: 'u32', doc: 'Flags of the call; in a reply those of its result.', enum: 'msg-flags' },
        'timeout-ms': { value: 5, type: 'u32', doc: 'Longest wait in milliseconds; 0 does not wait.' },
        cmsgs: { value: 6, type: 'nest', doc: 'Control messages in order.', multiAttr: true, nested: 'cmsg' },
        data: { value: 7, type: 'binary', doc: 'Copied bytes, or bytes to send.', displayHint: 'base64' },
        text: { value: 8, type: 'string', doc: 'Bytes to send as text (UTF-8), instead of data.' },
        ret: { value: 9, type: 's32', doc: 'Result of the call.' },
        errno: { value: 10, type: 'string', doc: 'Name of the error that ends a stream.' },
        code: { value: 11, type: 's32', doc: 'Its number.' },
      },
    },
    splice: {
      doc: 'Data moved from a socket to a pipe.',
      attributes: {
        fd: { value: 1, type: 's32', doc: 'Socket of the calling session.' },
        'pipe-fd': { value: 2, type: 's32', doc: 'Pipe of the calling session.' },
        len: { value: 3, type: 'u32', doc: 'Most bytes to move; in a reply those moved, 0 at the end of the stream.' },
        flags: { value: 4, type: 'u32', doc: 'Flags of the call.', enum: 'splice-flags' },
        'timeout-ms': { value: 5, type: 'u32', doc: 'Longest wait in milliseconds; 0: the socket is non-blocking.' },
      },
    },
    option: {
      doc: 'A socket option.',
      attributes: {
        fd: { value: 1, type: 's32', doc: 'Socket of the calling session.' },
        level: {
          value: 2,
          type: 's32',
          doc: 'Layer of the option.',
          enum: 'level',
          checks: { min: -2147483648, max: 2147483647 },
        },
        optname: { value: 3, type: 's32', doc: 'The option.', enum: 'optname', checks: { min: -2147483648, max: 2147483647 } },
        optval: {
          value: 4,
          type: 'nest',
          doc: 'Its value: a number, or the token ranges of SO_DEVMEM_DONTNEED.',
          multiAttr: true,
          nested: 'dmabuf-token',
          scalar: 's32',
        },
        ret: { value: 5, type: 's32', doc: 'Result of the call.' },
      },
    },
  },
  operations: [
    {
      name: 'listen',
      value: 1,
      doc: 'Opens a socket that waits for connections.',
      attributeSet: 'socket',
      do: {
        request: { attributes: ['fd', 'ifindex', 'addr', 'port', 'backlog'] },
        reply: { attributes: ['fd'], always: ['fd'] },
      },
    },
    {
      name: 'accept',
      value: 2,
      doc: 'Takes a waiting connection.',
      attributeSet: 'socket',
      do: {
        request: { attributes: ['fd', 'newfd', 'timeout-ms'] },
        reply: { attributes: ['fd', 'peer', 'local', 'ifindex'], always: ['fd', 'peer', 'local', 'ifindex'] },
      },
      blocking: true,
    },
    {
      name: 'connect',
      value: 3,
      doc: 'Opens a connection to the outside through the upstream of a device.',
      attributeSet: 'socket',
      do: {
        request: { attributes: ['fd', 'ifindex', 'addr', 'port', 'timeout-ms'] },
        reply: { attributes: ['fd', 'peer', 'local'], always: ['fd'] },
      },
      blocking: true,
    },
    {
      name: 'send',
      value: 4,
      doc: 'Sends bytes to the peer.',
      attributeSet: 'message',
      do: {
        request: { attributes: ['fd', 'flags', 'timeout-ms', 'data', 'text'] },
        reply: { attributes: ['ret'], always: ['ret'] },
      },
      blocking: true,
    },
    {
      name: 'shutdown',
      value: 5,
      doc: 'Closes one or both directions.',
      attributeSet: 'socket',
      do: { request: { attributes: ['fd', 'how'] } },
    },
    {
      name: 'close',
      value: 6,
      doc: 'Closes a socket.',
      attributeSet: 'socket',
      do: { request: { attributes: ['fd'] } },
    },
    {
      name: 'get',
      value: 7,
      doc: 'Tells a socket and the tokens it has handed out.',
      attributeSet: 'socket',
      do: {
        request: { attributes: ['fd', 'token-start'] },
        reply: {
          attributes: [
            'fd',
            'state',
            'ifindex',
            'local',
            'peer',
            'relay',
            'queue',
            'napi-id',
            'inq',
            'outq',
            'rmem',
            'rcvbuf',
            'drops',
            'backlog',
            'acceptq',
            'tokens-held',
            'tokens',
          ],
          always: ['fd', 'state'],
        },
      },
      dump: {
        request: { attributes: [] },
        reply: {
          attributes: [
            'fd',
            'state',
            'ifindex',
            'local',
            'peer',
            'relay',
            'queue',
            'napi-id',
            'inq',
            'outq',
            'rmem',
            'rcvbuf',
            'drops',
            'backlog',
            'acceptq',
            'tokens-held',
            'tokens',
          ],
          always: ['fd', 'state'],
        },
      },
    },
    {
      name: 'recvmsg',
      value: 8,
      doc: 'Receives one message, or as a stream one message after the other.',
      attributeSet: 'message',
      do: {
        request: { attributes: ['fd', 'len', 'controllen', 'flags', 'timeout-ms'] },
        reply: { attributes: ['len', 'flags', 'cmsgs', 'data', 'errno', 'code'] },
      },
      blocking: true,
      stream: 'recvmsg',
    },
    {
      name: 'splice',
      value: 9,
      doc: 'Moves data into a pipe by reference: frags stay where they are, linear bytes are copied.',
      attributeSet: 'splice',
      do: {
        request: { attributes: ['fd', 'pipe-fd', 'len', 'flags', 'timeout-ms'] },
        reply: { attributes: ['len'], always: ['len'] },
      },
      blocking: true,
    },
    {
      name: 'setsockopt',
      value: 10,
      doc: 'Sets an option. Returns what the system call returns.',
      attributeSet: 'option',
      do: { request: { attributes: ['fd', 'level', 'optname', 'optval'] }, reply: { attributes: ['ret'], always: ['ret'] } },
    },
    {
      name: 'getsockopt',
      value: 11,
      doc: 'Tells an option.',
      attributeSet: 'option',
      do: { request: { attributes: ['fd', 'level', 'optname'] }, reply: { attributes: ['optval'], always: ['optval'] } },
    },
  ],
  mcastGroups: [],
} as const satisfies FamilySpec;

/** Flags of a receive or send call and of its result. Bit masks. */
export const SOCKET_MSG_FLAGS = {
  MSG_OOB: 1,
  MSG_PEEK: 2,
  MSG_CTRUNC: 8,
  MSG_TRUNC: 32,
  MSG_DONTWAIT: 64,
  MSG_EOR: 128,
  MSG_WAITALL: 256,
  MSG_NOSIGNAL: 16384,
  MSG_SOCK_DEVMEM: 33554432,
} as const;
export type SocketMsgFlags = 'MSG_OOB' | 'MSG_PEEK' | 'MSG_CTRUNC' | 'MSG_TRUNC' | 'MSG_DONTWAIT' | 'MSG_EOR' | 'MSG_WAITALL' | 'MSG_NOSIGNAL' | 'MSG_SOCK_DEVMEM';

/** Layer an option or a control message belongs to. */
export const SOCKET_LEVEL = { SOL_SOCKET: 1, SOL_TCP: 6 } as const;
export type SocketLevel = 'SOL_SOCKET' | 'SOL_TCP';

/** Options, of SOL_SOCKET unless their name says TCP. */
export const SOCKET_OPTNAME = {
  SO_ERROR: 4,
  SO_SNDBUF: 7,
  SO_RCVBUF: 8,
  SO_RCVLOWAT: 18,
  TCP_INQ: 36,
  SO_INCOMING_NAPI_ID: 56,
  SO_DEVMEM_DONTNEED: 80,
} as const;
export type SocketOptname = 'SO_ERROR' | 'SO_SNDBUF' | 'SO_RCVBUF' | 'SO_RCVLOWAT' | 'TCP_INQ' | 'SO_INCOMING_NAPI_ID' | 'SO_DEVMEM_DONTNEED';

/** Control messages, of SOL_SOCKET unless their name says TCP. */
export const SOCKET_CMSG_TYPE = { TCP_CM_INQ: 36, SCM_DEVMEM_LINEAR: 78, SCM_DEVMEM_DMABUF: 79 } as const;
export type SocketCmsgType = 'TCP_CM_INQ' | 'SCM_DEVMEM_LINEAR' | 'SCM_DEVMEM_DMABUF';

/** Directions to shut down. */
export const SOCKET_HOW = { SHUT_RD: 0, SHUT_WR: 1, SHUT_RDWR: 2 } as const;
export type SocketHow = 'SHUT_RD' | 'SHUT_WR' | 'SHUT_RDWR';

/** State of a TCP socket. */
export const SOCKET_STATE = {
  established: 1,
  'syn-sent': 2,
  'syn-recv': 3,
  'fin-wait1': 4,
  'fin-wait2': 5,
  'time-wait': 6,
  close: 7,
  'close-wait': 8,
  'last-ack': 9,
  listen: 10,
  closing: 11,
} as const;
export type SocketState = 'established' | 'syn-sent' | 'syn-recv' | 'fin-wait1' | 'fin-wait2' | 'time-wait' | 'close' | 'close-wait' | 'last-ack' | 'listen' | 'closing';

/** Flags of a splice. Bit masks. */
export const SOCKET_SPLICE_FLAGS = { SPLICE_F_MOVE: 1, SPLICE_F_NONBLOCK: 2, SPLICE_F_MORE: 4, SPLICE_F_GIFT: 8 } as const;
export type SocketSpliceFlags = 'SPLICE_F_MOVE' | 'SPLICE_F_NONBLOCK' | 'SPLICE_F_MORE' | 'SPLICE_F_GIFT';

/** One end of a connection. As JSON. */
export interface SocketAddressSet {
  /** IP address. */
  addr?: string;
  /** TCP port. */
  port?: number;
}
/** The same, decoded. */
export interface SocketAddressAttrs {
  /** IP address. */
  addr?: Uint8Array;
  /** TCP port. */
  port?: number;
}

/** A frag the client holds. As JSON. */
export interface SocketTokenSet {
  /** Handle that gives it back. */
  token?: number;
  /** Where the frag starts in the dmabuf. */
  offset?: number | string;
  /** Bytes of the frag. */
  size?: number;
  /** Milliseconds since it was handed out. */
  'age-ms'?: number | string;
  /** Binding the frag belongs to. */
  'dmabuf-id'?: number;
}
/** The same, decoded. */
export interface SocketTokenAttrs {
  /** Handle that gives it back. */
  token?: number;
  /** Where the frag starts in the dmabuf. */
  offset?: number;
  /** Bytes of the frag. */
  size?: number;
  /** Milliseconds since it was handed out. */
  'age-ms'?: number;
  /** Binding the frag belongs to. */
  'dmabuf-id'?: number;
}

/** Range of tokens given back. As JSON. */
export interface SocketDmabufTokenSet {
  /** First token. */
  'token-start'?: number;
  /** How many. */
  'token-count'?: number;
}
/** The same, decoded. */
export interface SocketDmabufTokenAttrs {
  /** First token. */
  'token-start'?: number;
  /** How many. */
  'token-count'?: number;
}

/** A control message. As JSON. */
export interface SocketCmsgSet {
  /** What it tells. */
  type?: SocketCmsgType | number;
  /** Binding the frag belongs to. */
  'dmabuf-id'?: number;
  /** Where the frag starts in the dmabuf. */
  'frag-offset'?: number | string;
  /** Bytes of the frag or of the copied payload. */
  'frag-size'?: number;
  /** Handle that gives the frag back. */
  'frag-token'?: number;
  /** Value of TCP_CM_INQ. */
  value?: number;
  /** Layer of a message whose type has no name. */
  level?: SocketLevel | number;
}
/** The same, decoded. */
export interface SocketCmsgAttrs {
  /** What it tells. */
  type?: number;
  /** Binding the frag belongs to. */
  'dmabuf-id'?: number;
  /** Where the frag starts in the dmabuf. */
  'frag-offset'?: number;
  /** Bytes of the frag or of the copied payload. */
  'frag-size'?: number;
  /** Handle that gives the frag back. */
  'frag-token'?: number;
  /** Value of TCP_CM_INQ. */
  value?: number;
  /** Layer of a message whose type has no name. */
  level?: number;
}

/** A socket. As JSON. */
export interface SocketSocketSet {
  /** fd in the calling session; in listen and connect the wanted number. */
  fd?: number;
  /** Device of the socket; in listen the only one it listens on. */
  ifindex?: number;
  /** Address to listen on or to connect to. */
  addr?: string;
  /** Port to listen on or to connect to. */
  port?: number;
  /** Connections that may wait to be accepted. */
  backlog?: number;
  /** Wanted number of the fd of the accepted connection. */
  newfd?: number;
  /** Longest wait in milliseconds; 0 does not wait. */
  'timeout-ms'?: number;
  /** The other end. */
  peer?: SocketAddressSet;
  /** This end. */
  local?: SocketAddressSet;
  /** The daemon's end of the connection to the client's own listener, as the client sees its peer. */
  relay?: SocketAddressSet;
  /** State of the connection. */
  state?: SocketState | number;
  /** RX queue the last packet came from. */
  queue?: number;
  /** NAPI instance the last packet came from. */
  'napi-id'?: number;
  /** Bytes received and not yet read. */
  inq?: number | string;
  /** Bytes sent and not yet taken by the peer. */
  outq?: number | string;
  /** Receive memory in use (truesize). */
  rmem?: number | string;
  /** Limit of the receive memory. */
  rcvbuf?: number | string;
  /** Packets dropped for want of receive memory. */
  drops?: number | string;
  /** Connections that wait to be accepted. */
  acceptq?: number;
  /** Frags handed out and not given back, by token; at most 1024 in one reply. */
  tokens?: SocketTokenSet[];
  /** How many frags are handed out and not given back. */
  'tokens-held'?: number;
  /** First token to list. */
  'token-start'?: number;
  /** Directions to shut down. */
  how?: SocketHow | number;
}
/** The same, decoded. */
export interface SocketSocketAttrs {
  /** fd in the calling session; in listen and connect the wanted number. */
  fd?: number;
  /** Device of the socket; in listen the only one it listens on. */
  ifindex?: number;
  /** Address to listen on or to connect to. */
  addr?: Uint8Array;
  /** Port to listen on or to connect to. */
  port?: number;
  /** Connections that may wait to be accepted. */
  backlog?: number;
  /** Wanted number of the fd of the accepted connection. */
  newfd?: number;
  /** Longest wait in milliseconds; 0 does not wait. */
  'timeout-ms'?: number;
  /** The other end. */
  peer?: SocketAddressAttrs;
  /** This end. */
  local?: SocketAddressAttrs;
  /** The daemon's end of the connection to the client's own listener, as the client sees its peer. */
  relay?: SocketAddressAttrs;
  /** State of the connection. */
  state?: number;
  /** RX queue the last packet came from. */
  queue?: number;
  /** NAPI instance the last packet came from. */
  'napi-id'?: number;
  /** Bytes received and not yet read. */
  inq?: number;
  /** Bytes sent and not yet taken by the peer. */
  outq?: number;
  /** Receive memory in use (truesize). */
  rmem?: number;
  /** Limit of the receive memory. */
  rcvbuf?: number;
  /** Packets dropped for want of receive memory. */
  drops?: number;
  /** Connections that wait to be accepted. */
  acceptq?: number;
  /** Frags handed out and not given back, by token; at most 1024 in one reply. */
  tokens?: SocketTokenAttrs[];
  /** How many frags are handed out and not given back. */
  'tokens-held'?: number;
  /** First token to list. */
  'token-start'?: number;
  /** Directions to shut down. */
  how?: number;
}

/** One receive or send call. As JSON. */
export interface SocketMessageSet {
  /** Socket of the calling session. */
  fd?: number;
  /** Room for data; in a reply the bytes received, frags included, 0 at the end of the stream. */
  len?: number;
  /** Room for control messages in bytes. */
  controllen?: number;
  /** Flags of the call; in a reply those of its result. */
  flags?: SocketMsgFlags | (SocketMsgFlags | number)[] | number;
  /** Longest wait in milliseconds; 0 does not wait. */
  'timeout-ms'?: number;
  /** Control messages in order. */
  cmsgs?: SocketCmsgSet[];
  /** Copied bytes, or bytes to send. */
  data?: string;
  /** Bytes to send as text (UTF-8), instead of data. */
  text?: string;
  /** Result of the call. */
  ret?: number;
  /** Name of the error that ends a stream. */
  errno?: string;
  /** Its number. */
  code?: number;
}
/** The same, decoded. */
export interface SocketMessageAttrs {
  /** Socket of the calling session. */
  fd?: number;
  /** Room for data; in a reply the bytes received, frags included, 0 at the end of the stream. */
  len?: number;
  /** Room for control messages in bytes. */
  controllen?: number;
  /** Flags of the call; in a reply those of its result. */
  flags?: number;
  /** Longest wait in milliseconds; 0 does not wait. */
  'timeout-ms'?: number;
  /** Control messages in order. */
  cmsgs?: SocketCmsgAttrs[];
  /** Copied bytes, or bytes to send. */
  data?: Uint8Array;
  /** Bytes to send as text (UTF-8), instead of data. */
  text?: string;
  /** Result of the call. */
  ret?: number;
  /** Name of the error that ends a stream. */
  errno?: string;
  /** Its number. */
  code?: number;
}

/** Data moved from a socket to a pipe. As JSON. */
export interface SocketSpliceSet {
  /** Socket of the calling session. */
  fd?: number;
  /** Pipe of the calling session. */
  'pipe-fd'?: number;
  /** Most bytes to move; in a reply those moved, 0 at the end of the stream. */
  len?: number;
  /** Flags of the call. */
  flags?: SocketSpliceFlags | (SocketSpliceFlags | number)[] | number;
  /** Longest wait in milliseconds; 0: the socket is non-blocking. */
  'timeout-ms'?: number;
}
/** The same, decoded. */
export interface SocketSpliceAttrs {
  /** Socket of the calling session. */
  fd?: number;
  /** Pipe of the calling session. */
  'pipe-fd'?: number;
  /** Most bytes to move; in a reply those moved, 0 at the end of the stream. */
  len?: number;
  /** Flags of the call. */
  flags?: number;
  /** Longest wait in milliseconds; 0: the socket is non-blocking. */
  'timeout-ms'?: number;
}

/** A socket option. As JSON. */
export interface SocketOptionSet {
  /** Socket of the calling session. */
  fd?: number;
  /** Layer of the option. */
  level?: SocketLevel | number;
  /** The option. */
  optname?: SocketOptname | number;
  /** Its value: a number, or the token ranges of SO_DEVMEM_DONTNEED. */
  optval?: number | SocketDmabufTokenSet[];
  /** Result of the call. */
  ret?: number;
}
/** The same, decoded. */
export interface SocketOptionAttrs {
  /** Socket of the calling session. */
  fd?: number;
  /** Layer of the option. */
  level?: number;
  /** The option. */
  optname?: number;
  /** Its value: a number, or the token ranges of SO_DEVMEM_DONTNEED. */
  optval?: number | SocketDmabufTokenAttrs[];
  /** Result of the call. */
  ret?: number;
}

/** Request of listen (do) as JSON. Opens a socket that waits for connections. */
export interface SocketListenDoRequest {
  /** fd in the calling session; in listen and connect the wanted number. */
  fd?: number;
  /** Device of the socket; in listen the only one it listens on. */
  ifindex?: number;
  /** Address to listen on or to connect to. */
  addr?: string;
  /** Port to listen on or to connect to. */
  port?: number;
  /** Connections that may wait to be accepted. */
  backlog?: number;
}
/** The same, decoded. */
export interface SocketListenDoAttrs {
  /** fd in the calling session; in listen and connect the wanted number. */
  fd?: number;
  /** Device of the socket; in listen the only one it listens on. */
  ifindex?: number;
  /** Address to listen on or to connect to. */
  addr?: Uint8Array;
  /** Port to listen on or to connect to. */
  port?: number;
  /** Connections that may wait to be accepted. */
  backlog?: number;
}
export interface SocketListenDoReply {
  /** fd in the calling session; in listen and connect the wanted number. */
  fd: number;
}
/** What the operation hands to the renderer. */
export interface SocketListenDoReplyAttrs {
  /** fd in the calling session; in listen and connect the wanted number. */
  fd: number;
}

/** Request of accept (do) as JSON. Takes a waiting connection. */
export interface SocketAcceptDoRequest {
  /** fd in the calling session; in listen and connect the wanted number. */
  fd?: number;
  /** Wanted number of the fd of the accepted connection. */
  newfd?: number;
  /** Longest wait in milliseconds; 0 does not wait. */
  'timeout-ms'?: number;
}
/** The same, decoded. */
export interface SocketAcceptDoAttrs {
  /** fd in the calling session; in listen and connect the wanted number. */
  fd?: number;
  /** Wanted number of the fd of the accepted connection. */
  newfd?: number;
  /** Longest wait in milliseconds; 0 does not wait. */
  'timeout-ms'?: number;
}
export interface SocketAcceptDoReply {
  /** fd in the calling session; in listen and connect the wanted number. */
  fd: number;
  /** The other end. */
  peer: SocketAddressSet;
  /** This end. */
  local: SocketAddressSet;
  /** Device of the socket; in listen the only one it listens on. */
  ifindex: number;
}
/** What the operation hands to the renderer. */
export interface SocketAcceptDoReplyAttrs {
  /** fd in the calling session; in listen and connect the wanted number. */
  fd: number;
  /** The other end. */
  peer: SocketAddressAttrs;
  /** This end. */
  local: SocketAddressAttrs;
  /** Device of the socket; in listen the only one it listens on. */
  ifindex: number;
}

/** Request of connect (do) as JSON. Opens a connection to the outside through the upstream of a device. */
export interface SocketConnectDoRequest {
  /** fd in the calling session; in listen and connect the wanted number. */
  fd?: number;
  /** Device of the socket; in listen the only one it listens on. */
  ifindex?: number;
  /** Address to listen on or to connect to. */
  addr?: string;
  /** Port to listen on or to connect to. */
  port?: number;
  /** Longest wait in milliseconds; 0 does not wait. */
  'timeout-ms'?: number;
}
/** The same, decoded. */
export interface SocketConnectDoAttrs {
  /** fd in the calling session; in listen and connect the wanted number. */
  fd?: number;
  /** Device of the socket; in listen the only one it listens on. */
  ifindex?: number;
  /** Address to listen on or to connect to. */
  addr?: Uint8Array;
  /** Port to listen on or to connect to. */
  port?: number;
  /** Longest wait in milliseconds; 0 does not wait. */
  'timeout-ms'?: number;
}
export interface SocketConnectDoReply {
  /** fd in the calling session; in listen and connect the wanted number. */
  fd: number;
  /** The other end. */
  peer?: SocketAddressSet;
  /** This end. */
  local?: SocketAddressSet;
}
/** What the operation hands to the renderer. */
export interface SocketConnectDoReplyAttrs {
  /** fd in the calling session; in listen and connect the wanted number. */
  fd: number;
  /** The other end. */
  peer?: SocketAddressAttrs;
  /** This end. */
  local?: SocketAddressAttrs;
}

/** Request of send (do) as JSON. Sends bytes to the peer. */
export interface SocketSendDoRequest {
  /** Socket of the calling session. */
  fd?: number;
  /** Flags of the call; in a reply those of its result. */
  flags?: SocketMsgFlags | (SocketMsgFlags | number)[] | number;
  /** Longest wait in milliseconds; 0 does not wait. */
  'timeout-ms'?: number;
  /** Copied bytes, or bytes to send. */
  data?: string;
  /** Bytes to send as text (UTF-8), instead of data. */
  text?: string;
}
/** The same, decoded. */
export interface SocketSendDoAttrs {
  /** Socket of the calling session. */
  fd?: number;
  /** Flags of the call; in a reply those of its result. */
  flags?: number;
  /** Longest wait in milliseconds; 0 does not wait. */
  'timeout-ms'?: number;
  /** Copied bytes, or bytes to send. */
  data?: Uint8Array;
  /** Bytes to send as text (UTF-8), instead of data. */
  text?: string;
}
export interface SocketSendDoReply {
  /** Result of the call. */
  ret: number;
}
/** What the operation hands to the renderer. */
export interface SocketSendDoReplyAttrs {
  /** Result of the call. */
  ret: number;
}

/** Request of shutdown (do) as JSON. Closes one or both directions. */
export interface SocketShutdownDoRequest {
  /** fd in the calling session; in listen and connect the wanted number. */
  fd?: number;
  /** Directions to shut down. */
  how?: SocketHow | number;
}
/** The same, decoded. */
export interface SocketShutdownDoAttrs {
  /** fd in the calling session; in listen and connect the wanted number. */
  fd?: number;
  /** Directions to shut down. */
  how?: number;
}
export type SocketShutdownDoReply = null;

/** Request of close (do) as JSON. Closes a socket. */
export interface SocketCloseDoRequest {
  /** fd in the calling session; in listen and connect the wanted number. */
  fd?: number;
}
/** The same, decoded. */
export interface SocketCloseDoAttrs {
  /** fd in the calling session; in listen and connect the wanted number. */
  fd?: number;
}
export type SocketCloseDoReply = null;

/** Request of get (do) as JSON. Tells a socket and the tokens it has handed out. */
export interface SocketGetDoRequest {
  /** fd in the calling session; in listen and connect the wanted number. */
  fd?: number;
  /** First token to list. */
  'token-start'?: number;
}
/** The same, decoded. */
export interface SocketGetDoAttrs {
  /** fd in the calling session; in listen and connect the wanted number. */
  fd?: number;
  /** First token to list. */
  'token-start'?: number;
}
export interface SocketGetDoReply {
  /** fd in the calling session; in listen and connect the wanted number. */
  fd: number;
  /** State of the connection. */
  state: SocketState | number;
  /** Device of the socket; in listen the only one it listens on. */
  ifindex?: number;
  /** This end. */
  local?: SocketAddressSet;
  /** The other end. */
  peer?: SocketAddressSet;
  /** The daemon's end of the connection to the client's own listener, as the client sees its peer. */
  relay?: SocketAddressSet;
  /** RX queue the last packet came from. */
  queue?: number;
  /** NAPI instance the last packet came from. */
  'napi-id'?: number;
  /** Bytes received and not yet read. */
  inq?: number | string;
  /** Bytes sent and not yet taken by the peer. */
  outq?: number | string;
  /** Receive memory in use (truesize). */
  rmem?: number | string;
  /** Limit of the receive memory. */
  rcvbuf?: number | string;
  /** Packets dropped for want of receive memory. */
  drops?: number | string;
  /** Connections that may wait to be accepted. */
  backlog?: number;
  /** Connections that wait to be accepted. */
  acceptq?: number;
  /** How many frags are handed out and not given back. */
  'tokens-held'?: number;
  /** Frags handed out and not given back, by token; at most 1024 in one reply. */
  tokens?: SocketTokenSet[];
}
/** What the operation hands to the renderer. */
export interface SocketGetDoReplyAttrs {
  /** fd in the calling session; in listen and connect the wanted number. */
  fd: number;
  /** State of the connection. */
  state: number;
  /** Device of the socket; in listen the only one it listens on. */
  ifindex?: number;
  /** This end. */
  local?: SocketAddressAttrs;
  /** The other end. */
  peer?: SocketAddressAttrs;
  /** The daemon's end of the connection to the client's own listener, as the client sees its peer. */
  relay?: SocketAddressAttrs;
  /** RX queue the last packet came from. */
  queue?: number;
  /** NAPI instance the last packet came from. */
  'napi-id'?: number;
  /** Bytes received and not yet read. */
  inq?: number;
  /** Bytes sent and not yet taken by the peer. */
  outq?: number;
  /** Receive memory in use (truesize). */
  rmem?: number;
  /** Limit of the receive memory. */
  rcvbuf?: number;
  /** Packets dropped for want of receive memory. */
  drops?: number;
  /** Connections that may wait to be accepted. */
  backlog?: number;
  /** Connections that wait to be accepted. */
  acceptq?: number;
  /** How many frags are handed out and not given back. */
  'tokens-held'?: number;
  /** Frags handed out and not given back, by token; at most 1024 in one reply. */
  tokens?: SocketTokenAttrs[];
}

/** Request of get (dump) as JSON. Tells a socket and the tokens it has handed out. */
export type SocketGetDumpRequest = Record<string, never>;
/** The same, decoded. */
export type SocketGetDumpAttrs = Record<string, never>;
export interface SocketGetDumpReply {
  /** fd in the calling session; in listen and connect the wanted number. */
  fd: number;
  /** State of the connection. */
  state: SocketState | number;
  /** Device of the socket; in listen the only one it listens on. */
  ifindex?: number;
  /** This end. */
  local?: SocketAddressSet;
  /** The other end. */
  peer?: SocketAddressSet;
  /** The daemon's end of the connection to the client's own listener, as the client sees its peer. */
  relay?: SocketAddressSet;
  /** RX queue the last packet came from. */
  queue?: number;
  /** NAPI instance the last packet came from. */
  'napi-id'?: number;
  /** Bytes received and not yet read. */
  inq?: number | string;
  /** Bytes sent and not yet taken by the peer. */
  outq?: number | string;
  /** Receive memory in use (truesize). */
  rmem?: number | string;
  /** Limit of the receive memory. */
  rcvbuf?: number | string;
  /** Packets dropped for want of receive memory. */
  drops?: number | string;
  /** Connections that may wait to be accepted. */
  backlog?: number;
  /** Connections that wait to be accepted. */
  acceptq?: number;
  /** How many frags are handed out and not given back. */
  'tokens-held'?: number;
  /** Frags handed out and not given back, by token; at most 1024 in one reply. */
  tokens?: SocketTokenSet[];
}
/** What the operation hands to the renderer. */
export interface SocketGetDumpReplyAttrs {
  /** fd in the calling session; in listen and connect the wanted number. */
  fd: number;
  /** State of the connection. */
  state: number;
  /** Device of the socket; in listen the only one it listens on. */
  ifindex?: number;
  /** This end. */
  local?: SocketAddressAttrs;
  /** The other end. */
  peer?: SocketAddressAttrs;
  /** The daemon's end of the connection to the client's own listener, as the client sees its peer. */
  relay?: SocketAddressAttrs;
  /** RX queue the last packet came from. */
  queue?: number;
  /** NAPI instance the last packet came from. */
  'napi-id'?: number;
  /** Bytes received and not yet read. */
  inq?: number;
  /** Bytes sent and not yet taken by the peer. */
  outq?: number;
  /** Receive memory in use (truesize). */
  rmem?: number;
  /** Limit of the receive memory. */
  rcvbuf?: number;
  /** Packets dropped for want of receive memory. */
  drops?: number;
  /** Connections that may wait to be accepted. */
  backlog?: number;
  /** Connections that wait to be accepted. */
  acceptq?: number;
  /** How many frags are handed out and not given back. */
  'tokens-held'?: number;
  /** Frags handed out and not given back, by token; at most 1024 in one reply. */
  tokens?: SocketTokenAttrs[];
}

/** Request of recvmsg (do) as JSON. Receives one message, or as a stream one message after the other. */
export interface SocketRecvmsgDoRequest {
  /** Socket of the calling session. */
  fd?: number;
  /** Room for data; in a reply the bytes received, frags included, 0 at the end of the stream. */
  len?: number;
  /** Room for control messages in bytes. */
  controllen?: number;
  /** Flags of the call; in a reply those of its result. */
  flags?: SocketMsgFlags | (SocketMsgFlags | number)[] | number;
  /** Longest wait in milliseconds; 0 does not wait. */
  'timeout-ms'?: number;
}
/** The same, decoded. */
export interface SocketRecvmsgDoAttrs {
  /** Socket of the calling session. */
  fd?: number;
  /** Room for data; in a reply the bytes received, frags included, 0 at the end of the stream. */
  len?: number;
  /** Room for control messages in bytes. */
  controllen?: number;
  /** Flags of the call; in a reply those of its result. */
  flags?: number;
  /** Longest wait in milliseconds; 0 does not wait. */
  'timeout-ms'?: number;
}
export interface SocketRecvmsgDoReply {
  /** Room for data; in a reply the bytes received, frags included, 0 at the end of the stream. */
  len?: number;
  /** Flags of the call; in a reply those of its result. */
  flags?: SocketMsgFlags | (SocketMsgFlags | number)[] | number;
  /** Control messages in order. */
  cmsgs?: SocketCmsgSet[];
  /** Copied bytes, or bytes to send. */
  data?: string;
  /** Name of the error that ends a stream. */
  errno?: string;
  /** Its number. */
  code?: number;
}
/** What the operation hands to the renderer. */
export interface SocketRecvmsgDoReplyAttrs {
  /** Room for data; in a reply the bytes received, frags included, 0 at the end of the stream. */
  len?: number;
  /** Flags of the call; in a reply those of its result. */
  flags?: number;
  /** Control messages in order. */
  cmsgs?: SocketCmsgAttrs[];
  /** Copied bytes, or bytes to send. */
  data?: Uint8Array;
  /** Name of the error that ends a stream. */
  errno?: string;
  /** Its number. */
  code?: number;
}

/** Request of splice (do) as JSON. Moves data into a pipe by reference: frags stay where they are, linear bytes are copied. */
export interface SocketSpliceDoRequest {
  /** Socket of the calling session. */
  fd?: number;
  /** Pipe of the calling session. */
  'pipe-fd'?: number;
  /** Most bytes to move; in a reply those moved, 0 at the end of the stream. */
  len?: number;
  /** Flags of the call. */
  flags?: SocketSpliceFlags | (SocketSpliceFlags | number)[] | number;
  /** Longest wait in milliseconds; 0: the socket is non-blocking. */
  'timeout-ms'?: number;
}
/** The same, decoded. */
export interface SocketSpliceDoAttrs {
  /** Socket of the calling session. */
  fd?: number;
  /** Pipe of the calling session. */
  'pipe-fd'?: number;
  /** Most bytes to move; in a reply those moved, 0 at the end of the stream. */
  len?: number;
  /** Flags of the call. */
  flags?: number;
  /** Longest wait in milliseconds; 0: the socket is non-blocking. */
  'timeout-ms'?: number;
}
export interface SocketSpliceDoReply {
  /** Most bytes to move; in a reply those moved, 0 at the end of the stream. */
  len: number;
}
/** What the operation hands to the renderer. */
export interface SocketSpliceDoReplyAttrs {
  /** Most bytes to move; in a reply those moved, 0 at the end of the stream. */
  len: number;
}

/** Request of setsockopt (do) as JSON. Sets an option. Returns what the system call returns. */
export interface SocketSetsockoptDoRequest {
  /** Socket of the calling session. */
  fd?: number;
  /** Layer of the option. */
  level?: SocketLevel | number;
  /** The option. */
  optname?: SocketOptname | number;
  /** Its value: a number, or the token ranges of SO_DEVMEM_DONTNEED. */
  optval?: number | SocketDmabufTokenSet[];
}
/** The same, decoded. */
export interface SocketSetsockoptDoAttrs {
  /** Socket of the calling session. */
  fd?: number;
  /** Layer of the option. */
  level?: number;
  /** The option. */
  optname?: number;
  /** Its value: a number, or the token ranges of SO_DEVMEM_DONTNEED. */
  optval?: number | SocketDmabufTokenAttrs[];
}
export interface SocketSetsockoptDoReply {
  /** Result of the call. */
  ret: number;
}
/** What the operation hands to the renderer. */
export interface SocketSetsockoptDoReplyAttrs {
  /** Result of the call. */
  ret: number;
}

/** Request of getsockopt (do) as JSON. Tells an option. */
export interface SocketGetsockoptDoRequest {
  /** Socket of the calling session. */
  fd?: number;
  /** Layer of the option. */
  level?: SocketLevel | number;
  /** The option. */
  optname?: SocketOptname | number;
}
/** The same, decoded. */
export interface SocketGetsockoptDoAttrs {
  /** Socket of the calling session. */
  fd?: number;
  /** Layer of the option. */
  level?: number;
  /** The option. */
  optname?: number;
}
export interface SocketGetsockoptDoReply {
  /** Its value: a number, or the token ranges of SO_DEVMEM_DONTNEED. */
  optval: number | SocketDmabufTokenSet[];
}
/** What the operation hands to the renderer. */
export interface SocketGetsockoptDoReplyAttrs {
  /** Its value: a number, or the token ranges of SO_DEVMEM_DONTNEED. */
  optval: number | SocketDmabufTokenAttrs[];
}
