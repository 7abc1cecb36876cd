import { describe, expect, test } from 'vitest';
import { netmemFault } from '../../../../src/kernel/netmem/conservation.ts';
import { NETMEM_STATE, type NetmemRef } from '../../../../src/kernel/netmem/netmem.ts';
import { PagePool } from '../../../../src/kernel/netmem/page-pool.ts';
import { CappedMemory, cappedProvider } from '../../../../src/kernel/provider/capped.ts';
import { PAGE_SIZE } from '../../../../src/uapi/limits.ts';
import { Rig, type RigOptions, refusal, stats } from '../rig.ts';

/** A pool of queue 0 with room for `pages`, as its driver would make it. */
function capped(pages: number, o: RigOptions = {}): { rig: Rig; memory: CappedMemory; make: () => PagePool } {
  const rig = new Rig({ up: false, ...o });
  const memory = new CappedMemory(rig.kernel.netmems, rig.kernel.pages, pages * PAGE_SIZE, 'eth0');
  rig.netdev.rxQueues[0].provider = { ops: cappedProvider, priv: memory };
  const dev = rig.netdev.driver.dmaDevice;
  const make = (order = 0): PagePool =>
    new PagePool(rig.kernel, {
      poolSize: 4,
      flags: 11,
      netdev: rig.netdev,
      queueIdx: 0,
      napiId: 0,
      maxLen: 4096,
      dev,
      order,
    });
  return { rig, memory, make };
}

function take(pool: PagePool, most: number): NetmemRef[] {
  const refs: NetmemRef[] = [];
  for (let ref = pool.allocNetmem(); ref !== 0; ref = pool.allocNetmem()) {
    refs.push(ref);
    if (refs.length === most) break;
  }
  return refs;
}

const books = ({ total, free, waiting, held, lent }: CappedMemory) => [total, free, waiting, held, lent];

describe('init', () => {
  test('without an account, or with an order, is EINVAL', () => {
    const { rig, make } = capped(4);
    expect(refusal(() => (make as (order: number) => PagePool)(1))).toEqual({ errno: 'EINVAL' });
    rig.netdev.rxQueues[0].provider = { ops: cappedProvider, priv: null };
    expect(refusal(make)).toEqual({ errno: 'EINVAL' });
  });

  test('the table cannot be changed', () => {
    expect(Object.isFrozen(cappedProvider)).toBe(true);
  });
});

describe('allocation', () => {
  test('takes 64 pages a call, fewer near the limit, none at it', () => {
    const { memory, make } = capped(100);
    const pool = make();
    expect(take(pool, 1)).toHaveLength(1);
    expect([memory.total, pool.cacheCount]).toEqual([64, 63]);
    expect(take(pool, 64)).toHaveLength(64);
    expect([memory.total, memory.room]).toEqual([100, 0]);
    expect(take(pool, 100)).toHaveLength(35);
    expect(pool.allocNetmem()).toBe(0);
    expect(stats(pool)).toEqual({ 'alloc-fast': 98, 'alloc-empty': 4 });
    expect(books(memory)).toEqual([100, 0, 0, 0, 100]);
  });

  test('a limit that is no multiple of a page gives the whole pages in it', () => {
    const { memory, make } = capped(2.5);
    expect(take(make(), 10)).toHaveLength(2);
    expect(memory.room).toBe(0);
  });

  test('the host may have less than the account', () => {
    const { memory, make } = capped(100, { hostPages: 10 });
    expect(take(make(), 100)).toHaveLength(10);
    expect(memory.total).toBe(10);
  });

  test('a page that cannot be mapped is not charged', () => {
    const { rig, memory, make } = capped(100);
    const dev = rig.netdev.driver.dmaDevice;
    if (dev !== null) dev.mapFailEvery = 4;
    const pool = make();
    expect(take(pool, 1)).toHaveLength(1);
    expect([memory.total, pool.inflight, pool.dma.mapped, rig.kernel.pages.allocated]).toEqual([48, 48, 48, 48]);
    expect(netmemFault(rig.kernel.netmems, rig.kernel.pools.all())).toBeNull();
  });

  test('pools share the account', () => {
    const { memory, make } = capped(10);
    const one = make();
    const other = make();
    expect(take(one, 100)).toHaveLength(10);
    expect(other.allocNetmem()).toBe(0);
    expect(memory.lent).toBe(10);
  });
});

describe('release', () => {
  test('gives the page back to the kernel, and the account has room again', () => {
    const { rig, memory, make } = capped(10);
    const pool = make();
    const refs = take(pool, 10);
    // The ring takes 4, the rest is released.
    for (const ref of refs) pool.put(ref);
    expect(stats(pool)).toMatchObject({ 'recycle-ring': 4, 'recycle-ring-full': 6 });
    expect([memory.total, pool.inflight, pool.dma.unmapped, rig.kernel.pages.allocated]).toEqual([4, 4, 6, 4]);
    expect(take(pool, 100)).toHaveLength(10);
    expect(memory.total).toBe(10);
  });

  test('a page that others reference stays charged until it is really free', () => {
    const { rig, memory, make } = capped(2);
    const { netmems } = rig.kernel;
    const pool = make();
    const [first] = take(pool, 2);
    netmems.getPage(first);
    pool.put(first);
    expect(stats(pool)).toMatchObject({ 'recycle-released-refcnt': 1 });
    expect([pool.inflight, netmems.pool[first], netmems.state[first]]).toEqual([1, 0, NETMEM_STATE.WAITING]);
    expect(books(memory)).toEqual([2, 0, 1, 0, 1]);
    expect(pool.allocNetmem()).toBe(0);
    expect(netmemFault(netmems, rig.kernel.pools.all())).toBeNull();
    netmems.putPage(first);
    expect(books(memory)).toEqual([1, 0, 0, 0, 1]);
    expect(pool.allocNetmem()).not.toBe(0);
  });
});

describe('the end', () => {
  test('books stay as long as a queue, a pool or a page is left', () => {
    const { rig, memory, make } = capped(2);
    const { owners, getPage, putPage } = rig.kernel.netmems;
    const pool = make();
    const [ref] = take(pool, 1);
    getPage.call(rig.kernel.netmems, ref);
    memory.put();
    pool.put(ref);
    pool.destroy();
    expect([pool.state, memory.total, owners.has(memory)]).toEqual(['gone', 1, true]);
    putPage.call(rig.kernel.netmems, ref);
    expect([memory.total, owners.has(memory), rig.kernel.pages.allocated]).toEqual([0, false, 0]);
  });

  test('uninstall drops the reference of the queue', () => {
    const { rig, memory } = capped(2);
    cappedProvider.uninstall(memory, rig.netdev.rxQueues[0]);
    expect(rig.kernel.netmems.owners.has(memory)).toBe(false);
  });
});

test('adds nothing to what netlink tells', () => {
  const { make } = capped(2);
  expect(Object.keys(make().describe())).toEqual(['id', 'ifindex', 'inflight', 'inflight-mem']);
});
