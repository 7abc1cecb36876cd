import { describe, expect, test } from 'vitest';
import type { Attrs } from '../../../src/ynl/spec.ts';
import { type RigOptions, refusal } from '../kernel/rig.ts';
import { FamilyRig } from './context.ts';

const header = { 'dev-index': 2 };

/** The bench of the catalogue: what its scenarios do to a device, as requests. */
class Bench extends FamilyRig {
  constructor(o: RigOptions = {}) {
    super({ rxQueues: 4, txQueues: 4, ...o });
  }

  link(up: boolean): void {
    this.do('rt-link', 'setlink', { 'ifi-index': 2, 'ifi-flags': up ? ['up'] : 0, 'ifi-change': 1 });
  }

  rings(attrs: Attrs): void {
    this.do('ethtool', 'rings-set', { header, ...attrs });
  }

  split(): this {
    this.rings({ 'tcp-data-split': 'enabled' });
    return this;
  }

  channels(attrs: Attrs | number): void {
    const counts = typeof attrs === 'number' ? { 'combined-count': attrs } : attrs;
    this.do('ethtool', 'channels-set', { header, ...counts });
  }

  attach(frags: boolean, flags = 0): void {
    const { fd } = this.do('lab', 'xdp-load', { frags });
    this.do('rt-link', 'setlink', { 'ifi-index': 2, xdp: { fd, flags } });
  }

  detach(flags = 0): void {
    this.do('rt-link', 'setlink', { 'ifi-index': 2, xdp: { fd: -1, flags } });
  }

  xsk(queue: number): void {
    this.do('lab', 'xsk-attach', { ifindex: 2, queue });
  }

  bindRx(...ids: number[]): number {
    const queues = ids.map((id) => ({ type: 'rx', id }));
    return this.do('netdev', 'bind-rx', { ifindex: 2, fd: this.dmabuf(16).fd, queues }).id;
  }

  queues(type: 'rx' | 'tx'): Attrs[] {
    return this.dump('netdev', 'queue-get', { ifindex: 2 }).filter((queue) => queue.type === type);
  }

  indir(): number[] {
    return [...new Set(this.netdev.rss.indir)].sort();
  }
}

const text = (call: () => unknown): (string | undefined)[] => {
  const { errno, extack } = refusal(call);
  return [errno, extack?.msg];
};
const LOW = 'requested channel counts are too low for existing';

describe('A: devices, queues, NAPIs', () => {
  test('6: queues of a device that is down are reset, and no NAPI appears', () => {
    const bench = new Bench({ driver: 'netdevsim', up: false });
    for (const mode of [0, 2, 3]) bench.do('lab', 'queue-reset', { ifindex: 2, queue: 1, mode });
    expect(bench.dump('netdev', 'napi-get', { ifindex: 2 })).toEqual([]);
    bench.link(true);
    expect(bench.dump('netdev', 'napi-get', { ifindex: 2 })).toHaveLength(4);
  });

  test('13: fewer channels and all of them again', () => {
    const bench = new Bench();
    bench.channels(3);
    expect([bench.queues('rx').length, bench.queues('tx').length]).toEqual([3, 3]);
    bench.channels(4);
    expect([bench.queues('rx').length, bench.queues('tx').length]).toEqual([4, 4]);
  });

  test('14: a device that is down has no queues', () => {
    const bench = new Bench();
    bench.link(false);
    expect(refusal(() => bench.do('netdev', 'queue-get', { ifindex: 2, type: 'rx', id: 0 }))).toEqual({
      errno: 'ENOENT',
    });
    expect(bench.queues('rx')).toEqual([]);
  });

  test('15: nor a NAPI', () => {
    const bench = new Bench();
    const id = bench.queues('rx')[0]['napi-id'];
    expect(bench.do('netdev', 'napi-get', { id })).toMatchObject({ id, ifindex: 2 });
    bench.link(false);
    expect(refusal(() => bench.do('netdev', 'napi-get', { id }))).toEqual({ errno: 'ENOENT' });
    bench.link(true);
    expect(bench.do('netdev', 'napi-get', { id })).toMatchObject({ id });
  });

  test('16: AF_XDP shows on both queues of its id and on no other', () => {
    const bench = new Bench();
    bench.xsk(0);
    for (const type of ['rx', 'tx'] as const) {
      expect(bench.queues(type).map((queue) => queue.xsk)).toEqual([{}, undefined, undefined, undefined]);
    }
  });
});

describe('B: page pools', () => {
  test('19 to 24, 26: pools go with the device that goes down, but for one that is waited for', () => {
    const bench = new Bench({ up: false });
    const pools = () => bench.dump('netdev', 'page-pool-get').filter((pool) => pool.ifindex === 2);
    expect(pools()).toEqual([]);
    bench.link(true);
    expect(pools()).toHaveLength(4);
    bench.link(false);
    expect(pools()).toEqual([]);
    bench.link(true);
    const { id } = bench.do('lab', 'page-hold', { ifindex: 2 });
    bench.link(false);
    expect(pools()).toMatchObject([{ inflight: 1, 'detach-time': 5 }]);
    bench.link(true);
    expect(pools().filter((pool) => pool['detach-time'] === undefined)).toHaveLength(4);
    expect(pools()).toHaveLength(5);
    bench.link(false);
    bench.do('lab', 'page-release', { id });
    bench.clock.advance(1000);
    expect(pools()).toEqual([]);
  });
});

describe('B: statistics', () => {
  test('30, 31, 35: numbers of a device never go back, not when queues go nor when it is down', () => {
    const bench = new Bench();
    bench.send(bench.connect(3), 1000);
    const packets = () => bench.dump('netdev', 'qstats-get', { ifindex: 2 })[0]['rx-packets'];
    expect(packets()).toBe(1);
    bench.netdev.rules.clear();
    bench.channels(2);
    expect(packets()).toBe(1);
    bench.link(false);
    expect(packets()).toBe(1);
    expect(bench.dump('netdev', 'qstats-get', { ifindex: 2, scope: 'queue' })).toEqual([]);
  });
});

describe('C: header/data split', () => {
  test('44: undecided, a single-buffer program comes and goes', () => {
    const bench = new Bench();
    bench.attach(false);
    bench.detach();
    expect(bench.netdev.xdp.programs).toBe(0);
  });

  test('45: enabled, a single-buffer program is refused in any mode; one for several buffers is not', () => {
    const bench = new Bench().split();
    for (const flags of [0, 2]) {
      expect(text(() => bench.attach(false, flags))).toEqual([
        'EBUSY',
        'unable to install XDP to device using tcp-data-split',
      ]);
    }
    bench.attach(true);
    bench.detach();
    bench.rings({ 'tcp-data-split': 'unknown' });
    bench.attach(false);
  });

  test('46: a ring change leaves the split as it is', () => {
    const bench = new Bench();
    const mode = () => bench.do('ethtool', 'rings-get', { header })['tcp-data-split'];
    for (const split of ['unknown', 'disabled', 'enabled']) {
      bench.rings({ 'tcp-data-split': split });
      const before = mode();
      bench.rings({ tx: bench.do('ethtool', 'rings-get', { header }).tx * 2 });
      expect(mode()).toBe(before);
    }
  });

  test('47: undecided stays undecided over a ring change, so that a single-buffer program is taken', () => {
    const bench = new Bench();
    bench.rings({ tx: 8 });
    bench.attach(false);
    expect(bench.netdev.xdp.singleBuffer).toBe(true);
  });

  test('49: with a single-buffer program the split cannot be enabled', () => {
    const bench = new Bench();
    bench.attach(false);
    expect(refusal(() => bench.split())).toEqual({
      errno: 'EINVAL',
      extack: {
        msg: 'tcp-data-split can not be enabled with single buffer XDP',
        'bad-attr': '.tcp-data-split',
      },
    });
    bench.detach();
    bench.attach(true);
    bench.split();
  });
});

describe('D: channels', () => {
  test('50: mixes that are taken read back, others leave what was', () => {
    const bench = new Bench({ rxQueues: 4, txQueues: 2 });
    const counts = () => {
      const { header: _header, ...rest } = bench.do('ethtool', 'channels-get', { header });
      return rest;
    };
    const max = { 'rx-max': 2, 'combined-max': 2 };
    expect(counts()).toEqual({ ...max, 'rx-count': 2, 'combined-count': 2 });
    bench.channels({ 'combined-count': 1, 'rx-count': 0 });
    expect(counts()).toEqual({ ...max, 'rx-count': 0, 'combined-count': 1 });
    expect([bench.queues('rx').length, bench.queues('tx').length]).toEqual([1, 1]);
    for (const [attrs, attr] of [
      [{ 'combined-count': 0, 'rx-count': 1 }, '.combined-count'],
      [{ 'rx-count': 3 }, '.rx-count'],
      [{ 'tx-count': 1 }, '.tx-count'],
      [{ 'other-count': 1 }, '.other-count'],
    ] as const) {
      expect(refusal(() => bench.channels(attrs))).toMatchObject({ errno: 'EINVAL', extack: { 'bad-attr': attr } });
      expect(counts()).toEqual({ ...max, 'rx-count': 0, 'combined-count': 1 });
    }
  });

  test('58: neither combined nor RX channels alone would leave a channel of each kind', () => {
    const bench = new Bench();
    bench.netdev.rss.configure([1], 4);
    expect(text(() => bench.channels({ 'combined-count': 0, 'rx-count': 1 }))).toEqual([
      'EINVAL',
      'requested channel count exceeds maximum',
    ]);
    expect(text(() => bench.channels(1))).toEqual(['EINVAL', `${LOW} indirection table (1)`]);
    bench.channels(2);
    bench.netdev.rss.configure(null, 2);
    bench.channels(1);
  });

  test('59: the default table follows the channels', () => {
    const bench = new Bench({ rxQueues: 5, txQueues: 5 });
    bench.channels(4);
    expect(bench.indir()).toEqual([0, 1, 2, 3]);
    bench.channels(5);
    expect(bench.indir()).toEqual([0, 1, 2, 3, 4]);
    bench.netdev.rss.configure([0, 2], 5);
    bench.channels(3);
    bench.channels(5);
    expect(bench.indir()).toEqual([0, 2]);
  });

  test('64: a rule to a queue keeps it', () => {
    const bench = new Bench();
    bench.do('rxnfc', 'rule-insert', { ifindex: 2, 'flow-type': 'tcp4', 'dst-port': 7, queue: 3, location: 0 });
    expect(text(() => bench.channels(3))).toEqual(['EINVAL', `${LOW} ntuple filter settings`]);
    bench.do('rxnfc', 'rule-delete', { ifindex: 2, location: 0 });
    bench.channels(3);
  });

  test('65: a provider keeps its queue, and one more', () => {
    const bench = new Bench({ rxQueues: 5, txQueues: 5 }).split();
    bench.bindRx(1, 2);
    expect(text(() => bench.channels(2))).toEqual(['EINVAL', `${LOW} memory provider setting (3)`]);
    expect(text(() => bench.channels(3))).toEqual(['EINVAL', `${LOW} memory provider setting (3)`]);
    bench.channels(4);
    const two = new Bench({ rxQueues: 2, txQueues: 2 }).split();
    two.bindRx(1);
    expect(text(() => two.channels(1))).toEqual(['EINVAL', `${LOW} memory provider setting (2)`]);
    // Nothing changes, so nothing is looked at.
    two.channels(2);
  });

  test('67: no channel, too many: before anything that is in use', () => {
    const bench = new Bench().split();
    bench.bindRx(3);
    expect(refusal(() => bench.channels(0))).toEqual({
      errno: 'EINVAL',
      extack: {
        msg: 'requested channel counts would result in no RX or TX channel being configured',
        'bad-attr': '.combined-count',
      },
    });
    expect(refusal(() => bench.channels(5))).toEqual({
      errno: 'EINVAL',
      extack: { msg: 'requested channel count exceeds maximum', 'bad-attr': '.combined-count' },
    });
  });

  test('69: with AF_XDP the ring shrinks and grows', () => {
    const bench = new Bench();
    bench.xsk(0);
    bench.rings({ rx: 8 });
    bench.rings({ rx: 16 });
    expect(bench.queues('rx')[0].xsk).toEqual({});
  });

  test('70: and programs come and go', () => {
    const bench = new Bench();
    bench.xsk(0);
    bench.attach(false);
    bench.detach();
    expect(bench.queues('rx')[0].xsk).toEqual({});
  });

  test('AF_XDP on a channel that would go', () => {
    const bench = new Bench();
    bench.xsk(3);
    expect(text(() => bench.channels(3))).toEqual(['EINVAL', `${LOW} zerocopy AF_XDP sockets`]);
    bench.do('lab', 'xsk-detach', { ifindex: 2, queue: 3 });
    bench.channels(3);
  });
});

describe('F: dmabufs', () => {
  test('97, 98: channels that a closed netlink socket no longer keeps', () => {
    const bench = new Bench().split();
    bench.bindRx(3);
    expect(text(() => bench.channels(2))).toEqual(['EINVAL', `${LOW} memory provider setting (4)`]);
    bench.session.netlink.close();
    bench.channels(2);
  });

  test('107: what stands against a bind, and that a device that is down does not', () => {
    const bench = new Bench();
    bench.rings({ 'tcp-data-split': 'enabled', 'hds-thresh': 1 });
    expect(text(() => bench.bindRx(1))).toEqual(['EINVAL', 'hds-thresh is not zero']);
    bench.rings({ 'hds-thresh': 0 });
    bench.attach(true, 2);
    expect(text(() => bench.bindRx(1))).toEqual([
      'EEXIST',
      'unable to custom memory provider to device with XDP program attached',
    ]);
    bench.detach(2);
    bench.xsk(1);
    expect(text(() => bench.bindRx(1))).toEqual(['EBUSY', 'designated queue already in use by AF_XDP']);
    bench.do('lab', 'xsk-detach', { ifindex: 2, queue: 1 });
    bench.link(false);
    const dmabuf = bench.bindRx(1);
    bench.link(true);
    expect(bench.queues('rx').map((queue) => queue.dmabuf)).toEqual([undefined, dmabuf, undefined, undefined]);
    expect(bench.pool(1).mpPriv).not.toBeNull();
  });

  test('3.5: with a provider no program comes, not even for several buffers, and none goes', () => {
    const bench = new Bench().split();
    bench.bindRx(0);
    const busy = ['EBUSY', 'unable to install XDP to device using memory provider'];
    expect(text(() => bench.attach(true))).toEqual(busy);
    expect(text(() => bench.attach(false))).toEqual(['EBUSY', 'unable to install XDP to device using tcp-data-split']);
    bench.detach();
    bench.session.netlink.close();
    bench.attach(true);
  });

  test('6.12 looks for programs before the dmabuf, and knows nothing of the split', () => {
    const bench = new Bench({ release: '6.12' });
    bench.attach(false);
    bench.split();
    const queues = [{ type: 'rx', id: 1 }];
    expect(text(() => bench.do('netdev', 'bind-rx', { ifindex: 2, fd: 99, queues }))).toEqual([
      'EEXIST',
      'unable to bind dmabuf to device with XDP program attached',
    ]);
    bench.detach();
    bench.bindRx(1);
    expect(text(() => bench.attach(false))[1]).toBe('unable to install XDP to device using memory provider');
  });
});
