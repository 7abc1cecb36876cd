import type { NapiSettings } from '../kernel/driver/napi.ts';
import { fail, refuse } from '../kernel/error.ts';
import { ERRORS } from '../kernel/error-catalogue.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { bindRx } from '../kernel/netdev/bind-rx.ts';
import { bindTx } from '../kernel/netdev/bind-tx.ts';
import { describeNetdev } from '../kernel/netdev/describe-netdev.ts';
import type { Netdev } from '../kernel/netdev/netdev.ts';
import type { RxQueue } from '../kernel/netdev/rx-queue.ts';
import type { PagePool } from '../kernel/netmem/page-pool.ts';
import { POOL_STAT_NAMES } from '../kernel/netmem/pool-statistics.ts';
import type {
  NetdevBindRxDoAttrs,
  NetdevBindTxDoAttrs,
  NetdevDevGetDoAttrs,
  NetdevNapiGetDoAttrs,
  NetdevNapiSetDoAttrs,
  NetdevPagePoolGetDoAttrs,
  NetdevPagePoolStatsGetDoAttrs,
  NetdevPagePoolStatsGetDumpAttrs,
  NetdevQstatsGetDumpAttrs,
  NetdevQueueCreateDoAttrs,
  NetdevQueueGetDoAttrs,
} from '../ynl/generated/netdev.ts';
import { requireAttr } from '../ynl/policy.ts';
import type { Attrs } from '../ynl/spec.ts';
import type { FamilyHandlers } from './context.ts';

const RX = 0;
const TX = 1;
const SCOPE_QUEUE = 1;

function visiblePool(kernel: Kernel, id: number): PagePool {
  return kernel.pools.visible(id) ?? fail('ENOENT');
}

/** Pools in netlink's order: by device, newest first; orphans are listed under loopback. */
function* listPools(kernel: Kernel, ifindex: number | undefined): Generator<PagePool> {
  for (const netdev of kernel.netdevs.list()) {
    if (ifindex === undefined || netdev.ifindex === ifindex) yield* kernel.pools.under(netdev);
  }
}

function poolStats(pool: PagePool): Attrs {
  const { id, ifindex } = pool.describe();
  const reply: Attrs = { info: ifindex === undefined ? { id } : { id, ifindex } };
  POOL_STAT_NAMES.forEach((name, i) => {
    reply[name] = pool.stats[i];
  });
  return reply;
}

function rxQueueAttrs(queue: RxQueue): Attrs {
  const reply: Attrs = { id: queue.index, type: RX, ifindex: queue.netdev.ifindex };
  if (!queue.netdev.loopback && queue.netdev.driver.params.linksNapis) reply['napi-id'] = queue.napi.id;
  const { provider } = queue;
  if (provider !== null && provider.ops.nlFill(provider.priv, reply, queue) !== 0) fail('EMSGSIZE');
  return withXsk(queue.netdev, queue.index, reply);
}

function txQueueAttrs(netdev: Netdev, id: number): Attrs {
  return withXsk(netdev, id, { id, type: TX, ifindex: netdev.ifindex });
}

function withXsk(netdev: Netdev, id: number, reply: Attrs): Attrs {
  if (netdev.xsk.has(id) && netdev.kernel.profile.showsXsk) reply.xsk = {};
  return reply;
}

/** Netdevs of a dump: one, or all. @throws KernelError ENODEV */
function filtered(kernel: Kernel, ifindex: number | undefined, badAttr = false): readonly Netdev[] {
  if (ifindex === undefined) return kernel.netdevs.list();
  return [kernel.netdevs.get(ifindex) ?? fail('ENODEV', badAttr ? { 'bad-attr': '.ifindex' } : undefined)];
}

function napiAttrs(kernel: Kernel, queue: RxQueue): Attrs {
  const reply: Attrs = { id: queue.napi.id, ifindex: queue.netdev.ifindex };
  const { settings } = queue.napi;
  if (kernel.profile.napiThreaded) reply.threaded = settings.threaded;
  if (settings.pid !== 0) reply.pid = settings.pid;
  if (kernel.profile.release !== '6.12') {
    reply['defer-hard-irqs'] = settings.deferHardIrqs;
    reply['irq-suspend-timeout'] = settings.irqSuspendTimeout;
    reply['gro-flush-timeout'] = settings.groFlushTimeout;
  }
  return reply;
}

/** RX queue whose NAPI has that id. @throws KernelError ENOENT */
function queueOfNapi(kernel: Kernel, id: number): RxQueue {
  for (const netdev of kernel.netdevs.list()) {
    const queue = netdev.showsNapis ? netdev.channels.allocated.find((q) => q.napi.id === id) : undefined;
    if (queue !== undefined) return queue;
  }
  return fail('ENOENT', { 'bad-attr': '.id' });
}

/** A thread lives as long as polling is threaded (6.17 and later). */
function setThreaded(kernel: Kernel, settings: NapiSettings, threaded: number): void {
  settings.threaded = threaded;
  if (threaded === 0) settings.pid = 0;
  else if (settings.pid === 0) settings.pid = kernel.nextPid();
}

function rxStats(queue: RxQueue): Attrs {
  const reply: Attrs = { 'rx-packets': queue.packets, 'rx-bytes': queue.bytes };
  if (queue.netdev.driver.params.qstats === 'traffic') return reply;
  reply['rx-alloc-fail'] = queue.allocFail;
  reply['rx-hw-drops'] = queue.dropOverruns;
  reply['rx-hw-drop-overruns'] = queue.dropOverruns;
  if (queue.netdev.driver.params.placement === 'aggregate') {
    reply['rx-hw-gro-packets'] = queue.hwGroPackets;
    reply['rx-hw-gro-bytes'] = queue.hwGroBytes;
    reply['rx-hw-gro-wire-packets'] = queue.hwGroWirePackets;
    reply['rx-hw-gro-wire-bytes'] = queue.hwGroWireBytes;
  }
  return reply;
}

function* queueStats(netdev: Netdev): Generator<Attrs> {
  if (!netdev.up) return;
  const { ifindex } = netdev;
  for (const queue of netdev.rxQueues) {
    yield { ifindex, 'queue-type': RX, 'queue-id': queue.index, ...rxStats(queue) };
  }
  // The simulated stack sends everything through the first TX queue.
  for (let id = 0; id < netdev.txQueues; id++) {
    const first = id === 0;
    yield {
      ifindex,
      'queue-type': TX,
      'queue-id': id,
      'tx-packets': first ? netdev.txPackets : 0,
      'tx-bytes': first ? netdev.txBytes : 0,
    };
  }
}

function deviceStats(netdev: Netdev): Attrs {
  const total: Attrs = { ifindex: netdev.ifindex };
  // Queues out of use count too, or the device's numbers would go back.
  for (const queue of netdev.channels.rxQueues) {
    for (const [name, value] of Object.entries(rxStats(queue))) total[name] = (total[name] ?? 0) + value;
  }
  total['tx-packets'] = netdev.txPackets;
  total['tx-bytes'] = netdev.txBytes;
  return total;
}

/** Family `netdev` (net/core/netdev-genl.c). */
export const netdevHandlers: FamilyHandlers = {
  'dev-get': {
    do({ kernel }, attrs) {
      requireAttr(attrs, ['ifindex']);
      const { ifindex } = attrs as Required<NetdevDevGetDoAttrs>;
      return describeNetdev(kernel.netdevs.get(ifindex) ?? fail('ENODEV'));
    },
    dump: ({ kernel }) => kernel.netdevs.list().map(describeNetdev),
  },

  'page-pool-get': {
    do({ kernel }, attrs) {
      requireAttr(attrs, ['id']);
      return visiblePool(kernel, (attrs as Required<NetdevPagePoolGetDoAttrs>).id).describe();
    },
    *dump({ kernel }, attrs) {
      for (const pool of listPools(kernel, kernel.profile.strictDumps ? attrs.ifindex : undefined))
        yield pool.describe();
    },
  },

  'page-pool-stats-get': {
    do({ kernel }, attrs) {
      requireAttr(attrs, ['info']);
      const { info } = attrs as NetdevPagePoolStatsGetDoAttrs;
      requireAttr(info as Attrs, ['id'], '.info');
      if (info?.ifindex !== undefined) {
        refuse(ERRORS.selectByIfindex, { 'bad-attr': '.info.ifindex' });
      }
      return poolStats(visiblePool(kernel, info?.id as number));
    },
    *dump({ kernel }, attrs) {
      const { info } = attrs as NetdevPagePoolStatsGetDumpAttrs;
      if (kernel.profile.strictDumps && info?.id !== undefined) {
        refuse(ERRORS.unsupportedAttribute, { 'bad-attr': '.info.id' });
      }
      for (const pool of listPools(kernel, kernel.profile.strictDumps ? info?.ifindex : undefined))
        yield poolStats(pool);
    },
  },

  'queue-get': {
    do({ kernel }, attrs) {
      requireAttr(attrs, ['id', 'type', 'ifindex']);
      const { id, type, ifindex } = attrs as Required<NetdevQueueGetDoAttrs>;
      const netdev = kernel.netdevs.get(ifindex) ?? fail('ENODEV');
      if (!netdev.up) fail('ENOENT');
      if (id >= (type === RX ? netdev.rxQueues.length : netdev.txQueues)) fail('EINVAL');
      return type === RX ? rxQueueAttrs(netdev.rxQueues[id]) : txQueueAttrs(netdev, id);
    },
    *dump({ kernel }, attrs) {
      for (const netdev of filtered(kernel, attrs.ifindex)) {
        if (!netdev.up) continue;
        for (const queue of netdev.rxQueues) yield rxQueueAttrs(queue);
        for (let id = 0; id < netdev.txQueues; id++) yield txQueueAttrs(netdev, id);
      }
    },
  },

  'napi-get': {
    do({ kernel }, attrs) {
      requireAttr(attrs, ['id']);
      const { id } = attrs as Required<NetdevNapiGetDoAttrs>;
      const queue = queueOfNapi(kernel, id);
      return queue.netdev.up ? napiAttrs(kernel, queue) : fail('ENOENT');
    },
    *dump({ kernel }, attrs) {
      for (const netdev of filtered(kernel, attrs.ifindex)) {
        if (!netdev.up || !netdev.showsNapis) continue;
        for (const queue of [...netdev.channels.allocated].reverse()) yield napiAttrs(kernel, queue);
      }
    },
  },

  'qstats-get': {
    *dump({ kernel }, attrs) {
      const { ifindex, scope } = attrs as NetdevQstatsGetDumpAttrs;
      for (const netdev of filtered(kernel, ifindex, true)) {
        if (netdev.loopback || netdev.driver.params.qstats === 'none') {
          if (ifindex !== undefined) fail('EOPNOTSUPP', { 'bad-attr': '.ifindex' });
        } else if (scope === SCOPE_QUEUE) {
          yield* queueStats(netdev);
        } else {
          yield deviceStats(netdev);
        }
      }
    },
  },

  'bind-rx': {
    do({ kernel, session, netlink }, attrs) {
      const { ifindex, fd, queues, 'rx-page-size': rxPageSize } = attrs as NetdevBindRxDoAttrs;
      requireAttr(attrs, ['ifindex', 'fd']);
      if (queues === undefined || queues.length === 0) fail('EINVAL', { 'miss-type': 'queues' });
      return { id: bindRx(kernel, session, netlink, ifindex as number, fd as number, queues, rxPageSize) };
    },
  },

  'napi-set': {
    do({ kernel }, attrs) {
      requireAttr(attrs, ['id']);
      const request = attrs as NetdevNapiSetDoAttrs;
      const { settings } = queueOfNapi(kernel, request.id as number).napi;
      if (request.threaded !== undefined) setThreaded(kernel, settings, request.threaded);
      settings.deferHardIrqs = request['defer-hard-irqs'] ?? settings.deferHardIrqs;
      settings.irqSuspendTimeout = request['irq-suspend-timeout'] ?? settings.irqSuspendTimeout;
      settings.groFlushTimeout = request['gro-flush-timeout'] ?? settings.groFlushTimeout;
      return null;
    },
  },

  'bind-tx': {
    do({ kernel, session, netlink }, attrs) {
      requireAttr(attrs, ['ifindex', 'fd']);
      const { ifindex, fd } = attrs as Required<NetdevBindTxDoAttrs>;
      return { id: bindTx(kernel, session, netlink, ifindex, fd) };
    },
  },

  'queue-create': {
    do({ kernel }, attrs) {
      requireAttr(attrs, ['ifindex', 'type', 'lease']);
      const { ifindex, type, lease } = attrs as Required<NetdevQueueCreateDoAttrs>;
      if (type !== RX) fail('EINVAL', { 'bad-attr': '.type' });
      requireAttr(lease as Attrs, ['ifindex', 'queue'], '.lease');
      requireAttr(lease.queue as Attrs, ['id', 'type'], '.lease.queue');
      if (lease.queue?.type !== RX) fail('EINVAL', { 'bad-attr': '.lease.queue.type' });
      const netdev = kernel.netdevs.get(ifindex) ?? fail('ENODEV');
      return refuse(netdev.virtual ? ERRORS.noQueueCreation : ERRORS.notVirtual);
    },
  },
};
