import { fail, refuse } from '../kernel/error.ts';
import { ERRORS } from '../kernel/error-catalogue.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { NETDEV_FEATURES, type Netdev, type NetdevFeature } from '../kernel/netdev/netdev.ts';
import type { TcpDataSplit } from '../kernel/netdev/ring-settings.ts';
import type {
  EthtoolBitsetAttrs,
  EthtoolChannelsSetDoAttrs,
  EthtoolHeaderAttrs,
  EthtoolRingsSetDoAttrs,
} from '../ynl/generated/ethtool.ts';
import { requireAttr } from '../ynl/policy.ts';
import type { Attrs } from '../ynl/spec.ts';
import type { FamilyHandlers } from './context.ts';

const DATA_SPLIT: readonly TcpDataSplit[] = ['unknown', 'disabled', 'enabled'];

/** The device of the operations that check for their header before anything else (ethnl_default_doit()). */
function requiredDevice(kernel: Kernel, attrs: Attrs): Netdev {
  requireAttr(attrs, ['header']);
  return device(kernel, attrs);
}

/** The device a request header names (net/ethtool/netlink.c). */
function device(kernel: Kernel, attrs: Attrs): Netdev {
  const header = attrs.header as EthtoolHeaderAttrs | undefined;
  if (header === undefined) refuse(ERRORS.noHeader);
  const { 'dev-index': index, 'dev-name': name } = header;
  if (index !== undefined) {
    const netdev = kernel.netdevs.get(index) ?? refuse(ERRORS.noDeviceOfIndex, { 'bad-attr': '.header.dev-index' });
    if (name !== undefined && netdev.name !== name) refuse(ERRORS.indexAndNameDiffer, { 'bad-attr': '.header' });
    return netdev;
  }
  if (name === undefined) refuse(ERRORS.noDeviceNamed, { 'bad-attr': '.header' });
  return kernel.netdevs.byName(name) ?? refuse(ERRORS.noDeviceOfName, { 'bad-attr': '.header.dev-name' });
}

/** Devices of a dump: the one named, or all that have the operation. */
function devices(kernel: Kernel, attrs: Attrs): readonly Netdev[] {
  if (attrs.header?.['dev-index'] !== undefined || attrs.header?.['dev-name'] !== undefined)
    return [device(kernel, attrs)];
  return kernel.netdevs.list().filter((netdev) => !netdev.loopback);
}

const headerOf = (netdev: Netdev): EthtoolHeaderAttrs => ({ 'dev-index': netdev.ifindex, 'dev-name': netdev.name });

function withOps(netdev: Netdev): Netdev {
  if (netdev.loopback) fail('EOPNOTSUPP');
  return netdev;
}

function rings(netdev: Netdev): Attrs {
  const { config, max } = netdev.rings;
  return {
    header: headerOf(netdev),
    'rx-max': max.rx,
    'tx-max': max.tx,
    rx: config.rx,
    tx: config.tx,
    'tcp-data-split': DATA_SPLIT.indexOf(netdev.rings.reportedSplit),
    'hds-thresh': config.hdsThresh,
    'hds-thresh-max': max.hdsThresh,
  };
}

function channels(netdev: Netdev): Attrs {
  const { max, count } = netdev.channels;
  const reply: Attrs = { header: headerOf(netdev) };
  for (const kind of ['rx', 'tx', 'combined'] as const) {
    if (max[kind] === 0) continue;
    reply[`${kind}-max`] = max[kind];
    reply[`${kind}-count`] = count[kind];
  }
  return reply;
}

function bitset(features: Iterable<NetdevFeature>): Attrs {
  const set = new Set(features);
  return {
    nomask: true,
    size: NETDEV_FEATURES.length,
    bits: { bit: NETDEV_FEATURES.filter((name) => set.has(name)).map((name) => ({ name })) },
  };
}

function features(netdev: Netdev): Attrs {
  return {
    header: headerOf(netdev),
    hw: bitset(NETDEV_FEATURES.filter((name) => !netdev.fixedFeatures.has(name))),
    wanted: bitset([...netdev.features].filter((name) => !netdev.fixedFeatures.has(name))),
    active: bitset(netdev.features),
    nochange: bitset([]),
  };
}

/** Features a request wants on and off. Without a mask the list is everything that is to be on. */
function wanted(set: EthtoolBitsetAttrs): Map<NetdevFeature, boolean> {
  const changes = new Map<NetdevFeature, boolean>();
  if (set.nomask === true) for (const name of NETDEV_FEATURES) changes.set(name, false);
  for (const bit of set.bits?.bit ?? []) {
    const name = NETDEV_FEATURES.find((feature) => feature === bit.name);
    if (name === undefined) refuse(ERRORS.noSuchBit, { 'bad-attr': '.wanted.bits.bit.name' });
    changes.set(name, set.nomask === true || bit.value === true);
  }
  return changes;
}

/** Family `ethtool`, as far as devmem receivers need it (net/ethtool). */
export const ethtoolHandlers: FamilyHandlers = {
  'rings-get': {
    do: ({ kernel }, attrs) => rings(withOps(requiredDevice(kernel, attrs))),
    dump: ({ kernel }, attrs) => devices(kernel, attrs).map(rings),
  },

  'rings-set': {
    do({ kernel }, attrs) {
      const netdev = withOps(requiredDevice(kernel, attrs));
      const request = attrs as EthtoolRingsSetDoAttrs;
      const split = request['tcp-data-split'];
      const changed = netdev.rings.set({
        rx: request.rx,
        tx: request.tx,
        rxMini: request['rx-mini'],
        rxJumbo: request['rx-jumbo'],
        rxBufLen: request['rx-buf-len'],
        cqeSize: request['cqe-size'],
        txPush: request['tx-push'],
        rxPush: request['rx-push'],
        txPushBufLen: request['tx-push-buf-len'],
        tcpDataSplit: split === undefined ? undefined : DATA_SPLIT[split],
        hdsThresh: request['hds-thresh'],
      });
      if (changed) kernel.events.emit('ethtool/monitor', 'rings-ntf', () => rings(netdev));
      return null;
    },
  },

  'channels-get': {
    do: ({ kernel }, attrs) => channels(withOps(requiredDevice(kernel, attrs))),
    dump: ({ kernel }, attrs) => devices(kernel, attrs).map(channels),
  },

  'channels-set': {
    do({ kernel }, attrs) {
      const netdev = withOps(requiredDevice(kernel, attrs));
      const request = attrs as EthtoolChannelsSetDoAttrs;
      const changed = netdev.channels.set({
        combined: request['combined-count'],
        rx: request['rx-count'],
        tx: request['tx-count'],
        other: request['other-count'],
      });
      if (changed) kernel.events.emit('ethtool/monitor', 'channels-ntf', () => channels(netdev));
      return null;
    },
  },

  'features-get': {
    do: ({ kernel }, attrs) => features(requiredDevice(kernel, attrs)),
    dump({ kernel }, attrs) {
      return attrs.header === undefined ? kernel.netdevs.list().map(features) : devices(kernel, attrs).map(features);
    },
  },

  'features-set': {
    do({ kernel }, attrs) {
      if (attrs.wanted === undefined) fail('EINVAL');
      const netdev = device(kernel, attrs);
      const changes = wanted(attrs.wanted as EthtoolBitsetAttrs);
      const before = new Set(netdev.features);
      let changed = false;
      for (const [name, on] of changes) {
        if (!netdev.fixedFeatures.has(name) && netdev.setFeature(name, on)) changed = true;
      }
      if (changed) kernel.events.emit('ethtool/monitor', 'features-ntf', () => features(netdev));
      const refused = [...changes].filter(([name, on]) => netdev.features.has(name) !== on).map(([name]) => name);
      const toggled = NETDEV_FEATURES.filter((name) => before.has(name) !== netdev.features.has(name));
      return { header: headerOf(netdev), wanted: bitset(refused), active: bitset(toggled) };
    },
  },
};
