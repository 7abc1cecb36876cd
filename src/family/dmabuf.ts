import { Dmabuf, defaultRuns, EXPORTER_KINDS } from '../kernel/dmabuf/dmabuf.ts';
import { fail, refuse } from '../kernel/error.ts';
import { ERRORS } from '../kernel/error-catalogue.ts';
import { PAGE_SIZE } from '../uapi/limits.ts';
import { DMABUF_EXPORTER, type DmabufCreateDoAttrs } from '../ynl/generated/dmabuf.ts';
import { requireAttr } from '../ynl/policy.ts';
import type { Attrs } from '../ynl/spec.ts';
import type { FamilyHandlers, RequestContext } from './context.ts';

function describe({ kernel }: RequestContext, fd: number, dmabuf: Dmabuf): Attrs {
  const reply: Attrs = { fd, size: dmabuf.size, exporter: DMABUF_EXPORTER[dmabuf.kind], path: dmabuf.memory.path };
  if (dmabuf.name !== '') reply.name = dmabuf.name;
  reply.bindings = [...kernel.bindings.values()].filter((b) => b.dmabuf === dmabuf).map((b) => b.id);
  return reply;
}

/** Family `dmabuf`: memory of fixed length that a client maps and devices write. */
export const dmabufHandlers: FamilyHandlers = {
  create: {
    async do({ kernel, memory, session }, attrs) {
      requireAttr(attrs, ['size']);
      const request = attrs as DmabufCreateDoAttrs;
      const size = request.size as number;
      if (size % PAGE_SIZE !== 0) refuse(ERRORS.notWholePages, { 'bad-attr': '.size' });
      const kind =
        EXPORTER_KINDS.find((name) => DMABUF_EXPORTER[name] === (request.exporter ?? DMABUF_EXPORTER.system)) ??
        fail('EOPNOTSUPP', { 'bad-attr': '.exporter' });
      session.fds.check(request.fd);
      const write = request['client-write'];
      const shared = await memory.create(size, {
        name: request.name,
        clientWritable: write === undefined ? undefined : write === 1,
      });
      try {
        // While the memory was being allocated the session may have ended, and somebody may have taken the number.
        if (session.state === 'closed') refuse(ERRORS.sessionEnded);
        const runs = defaultRuns(kind, size / PAGE_SIZE, kernel.profile.udmabufEntryPerPage);
        const fd = session.fds.install(new Dmabuf(kind, shared, runs, request.name), request.fd);
        return { fd, size, path: shared.path };
      } catch (error) {
        shared.release();
        throw error;
      }
    },
  },
  close: {
    do({ session }, attrs) {
      requireAttr(attrs, ['fd']);
      session.fds.dmabuf(attrs.fd);
      session.fds.close(attrs.fd);
      return null;
    },
  },
  get: {
    do(ctx, attrs) {
      requireAttr(attrs, ['fd']);
      return describe(ctx, attrs.fd, ctx.session.fds.dmabuf(attrs.fd));
    },
    *dump(ctx) {
      for (const [fd, file] of ctx.session.fds.list()) if (file instanceof Dmabuf) yield describe(ctx, fd, file);
    },
  },
  sync: {
    do({ session }, attrs) {
      requireAttr(attrs, ['fd', 'flags']);
      session.fds.dmabuf(attrs.fd).sync(attrs.flags);
      return null;
    },
  },
};
