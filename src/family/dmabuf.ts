import type { Attachment } from '../kernel/dmabuf/attachment.ts';
import { DevicePlace } from '../kernel/dmabuf/device-memory.ts';
import { Dmabuf, defaultRuns, EXPORTER_KINDS, type ExporterKind } from '../kernel/dmabuf/dmabuf.ts';
import type { SharedMemory } from '../kernel/dmabuf/memory.ts';
import { DmabufMove } from '../kernel/dmabuf/move.ts';
import { udmabufMemfd } from '../kernel/dmabuf/udmabuf.ts';
import { fail, failCode, refuse } from '../kernel/error.ts';
import { ERRORS } from '../kernel/error-catalogue.ts';
import { PAGE_SIZE } from '../uapi/limits.ts';
import { DMABUF_ATTACHMENT_STATE, DMABUF_EXPORTER, type DmabufCreateDoAttrs } from '../ynl/generated/dmabuf.ts';
import { requireAttr } from '../ynl/policy.ts';
import type { Attrs } from '../ynl/spec.ts';
import type { FamilyHandlers, RequestContext } from './context.ts';

/** Where in its memfd each udmabuf starts. */
const offsets = new WeakMap<Dmabuf, number>();

/** The move that each request has begun. */
const moving = new WeakMap<Attrs, DmabufMove>();

function describeAttachment({ device, dynamic, state, importer, maps, unmaps, syncs, importedBy }: Attachment): Attrs {
  const finishing = importer?.state === 'finishing';
  const reply: Attrs = { ifindex: device };
  if (dynamic) reply.dynamic = true;
  if (state !== 'detached') reply.state = DMABUF_ATTACHMENT_STATE[finishing ? 'finishing' : state];
  return { ...reply, outstanding: importedBy?.lent ?? 0, maps, unmaps, syncs };
}

/** Where a client finds the memory, or a device. */
function describePlace(dmabuf: Dmabuf): Attrs {
  const reply: Attrs = { path: dmabuf.memory.path };
  const offset = offsets.get(dmabuf);
  if (offset !== undefined) reply.offset = offset;
  if (dmabuf.kind === 'device') reply['va-base'] = dmabuf.virtualBase;
  return reply;
}

function describe({ kernel }: RequestContext, fd: number, dmabuf: Dmabuf): Attrs {
  const reply: Attrs = { fd, size: dmabuf.size, exporter: DMABUF_EXPORTER[dmabuf.kind], ...describePlace(dmabuf) };
  if (dmabuf.name !== '') reply.name = dmabuf.name;
  if (dmabuf.priv instanceof DevicePlace) reply['p2p-reachable'] = [...dmabuf.priv.reachable];
  if (dmabuf.revoked) reply.revoked = true;
  reply.bindings = [...kernel.bindings.values()].filter((b) => b.dmabuf === dmabuf).map((b) => b.id);
  reply.attachments = [...dmabuf.attachments].map(describeAttachment);
  return { ...reply, maps: dmabuf.maps, unmaps: dmabuf.unmaps, syncs: dmabuf.syncs };
}

/** Attributes of create that only some memory has. */
const SPECIAL = {
  system: ['client-write'],
  udmabuf: ['client-write'],
  memfd: ['memfd', 'offset'],
  device: ['p2p-reachable', 'va-base'],
} as const;

function checkSpecial(request: DmabufCreateDoAttrs, allowed: readonly string[]): void {
  for (const name of new Set(Object.values(SPECIAL).flat())) {
    if (request[name] !== undefined && !allowed.includes(name)) {
      refuse(ERRORS.notForExporter, { 'bad-attr': `.${name}` });
    }
  }
}

/** UDMABUF_CREATE: pins a part of a memfd and charges it to the session for as long as it is pinned. */
async function pinMemfd({ kernel, session }: RequestContext, request: DmabufCreateDoAttrs): Promise<SharedMemory> {
  const { memlock } = session;
  const size = request.size as number;
  const offset = (request.offset as number | undefined) ?? 0;
  const memfd = udmabufMemfd(session.fds, { memfd: request.memfd as number, offset, size }, kernel.udmabufLimit);
  if (memlock.charge(size) !== 0) refuse(ERRORS.memlockLimit, undefined, size, memlock.locked, memlock.limit);
  let pinned: SharedMemory;
  try {
    pinned = await memfd.map(offset, size);
  } catch (error) {
    memlock.uncharge(size);
    throw error;
  }
  let released = false;
  const release = (): void => {
    if (released) return;
    released = true;
    pinned.release();
    memlock.uncharge(size);
  };
  return { bytes: pinned.bytes, size, path: pinned.path, release };
}

function newMemory(
  { memory }: RequestContext,
  kind: ExporterKind,
  request: DmabufCreateDoAttrs,
): Promise<SharedMemory> {
  const size = request.size as number;
  const write = request['client-write'];
  return memory.create(
    size,
    kind === 'device'
      ? { name: request.name, private: true }
      : { name: request.name, clientWritable: write === undefined ? undefined : write === 1 },
  );
}

/** Family `dmabuf`: memory of fixed length that a client maps and devices write. */
export const dmabufHandlers: FamilyHandlers = {
  create: {
    async do(ctx, attrs) {
      const { kernel, session } = ctx;
      requireAttr(attrs, ['size']);
      const request = attrs as DmabufCreateDoAttrs;
      const size = request.size as number;
      const kind =
        EXPORTER_KINDS.find((name) => DMABUF_EXPORTER[name] === (request.exporter ?? DMABUF_EXPORTER.system)) ??
        fail('EOPNOTSUPP', { 'bad-attr': '.exporter' });
      const ofMemfd = kind === 'udmabuf' && request.memfd !== undefined;
      checkSpecial(request, SPECIAL[ofMemfd ? 'memfd' : kind]);
      session.fds.check(request.fd);
      if (!ofMemfd && size % PAGE_SIZE !== 0) refuse(ERRORS.notWholePages, { 'bad-attr': '.size' });
      let priv: DevicePlace | undefined;
      if (kind === 'device') {
        const base = kernel.deviceAddresses.place(size, request['va-base'] as number | undefined);
        priv = new DevicePlace(base, request['p2p-reachable'] ?? []);
      }
      const shared = await (ofMemfd ? pinMemfd(ctx, request) : newMemory(ctx, kind, request));
      try {
        // While the memory was being allocated the session may have ended, and somebody may have taken the number.
        if (session.state === 'closed') refuse(ERRORS.sessionEnded);
        const runs = defaultRuns(kind, size / PAGE_SIZE, kernel.profile.udmabufEntryPerPage);
        const dmabuf = new Dmabuf(kind, shared, runs, request.name, priv);
        if (ofMemfd) offsets.set(dmabuf, (request.offset as number | undefined) ?? 0);
        return { fd: session.fds.install(dmabuf, request.fd), size, ...describePlace(dmabuf) };
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
      const file = session.fds.get(attrs.fd);
      // DMA_BUF_IOCTL_SYNC is an ioctl that no other file knows.
      if (!(file instanceof Dmabuf)) fail('ENOTTY');
      file.sync(attrs.flags);
      return null;
    },
  },
  move: {
    do({ kernel, session }, attrs) {
      let move = moving.get(attrs);
      if (move === undefined) {
        requireAttr(attrs, ['fd']);
        const dmabuf = session.fds.dmabuf(attrs.fd);
        dmabuf.requireMovable(true);
        move = new DmabufMove(dmabuf, kernel.deviceAddresses.place(dmabuf.size, attrs['va-base']));
        moving.set(attrs, move);
      }
      if (!move.fenced) fail('EAGAIN');
      const err = move.commit();
      return err !== 0 ? failCode(err) : { 'va-base': move.virtualBase };
    },
    waitQueue: (_ctx, attrs) => (moving.get(attrs) as DmabufMove).fence,
    abandon: (_ctx, attrs) => moving.get(attrs)?.cancel(),
  },
  revoke: {
    do({ session }, attrs) {
      requireAttr(attrs, ['fd']);
      session.fds.dmabuf(attrs.fd).revoke();
      return null;
    },
  },
};
