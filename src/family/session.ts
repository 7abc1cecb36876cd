import { Dmabuf } from '../kernel/dmabuf/dmabuf.ts';
import { refuse } from '../kernel/error.ts';
import { ERRORS } from '../kernel/error-catalogue.ts';
import { NetlinkSocket } from '../kernel/task/netlink-socket.ts';
import type { Session } from '../kernel/task/session.ts';
import { SESSION_FD_TYPE, type SessionOpenDoAttrs } from '../ynl/generated/session.ts';
import { requireAttr } from '../ynl/policy.ts';
import type { Attrs } from '../ynl/spec.ts';
import type { FamilyHandlers, RequestContext } from './context.ts';

function named({ kernel, session }: RequestContext, id: string | undefined): Session {
  if (id === undefined) return session;
  return kernel.sessions.get(id) ?? refuse(ERRORS.noSuchSession, { 'bad-attr': '.id' });
}

function describe(session: Session): Attrs {
  const reply: Attrs = { id: session.id };
  if (session.name !== '') reply.name = session.name;
  if (session.leaseMs > 0) reply['lease-ms'] = session.leaseMs;
  if (!session.admin) reply.unprivileged = true;
  reply['age-ms'] = Math.floor(session.kernel.clock.now() - session.openedAt);
  reply.connections = session.connections;
  const bindings = session.netlink.bindings.map((binding) => binding.id);
  reply.fds = session.fds.list().map(([fd, file]) => {
    if (file instanceof NetlinkSocket) bindings.push(...file.bindings.map((binding) => binding.id));
    const type = file instanceof Dmabuf ? 'dmabuf' : file instanceof NetlinkSocket ? 'netlink' : 'socket';
    return { fd, type: SESSION_FD_TYPE[type] };
  });
  reply.bindings = bindings;
  return reply;
}

/** Family `session`: the simulated processes. */
export const sessionHandlers: FamilyHandlers = {
  open: {
    do({ kernel, admin }, attrs) {
      const { name, 'lease-ms': leaseMs, unprivileged } = attrs as SessionOpenDoAttrs;
      return { id: kernel.openSession({ name, leaseMs, admin: admin && unprivileged !== true }).id };
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
  'netlink-open': {
    do: ({ kernel, session }, attrs) => ({ fd: session.fds.install(new NetlinkSocket(kernel), attrs.fd) }),
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
