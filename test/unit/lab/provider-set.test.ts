import { describe, expect, test } from 'vitest';
import { netmemFault } from '../../../src/kernel/netmem/conservation.ts';
import type { PagePool } from '../../../src/kernel/netmem/page-pool.ts';
import type { CappedMemory } from '../../../src/kernel/provider/capped.ts';
import type { HugePages } from '../../../src/kernel/provider/huge-page.ts';
import { setProvider } from '../../../src/lab/provider-set.ts';
import { PAGE_SIZE } from '../../../src/uapi/limits.ts';
import { pattern, Rig, type RigOptions, refusal } from '../kernel/rig.ts';

const MIB = 1 << 20;
const HUGE = { provider: 'huge-page', blocks: 1 } as const;
const NONE = { provider: 'none' } as const;

function rigged(o: RigOptions = {}): Rig {
  return new Rig({ rxQueues: 4, ...o }).split();
}

const providers = (rig: Rig) => rig.netdev.rxQueues.map((queue) => queue.provider?.ops.name ?? null);
const privOf = <P>(rig: Rig, queue: number) => rig.netdev.rxQueues[queue].provider?.priv as P;
const whole = (rig: Rig) => expect(netmemFault(rig.kernel.netmems, rig.kernel.pools.all())).toBeNull();

describe('setting', () => {
  test('gives the queues one memory together, and restarts them', () => {
    const rig = rigged();
    rig.events();
    setProvider(rig.netdev, [2, 1, 2], HUGE);
    expect(providers(rig)).toEqual([null, 'huge-page', 'huge-page', null]);
    expect(privOf(rig, 1)).toBe(privOf(rig, 2));
    expect([rig.pool(1).owner, rig.pool(1).mpOps?.name]).toEqual([privOf(rig, 1), 'huge-page']);
    // For each queue a payload pool and one for headers; the pools before go.
    expect(rig.events().map((note) => note.split(' ')[0])).toEqual(['add', 'add', 'del', 'add', 'add', 'del']);
    whole(rig);
  });

  test('readable pages make ordinary packets', () => {
    for (const choice of [HUGE, { provider: 'capped', limit: MIB } as const]) {
      const rig = rigged();
      setProvider(rig.netdev, [0], choice);
      const to = rig.connect(0);
      rig.send(to, 5000);
      const got = rig.recv(to.socket, 1 << 20, 0, 0);
      expect([got.ret, got.cmsgs]).toEqual([5000, []]);
      expect(got.data).toEqual(pattern(5000));
      whole(rig);
    }
  });

  test('traffic goes on for longer than the memory is large', () => {
    for (const driver of ['split-perfect', 'bnxt-like', 'netdevsim-dma'] as const) {
      const rig = rigged({ driver, rx: 64 });
      setProvider(rig.netdev, [0], { provider: 'capped', limit: 300 * PAGE_SIZE });
      const to = rig.connect(0);
      for (let i = 0; i < 200; i++) {
        const sent = rig.send(to, 20_000);
        expect(rig.recv(to.socket, 1 << 20, 0, 0).ret).toBe(sent);
      }
      expect(rig.netdev.rxQueues[0].bytes).toBeGreaterThan(3 * MIB);
      expect(privOf<CappedMemory>(rig, 0).total).toBeLessThanOrEqual(300);
      whole(rig);
    }
  });
});

describe('refusals', () => {
  test('are those of bind-rx', () => {
    const unsplit = new Rig();
    expect(refusal(() => setProvider(unsplit.netdev, [0], HUGE))).toMatchObject({
      errno: 'EINVAL',
      extack: { msg: 'tcp-data-split is disabled' },
    });
    expect(unsplit.kernel.netmems.owners.size).toBe(0);
    const rig = rigged();
    expect(refusal(() => setProvider(rig.netdev, [4], HUGE)).errno).toBe('ERANGE');
    expect(refusal(() => setProvider(rig.netdev, [4], NONE)).errno).toBe('ERANGE');
    const lo = rig.kernel.netdevs.get(1) as Rig['netdev'];
    expect(refusal(() => setProvider(lo, [0], HUGE)).errno).toBe('EOPNOTSUPP');
  });

  test('all or nothing: a queue that refuses leaves the others as they were', () => {
    const rig = rigged();
    setProvider(rig.netdev, [2], { provider: 'capped', limit: MIB });
    const pools = [0, 1, 2, 3].map((queue) => rig.pool(queue).mpOps?.name);
    expect(refusal(() => setProvider(rig.netdev, [0, 1, 2, 3], HUGE))).toMatchObject({ errno: 'EEXIST' });
    expect(providers(rig)).toEqual([null, null, 'capped', null]);
    expect([0, 1, 2, 3].map((queue) => rig.pool(queue).mpOps?.name)).toEqual(pools);
    // Nothing is left of the blocks.
    expect(rig.kernel.netmems.owners.size).toBe(1);
    whole(rig);
  });

  test('a dmabuf is not taken off by hand', () => {
    const rig = rigged();
    rig.bound(16);
    setProvider(rig.netdev, [1], HUGE);
    expect(refusal(() => setProvider(rig.netdev, [1, 0], NONE))).toMatchObject({
      errno: 'EBUSY',
      extack: { msg: 'queue 0 has a provider that was not set here' },
    });
    expect(providers(rig)).toEqual(['dmabuf', 'huge-page', null, null]);
  });
});

describe('taking off', () => {
  test('restarts the queues; the memory goes with the last pool', () => {
    const rig = rigged();
    const { allocated } = rig.kernel.pages;
    setProvider(rig.netdev, [0, 1], HUGE);
    const pages = privOf<HugePages>(rig, 0);
    const held = rig.pool(1).allocNetmem();
    const pool = rig.pool(1);
    setProvider(rig.netdev, [0, 1, 2], NONE);
    expect(providers(rig)).toEqual([null, null, null, null]);
    expect([pool.state, pages.lent, pages.total]).toEqual(['detached', 1, 512]);
    pool.put(held);
    rig.clock.advance(1000);
    expect([pool.state, pages.total, rig.kernel.pages.allocated]).toEqual(['gone', 0, allocated]);
    whole(rig);
  });

  test('a queue without provider is no error', () => {
    const rig = rigged();
    setProvider(rig.netdev, [0], NONE);
    expect(providers(rig)[0]).toBeNull();
  });
});

describe('the device goes', () => {
  test('providers forget it; nothing is left', () => {
    for (const choice of [HUGE, { provider: 'capped', limit: MIB } as const]) {
      const rig = rigged();
      setProvider(rig.netdev, [0, 3], choice);
      const pool: PagePool = rig.pool(3);
      rig.kernel.removeNetdev(rig.netdev);
      expect([pool.state, rig.kernel.netmems.owners.size, rig.kernel.pages.allocated]).toEqual(['gone', 0, 0]);
    }
  });

  test('pages still out keep pool and memory', () => {
    const rig = rigged();
    setProvider(rig.netdev, [0], HUGE);
    const pool = rig.pool(0);
    const pages = privOf<HugePages>(rig, 0);
    const ref = pool.allocNetmem();
    rig.kernel.removeNetdev(rig.netdev);
    expect([pool.state, pool.orphaned, pages.total]).toEqual(['detached', true, 512]);
    pool.put(ref);
    rig.clock.advance(1000);
    expect([pool.state, pages.total, rig.kernel.pages.allocated]).toEqual(['gone', 0, 0]);
  });
});

test('a device that is down is set for its next start', () => {
  const rig = rigged({ up: false });
  setProvider(rig.netdev, [0], HUGE);
  expect(privOf<HugePages>(rig, 0).lent).toBe(0);
  rig.netdev.open();
  expect(rig.pool(0).mpOps?.name).toBe('huge-page');
  rig.netdev.close();
  expect(privOf<HugePages>(rig, 0)).toMatchObject({ lent: 0, free: 512 });
});

test('queues with one account: what one gives back feeds the other, at its next retry', () => {
  const rig = rigged();
  setProvider(rig.netdev, [0, 1], { provider: 'capped', limit: 20 * PAGE_SIZE });
  expect([rig.pool(0).inflight, rig.pool(1).inflight]).toEqual([20, 0]);
  const to = rig.connect(1);
  expect(rig.send(to, 1000)).toBe(0);
  setProvider(rig.netdev, [0], NONE);
  rig.clock.advance(200);
  rig.poll();
  expect(to.peer.calls).toContain('window');
  expect(rig.send(to, 1000)).toBe(1000);
  expect(rig.recv(to.socket, 1 << 20, 0, 0).data).toEqual(pattern(1000));
  whole(rig);
});
