import { describe, expect, test } from 'vitest';
import { poolFault } from '../../../../src/kernel/netmem/conservation.ts';
import { NETMEM_STATE, type NetmemRef } from '../../../../src/kernel/netmem/netmem.ts';
import { PagePool } from '../../../../src/kernel/netmem/page-pool.ts';
import {
  type PagePoolParams,
  PP_FLAG_ALLOW_UNREADABLE_NETMEM,
  PP_FLAG_DMA_MAP,
  PP_FLAG_DMA_SYNC_DEV,
  PP_FLAG_SYSTEM_POOL,
} from '../../../../src/kernel/netmem/page-pool-params.ts';
import type { MemoryProviderOps } from '../../../../src/kernel/provider/memory-provider.ts';
import { Rig, type RigOptions, refusal, stats } from '../rig.ts';

const DMA = PP_FLAG_DMA_MAP | PP_FLAG_DMA_SYNC_DEV;
const NAPI = 77;

function host(o: RigOptions = {}) {
  const rig = new Rig({ up: false, ...o });
  const create = (over: Partial<PagePoolParams> = {}) =>
    new PagePool(rig.kernel, {
      poolSize: 256,
      flags: DMA,
      netdev: rig.netdev,
      queueIdx: 0,
      napiId: NAPI,
      maxLen: 4096,
      ...over,
    });
  /** Runs `fn` in the softirq of the pool's own NAPI. */
  const softirq = (fn: () => void, napi = NAPI) => {
    rig.kernel.napiContext = napi;
    fn();
    rig.kernel.napiContext = 0;
  };
  return { rig, create, softirq };
}

const take = (pool: PagePool, n: number): NetmemRef[] => Array.from({ length: n }, () => pool.allocNetmem());

describe('creation', () => {
  test.each<[string, Partial<PagePoolParams>]>([
    ['an unknown flag', { flags: 1 << 4 }],
    ['sync without mapping', { flags: PP_FLAG_DMA_SYNC_DEV }],
    ['sync without a length', { flags: DMA, maxLen: 0 }],
  ])('%s is EINVAL and announces nothing', (_, over) => {
    const { rig, create } = host();
    expect(refusal(() => create(over))).toEqual({ errno: 'EINVAL' });
    expect(rig.notes).toEqual([]);
  });

  test.each([
    [0, 1024],
    [1, 1],
    [256, 256],
    [16_384, 16_384],
    [65_536, 16_384],
  ])('ring size %i becomes %i', (asked, slots) => {
    const { create } = host();
    expect(create({ poolSize: asked }).ring.size).toBe(slots);
  });

  test('system pool and unreadable flags are known', () => {
    const { create } = host();
    const pool = create({ flags: DMA | PP_FLAG_SYSTEM_POOL | PP_FLAG_ALLOW_UNREADABLE_NETMEM });
    expect(pool.mpOps).toBeNull();
  });
});

describe('host pages', () => {
  test('the first allocation takes 64 at once', () => {
    const { create } = host();
    const pool = create();
    expect(pool.inflight).toBe(0);
    const ref = pool.allocNetmem();
    expect(ref).toBeGreaterThan(0);
    expect(pool.netmems.ppRef[ref]).toBe(1);
    expect(pool.netmems.state[ref]).toBe(NETMEM_STATE.POSTED);
    expect(stats(pool)).toEqual({ 'alloc-slow': 1, 'alloc-empty': 1 });
    expect([pool.inflight, pool.cacheCount]).toEqual([64, 63]);
    take(pool, 63);
    expect(stats(pool)).toEqual({ 'alloc-slow': 1, 'alloc-empty': 1, 'alloc-fast': 63 });
    take(pool, 1);
    expect(stats(pool)).toEqual({ 'alloc-slow': 2, 'alloc-empty': 2, 'alloc-fast': 63 });
    expect(pool.inflight).toBe(128);
  });

  test('what is left of them is taken, then it fails and counts only alloc-empty', () => {
    const { create } = host({ hostPages: 70 });
    const pool = create();
    expect(take(pool, 70)).not.toContain(0);
    expect(take(pool, 2)).toEqual([0, 0]);
    expect(stats(pool)).toEqual({ 'alloc-slow': 2, 'alloc-empty': 4, 'alloc-fast': 68 });
    expect(pool.inflight).toBe(70);
  });

  test('ring overflow gives the page back to the allocator', () => {
    const { rig, create } = host();
    const pool = create({ poolSize: 2 });
    const refs = take(pool, 3);
    expect(rig.kernel.pages.allocated).toBe(64);
    for (const ref of refs) pool.put(ref);
    expect(stats(pool)).toMatchObject({ 'recycle-ring': 2, 'recycle-ring-full': 1 });
    expect([pool.inflight, rig.kernel.pages.allocated]).toEqual([63, 63]);
    expect(pool.netmems.pool[refs[2]]).toBe(0);
  });
});

describe('recycling', () => {
  test('in the softirq of its own NAPI: into the cache, last in first out', () => {
    const { create, softirq } = host();
    const pool = create();
    const [a, b] = take(pool, 2);
    softirq(() => {
      pool.put(a);
      pool.put(b);
    });
    expect(stats(pool)).toMatchObject({ 'recycle-cached': 2 });
    expect(take(pool, 2)).toEqual([b, a]);
  });

  test.each([
    ['process context', 0],
    ['another NAPI', NAPI + 1],
  ])('in %s: into the ring', (_, napi) => {
    const { create, softirq } = host();
    const pool = create();
    const [a] = take(pool, 1);
    softirq(() => pool.put(a), napi);
    expect(stats(pool)).toMatchObject({ 'recycle-ring': 1 });
    expect(pool.netmems.state[a]).toBe(NETMEM_STATE.RING);
  });

  test('a pool that no NAPI consumes yet recycles through the ring', () => {
    const { create, softirq } = host();
    const pool = create({ napiId: 0 });
    const [a, b] = take(pool, 2);
    softirq(() => pool.put(a), 0);
    expect(stats(pool)).toMatchObject({ 'recycle-ring': 1 });
    pool.enableDirectRecycling(NAPI);
    softirq(() => pool.put(b));
    expect(stats(pool)).toMatchObject({ 'recycle-ring': 1, 'recycle-cached': 1 });
  });

  test('the owner of the pool may recycle directly in any context', () => {
    const { create } = host();
    const pool = create();
    const [a] = take(pool, 1);
    pool.putDirect(a);
    expect(stats(pool)).toMatchObject({ 'recycle-cached': 1 });
  });

  test('a cache of 128 refuses, then the ring takes over', () => {
    const { create, softirq } = host();
    const pool = create({ poolSize: 4 });
    const refs = take(pool, 192);
    expect(pool.cacheCount).toBe(0);
    softirq(() => {
      for (const ref of refs.slice(0, 134)) pool.put(ref);
    });
    expect(stats(pool)).toMatchObject({
      'recycle-cached': 128,
      'recycle-cache-full': 6,
      'recycle-ring': 4,
      'recycle-ring-full': 2,
    });
    expect([pool.cacheCount, pool.ring.count, pool.inflight]).toEqual([128, 4, 190]);
    expect(poolFault(pool)).toBeNull();
  });

  test('only the last reference recycles, and a pooled netmem carries one again', () => {
    const { create } = host();
    const pool = create();
    const [a] = take(pool, 1);
    pool.netmems.ppRef[a] = 3;
    pool.put(a);
    pool.put(a);
    expect(stats(pool)['recycle-ring']).toBeUndefined();
    pool.put(a);
    expect(stats(pool)['recycle-ring']).toBe(1);
    expect(pool.netmems.ppRef[a]).toBe(1);
  });

  test('refill: the ring in order into the cache, at most 64, counted once; the cache gives it out backwards', () => {
    const { create } = host();
    const pool = create();
    const refs = take(pool, 128);
    for (const ref of refs.slice(0, 100)) pool.put(ref);
    const before = { ...stats(pool) };
    expect(pool.allocNetmem()).toBe(refs[63]);
    expect(stats(pool)).toEqual({ ...before, 'alloc-refill': 1 });
    expect([pool.cacheCount, pool.ring.count]).toEqual([63, 36]);
    expect(take(pool, 63)).toEqual(refs.slice(0, 63).reverse());
    expect(pool.allocNetmem()).toBe(refs[99]);
    expect(stats(pool)).toMatchObject({ 'alloc-refill': 2, 'alloc-fast': (before['alloc-fast'] ?? 0) + 63 });
  });

  test('onReturn fires for both ways back', () => {
    const { create } = host();
    const pool = create();
    const [a, b] = take(pool, 2);
    let fired = 0;
    pool.onReturn = () => fired++;
    pool.put(a);
    pool.putDirect(b);
    expect(fired).toBe(2);
  });
});

describe('fragments', () => {
  const frag = (pool: PagePool, size: number) => {
    const ref = pool.alloc(size);
    return { ref, offset: pool.fragOffset, truesize: pool.fragTruesize };
  };

  test('more than half a page is a page of its own', () => {
    const { create } = host();
    const pool = create();
    const a = frag(pool, 2049);
    const b = frag(pool, 2048);
    expect([a.offset, a.truesize]).toEqual([0, 4096]);
    expect(b.ref).not.toBe(a.ref);
    expect(pool.netmems.ppRef[a.ref]).toBe(1);
  });

  test('fragments lie end to end, of any size', () => {
    const { create } = host();
    const pool = create();
    const [a, b, c] = [frag(pool, 1), frag(pool, 13), frag(pool, 256)];
    expect([a.offset, b.offset, c.offset]).toEqual([0, 1, 14]);
    expect([a.truesize, b.truesize]).toEqual([1, 13]);
    expect(new Set([a.ref, b.ref, c.ref]).size).toBe(1);
  });

  test.each([
    ['6.18', 1096],
    ['6.12', 1000],
  ] as const)('%s charges the last of four 1000-byte fragments with %i', (release, last) => {
    const { create } = host({ release });
    const pool = create();
    const four = [frag(pool, 1000), frag(pool, 1000), frag(pool, 1000), frag(pool, 1000)];
    expect(four.map((f) => f.truesize)).toEqual([1000, 1000, 1000, last]);
    const small = frag(pool, 96);
    // 96 bytes are left of the page: only 6.12 uses them.
    expect(small.ref === four[0].ref).toBe(release === '6.12');
  });

  test('the page returns when the allocator has moved on and every user dropped it', () => {
    const { create } = host();
    const pool = create();
    const [a, b, c] = [frag(pool, 2000), frag(pool, 2000), frag(pool, 2000)];
    expect(b.ref).toBe(a.ref);
    expect(c.ref).not.toBe(a.ref);
    pool.put(a.ref);
    expect(stats(pool)['recycle-ring']).toBeUndefined();
    pool.put(b.ref);
    expect(stats(pool)['recycle-ring']).toBe(1);
  });

  test('a page nobody holds any more is used again in place', () => {
    const { create } = host();
    const pool = create();
    const [a, b] = [frag(pool, 2000), frag(pool, 2000)];
    pool.put(a.ref);
    pool.put(b.ref);
    const before = stats(pool);
    const again = frag(pool, 2000);
    expect([again.ref, again.offset]).toEqual([a.ref, 0]);
    expect(stats(pool)).toEqual({ ...before, 'alloc-fast': (before['alloc-fast'] ?? 0) + 1, 'recycle-cached': 1 });
    expect(poolFault(pool)).toBeNull();
  });

  test('destroy lets go of the current page', () => {
    const { create } = host();
    const pool = create();
    const a = frag(pool, 100);
    pool.destroy();
    expect([pool.state, pool.inflight]).toEqual(['detached', 1]);
    pool.put(a.ref);
    expect(pool.inflight).toBe(1);
  });
});

/** A provider over a few host pages that writes down what is asked of it. */
function testProvider(pages: number, initErr = 0) {
  const calls: string[] = [];
  let left = pages;
  const ops: MemoryProviderOps = {
    name: 'test',
    init: () => {
      calls.push('init');
      return initErr;
    },
    destroy: () => void calls.push('destroy'),
    allocNetmems: (pool) => {
      calls.push('alloc');
      if (left === 0) return 0;
      left--;
      const ref = pool.host.pages.alloc();
      pool.hold(ref);
      return ref;
    },
    releaseNetmem: (pool) => {
      calls.push(`release at ${pool.inflight}`);
      left++;
      return true;
    },
    nlFill: () => 0,
    uninstall: () => {},
  };
  return { ops, calls, priv: {} };
}

describe('with a provider', () => {
  const ALL = DMA | PP_FLAG_ALLOW_UNREADABLE_NETMEM;

  test('the slow path asks it one by one and leaves alloc-slow alone', () => {
    const { rig, create } = host();
    const p = rig.builtIn(testProvider(2));
    rig.netdev.rxQueues[0].provider = p;
    const pool = create({ flags: ALL });
    expect(pool.mpPriv).toBe(p.priv);
    const [a, b, none] = take(pool, 3);
    expect([a > 0, b > 0, none]).toEqual([true, true, 0]);
    expect(stats(pool)).toEqual({ 'alloc-empty': 3 });
    expect(pool.inflight).toBe(2);
    expect(p.calls).toEqual(['init', 'alloc', 'alloc', 'alloc']);
  });

  test('release is told before the release counter rises', () => {
    const { rig, create } = host();
    const p = rig.builtIn(testProvider(2));
    rig.netdev.rxQueues[0].provider = p;
    const pool = create({ flags: ALL, poolSize: 1 });
    const [a, b] = take(pool, 2);
    pool.put(a);
    pool.put(b);
    expect(p.calls.at(-1)).toBe('release at 2');
    expect(pool.inflight).toBe(1);
  });

  test.each<[string, Partial<PagePoolParams>]>([
    ['the flag is missing', { flags: DMA }],
    ['it is another queue', { flags: ALL, queueIdx: 1 }],
    ['there is no netdev', { flags: ALL, netdev: null }],
  ])('it is ignored when %s', (_, over) => {
    const { rig, create } = host();
    rig.netdev.rxQueues[0].provider = testProvider(2);
    expect(create(over).mpOps).toBeNull();
  });

  test('it needs DMA mapping and syncing', () => {
    const { rig, create } = host();
    const p = rig.builtIn(testProvider(2));
    rig.netdev.rxQueues[0].provider = p;
    for (const flags of [0, PP_FLAG_DMA_MAP]) {
      const over = { flags: flags | PP_FLAG_ALLOW_UNREADABLE_NETMEM };
      expect(refusal(() => create(over))).toEqual({ errno: 'EOPNOTSUPP' });
    }
    expect(p.calls).toEqual([]);
  });

  test('a failing init passes its errno on; destroy is not called and nothing was announced', () => {
    const { rig, create } = host();
    const p = rig.builtIn(testProvider(2, -12));
    rig.netdev.rxQueues[0].provider = p;
    expect(refusal(() => create({ flags: ALL }))).toEqual({ errno: 'ENOMEM' });
    expect([p.calls, rig.notes]).toEqual([['init'], []]);
    expect(rig.log.map((l) => l.event)).toEqual(['page-pool-init-failed']);
  });

  test('destroy of the provider comes after the pool was unlisted', () => {
    const { rig, create } = host();
    const p = rig.builtIn(testProvider(2));
    p.ops.destroy = () => void p.calls.push(`destroy after ${rig.notes.at(-1)}`);
    rig.netdev.rxQueues[0].provider = p;
    const pool = create({ flags: ALL });
    pool.destroy();
    expect(p.calls).toEqual(['init', `destroy after del ${pool.id}`]);
  });
});

describe('end', () => {
  test('nothing in flight: gone at once, only del', () => {
    const { rig, create } = host();
    const pool = create();
    const [a] = take(pool, 1);
    pool.putDirect(a);
    pool.destroy();
    expect([pool.state, pool.inflight, rig.kernel.pages.allocated]).toEqual(['gone', 0, 0]);
    expect(rig.events()).toEqual([`add ${pool.id}`, `del ${pool.id}`]);
    pool.destroy();
    expect(rig.events()).toEqual([]);
  });

  test('netmems out: detached, and what comes back counts at the next tick of 1 s', () => {
    const { rig, create, softirq } = host();
    const pool = create();
    const [a, b] = take(pool, 2);
    rig.events();
    pool.destroy();
    expect(rig.events()).toEqual([`change ${pool.id}`]);
    expect(pool.describe()).toEqual({
      id: pool.id,
      ifindex: rig.netdev.ifindex,
      inflight: 2,
      'inflight-mem': 8192,
      'detach-time': 5,
    });
    rig.clock.advance(400);
    softirq(() => pool.put(a));
    // Not direct any more: into the ring, and inflight stays.
    expect([pool.ring.count, pool.inflight]).toEqual([1, 2]);
    rig.clock.advance(599);
    expect(pool.inflight).toBe(2);
    rig.clock.advance(1);
    expect([pool.inflight, pool.state]).toEqual([1, 'detached']);
    pool.put(b);
    rig.clock.advance(999);
    expect(pool.state).toBe('detached');
    rig.clock.advance(1);
    expect([pool.state, rig.clock.pending]).toEqual(['gone', 0]);
    expect(rig.events()).toEqual([`del ${pool.id}`]);
    expect(rig.messages.at(-1)).toMatchObject({ inflight: 0, 'detach-time': 5 });
    expect(rig.kernel.pages.allocated).toBe(0);
  });

  test.each([
    ['6.18', undefined],
    ['7.3', undefined],
    ['6.12', NAPI],
  ] as const)('napi-id of a detached pool on %s: %s', (release, napi) => {
    const { create, softirq } = host({ release });
    const pool = create();
    const [a] = take(pool, 1);
    pool.destroy();
    expect(pool.describe()['napi-id']).toBe(napi);
    softirq(() => pool.put(a));
    expect(stats(pool)['recycle-cached']).toBeUndefined();
  });

  test('onReturn is dropped: the driver is gone', () => {
    const { create } = host();
    const pool = create();
    const [a] = take(pool, 1);
    pool.onReturn = () => {
      throw new Error('called');
    };
    pool.destroy();
    pool.put(a);
    expect(pool.ring.count).toBe(1);
  });

  test('a pool user space cannot see warns every 60 s', () => {
    const { rig, create } = host();
    const pool = create({ netdev: null });
    take(pool, 1);
    pool.destroy();
    expect(rig.notes).toEqual([]);
    rig.clock.advance(59_000);
    expect(rig.log).toEqual([]);
    rig.clock.advance(62_000);
    expect(rig.log.map((l) => [l.event, l.fields.inflight, l.fields.seconds])).toEqual([
      ['stalled-pool-shutdown', 1, 60],
      ['stalled-pool-shutdown', 1, 120],
    ]);
  });

  test('a pool that got back more than it gave out is stuck for ever', () => {
    const { rig, create } = host();
    const pool = create({ poolSize: 1 });
    const [a, b] = take(pool, 2);
    pool.destroy();
    pool.put(a);
    pool.put(b);
    // A second release of the same netmem, as a broken owner would do it.
    pool.netmems.pool[b] = pool.handle;
    pool.netmems.ppRef[b] = 1;
    rig.kernel.pages.alloc();
    pool.put(b);
    rig.clock.advance(1000);
    expect([pool.inflight, pool.state, rig.clock.pending]).toEqual([-1, 'detached', 0]);
    expect(rig.log.map((l) => l.event)).toContain('page-pool-negative-inflight');
    expect(pool.describe().inflight).toBe(0);
  });
});

test('a provider that cannot describe itself: the message is given up, the pool is not', () => {
  const { rig, create } = host();
  const p = rig.builtIn(testProvider(2));
  (p.ops as { nlFill: () => number }).nlFill = () => -1;
  rig.netdev.rxQueues[0].provider = p;
  const pool = create({ flags: DMA | PP_FLAG_ALLOW_UNREADABLE_NETMEM });
  expect(rig.notes).toEqual([]);
  expect(refusal(() => pool.describe())).toEqual({ errno: 'EMSGSIZE' });
  expect(pool.allocNetmem()).toBeGreaterThan(0);
});

describe('conservation', () => {
  test('every fault is named', () => {
    const { create } = host();
    const pool = create();
    take(pool, 1);
    expect(poolFault(pool)).toBeNull();
    pool.inState[NETMEM_STATE.USER] = 2;
    expect(poolFault(pool)).toBe('2 netmems are in packets, sockets and with users, 1 are out');
    pool.inState[NETMEM_STATE.USER] = -1;
    expect(poolFault(pool)).toBe('state user counts -1');
    pool.inState[NETMEM_STATE.USER] = 0;
    // One more in the ring than was ever taken from the owner, and one less.
    pool.ring.produce(1);
    expect(poolFault(pool)).toBe('cache 63 + ring 1 + out 1 is not inflight, which is 64');
    pool.ring.consume();
    pool.cachePop();
    expect(poolFault(pool)).toBe('cache 62 + ring 0 + out 1 is not inflight, which is 64');
  });

  test('the kernel names the pool', () => {
    const { rig, create } = host();
    const pool = create();
    pool.inState[NETMEM_STATE.USER]++;
    expect(() => rig.kernel.assertConservation()).toThrow(
      `page pool ${pool.id}: 1 netmems are in packets, sockets and with users, 0 are out`,
    );
  });
});
