import { Dmabuf } from '../kernel/dmabuf/dmabuf.ts';
import { fail, refuse } from '../kernel/error.ts';
import { ERRORS } from '../kernel/error-catalogue.ts';
import { XdpProgram } from '../kernel/netdev/xdp-program.ts';
import type { FdObject } from '../kernel/task/fd-table.ts';
import { Memfd } from '../kernel/task/memfd.ts';
import { NetlinkSocket } from '../kernel/task/netlink-socket.ts';
import { Pipe } from '../kernel/task/pipe.ts';
import type { Session } from '../kernel/task/session.ts';
import { SESSION_FD_TYPE, type SessionOpenDoAttrs, type SessionPipeReadDoAttrs } from '../ynl/generated/session.ts';
import { requireAttr } from '../ynl/policy.ts';
import type { Attrs } from '../ynl/spec.ts';
import type { FamilyHandlers, RequestContext } from './context.ts';

/** As much as a pipe holds. */
const DEFAULT_READ_LEN = 65_536;

function named({ kernel, session }: RequestContext, id: string | undefined): Session {
  if (id === undefined) return session;
  return kernel.sessions.get(id) ?? refuse(ERRORS.noSuchSession, { 'bad-attr': '.id' });
}

function typeOf(file: FdObject): keyof typeof SESSION_FD_TYPE {
  if (file instanceof Dmabuf) return 'dmabuf';
  if (file instanceof NetlinkSocket) return 'netlink';
  if (file instanceof Pipe) return 'pipe';
  if (file instanceof XdpProgram) return 'bpf-prog';
  return file instanceof Memfd ? 'memfd' : 'socket';
}

function describe(session: Session): Attrs {
  const reply: Attrs = { id: session.id };
  if (session.name !== '') reply.name = session.name;
  if (session.leaseMs > 0) reply['lease-ms'] = session.leaseMs;
  if (!session.admin) reply.unprivileged = true;
  if (session.cpu !== 0) reply.cpu = session.cpu;
  if (Number.isFinite(session.memlock.limit)) reply.memlock = session.memlock.limit;
  reply.locked = session.memlock.locked;
  reply['age-ms'] = Math.floor(session.kernel.clock.now() - session.openedAt);
  reply.connections = session.connections;
  const bindings = session.netlink.bindings.map((binding) => binding.id);
  reply.fds = session.fds.list().map(([fd, file]) => {
    if (file instanceof NetlinkSocket) bindings.push(...file.bindings.map((binding) => binding.id));
    return { fd, type: SESSION_FD_TYPE[typeOf(file)] };
  });
  reply.bindings = bindings;
  return reply;
}

/** Family `session`: the simulated processes. */
export const sessionHandlers: FamilyHandlers = {
  open: {
    do({ kernel, admin }, attrs) {
      const { name, 'lease-ms': leaseMs, unprivileged, cpu, memlock } = attrs as SessionOpenDoAttrs;
      const options = { name, leaseMs, admin: admin && unprivileged !== true, cpu };
      return { id: kernel.openSession({ ...options, memlock: memlock as number | undefined }).id };
    },
  },
  close: {
    do(ctx, attrs) {
      const session = named(ctx, attrs.id);
      if (session === ctx.kernel.initSession) refuse(ERRORS.closeOwnSession);
      session.close();
      return null;
    },
  },
  get: {
    do: (ctx, attrs) => describe(named(ctx, attrs.id)),
    dump: ({ kernel }) => [...kernel.sessions.values()].map(describe),
  },
  'sched-setaffinity': {
    do({ session }, attrs) {
      requireAttr(attrs, ['cpu']);
      session.setAffinity(attrs.cpu);
      return null;
    },
  },
  'netlink-open': {
    do: ({ kernel, session }, attrs) => ({ fd: session.fds.install(new NetlinkSocket(kernel), attrs.fd) }),
  },
  'pipe-open': {
    do: ({ kernel, session }, attrs) => ({ fd: session.fds.install(new Pipe(kernel.netmems), attrs.fd) }),
  },
  'pipe-read': {
    do({ session }, attrs) {
      requireAttr(attrs, ['fd']);
      const { fd, len = DEFAULT_READ_LEN } = attrs as SessionPipeReadDoAttrs;
      const data = session.fds.pipe(fd as number).read(len);
      if (data.length === 0 && len > 0) fail('EAGAIN');
      return { data };
    },
    waitQueue: ({ session }, attrs) => session.fds.pipe(attrs.fd).waitQueue,
  },
  'fd-close': {
    do({ session }, attrs) {
      requireAttr(attrs, ['fd']);
      session.fds.close(attrs.fd);
      return null;
    },
  },
  unbind: {
    do({ session }, attrs) {
      requireAttr(attrs, ['id']);
      const sockets = [session.netlink, ...session.fds.list().map(([, file]) => file)];
      for (const socket of sockets) {
        if (!(socket instanceof NetlinkSocket)) continue;
        const binding = socket.bindings.find((other) => other.id === attrs.id);
        if (binding !== undefined) {
          socket.unbind(binding);
          return null;
        }
      }
      return refuse(ERRORS.noSuchBinding, { 'bad-attr': '.id' });
    },
  },
};
