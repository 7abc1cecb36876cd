import { fail, refuse } from '../kernel/error.ts';
import { ERRORS } from '../kernel/error-catalogue.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Netdev } from '../kernel/netdev/netdev.ts';
import { NETMEM_STATE, NETMEM_STATE_NAMES } from '../kernel/netmem/netmem.ts';
import type { PagePool } from '../kernel/netmem/page-pool.ts';
import { type ProviderChoice, setProvider } from '../lab/provider-set.ts';
import {
  LAB_POOL_STATE,
  LAB_PROVIDER,
  type LabDmaFaultDoAttrs,
  type LabPageHoldDoAttrs,
  type LabProviderSetDoAttrs,
} from '../ynl/generated/lab.ts';
import { requireAttr } from '../ynl/policy.ts';
import type { Attrs } from '../ynl/spec.ts';
import type { FamilyHandlers } from './context.ts';

function netdevOf(kernel: Kernel, ifindex: number): Netdev {
  return kernel.netdevs.get(ifindex) ?? fail('ENODEV', { 'bad-attr': '.ifindex' });
}

function choiceOf(attrs: Attrs): ProviderChoice {
  const { provider, limit, blocks } = attrs as LabProviderSetDoAttrs;
  if (limit !== undefined && provider !== LAB_PROVIDER.capped) refuse(ERRORS.notForProvider, { 'bad-attr': '.limit' });
  if (blocks !== undefined && provider !== LAB_PROVIDER['huge-page']) {
    refuse(ERRORS.notForProvider, { 'bad-attr': '.blocks' });
  }
  if (provider === LAB_PROVIDER.capped) {
    requireAttr(attrs, ['limit']);
    return { provider: 'capped', limit: Number(limit) };
  }
  if (provider === LAB_PROVIDER['huge-page']) {
    requireAttr(attrs, ['blocks']);
    return { provider: 'huge-page', blocks: blocks as number };
  }
  return { provider: 'none' };
}

function states(pool: PagePool): Attrs {
  const reply: Attrs = {};
  NETMEM_STATE_NAMES.forEach((name, state) => {
    reply[name] = pool.countIn(state);
  });
  if (pool.owner !== null) {
    reply[NETMEM_STATE_NAMES[NETMEM_STATE.FREE]] = pool.owner.free;
    reply[NETMEM_STATE_NAMES[NETMEM_STATE.WAITING]] = pool.owner.waiting;
  }
  return reply;
}

function describe(pool: PagePool): Attrs {
  const reply: Attrs = { id: pool.id };
  if (pool.netdev !== null) reply.ifindex = pool.netdev.ifindex;
  reply.queue = pool.params.queueIdx;
  if (pool.mpOps !== null) reply.provider = pool.mpOps.name;
  reply.state = LAB_POOL_STATE[pool.state === 'attached' ? 'attached' : 'detached'];
  reply.inflight = pool.inflight;
  reply.hold = pool.holds;
  reply.release = pool.releases;
  reply.states = states(pool);
  reply.dma = { maps: pool.dma.mapped, unmaps: pool.dma.unmapped, syncs: pool.dma.synced };
  if (pool.owner !== null) {
    const { ownerName, total, free, waiting, held, lent } = pool.owner;
    reply.owner = { name: ownerName, total, free, waiting, held, lent };
  }
  reply.history = pool.history.entries();
  return reply;
}

/** Family `lab`, page pools: what stands behind them, what is in them, what goes wrong. */
export const labPoolHandlers: FamilyHandlers = {
  'provider-set': {
    do({ kernel }, attrs) {
      requireAttr(attrs, ['ifindex', 'queues', 'provider']);
      const { ifindex, queues } = attrs as Required<LabProviderSetDoAttrs>;
      setProvider(netdevOf(kernel, ifindex), queues, choiceOf(attrs));
      return null;
    },
  },
  'page-hold': {
    do({ kernel, lab }, attrs) {
      requireAttr(attrs, ['ifindex']);
      const { ifindex, queue = 0, count = 1, foreign = false } = attrs as LabPageHoldDoAttrs;
      return { id: lab.holds.hold(netdevOf(kernel, ifindex as number), queue, count, foreign) };
    },
  },
  'page-release': {
    do({ lab }, attrs) {
      requireAttr(attrs, ['id']);
      lab.holds.release(attrs.id);
      return null;
    },
  },
  'page-pool-get': {
    do({ kernel }, attrs) {
      requireAttr(attrs, ['id']);
      return describe(kernel.pools.all().find((pool) => pool.id === attrs.id) ?? fail('ENOENT', { 'bad-attr': '.id' }));
    },
    *dump({ kernel }, attrs) {
      for (const pool of kernel.pools.all()) {
        if (attrs.ifindex === undefined || pool.netdev?.ifindex === attrs.ifindex) yield describe(pool);
      }
    },
  },
  'cpu-node': {
    do({ kernel }, attrs) {
      requireAttr(attrs, ['node']);
      kernel.movePollingCpu(attrs.node);
      return null;
    },
  },
  'dma-fault': {
    do({ kernel }, attrs) {
      requireAttr(attrs, ['ifindex', 'map-fail-every']);
      const { ifindex, 'map-fail-every': every } = attrs as Required<LabDmaFaultDoAttrs>;
      const device = netdevOf(kernel, ifindex).driver.dmaDevice ?? refuse(ERRORS.noDma, { 'bad-attr': '.ifindex' });
      device.mapFailEvery = every;
      return null;
    },
  },
};
