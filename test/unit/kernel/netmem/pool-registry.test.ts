import { expect, test } from 'vitest';
import { PagePool } from '../../../../src/kernel/netmem/page-pool.ts';
import { Rig } from '../rig.ts';

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

test('a pool knows its attributes in wire order', () => {
  const rig = new Rig();
  const pool = rig.pool(1);
  expect(Object.keys(pool.describe())).toEqual(['id', 'ifindex', 'napi-id', 'inflight', 'inflight-mem']);
  expect(pool.describe()).toMatchObject({ ifindex: 2, 'napi-id': rig.netdev.rxQueues[1].napi.id });
});
