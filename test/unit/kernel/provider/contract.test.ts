import { describe, expect, test } from 'vitest';
import type { Driver } from '../../../../src/kernel/driver/driver.ts';
import { NETMEM_STATE, type NetmemRef } from '../../../../src/kernel/netmem/netmem.ts';
import { POOL_STAT } from '../../../../src/kernel/netmem/pool-statistics.ts';
import type { ProviderReply } from '../../../../src/kernel/provider/memory-provider.ts';
import { PP_ALLOC_CACHE_SIZE } from '../../../../src/uapi/limits.ts';
import { stats } from '../rig.ts';
import { ContractRig, take, takeAll } from './contract-rig.ts';
import { FIXTURES, type ProviderFixture, type ProviderMemory } from './fixtures.ts';

const { FREE, WAITING, CACHE, RING, POSTED } = NETMEM_STATE;

/** Netmems there are in a rig whose memory was made for 100. */
const HUNDRED: Readonly<Record<string, number>> = { 'huge-page': 512 };

const EVERY: [string, ProviderFixture | null][] = [['host pages', null], ...Object.entries(FIXTURES)];
const WITH_PROVIDER = Object.entries(FIXTURES);

describe.each(EVERY)('%s', (name, fixture) => {
  const total = HUNDRED[name] ?? 100;
  const rigged = () => new ContractRig(fixture, { hostPages: fixture === null ? 100 : undefined }).install(100);

  test('a slow allocation brings netmems that are the pool’s, with one reference, and counts each as held', () => {
    const rig = rigged();
    const pool = rig.create();
    const ref = pool.allocNetmem();
    const batch = fixture?.batch ?? 64;
    expect([pool.inflight, pool.cacheCount]).toEqual([batch, batch - 1]);
    expect(batch).toBeLessThanOrEqual(1 + PP_ALLOC_CACHE_SIZE);
    const { netmems } = rig.kernel;
    const mine = (r: NetmemRef) => [netmems.pool[r], netmems.ppRef[r], netmems.pageRefcount(r), netmems.state[r]];
    expect(mine(ref)).toEqual([pool.handle, 1, 1, POSTED]);
    const area = netmems.areaOf(ref);
    const given = [];
    for (let r = area.base; r < area.base + area.count; r++)
      if (netmems.pool[r] === pool.handle && r !== ref) given.push(r);
    expect(given.map(mine)).toEqual(new Array(batch - 1).fill([pool.handle, 1, 1, CACHE]));
    expect(rig.ready).toBe(total - batch);
    expect(stats(pool)).toEqual(fixture === null ? { 'alloc-empty': 1, 'alloc-slow': 1 } : { 'alloc-empty': 1 });
    rig.check();
  });

  test('host pages are readable, net_iovs are not', () => {
    const rig = rigged();
    const area = rig.kernel.netmems.areaOf(rig.create().allocNetmem());
    expect([area.unreadable, area.kind === 0]).toEqual(fixture?.pages === false ? [true, false] : [false, true]);
  });

  test('gives everything once, then nothing, and gives again what came back', () => {
    const rig = rigged();
    const pool = rig.create();
    const refs = takeAll(pool);
    expect([refs.length, new Set(refs).size, pool.inflight, rig.ready]).toEqual([total, total, total, 0]);
    const empty = pool.stats[POOL_STAT.ALLOC_EMPTY];
    expect(take(pool, 3)).toEqual([0, 0, 0]);
    expect(pool.stats[POOL_STAT.ALLOC_EMPTY]).toBe(empty + 3);
    // Through the ring.
    pool.put(refs[7]);
    expect(pool.allocNetmem()).toBe(refs[7]);
    expect(pool.allocNetmem()).toBe(0);
    // Through the owner: the ring keeps 64 less the slot it has read and not cleared yet.
    for (const ref of refs) pool.put(ref);
    expect([pool.inflight, rig.ready]).toEqual([63, total - 63]);
    const again = takeAll(pool);
    expect([again.length, new Set(again).size, pool.inflight]).toEqual([total, total, total]);
    rig.check();
  });

  test('never gives out what somebody holds', () => {
    const rig = rigged();
    const pool = rig.create({ poolSize: 16 });
    const held: NetmemRef[] = [];
    let x = 1;
    for (let i = 0; i < 3000; i++) {
      x = (Math.imul(x, 1_103_515_245) + 12_345) >>> 0;
      if (held.length > 0 && (x >>> 16) % 9 < 4) {
        const [ref] = held.splice((x >>> 20) % held.length, 1);
        if ((x >>> 28) % 2 === 0) pool.putDirect(ref);
        else pool.put(ref);
      } else {
        const ref = pool.allocNetmem();
        if (ref === 0) continue;
        expect(held).not.toContain(ref);
        held.push(ref);
      }
    }
    expect(held.length).toBeGreaterThan(50);
    rig.check();
  });

  test('what goes back loses pool and references, and is free', () => {
    const rig = rigged();
    const pool = rig.create({ poolSize: 1 });
    const [a, b] = take(pool, 2);
    const ready = rig.ready;
    pool.put(a);
    pool.put(b);
    const { netmems } = rig.kernel;
    expect([netmems.pool[b], netmems.ppRef[b], netmems.state[b], rig.ready]).toEqual([0, 0, FREE, ready + 1]);
    expect(netmems.pageRefcount(b)).toBe(fixture === null || fixture.givesUp ? 0 : 1);
    expect(stats(pool)).toMatchObject({ 'recycle-ring': 1, 'recycle-ring-full': 1 });
    rig.check();
  });

  test('a pool with nothing out goes at once, and the memory is where it was', () => {
    const rig = rigged();
    const pool = rig.create();
    const refs = take(pool, 5);
    for (const ref of refs) pool.putDirect(ref);
    pool.destroy();
    expect([pool.state, pool.inflight, rig.ready]).toEqual(['gone', 0, total]);
    expect(rig.events()).toEqual([`add ${pool.id}`, `del ${pool.id}`]);
    rig.check();
  });

  test('a destroyed pool waits for what is out, and gives it to the owner a second at a time', () => {
    const rig = rigged();
    const pool = rig.create();
    const [a, b, c] = take(pool, 3);
    pool.destroy();
    expect([pool.state, pool.inflight, rig.ready]).toEqual(['detached', 3, total - 3]);
    pool.put(a);
    pool.put(b);
    expect([pool.inflight, rig.ready, rig.kernel.netmems.state[a]]).toEqual([3, total - 3, RING]);
    rig.clock.advance(1000);
    expect([pool.inflight, rig.ready, rig.kernel.netmems.state[a]]).toEqual([1, total - 1, FREE]);
    pool.put(c);
    rig.clock.advance(1000);
    expect([pool.state, rig.ready, rig.clock.pending]).toEqual(['gone', total, 0]);
    rig.check();
  });

  test('two pools on one queue share the memory and nothing else', () => {
    const rig = rigged();
    const [a, b] = [rig.create(), rig.create()];
    const [x, y] = [takeAll(a), takeAll(b)];
    expect([x.length, y.length]).toEqual([total, 0]);
    for (const ref of x) a.put(ref);
    a.destroy();
    expect([a.state, rig.ready]).toEqual(['gone', total]);
    const again = takeAll(b);
    expect([again.length, b.inflight]).toEqual([total, total]);
    rig.check();
  });

  test('the device’s mappings are undone when everything is over', () => {
    const rig = rigged();
    const dev = rig.netdev.driver.dmaDevice as NonNullable<Driver['dmaDevice']>;
    const before = dev.maps;
    const pool = rig.create();
    const refs = take(pool, 3);
    const each = fixture === null || fixture.mapsEach;
    expect([dev.maps - before, pool.dma.mapped]).toEqual(each ? [64, 64] : [0, 0]);
    for (const ref of refs) pool.put(ref);
    pool.destroy();
    rig.memory?.close();
    expect([pool.state, dev.unmaps]).toEqual(['gone', dev.maps]);
  });
});

describe.each(WITH_PROVIDER)('%s as a provider', (_, fixture) => {
  const rigged = () => new ContractRig(fixture).install(100);

  test('init takes a reference, which keeps the memory when its user lets go; destroy drops it', () => {
    const rig = rigged();
    const memory = rig.memory as ProviderMemory;
    const pool = rig.create();
    expect([pool.mpOps, pool.mpPriv, pool.owner]).toEqual([fixture.ops, memory.priv, memory.owner]);
    expect(rig.kernel.pools.providerPools).toBe(1);
    const ref = pool.allocNetmem();
    memory.close();
    expect([rig.netdev.rxQueues[0].provider, memory.freed]).toEqual([null, false]);
    pool.destroy();
    expect([pool.state, memory.freed]).toEqual(['detached', false]);
    pool.put(ref);
    rig.clock.advance(1000);
    expect([pool.state, memory.freed, rig.kernel.pools.providerPools]).toEqual(['gone', true, 0]);
    expect(rig.kernel.netmems.owners.size).toBe(0);
    rig.check();
  });

  test('the last of several pools ends it, not the first', () => {
    const rig = rigged();
    const memory = rig.memory as ProviderMemory;
    const [a, b] = [rig.create(), rig.create()];
    memory.close();
    a.destroy();
    expect(memory.freed).toBe(false);
    b.destroy();
    expect(memory.freed).toBe(true);
  });

  test('release is told while the netmem still counts as inflight, and its answer decides about the page', () => {
    const rig = rigged();
    const pool = rig.create({ poolSize: 1 });
    const [a, b] = take(pool, 2);
    const seen: unknown[] = [];
    const { netmems } = rig.kernel;
    const real = rig.observe(pool, {
      releaseNetmem(p, ref) {
        const before = [p.inflight, netmems.pageRefcount(ref), netmems.state[ref]];
        const answer = real.releaseNetmem(p, ref);
        // true: still the pool's, the core clears it and drops the page. false: the provider has done all that.
        seen.push(before, answer, p.inflight, netmems.pool[ref] === p.handle, netmems.ppRef[ref]);
        return answer;
      },
    });
    const inflight = pool.inflight;
    pool.put(a);
    pool.put(b);
    const { givesUp } = fixture;
    expect(seen).toEqual([[inflight, 1, FREE], givesUp, inflight, givesUp, givesUp ? 1 : 0]);
    expect([pool.inflight, netmems.pool[b], netmems.ppRef[b]]).toEqual([inflight - 1, 0, 0]);
    rig.check();
  });

  test('is asked when cache and ring are empty, and only then', () => {
    const rig = rigged();
    const pool = rig.create({ poolSize: 256 });
    const asked: number[][] = [];
    const real = rig.observe(pool, {
      allocNetmems(p) {
        asked.push([p.cacheCount, p.ring.count]);
        return real.allocNetmems(p);
      },
    });
    const refs = take(pool, fixture.batch + 1);
    expect(asked).toEqual([
      [0, 0],
      [0, 0],
    ]);
    for (const ref of refs) pool.put(ref);
    take(pool, pool.inflight);
    expect(asked.length).toBe(2);
    rig.check();
  });

  test('destroy is called once, when nothing is in flight and the pool is unlisted', () => {
    const rig = rigged();
    const pool = rig.create();
    const [a] = take(pool, 1);
    const seen: unknown[] = [];
    const real = rig.observe(pool, {
      destroy(p) {
        seen.push(p.inflight, p.ring.count, p.cacheCount, rig.kernel.pools.all().includes(p), rig.notes.at(-1));
        real.destroy(p);
      },
    });
    pool.destroy();
    pool.destroy();
    rig.clock.advance(5000);
    expect(seen).toEqual([]);
    pool.put(a);
    rig.clock.advance(5000);
    expect(seen).toEqual([0, 0, 0, false, `del ${pool.id}`]);
    (rig.memory as ProviderMemory).close();
    expect(rig.memory?.freed).toBe(true);
  });

  test.each(['queue', 'pool'])('describes its %s by what Linux has, and nothing else', (what) => {
    const rig = rigged();
    const memory = rig.memory as ProviderMemory;
    const reply: ProviderReply = {};
    const queue = rig.netdev.rxQueues[0];
    expect(fixture.ops.nlFill(memory.priv, reply, what === 'queue' ? queue : null)).toBe(0);
    expect(reply).toEqual(fixture.nl(memory));
    const pool = rig.create();
    const plain = ['id', 'ifindex', 'napi-id', 'inflight', 'inflight-mem'];
    expect(Object.keys(pool.describe())).toEqual([...plain, ...Object.keys(fixture.nl(memory))]);
  });

  test('the netdev goes: uninstall once, no restart; pools and memory wait for what is out', () => {
    const rig = rigged();
    const memory = rig.memory as ProviderMemory;
    const queue = rig.netdev.rxQueues[0];
    const pool = rig.create();
    const [a, b] = take(pool, 2);
    const calls: unknown[] = [];
    const ops = {
      ...fixture.ops,
      uninstall(priv: unknown, rxq: typeof queue) {
        calls.push([priv === memory.priv, rxq === queue, rig.netdev.state]);
        fixture.ops.uninstall(priv, rxq);
      },
    };
    queue.provider = rig.builtIn({ ops, priv: memory.priv });
    rig.events();
    rig.kernel.removeNetdev(rig.netdev);
    expect(calls).toEqual([[true, true, 'unregistered']]);
    expect(rig.events()).toEqual([`change ${pool.id}`]);
    expect([pool.state, pool.inflight, memory.freed]).toEqual(['attached', pool.inflight, false]);
    pool.put(a);
    pool.destroy();
    memory.close();
    expect([pool.state, pool.inflight, memory.freed]).toEqual(['detached', 1, false]);
    rig.check();
    pool.put(b);
    rig.clock.advance(1000);
    expect([pool.state, memory.freed]).toEqual(['gone', true]);
    const { dmaDevice } = rig.netdev.driver;
    expect(dmaDevice?.unmaps).toBe(dmaDevice?.maps);
    expect(rig.kernel.netmems.owners.size).toBe(0);
  });

  test('through the core: a restart gives the queue a pool of it, closing gives it host pages again', () => {
    const rig = new ContractRig(fixture, { up: true, rx: 8 });
    const queue = rig.netdev.rxQueues[0];
    const plain = rig.pool(0);
    expect(plain.mpOps).toBeNull();
    rig.install(100);
    const pool = rig.pool(0);
    expect([pool.mpOps, plain.state]).toEqual([fixture.ops, 'gone']);
    const ref = pool.allocNetmem();
    rig.memory?.close();
    expect([rig.pool(0).mpOps, queue.provider, pool.state, rig.memory?.freed]).toEqual([null, null, 'detached', false]);
    pool.put(ref);
    rig.clock.advance(1000);
    expect([pool.state, rig.memory?.freed]).toEqual(['gone', true]);
    rig.check();
  });
});

describe.each(EVERY.filter(([, fixture]) => fixture?.pages !== false))(
  '%s: others reference a page',
  (name, fixture) => {
    const total = HUNDRED[name] ?? 100;

    test('it leaves the pool, and comes back when they let go', () => {
      const rig = new ContractRig(fixture, { hostPages: fixture === null ? 100 : undefined }).install(100);
      const { netmems } = rig.kernel;
      const pool = rig.create();
      const refs = takeAll(pool);
      const [ref] = refs;
      netmems.getPage(ref);
      netmems.getPage(ref);
      pool.put(ref);
      expect(stats(pool)).toMatchObject({ 'recycle-released-refcnt': 1 });
      expect(pool.stats[POOL_STAT.RECYCLE_RING] + pool.stats[POOL_STAT.RECYCLE_CACHED]).toBe(0);
      expect([pool.inflight, netmems.state[ref]]).toEqual([total - 1, WAITING]);
      expect([netmems.pool[ref], netmems.ppRef[ref]]).toEqual([0, 0]);
      // Nobody gets it meanwhile, neither this pool nor another, nor after one of two is gone.
      netmems.putPage(ref);
      expect([pool.allocNetmem(), rig.create().allocNetmem(), rig.ready]).toEqual([0, 0, 0]);
      rig.check();
      netmems.putPage(ref);
      // A provider that reuses its pages finds out when it is asked; a page given up is free at once.
      if (fixture === null || fixture.givesUp) expect(netmems.state[ref]).toBe(FREE);
      const next = pool.allocNetmem();
      expect([next > 0, refs.slice(1).includes(next), pool.inflight]).toEqual([true, false, total]);
      if (fixture !== null && !fixture.givesUp) expect(next).toBe(ref);
      rig.check();
    });
  },
);

describe.each(WITH_PROVIDER.filter(([, fixture]) => fixture.pages))('%s: others reference a page', (_, fixture) => {
  test('for longer than pool, queue and user live; then the page goes too', () => {
    const rig = new ContractRig(fixture).install(100);
    const { netmems, pages } = rig.kernel;
    const pool = rig.create();
    const [a, b] = take(pool, 2);
    netmems.getPage(a);
    netmems.getPage(b);
    pool.put(a);
    pool.destroy();
    pool.put(b);
    rig.memory?.close();
    rig.clock.advance(1000);
    expect([pool.state, rig.memory?.freed]).toEqual(['gone', false]);
    expect([netmems.state[a], netmems.state[b]]).toEqual([WAITING, WAITING]);
    rig.check();
    expect(pages.allocated).toBe(fixture.givesUp ? 2 : 512);
    netmems.putPage(a);
    expect([rig.memory?.freed, pages.allocated]).toEqual([false, fixture.givesUp ? 1 : 512]);
    expect(netmems.state[a]).toBe(FREE);
    netmems.putPage(b);
    expect([rig.memory?.freed, pages.allocated]).toEqual([true, 0]);
    rig.check();
  });
});

describe.each(WITH_PROVIDER.filter(([, fixture]) => !fixture.pages))('%s: net_iovs', (_, fixture) => {
  test('have no page references', () => {
    const rig = new ContractRig(fixture).install(100);
    const pool = rig.create();
    const ref = pool.allocNetmem();
    expect(rig.kernel.netmems.pageRefcount(ref)).toBe(1);
    pool.put(ref);
    expect(stats(pool)['recycle-released-refcnt']).toBeUndefined();
    expect(() => rig.kernel.netmems.areaOf(ref).freePage(ref)).toThrow('a net_iov has no page references');
  });
});
