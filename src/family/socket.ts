import { fail, failCode, refuse } from '../kernel/error.ts';
import { ERRORS } from '../kernel/error-catalogue.ts';
import { Msghdr } from '../kernel/stack/msghdr.ts';
import { tcpSpliceRead } from '../kernel/stack/splice.ts';
import { TcpListener } from '../kernel/stack/tcp-listener.ts';
import { TcpSocket, type TcpState } from '../kernel/stack/tcp-socket.ts';
import { EitherQueue } from '../kernel/wait-queue.ts';
import { parseAddress } from '../lab/address.ts';
import { decodeCmsgs } from '../uapi/cmsg.ts';
import { ERRNO } from '../uapi/errno.ts';
import { MAX_DONTNEED_TOKENS } from '../uapi/limits.ts';
import {
  DEFAULT_RECV_CONTROLLEN,
  DEFAULT_RECV_LEN,
  MAX_RECV_CONTROLLEN,
  SCM_DEVMEM_DMABUF,
  SCM_DEVMEM_LINEAR,
  SHUT_RD,
  SHUT_RDWR,
  SHUT_WR,
  SO_DEVMEM_DONTNEED,
  SO_ERROR,
  SO_INCOMING_NAPI_ID,
  SO_RCVBUF,
  SO_RCVLOWAT,
  SO_SNDBUF,
  SOL_SOCKET,
  SOL_TCP,
  SPLICE_F_NONBLOCK,
  TCP_INQ,
} from '../uapi/socket.ts';
import {
  SOCKET_STATE,
  type SocketAcceptDoAttrs,
  type SocketConnectDoAttrs,
  type SocketDmabufTokenAttrs,
  type SocketListenDoAttrs,
  type SocketRecvmsgDoAttrs,
  type SocketSendDoAttrs,
  type SocketSetsockoptDoAttrs,
  type SocketSpliceDoAttrs,
} from '../ynl/generated/socket.ts';
import { requireAttr } from '../ynl/policy.ts';
import type { Attrs } from '../ynl/spec.ts';
import type { FamilyHandlers, RequestContext } from './context.ts';

const DEFAULT_BACKLOG = 4096;

const STATE: Record<TcpState, number> = {
  'syn-sent': SOCKET_STATE['syn-sent'],
  established: SOCKET_STATE.established,
  'close-wait': SOCKET_STATE['close-wait'],
  'fin-wait1': SOCKET_STATE['fin-wait1'],
  'fin-wait2': SOCKET_STATE['fin-wait2'],
  'last-ack': SOCKET_STATE['last-ack'],
  closing: SOCKET_STATE.closing,
  close: SOCKET_STATE.close,
};

/** Every call is done with it before the next one starts. */
const msg = new Msghdr();

function peerOf(sock: TcpSocket): Attrs | undefined {
  const key = sock.flow?.key;
  return key && { addr: key.src, port: key.sport };
}

function localOf(sock: TcpSocket): Attrs | undefined {
  const key = sock.flow?.key;
  return key && { addr: key.dst, port: key.dport };
}

/** Tokens listed in one reply. */
const TOKENS_LISTED = 1024;

/** The tokens from `first` on, by number. */
function tokensOf(sock: TcpSocket, first: number): Attrs[] {
  const { tokens, kernel } = sock;
  const now = kernel.clock.now();
  const out: Attrs[] = [];
  const most = Math.min(TOKENS_LISTED, tokens.count);
  for (let token = first; token < tokens.ref.length && out.length < most; token++) {
    const ref = tokens.ref[token];
    if (ref === 0) continue;
    out.push({
      token,
      offset: tokens.offset[token],
      size: tokens.size[token],
      'age-ms': Math.floor(now - tokens.since[token]),
      'dmabuf-id': kernel.netmems.areaOf(ref).bindingId,
    });
  }
  return out;
}

function describe(fd: number, file: TcpSocket | TcpListener, firstToken: number): Attrs {
  if (file instanceof TcpListener) {
    const local: Attrs = { port: file.port };
    if (file.address !== null) local.addr = file.address;
    return {
      fd,
      state: SOCKET_STATE.listen,
      local,
      backlog: file.backlog,
      acceptq: file.queue.length,
      drops: file.overflows,
    };
  }
  const flow = file.flow;
  const reply: Attrs = { fd, state: STATE[file.state] };
  if (flow !== null) {
    reply.ifindex = flow.netdev.ifindex;
    reply.local = localOf(file);
    reply.peer = peerOf(file);
    reply.queue = flow.queue.index;
    reply['napi-id'] = flow.queue.napi.id;
  }
  if (file.relay !== null) {
    const addr = parseAddress(file.relay.address);
    reply.relay = { addr: addr?.bytes, port: file.relay.port };
  }
  reply.inq = file.inq();
  reply.outq = file.outq;
  reply.rmem = file.rmem;
  reply.rcvbuf = file.rcvbuf;
  reply.drops = file.rcvqDrops;
  reply['tokens-held'] = file.tokens.count;
  reply.tokens = tokensOf(file, firstToken);
  return reply;
}

/** Connections under way, by the attributes of the request that asks for them. They get their fd when they stand. */
const connecting = new WeakMap<Attrs, TcpSocket>();

function connect({ kernel, session }: RequestContext, attrs: Attrs): TcpSocket {
  requireAttr(attrs, ['ifindex', 'addr', 'port']);
  const { ifindex, addr, port, fd } = attrs as SocketConnectDoAttrs;
  const netdev = kernel.netdevs.get(ifindex as number) ?? fail('ENODEV', { 'bad-attr': '.ifindex' });
  session.fds.check(fd);
  return kernel.tcp.connect(netdev, addr as Uint8Array, port as number);
}

function dontneed(file: TcpSocket | TcpListener, optval: unknown): number {
  if (!Array.isArray(optval)) {
    refuse(ERRORS.optvalNotTokens, { 'bad-attr': '.optval' });
  }
  if (optval.length === 0 || optval.length > MAX_DONTNEED_TOKENS) {
    refuse(ERRORS.tokenRanges, { 'bad-attr': '.optval' }, MAX_DONTNEED_TOKENS);
  }
  const ranges = (optval as SocketDmabufTokenAttrs[]).map((range) => {
    requireAttr(range as Attrs, ['token-start', 'token-count'], '.optval');
    return { start: range['token-start'] as number, count: range['token-count'] as number };
  });
  return file instanceof TcpSocket ? file.devmemDontneed(ranges) : 0;
}

function tcpFile({ session }: RequestContext, fd: number): TcpSocket | TcpListener {
  const file = session.fds.get(fd);
  return file instanceof TcpSocket || file instanceof TcpListener ? file : fail('ENOTSOCK');
}

/** Family `socket`: the socket calls of a simulated process. */
export const socketHandlers: FamilyHandlers = {
  listen: {
    do({ kernel, session }, attrs) {
      requireAttr(attrs, ['port']);
      const { port, addr, backlog, fd: wanted, ifindex } = attrs as SocketListenDoAttrs;
      if (port === 0) refuse(ERRORS.listenOnPortZero, { 'bad-attr': '.port' });
      let address = addr ?? null;
      if (ifindex !== undefined) {
        const netdev = kernel.netdevs.get(ifindex) ?? fail('ENODEV', { 'bad-attr': '.ifindex' });
        const own = netdev.ipv4 ?? netdev.ipv6 ?? fail('EADDRNOTAVAIL', { 'bad-attr': '.ifindex' });
        address ??= own.address;
      }
      const fd = session.fds.check(wanted);
      session.fds.install(kernel.tcp.listen(port as number, address, backlog ?? DEFAULT_BACKLOG), fd);
      return { fd };
    },
  },

  accept: {
    do({ session }, attrs) {
      requireAttr(attrs, ['fd']);
      const { fd, newfd } = attrs as SocketAcceptDoAttrs;
      const listener = session.fds.listener(fd as number);
      const to = session.fds.check(newfd);
      const socket = listener.queue.shift() ?? fail('EAGAIN');
      session.fds.install(socket, to);
      const flow = socket.flow as NonNullable<typeof socket.flow>;
      return { fd: to, peer: peerOf(socket), local: localOf(socket), ifindex: flow.netdev.ifindex };
    },
    waitQueue: ({ session }, attrs) => session.fds.listener(attrs.fd).waitQueue,
  },

  connect: {
    do(ctx, attrs) {
      let socket = connecting.get(attrs);
      if (socket === undefined) {
        socket = connect(ctx, attrs);
        connecting.set(attrs, socket);
      }
      if (socket.state === 'syn-sent') fail('EAGAIN');
      if (socket.flow === null) failCode(-(socket.takeError() || ERRNO.ECONNABORTED));
      const fd = ctx.session.fds.install(socket, attrs.fd);
      connecting.delete(attrs);
      return { fd, peer: peerOf(socket), local: localOf(socket) };
    },
    waitQueue: (_ctx, attrs) => (connecting.get(attrs) as TcpSocket).waitQueue,
    abandon: (_ctx, attrs) => connecting.get(attrs)?.close(),
  },

  send: {
    do({ session }, attrs) {
      requireAttr(attrs, ['fd']);
      const { fd, data, text } = attrs as SocketSendDoAttrs;
      if (data !== undefined && text !== undefined) {
        refuse(ERRORS.dataAndText, { 'bad-attr': '.text' });
      }
      const bytes = data ?? (text === undefined ? undefined : new TextEncoder().encode(text));
      if (bytes === undefined) fail('EINVAL', { 'miss-type': 'data' });
      const ret = session.fds.socket(fd as number).send(bytes);
      return ret < 0 ? failCode(ret) : { ret };
    },
    waitQueue: ({ session }, attrs) => session.fds.socket(attrs.fd).waitQueue,
  },

  shutdown: {
    do({ session }, attrs) {
      requireAttr(attrs, ['fd', 'how']);
      const how = { [SHUT_RD]: 'rd', [SHUT_WR]: 'wr', [SHUT_RDWR]: 'rdwr' } as const;
      session.fds.socket(attrs.fd).shutdown(how[attrs.how as keyof typeof how]);
      return null;
    },
  },

  close: {
    do(ctx, attrs) {
      requireAttr(attrs, ['fd']);
      tcpFile(ctx, attrs.fd);
      ctx.session.fds.close(attrs.fd);
      return null;
    },
  },

  get: {
    do(ctx, attrs) {
      requireAttr(attrs, ['fd']);
      return describe(attrs.fd, tcpFile(ctx, attrs.fd), attrs['token-start'] ?? 0);
    },
    *dump({ session }) {
      for (const [fd, file] of session.fds.list()) {
        if (file instanceof TcpSocket || file instanceof TcpListener) yield describe(fd, file, 0);
      }
    },
  },

  recvmsg: {
    do({ session }, attrs) {
      requireAttr(attrs, ['fd']);
      const {
        fd,
        len = DEFAULT_RECV_LEN,
        controllen = DEFAULT_RECV_CONTROLLEN,
        flags = 0,
      } = attrs as SocketRecvmsgDoAttrs;
      if (len < 0) fail('EINVAL', { 'bad-attr': '.len' });
      if (controllen > MAX_RECV_CONTROLLEN) {
        refuse(ERRORS.controllenTooLarge, { 'bad-attr': '.controllen' }, MAX_RECV_CONTROLLEN);
      }
      const ret = session.fds.socket(fd as number).recvmsg(msg, len, controllen, flags, session.cpu);
      if (ret < 0) failCode(ret);
      return {
        len: ret,
        flags: msg.flags,
        cmsgs: decodeCmsgs(msg.control, msg.controllen).map((cmsg) => {
          if (cmsg.level === SOL_SOCKET && cmsg.type === SCM_DEVMEM_DMABUF) {
            return {
              type: SCM_DEVMEM_DMABUF,
              'dmabuf-id': cmsg.dmabufId,
              'frag-offset': cmsg.fragOffset,
              'frag-size': cmsg.fragSize,
              'frag-token': cmsg.fragToken,
            };
          }
          if (cmsg.level === SOL_SOCKET) return { type: SCM_DEVMEM_LINEAR, 'frag-size': cmsg.fragSize };
          return { type: cmsg.type, value: cmsg.value };
        }),
        data: msg.iov.slice(0, msg.iovLen),
      };
    },
    waitQueue: ({ session }, attrs) => session.fds.socket(attrs.fd).waitQueue,
  },

  splice: {
    do({ session }, attrs) {
      requireAttr(attrs, ['fd', 'pipe-fd', 'len']);
      const { fd, 'pipe-fd': pipeFd, len, 'timeout-ms': timeout } = attrs as SocketSpliceDoAttrs;
      if (len === 0) return { len };
      const file = session.fds.get(fd as number);
      const pipe = session.fds.pipe(pipeFd as number);
      if (file instanceof TcpListener) fail('ENOTCONN');
      if (!(file instanceof TcpSocket)) fail('EINVAL');
      const ret = tcpSpliceRead(file, pipe, len as number, timeout === 0, session.cpu);
      return ret < 0 ? failCode(ret) : { len: ret };
    },
    waitQueue({ session }, attrs) {
      const pipe = session.fds.pipe(attrs['pipe-fd']);
      if (pipe.full && ((attrs.flags ?? 0) & SPLICE_F_NONBLOCK) !== 0) return undefined;
      return new EitherQueue(session.fds.socket(attrs.fd).waitQueue, pipe.waitQueue);
    },
  },

  setsockopt: {
    do(ctx, attrs) {
      requireAttr(attrs, ['fd', 'level', 'optname', 'optval']);
      const { fd, level, optname, optval } = attrs as Required<SocketSetsockoptDoAttrs>;
      const file = tcpFile(ctx, fd);
      if (level === SOL_SOCKET && optname === SO_DEVMEM_DONTNEED) return { ret: dontneed(file, optval) };
      if (typeof optval !== 'number') refuse(ERRORS.optvalNotNumber, { 'bad-attr': '.optval' });
      if (!(file instanceof TcpSocket)) fail('ENOPROTOOPT');
      if (level === SOL_SOCKET && optname === SO_RCVBUF) file.setRcvbuf(optval);
      else if (level === SOL_SOCKET && optname === SO_SNDBUF) file.setSndbuf(optval);
      else if (level === SOL_SOCKET && optname === SO_RCVLOWAT) file.setRcvlowat(optval);
      else if (level === SOL_TCP && optname === TCP_INQ) file.inqEnabled = optval !== 0;
      else fail('ENOPROTOOPT');
      return { ret: 0 };
    },
  },

  getsockopt: {
    do(ctx, attrs) {
      requireAttr(attrs, ['fd', 'level', 'optname']);
      const file = tcpFile(ctx, attrs.fd);
      if (!(file instanceof TcpSocket)) fail('ENOPROTOOPT');
      if (attrs.level === SOL_SOCKET) {
        switch (attrs.optname) {
          case SO_RCVBUF:
            return { optval: file.rcvbufOption };
          case SO_SNDBUF:
            return { optval: file.sndbuf };
          case SO_RCVLOWAT:
            return { optval: file.rcvlowat };
          case SO_ERROR:
            return { optval: file.takeError() };
          case SO_INCOMING_NAPI_ID:
            return { optval: file.flow?.queue.napi.id ?? 0 };
        }
      } else if (attrs.level === SOL_TCP && attrs.optname === TCP_INQ) {
        return { optval: file.inqEnabled ? 1 : 0 };
      }
      return fail('ENOPROTOOPT');
    },
  },
};
