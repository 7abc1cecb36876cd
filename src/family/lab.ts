import { DRIVER_PROFILES } from '../kernel/driver/driver-params.ts';
import { fail, refuse } from '../kernel/error.ts';
import { ERRORS } from '../kernel/error-catalogue.ts';
import { resetQueue } from '../kernel/netdev/queue-reset.ts';
import { formatEndpoint, parseInterfaceAddress } from '../lab/address.ts';
import type { PktgenEntry, PublishedEntry } from '../lab/lab.ts';
import {
  LAB_DRIVER,
  type LabNetdevAddDoAttrs,
  type LabPktgenStartDoAttrs,
  type LabQueueResetDoAttrs,
  type LabTcpPublishDoAttrs,
  type LabTcpUpstreamDoAttrs,
} from '../ynl/generated/lab.ts';
import { requireAttr } from '../ynl/policy.ts';
import type { Attrs } from '../ynl/spec.ts';
import type { FamilyHandlers, RequestContext } from './context.ts';
import { labDmabufHandlers } from './lab-dmabuf.ts';
import { labPoolHandlers } from './lab-pool.ts';
import { labXdpHandlers } from './lab-xdp.ts';

function describePublish({ id, netdev, wire, connect }: PublishedEntry): Attrs {
  const reply: Attrs = { id, ifindex: netdev.ifindex, listen: formatEndpoint(wire.listen), port: wire.port };
  if (connect !== null) reply.to = { connect: formatEndpoint(connect) };
  reply.flows = wire.stats.flows;
  reply.accepted = wire.stats.accepted;
  reply.refused = wire.stats.refused;
  return reply;
}

/** When each generator was started, and what it was asked for. */
const started = new WeakMap<PktgenEntry, { at: number; attrs: Attrs }>();

function describePktgen({ kernel }: RequestContext, entry: PktgenEntry): Attrs {
  const { at, attrs } = started.get(entry) as { at: number; attrs: Attrs };
  const { bytes, ...asked } = attrs;
  const reply: Attrs = { id: entry.id, ...asked, bytes: entry.wire.stats.bytes, packets: entry.wire.stats.packets };
  if (bytes !== undefined) reply.total = bytes;
  reply['elapsed-ms'] = Math.floor(kernel.clock.now() - at);
  return reply;
}

/** An address attribute, checked here so that the refusal names it. */
function address(text: string | undefined, family: 4 | 6, attr: string): string | null {
  if (text === undefined) return null;
  if (parseInterfaceAddress(text)?.family !== family) refuse(ERRORS.notInterfaceAddress, { 'bad-attr': attr }, text);
  return text;
}

function find<E extends { id: number }>(entries: Iterable<E>, id: number): E {
  for (const entry of entries) if (entry.id === id) return entry;
  return fail('ENOENT', { 'bad-attr': '.id' });
}

/** Family `lab`: devices, wires and traffic around the simulated kernel. */
export const labHandlers: FamilyHandlers = {
  ...labPoolHandlers,
  ...labDmabufHandlers,
  ...labXdpHandlers,
  'netdev-add': {
    do({ lab }, attrs) {
      const request = attrs as LabNetdevAddDoAttrs;
      const profile =
        request.driver === undefined
          ? undefined
          : (DRIVER_PROFILES.find((name) => LAB_DRIVER[name] === request.driver) ??
            fail('EINVAL', { 'bad-attr': '.driver' }));
      const netdev = lab.addNetdev({
        ifindex: request.ifindex,
        name: request.name,
        'rx-queues': request['rx-queues'],
        'tx-queues': request['tx-queues'],
        rx: request.rx,
        mtu: request.mtu,
        addresses: [address(request.ipv4, 4, '.ipv4'), address(request.ipv6, 6, '.ipv6')].filter(
          (text) => text !== null,
        ),
        driver: { ...request['driver-params'], ...(profile === undefined ? {} : { profile }) },
      });
      return { ifindex: netdev.ifindex, name: netdev.name };
    },
  },
  'netdev-del': {
    do({ lab }, attrs) {
      requireAttr(attrs, ['ifindex']);
      lab.delNetdev(attrs.ifindex);
      return null;
    },
  },
  'tcp-publish': {
    async do({ lab, session }, attrs) {
      requireAttr(attrs, ['ifindex', 'listen']);
      const { ifindex, listen, port, to } = attrs as LabTcpPublishDoAttrs;
      if (to !== undefined) requireAttr(to as Attrs, ['connect'], '.to');
      const entry = await lab.tcpPublish(
        {
          ifindex: ifindex as number,
          listen: listen as string,
          port,
          to: to === undefined ? undefined : { connect: to.connect as string },
        },
        session,
      );
      return { id: entry.id, listen: formatEndpoint(entry.wire.listen), port: entry.wire.port };
    },
  },
  'tcp-unpublish': {
    do({ lab }, attrs) {
      requireAttr(attrs, ['id']);
      for (const upstream of lab.upstreams()) {
        if (upstream.id === attrs.id) {
          lab.tcpUpstreamDel(attrs.id);
          return null;
        }
      }
      lab.tcpUnpublish(attrs.id);
      return null;
    },
  },
  'tcp-get': {
    do({ lab }, attrs) {
      requireAttr(attrs, ['id']);
      return describePublish(find(lab.publishes(), attrs.id));
    },
    *dump({ lab }, attrs) {
      for (const entry of lab.publishes()) {
        if (attrs.ifindex === undefined || entry.netdev.ifindex === attrs.ifindex) yield describePublish(entry);
      }
    },
  },
  'tcp-upstream': {
    do({ lab }, attrs) {
      requireAttr(attrs, ['ifindex', 'to']);
      const { ifindex, to, port } = attrs as LabTcpUpstreamDoAttrs;
      return { id: lab.tcpUpstream({ ifindex: ifindex as number, to: to as string, port }).id };
    },
  },
  'pktgen-start': {
    do({ kernel, lab }, attrs) {
      requireAttr(attrs, ['ifindex', 'dst-port']);
      const request = attrs as LabPktgenStartDoAttrs;
      const rate = request['rate-bps'] ?? 0;
      const bytes = request.bytes ?? 0;
      const entry = lab.pktgenStart({
        ifindex: request.ifindex as number,
        dstPort: request['dst-port'] as number,
        size: request.payload,
        bytes: bytes === 0 ? undefined : bytes,
        rate: rate === 0 ? undefined : rate / 8,
        flows: request.flows,
      });
      started.set(entry, { at: kernel.clock.now(), attrs });
      return { id: entry.id };
    },
  },
  'pktgen-stop': {
    do({ kernel, lab }, attrs) {
      requireAttr(attrs, ['id']);
      const entry = find(lab.pktgens(), attrs.id);
      const stats = lab.pktgenStop(attrs.id);
      const { at } = started.get(entry) as { at: number };
      const elapsed = Math.floor(kernel.clock.now() - at);
      return { id: entry.id, bytes: stats.bytes, packets: stats.packets, 'elapsed-ms': elapsed };
    },
  },
  'pktgen-get': {
    do(ctx, attrs) {
      requireAttr(attrs, ['id']);
      return describePktgen(ctx, find(ctx.lab.pktgens(), attrs.id));
    },
    *dump(ctx, attrs) {
      for (const entry of ctx.lab.pktgens()) {
        if (attrs.ifindex === undefined || entry.netdev.ifindex === attrs.ifindex) yield describePktgen(ctx, entry);
      }
    },
  },
  'queue-reset': {
    do({ kernel }, attrs) {
      requireAttr(attrs, ['ifindex', 'queue']);
      const { ifindex, queue, mode = 0 } = attrs as LabQueueResetDoAttrs;
      const netdev = kernel.netdevs.get(ifindex as number) ?? fail('ENODEV', { 'bad-attr': '.ifindex' });
      resetQueue(netdev, queue as number, mode);
      return null;
    },
  },
  reset: {
    do({ lab }) {
      lab.reset();
      return null;
    },
  },
};
