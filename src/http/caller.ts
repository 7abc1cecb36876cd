import type { IncomingHttpHeaders } from 'node:http';
import type { RequestContext } from '../family/context.ts';
import { refuse } from '../kernel/error.ts';
import { ERRORS } from '../kernel/error-catalogue.ts';
import type { Session } from '../kernel/task/session.ts';
import type { Access } from './access.ts';
import type { Services } from './services.ts';

/** Names the session a request runs in; without it the daemon's own. */
export const SESSION_HEADER = 'netmemd-session';
/** Names the netlink socket, an fd of the session; without it the session's implicit one. */
export const NETLINK_HEADER = 'netmemd-netlink';

function one(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(',') : value;
}

/** The session a request names. @throws KernelError ESRCH */
export function callingSession(services: Pick<Services, 'kernel'>, headers: IncomingHttpHeaders): Session {
  const id = one(headers[SESSION_HEADER]);
  if (id === undefined) return services.kernel.initSession;
  const session = services.kernel.sessions.get(id);
  if (session === undefined) refuse(ERRORS.noSuchSession);
  return session;
}

/** Who asks, and in which session and by which netlink socket. @throws KernelError ESRCH, EBADF, ENOTSOCK */
export function makeContext(services: Services, headers: IncomingHttpHeaders, access: Access): RequestContext {
  const session = callingSession(services, headers);
  session.touch();
  const fd = one(headers[NETLINK_HEADER]);
  let netlink = session.netlink;
  if (fd !== undefined) {
    if (!/^\d{1,10}$/.test(fd)) refuse(ERRORS.netlinkHeader, undefined, NETLINK_HEADER);
    netlink = session.fds.netlink(Number(fd));
  }
  return {
    kernel: services.kernel,
    lab: services.lab,
    memory: services.memory,
    session,
    netlink,
    admin: access.admin && session.admin,
  };
}
