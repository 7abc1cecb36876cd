import { describe, expect, test } from 'vitest';
import { DmaDevice } from '../../../../src/kernel/driver/dma-device.ts';
import { netmemFault } from '../../../../src/kernel/netmem/conservation.ts';
import { NETMEM_STATE, type NetmemRef } from '../../../../src/kernel/netmem/netmem.ts';
import { PagePool } from '../../../../src/kernel/netmem/page-pool.ts';
import { HUGE_PAGE_SIZE, HugePages, hugePageProvider } from '../../../../src/kernel/provider/huge-page.ts';
import { PAGE_SIZE } from '../../../../src/uapi/limits.ts';
import { Rig, type RigOptions, refusal, stats } from '../rig.ts';

function huge(
  blocks: number,
  o: RigOptions = {},
): { rig: Rig; pages: HugePages; dev: DmaDevice; make: () => PagePool } {
  const rig = new Rig({ up: false, ...o });
  const dev = rig.netdev.driver.dmaDevice as DmaDevice;
  const pages = new HugePages(rig.kernel.netmems, rig.kernel.pages, blocks, dev, 'eth0');
  rig.netdev.rxQueues[0].provider = { ops: hugePageProvider, priv: pages };
  const make = (order = 0, device: DmaDevice | null = dev): PagePool =>
    new PagePool(rig.kernel, {
      poolSize: 4,
      flags: 11,
      netdev: rig.netdev,
      queueIdx: 0,
      napiId: 0,
      maxLen: 4096,
      dev: device,
      order,
    });
  return { rig, pages, dev, make };
}

function take(pool: PagePool, n: number): NetmemRef[] {
  const refs: NetmemRef[] = [];
  for (let i = 0; i < n; i++) {
    const ref = pool.allocNetmem();
    if (ref === 0) break;
    refs.push(ref);
  }
  return refs;
}

const books = ({ total, free, waiting, held, lent }: HugePages) => [total, free, waiting, held, lent];

describe('making blocks', () => {
  test('takes compound pages of the kernel and maps each once', () => {
    const { rig, pages, dev } = huge(2);
    expect([rig.kernel.pages.allocated, dev.maps, rig.kernel.netmems.owners.has(pages)]).toEqual([1024, 2, true]);
    expect(books(pages)).toEqual([1024, 1024, 0, 0, 0]);
  });

  test('is ENOMEM where the host has too few, and leaves nothing', () => {
    const rig = new Rig({ up: false, hostPages: 1200 });
    const dev = new DmaDevice('dev');
    expect(refusal(() => new HugePages(rig.kernel.netmems, rig.kernel.pages, 3, dev))).toEqual({
      errno: 'ENOMEM',
      extack: { msg: '3 blocks wanted, 2 are left (limits.host-pages)' },
    });
    expect([rig.kernel.pages.allocated, dev.maps - dev.unmaps, rig.kernel.netmems.owners.size]).toEqual([0, 0, 0]);
  });

  test('is ENOMEM where one cannot be mapped, and leaves nothing', () => {
    const rig = new Rig({ up: false });
    const dev = new DmaDevice('dev');
    dev.mapFailEvery = 2;
    expect(refusal(() => new HugePages(rig.kernel.netmems, rig.kernel.pages, 3, dev))).toEqual({
      errno: 'ENOMEM',
      extack: { msg: 'the device could not map the memory' },
    });
    expect([rig.kernel.pages.allocated, dev.maps, dev.unmaps]).toEqual([0, 1, 1]);
  });
});

describe('init', () => {
  test('without blocks, with an order or for another device is EINVAL', () => {
    const { rig, make } = huge(1);
    const pool = make as (order: number, device?: DmaDevice) => PagePool;
    expect(refusal(() => pool(1))).toEqual({ errno: 'EINVAL' });
    expect(refusal(() => pool(0, new DmaDevice('other')))).toEqual({ errno: 'EINVAL' });
    rig.netdev.rxQueues[0].provider = { ops: hugePageProvider, priv: {} };
    expect(refusal(make)).toEqual({ errno: 'EINVAL' });
  });

  test('the table cannot be changed', () => {
    expect(Object.isFrozen(hugePageProvider)).toBe(true);
  });
});

describe('allocation', () => {
  test('gives 64 pages a call until all are out, and maps none', () => {
    const { pages, make } = huge(1);
    const pool = make();
    expect(take(pool, 1)).toHaveLength(1);
    expect(books(pages)).toEqual([512, 448, 0, 0, 64]);
    expect(take(pool, 1000)).toHaveLength(511);
    expect(books(pages)).toEqual([512, 0, 0, 0, 512]);
    expect([pool.allocNetmem(), pool.dma.mapped, pool.dma.synced]).toEqual([0, 0, 512]);
  });

  test('every page has memory of its own, in the block', () => {
    const { rig, make } = huge(2);
    const { netmems } = rig.kernel;
    const refs = take(make(), 1024);
    for (const ref of refs)
      netmems
        .areaOf(ref)
        .memory()
        .fill(ref & 0xff, netmems.offsetOf(ref), netmems.offsetOf(ref) + PAGE_SIZE);
    for (const ref of refs) {
      const memory = netmems.areaOf(ref).memory();
      expect(memory).toHaveLength(HUGE_PAGE_SIZE);
      expect([memory[netmems.offsetOf(ref)], memory[netmems.offsetOf(ref) + PAGE_SIZE - 1]]).toEqual([
        ref & 0xff,
        ref & 0xff,
      ]);
    }
  });
});

describe('release', () => {
  test('keeps the ownership reference: the same pages for ever, never the kernel', () => {
    const { rig, pages, dev, make } = huge(1);
    const pool = make();
    const seen = new Set<NetmemRef>();
    for (let round = 0; round < 20; round++) {
      const refs = take(pool, 300);
      expect(refs).toHaveLength(300);
      for (const ref of refs) {
        seen.add(ref);
        pool.put(ref);
      }
    }
    expect(seen.size).toBeLessThanOrEqual(512);
    expect([rig.kernel.pages.allocated, dev.maps, dev.unmaps]).toEqual([512, 1, 0]);
    expect(pages.free + pages.lent).toBe(512);
    const [ref] = take(pool, 1);
    expect(rig.kernel.netmems.pageRefcount(ref)).toBe(1);
  });

  test('a page that others reference waits until it is alone, and is then fed back', () => {
    const { rig, pages, make } = huge(1);
    const { netmems } = rig.kernel;
    const pool = make();
    const refs = take(pool, 512);
    for (const ref of refs.slice(0, 3)) netmems.getPage(ref);
    for (const ref of refs.slice(0, 3)) pool.put(ref);
    expect(stats(pool)).toMatchObject({ 'recycle-released-refcnt': 3 });
    expect(books(pages)).toEqual([512, 0, 3, 0, 509]);
    expect([netmems.state[refs[0]], netmems.pool[refs[0]], netmems.ppRef[refs[0]]]).toEqual([
      NETMEM_STATE.WAITING,
      0,
      0,
    ]);
    expect(pool.allocNetmem()).toBe(0);
    netmems.putPage(refs[1]);
    expect(pool.allocNetmem()).toBe(refs[1]);
    expect(books(pages)).toEqual([512, 0, 2, 0, 510]);
    expect(netmemFault(netmems, rig.kernel.pools.all())).toBeNull();
  });

  test('looks at 128 waiting pages a call, in turn', () => {
    const { rig, pages, make } = huge(1);
    const { netmems } = rig.kernel;
    const pool = make();
    const refs = take(pool, 512);
    for (const ref of refs) netmems.getPage(ref);
    for (const ref of refs) pool.put(ref);
    expect(pages.waiting).toBe(512);
    netmems.putPage(refs[300]);
    expect([pool.allocNetmem(), pool.allocNetmem()]).toEqual([0, 0]);
    expect(pool.allocNetmem()).toBe(refs[300]);
  });

  test('a reference that goes before the pool lets go is none', () => {
    const { rig, pages, make } = huge(1);
    const pool = make();
    const [ref] = take(pool, 1);
    rig.kernel.netmems.getPage(ref);
    rig.kernel.netmems.putPage(ref);
    for (let i = 0; i < 4; i++) pool.ring.produce(-1);
    pool.put(ref);
    expect([pages.waiting, pages.free]).toEqual([0, 449]);
    expect(rig.kernel.netmems.state[ref]).toBe(NETMEM_STATE.FREE);
  });
});

describe('the end', () => {
  test('the last of queues and pools takes the blocks along', () => {
    const { rig, pages, dev, make } = huge(2);
    const pool = make();
    take(pool, 10).forEach((ref) => void pool.put(ref));
    pages.put();
    expect(pages.total).toBe(1024);
    pool.destroy();
    expect([pool.state, rig.kernel.pages.allocated, dev.unmaps]).toEqual(['gone', 0, 2]);
    expect([...rig.kernel.netmems.owners]).toEqual([]);
  });

  test('a block with foreign references lives until the last one goes', () => {
    const { rig, pages, dev, make } = huge(2);
    const { netmems } = rig.kernel;
    const pool = make();
    const [first, second] = take(pool, 2);
    netmems.areaOf(first).memory().fill(5);
    netmems.getPage(first);
    netmems.getPage(second);
    pool.put(first);
    pool.put(second);
    pages.put();
    pool.destroy();
    // The other block went at once.
    expect([pool.state, rig.kernel.pages.allocated, dev.unmaps]).toEqual(['gone', 512, 2]);
    expect(books(pages)).toEqual([2, 0, 0, 2, 0]);
    expect(netmems.areaOf(first).memory()[netmems.offsetOf(first)]).toBe(5);
    netmems.putPage(first);
    expect(rig.kernel.pages.allocated).toBe(512);
    netmems.putPage(second);
    expect([rig.kernel.pages.allocated, pages.total, netmems.owners.has(pages)]).toEqual([0, 0, false]);
  });

  test('the kernel can cut new blocks from the old ones', () => {
    const { rig, pages, dev } = huge(2, { hostPages: 1200 });
    pages.put();
    const again = new HugePages(rig.kernel.netmems, rig.kernel.pages, 2, dev);
    expect(books(again)).toEqual([1024, 1024, 0, 0, 0]);
  });

  test('uninstall drops the reference of the queue', () => {
    const { rig, pages } = huge(1);
    hugePageProvider.uninstall(pages, rig.netdev.rxQueues[0]);
    expect([pages.total, rig.kernel.pages.allocated]).toEqual([0, 0]);
  });
});

test('adds nothing to what netlink tells', () => {
  const { make } = huge(1);
  expect(Object.keys(make().describe())).toEqual(['id', 'ifindex', 'inflight', 'inflight-mem']);
});
