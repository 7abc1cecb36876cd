import { expect, test } from 'vitest';
import type { Kernel } from '../../../../src/kernel/kernel.ts';
import { PagePool } from '../../../../src/kernel/netmem/page-pool.ts';
import { PagePools } from '../../../../src/kernel/netmem/pool-registry.ts';
import { Rig, refusal } from '../rig.ts';

const make = (rig: Rig, linked = true) =>
  new PagePool(rig.kernel, { poolSize: 8, flags: 0, netdev: linked ? rig.netdev : null, queueIdx: 0, napiId: 0 });

test('ids start at 1, rise, and are not used again soon', () => {
  const rig = new Rig({ up: false });
  const [a, b] = [make(rig), make(rig)];
  b.destroy();
  expect([a.id, b.id, make(rig).id]).toEqual([1, 2, 3]);
});

test('handles are used again, so that netmems can store small numbers', () => {
  const rig = new Rig({ up: false });
  const a = make(rig);
  const { handle } = a;
  a.destroy();
  const b = make(rig);
  expect([b.handle, b.id]).toEqual([handle, 2]);
  expect(rig.kernel.pools.byHandle(handle)).toBe(b);
});

test('a pool without netdev has an id but is invisible and silent', () => {
  const rig = new Rig({ up: false });
  const pool = make(rig, false);
  expect(pool.id).toBe(1);
  expect(rig.kernel.pools.visible(1)).toBeUndefined();
  pool.destroy();
  expect(rig.notes).toEqual([]);
});

test('unregistering moves pools to loopback: one change each, no ifindex, still listed', () => {
  const rig = new Rig({ up: false });
  const pool = make(rig);
  const ref = pool.allocNetmem();
  rig.events();
  rig.kernel.removeNetdev(rig.netdev);
  expect(rig.events()).toEqual([`change ${pool.id}`]);
  expect(rig.messages.at(-1)?.ifindex).toBeUndefined();
  expect(rig.kernel.pools.visible(pool.id)).toBe(pool);
  pool.destroy();
  pool.put(ref);
  rig.clock.advance(1000);
  expect(rig.events()).toEqual([`change ${pool.id}`, `del ${pool.id}`]);
  expect(rig.kernel.pools.visible(pool.id)).toBeUndefined();
});

test('loopback lists the orphans of the device that went last first, each device’s newest first', () => {
  const rig = new Rig({ up: false });
  const { kernel } = rig;
  const [loopback] = kernel.netdevs.list();
  const later = kernel.addNetdev({ name: 'eth1', rxQueues: 1, txQueues: 1, rx: 16, mtu: 1500 });
  const held = [rig.netdev, later, rig.netdev, later].map((netdev) => {
    const pool = new PagePool(kernel, { poolSize: 8, flags: 0, netdev, queueIdx: 0, napiId: 0 });
    return { pool, ref: pool.allocNetmem() };
  });
  const listed = () => kernel.pools.under(loopback).map((pool) => pool.id);
  rig.events();
  kernel.removeNetdev(rig.netdev);
  expect([rig.events(), listed()]).toEqual([
    ['change 3', 'change 1'],
    [3, 1],
  ]);
  kernel.removeNetdev(later);
  expect([rig.events(), listed()]).toEqual([
    ['change 4', 'change 2'],
    [4, 2, 3, 1],
  ]);
  for (const { pool, ref } of held.slice(1, 3)) {
    pool.destroy();
    pool.put(ref);
  }
  rig.clock.advance(1000);
  expect(listed()).toEqual([4, 1]);
});

test('a pool knows its attributes in wire order', () => {
  const rig = new Rig();
  const pool = rig.pool(1);
  expect(Object.keys(pool.describe())).toEqual(['id', 'ifindex', 'napi-id', 'inflight', 'inflight-mem']);
  expect(pool.describe()).toMatchObject({ ifindex: 2, 'napi-id': rig.netdev.rxQueues[1].napi.id });
});

test('ids go up to 2^32 - 1 and start over at 1, past those in use', () => {
  const rig = new Rig({ up: false });
  const pools = new PagePools(rig.kernel.events, 2 ** 32 - 2);
  const host: Kernel = Object.create(rig.kernel, { pools: { value: pools } });
  const next = () => new PagePool(host, { poolSize: 8, flags: 0, netdev: rig.netdev, queueIdx: 0, napiId: 0 });
  const [a, b, c] = [next(), next(), next()];
  expect([a.id, b.id, c.id]).toEqual([2 ** 32 - 2, 2 ** 32 - 1, 1]);
  expect(pools.visible(2 ** 32 - 1)).toBe(b);
  // Freed, but not its turn yet.
  c.destroy();
  expect(next().id).toBe(2);

  const again = new PagePools(rig.kernel.events, 2 ** 32 - 1);
  const wrapping: Kernel = Object.create(rig.kernel, { pools: { value: again } });
  const make = () => new PagePool(wrapping, { poolSize: 8, flags: 0, netdev: null, queueIdx: 0, napiId: 0 }).id;
  expect([make(), make(), make()]).toEqual([2 ** 32 - 1, 1, 2]);
});

test('normal, orphaned, invisible: what netlink shows of a pool, and what it says about it', () => {
  const rig = new Rig({ up: false });
  const { pools } = rig.kernel;
  const [normal, invisible] = [make(rig), make(rig, false)];
  normal.allocNetmem();
  expect([pools.visible(normal.id), pools.visible(invisible.id)]).toEqual([normal, undefined]);
  expect([normal.describe().ifindex, invisible.describe().ifindex]).toEqual([rig.netdev.ifindex, undefined]);
  expect(rig.events()).toEqual([`add ${normal.id}`]);
  rig.kernel.removeNetdev(rig.netdev);
  expect([pools.visible(normal.id), pools.visible(invisible.id)]).toEqual([normal, undefined]);
  expect('ifindex' in normal.describe()).toBe(false);
  expect(rig.events()).toEqual([`change ${normal.id}`]);
  // Both still exist, and are checked as any other.
  expect(pools.all()).toEqual([normal, invisible]);
  normal.destroy();
  invisible.destroy();
  expect([rig.events(), pools.all()]).toEqual([[`change ${normal.id}`], [normal]]);
});

test('loopback stays: with it gone orphans would have no place in netlink', () => {
  const rig = new Rig({ up: false });
  const [loopback] = rig.kernel.netdevs.list();
  expect(refusal(() => rig.kernel.removeNetdev(loopback))).toEqual({ errno: 'EOPNOTSUPP' });
  expect(rig.kernel.netdevs.list()[0]).toBe(loopback);
});
