import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { refuse } from '../kernel/error.ts';
import { ERRORS } from '../kernel/error-catalogue.ts';
import { Msghdr } from '../kernel/stack/msghdr.ts';
import type { Session } from '../kernel/task/session.ts';
import { DEFAULT_RECV_CONTROLLEN, DEFAULT_RECV_LEN, MAX_RECV_CONTROLLEN, MSG_PEEK } from '../uapi/socket.ts';
import { parseQuery, requireAttr } from '../ynl/policy.ts';
import type { FamilySpec, OperationSpec } from '../ynl/spec.ts';
import { NDJSON_TYPE, negotiate } from './accept.ts';
import { admit, queryOf } from './control.ts';
import type { Services } from './services.ts';
import { RECVMSG_TYPES, RecvmsgStream } from './stream-recvmsg.ts';

type StreamRoute = (
  services: Services,
  family: FamilySpec,
  op: OperationSpec,
) => (request: FastifyRequest, reply: FastifyReply) => void;

/** The kinds of streams a spec may name. */
const STREAMS: Readonly<Record<string, StreamRoute>> = { recvmsg: recvmsgRoute, hold: holdRoute };

/** GET of each operation that its spec marks `stream`. */
export function addStreamRoutes(app: FastifyInstance, services: Services): void {
  for (const family of services.families) {
    for (const op of family.operations) {
      if (op.stream === undefined) continue;
      if (!Object.hasOwn(STREAMS, op.stream))
        throw new Error(`${family.name} ${op.name}: unknown kind of stream ${op.stream}`);
      app.get(`/v1/${family.name}/${op.name}`, STREAMS[op.stream](services, family, op));
    }
  }
}

/** Counts a stream as a connection of its session, which keeps the session's lease from running out. */
export function connect(session: Session): () => void {
  session.connections++;
  return () => {
    session.connections--;
    session.touch();
  };
}

/** Does the fd still name that object? */
function names(session: Session, fd: number, object: unknown): boolean {
  try {
    return session.fds.get(fd) === object;
  } catch {
    return false;
  }
}

function recvmsgRoute(services: Services, family: FamilySpec, op: OperationSpec) {
  const msg = new Msghdr();
  return (request: FastifyRequest, reply: FastifyReply): void => {
    const type = negotiate(request.headers.accept, RECVMSG_TYPES);
    const { session } = admit(services, op, 'do', request);
    const attrs = parseQuery(family, op, queryOf(request), services.kernel.profile.release) as {
      fd: number;
      len?: number;
      controllen?: number;
      flags?: number;
      'timeout-ms'?: number;
    };
    const { fd, len = DEFAULT_RECV_LEN, controllen = DEFAULT_RECV_CONTROLLEN, flags = 0 } = attrs;
    requireAttr(attrs, ['fd']);
    if (attrs['timeout-ms'] !== undefined) refuse(ERRORS.streamTimeout, { 'bad-attr': '.timeout-ms' });
    if (len < 1) refuse(ERRORS.streamLen, { 'bad-attr': '.len' });
    if (controllen > MAX_RECV_CONTROLLEN) {
      refuse(ERRORS.controllenTooLarge, { 'bad-attr': '.controllen' }, MAX_RECV_CONTROLLEN);
    }
    if ((flags & MSG_PEEK) !== 0) refuse(ERRORS.streamPeek, { 'bad-attr': '.flags' });
    const source = session.fds.socket(fd);
    services.streams.reserve();
    reply.hijack();
    new RecvmsgStream(request.raw, reply.raw, {
      type,
      source,
      isOpen: () => names(session, fd, source),
      cpu: () => session.cpu,
      len,
      controllen,
      flags,
      msg,
      loop: services.loop,
      streams: services.streams,
      onSessionEnd: (fn) => session.onClose(fn),
      closed: connect(session),
    });
  };
}

/** A session that has a hold stream ends when the stream drops: what a process's exit is to its fds. */
function holdRoute(services: Services, family: FamilySpec, op: OperationSpec) {
  return (request: FastifyRequest, reply: FastifyReply): void => {
    negotiate(request.headers.accept, [NDJSON_TYPE]);
    const context = admit(services, op, 'do', request);
    const { id } = parseQuery(family, op, queryOf(request), services.kernel.profile.release) as { id?: string };
    const session = id === undefined ? context.session : services.kernel.sessions.get(id);
    if (session === undefined) refuse(ERRORS.noSuchSession, { 'bad-attr': '.id' });
    if (session === services.kernel.initSession) refuse(ERRORS.holdOwnSession);
    services.streams.reserve();
    reply.hijack();
    const response = reply.raw;
    const disconnected = connect(session);
    const forget = session.onClose(() => response.end());
    services.streams.start(
      request.raw,
      response,
      { 'content-type': NDJSON_TYPE },
      { end: () => response.end() },
      () => {
        forget();
        disconnected();
        if (services.kernel.sessions.get(session.id) === session) session.close();
      },
    );
    response.write(`${JSON.stringify({ id: session.id })}\n`);
  };
}
