import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { requireAdmission } from '../family/admission.ts';
import type { OpHandler, RequestContext } from '../family/context.ts';
import { MSG_DONTWAIT } from '../uapi/socket.ts';
import { openapi } from '../ynl/openapi.ts';
import { parseAttributes, parseQuery } from '../ynl/policy.ts';
import { renderReply } from '../ynl/reply.ts';
import type { Attrs, FamilySpec, Mode, OperationSpec } from '../ynl/spec.ts';
import { JSON_TYPE, NDJSON_TYPE, negotiate } from './accept.ts';
import { untilReady, type WaitLimits } from './blocking.ts';
import { makeContext } from './caller.ts';
import type { Services } from './services.ts';

/** The query of a request, undecoded parts and all. */
export function queryOf(request: FastifyRequest): URLSearchParams {
  const at = request.url.indexOf('?');
  return new URLSearchParams(at < 0 ? '' : request.url.slice(at + 1));
}

/**
 * Session and netlink socket of a request to an operation, then whether that may be used.
 * @throws KernelError ESRCH, EBADF, EOPNOTSUPP, EPERM
 */
export function admit(services: Services, op: OperationSpec, mode: Mode, request: FastifyRequest): RequestContext {
  const context = makeContext(services, request.headers, request.access);
  requireAdmission(services.kernel, op, mode, context.admin);
  return context;
}

/** One route for each `do` and each `dump` of the specs, and those that tell the specs. */
export function addControlRoutes(app: FastifyInstance, services: Services): void {
  for (const family of services.families) {
    const spec = JSON.stringify(family);
    app.get(`/v1/${family.name}/spec`, (_request, reply) => sendJson(reply, spec));
    for (const op of family.operations) {
      if (op.stream !== undefined && services.handlers[family.name]?.[op.name] === undefined) continue;
      if (op.do === undefined && op.dump === undefined) continue;
      const handler = handlerOf(services, family, op);
      if (op.do !== undefined) addDo(app, services, family, op, handler);
      if (op.dump !== undefined) addDump(app, services, family, op, handler);
    }
  }
  const list = JSON.stringify({
    families: services.families.map((f) => ({
      name: f.name,
      version: f.version,
      doc: f.doc,
      spec: `/v1/${f.name}/spec`,
      operations: f.operations.map((o) => o.name),
      groups: f.mcastGroups,
    })),
    openapi: '/v1/openapi.json',
  });
  app.get('/v1', (_request, reply) => sendJson(reply, list));
  let document: string | null = null;
  app.get('/v1/openapi.json', (_request, reply) => {
    document ??= JSON.stringify(openapi(services.families));
    sendJson(reply, document);
  });
}

function handlerOf(services: Services, family: FamilySpec, op: OperationSpec): OpHandler {
  const handler = services.handlers[family.name]?.[op.name];
  if ((op.do !== undefined && handler?.do === undefined) || (op.dump !== undefined && handler?.dump === undefined)) {
    throw new Error(`${family.name} ${op.name} is specified but not implemented`);
  }
  return handler as OpHandler;
}

/** As bytes: to text Fastify would add a charset, which the type does not have (RFC 8259, 11). */
function sendJson(reply: FastifyReply, text: string): void {
  void reply.header('content-type', JSON_TYPE).send(Buffer.from(text));
}

function addDo(
  app: FastifyInstance,
  services: Services,
  family: FamilySpec,
  op: OperationSpec,
  handler: OpHandler,
): void {
  const run = handler.do!.bind(handler);
  app.post(`/v1/${family.name}/${op.name}`, async (request, reply) => {
    const context = admit(services, op, 'do', request);
    const attrs = parseAttributes(family, op, 'do', request.body ?? {}, services.kernel.profile.release);
    let result: Awaited<ReturnType<typeof run>>;
    try {
      result = op.blocking
        ? await untilReady(
            () => run(context, attrs),
            () => handler.waitQueue?.(context, attrs),
            waitLimits(services, context, attrs, reply),
          )
        : await run(context, attrs);
    } catch (error) {
      handler.abandon?.(context, attrs);
      throw error;
    }
    sendJson(reply, JSON.stringify(renderReply(family, op, 'do', result)));
    return reply;
  });
}

function waitLimits(services: Services, context: RequestContext, attrs: Attrs, reply: FastifyReply): WaitLimits {
  const { flags, 'timeout-ms': timeout } = attrs as { flags?: unknown; 'timeout-ms'?: unknown };
  const never = typeof flags === 'number' && (flags & MSG_DONTWAIT) !== 0;
  return {
    timeoutMs: never ? 0 : typeof timeout === 'number' ? timeout : undefined,
    response: reply.raw,
    onSessionEnd: (fn) => context.session.onClose(fn),
    stopping: services.stopping,
  };
}

function addDump(
  app: FastifyInstance,
  services: Services,
  family: FamilySpec,
  op: OperationSpec,
  handler: OpHandler,
): void {
  const run = handler.dump!.bind(handler);
  app.get(`/v1/${family.name}/${op.name}`, (request, reply) => {
    const type = negotiate(request.headers.accept, [JSON_TYPE, NDJSON_TYPE]);
    const context = admit(services, op, 'dump', request);
    const attrs = parseQuery(family, op, queryOf(request), services.kernel.profile.release);
    // Taken at once, so that a dump is one moment of the model however slowly it is read.
    const entries = [...run(context, attrs)];
    const render = (entry: Attrs): string => JSON.stringify(renderReply(family, op, 'dump', entry));
    if (type === JSON_TYPE) {
      sendJson(reply, `[${entries.map(render).join(',')}]`);
      return;
    }
    void reply
      .header('content-type', NDJSON_TYPE)
      .header('cache-control', 'no-store')
      .send(Readable.from(lines(entries, render)));
  });
}

const CHUNK = 65_536;

function* lines(entries: readonly Attrs[], render: (entry: Attrs) => string): Generator<string> {
  let chunk = '';
  for (const entry of entries) {
    chunk += `${render(entry)}\n`;
    if (chunk.length >= CHUNK) {
      yield chunk;
      chunk = '';
    }
  }
  if (chunk !== '') yield chunk;
}
