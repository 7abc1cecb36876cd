import { describe, expect, test } from 'vitest';
import { conservationFault, netmemFault, poolFault } from '../../../../src/kernel/netmem/conservation.ts';
import { NETMEM_STATE } from '../../../../src/kernel/netmem/netmem.ts';
import { type NetmemOwner, ownerFault } from '../../../../src/kernel/netmem/owner.ts';
import { PagePool } from '../../../../src/kernel/netmem/page-pool.ts';
import { Rig } from '../rig.ts';

const { FREE, WAITING, STACK, USER } = NETMEM_STATE;

function rigged() {
  const rig = new Rig({ up: false });
  const { kernel } = rig;
  const pool = new PagePool(kernel, { poolSize: 8, flags: 0, netdev: rig.netdev, queueIdx: 0, napiId: 77 });
  const ref = pool.allocNetmem();
  const faults: Record<string, unknown>[] = [];
  kernel.events.subscribe('lab/faults', (name, msg) => faults.push({ name, ...msg }));
  return { rig, kernel, pool, ref, faults, all: () => netmemFault(kernel.netmems, kernel.pools.all()) };
}

describe('every netmem is in exactly one place', () => {
  test('nothing is wrong with a pool in use', () => {
    const { kernel, pool, ref, all } = rigged();
    expect([poolFault(pool), all()]).toEqual([null, null]);
    kernel.netmems.getPage(ref);
    pool.put(ref);
    expect([kernel.netmems.state[ref], all()]).toEqual([WAITING, null]);
    kernel.netmems.putPage(ref);
    expect([kernel.netmems.state[ref], all()]).toEqual([FREE, null]);
  });

  test('a state that does not match the netmem', () => {
    const { kernel, pool, ref, all } = rigged();
    kernel.netmems.state[ref] = STACK;
    expect(poolFault(pool)).toBeNull();
    expect(all()).toBe(`page pool ${pool.id}: 0 netmems are posted, it counts 1`);
  });

  test('a netmem without pool that is said to be in one of a pool’s states', () => {
    const { kernel, ref, all } = rigged();
    kernel.netmems.pool[ref] = 0;
    expect(all()).toBe(`netmem ${ref}: posted without a pool`);
  });

  test('a netmem of a pool that is gone', () => {
    const { kernel, pool, ref, all } = rigged();
    kernel.netmems.pool[ref] = pool.handle + 1;
    expect(all()).toBe(`netmem ${ref}: in a pool that is gone`);
  });

  test('a netmem in a pool that nobody references', () => {
    const { kernel, pool, ref, all } = rigged();
    kernel.netmems.ppRef[ref] = 0;
    expect(all()).toBe(`netmem ${ref}: in page pool ${pool.id} without a reference`);
  });

  test('a netmem in a pool whose page was freed', () => {
    const { kernel, pool, ref, all } = rigged();
    kernel.netmems.pageRef[ref] = 0;
    expect(all()).toBe(`netmem ${ref}: in page pool ${pool.id}, its page is free`);
  });

  test('a page that waits for nobody, because it was freed', () => {
    const { kernel, pool, ref, all } = rigged();
    kernel.netmems.getPage(ref);
    pool.put(ref);
    kernel.netmems.pageRef[ref] = 0;
    expect(all()).toBe(`netmem ${ref}: waits, its page is free`);
  });
});

describe('owners', () => {
  const owner = (over: Partial<NetmemOwner> = {}): NetmemOwner => {
    return { ownerName: 'somebody', total: 10, free: 4, waiting: 3, held: 2, lent: 1, ...over };
  };

  test('books that add up', () => {
    expect(ownerFault(owner())).toBeNull();
  });

  test.each<[string, Partial<NetmemOwner>]>([
    ['one is missing', { free: 3 }],
    ['one is there twice', { held: 3 }],
    ['a negative sum that another hides', { free: 8, lent: -3 }],
  ])('%s', (_, over) => {
    const { free, waiting, held, lent, total } = owner(over);
    const told = `somebody: free ${free} + waiting ${waiting} + held ${held} + lent ${lent} is not ${total}`;
    expect(ownerFault(owner(over))).toBe(told);
  });

  test('an owner is checked with its pools, and without any', () => {
    const { kernel, pool } = rigged();
    const { netmems, pools } = kernel;
    const mine = owner({ total: 64, free: 0, waiting: 0, held: 0, lent: 64 });
    pool.owner = mine;
    netmems.owners.add(mine);
    expect(conservationFault(netmems, pools.all())).toBeNull();
    pool.owner = null;
    expect(conservationFault(netmems, pools.all())).toBe('somebody: lent 64, its pools have 0');
    pool.owner = owner({ free: 5 });
    expect(poolFault(pool)).toBe('somebody: free 5 + waiting 3 + held 2 + lent 1 is not 10');
    expect(conservationFault(netmems, pools.all())).toBe(`page pool ${pool.id}: ${poolFault(pool)}`);
  });
});

describe('a violation', () => {
  test('is an error in the log and an event, with the history of the pool', () => {
    const { rig, kernel, pool, faults } = rigged();
    rig.clock.advance(70);
    pool.destroy();
    pool.inState[USER] = -1;
    kernel.check(pool);
    const fault = 'state user counts -1';
    const history = [
      { 'at-ms': 5000, event: 'slow', value: 64, inflight: 64 },
      { 'at-ms': 5070, event: 'destroy', value: 0, inflight: 64 },
      { 'at-ms': 5070, event: 'retry', value: 1, inflight: 1 },
    ];
    expect(rig.log).toEqual([
      { level: 'error', event: 'conservation-violation', fields: { pool: pool.id, fault, history } },
    ]);
    const where = { id: pool.id, ifindex: rig.netdev.ifindex, queue: 0 };
    expect(faults).toEqual([{ name: 'conservation-ntf', ...where, inflight: 1, fault, history }]);
  });

  test('is told once a pool, and counted each time', () => {
    const { rig, kernel, pool, faults } = rigged();
    const other = new PagePool(kernel, { poolSize: 8, flags: 0, netdev: null, queueIdx: 0, napiId: 0 });
    pool.inState[USER] = -1;
    kernel.check(pool);
    kernel.check(pool);
    other.inState[USER] = -1;
    kernel.check(other);
    expect(faults.map((f) => f.id)).toEqual([pool.id, other.id]);
    expect(rig.log.map((l) => l.event)).toEqual(['conservation-violation', 'conservation-violation']);
    expect(kernel.conservationFaults).toBe(3);
  });

  test('is never mended', () => {
    const { kernel, pool } = rigged();
    pool.inState[USER] = -1;
    const before = [...pool.inState];
    for (let i = 0; i < 3; i++) kernel.check(pool);
    expect([[...pool.inState], pool.inflight, poolFault(pool)]).toEqual([before, 64, 'state user counts -1']);
    expect(() => kernel.assertConservation()).toThrow(`page pool ${pool.id}: state user counts -1`);
  });

  /** The commonest of all: somebody drops a reference that is not his, while others are out. */
  test.each<[string, (pool: PagePool, ref: number) => void]>([
    ['into the ring', (pool, ref) => pool.put(ref)],
    ['into the cache', (pool, ref) => pool.putDirect(ref)],
    [
      'past a full ring',
      (pool, ref) => {
        while (pool.ring.count < pool.ring.size) pool.put(pool.allocNetmem());
        pool.put(ref);
      },
    ],
  ])('is a netmem put twice, %s', (_, put) => {
    const { rig, kernel, pool } = rigged();
    const [ref] = Array.from({ length: 20 }, () => pool.allocNetmem());
    put(pool, ref);
    kernel.check(pool);
    expect(rig.log).toEqual([]);
    put(pool, ref);
    kernel.check(pool);
    expect(rig.log.map((l) => l.event)).toEqual(['conservation-violation']);
  });

  test('is found at the end of a poll', () => {
    const rig = new Rig();
    const pool = rig.pool(0);
    pool.inState[USER] = -1;
    rig.netdev.rxQueues[0].napi.schedule();
    rig.poll();
    expect(rig.log.map((l) => [l.level, l.fields.pool])).toEqual([['error', pool.id]]);
  });

  test('of an owner is found with any of its pools', () => {
    const rig = new Rig({ rx: 4 });
    const { pool, binding } = rig.bound(10);
    binding.lent++;
    rig.netdev.rxQueues[0].napi.schedule();
    rig.poll();
    expect(rig.log.map((l) => l.fields.fault)).toEqual([
      `binding ${binding.id}: free 6 + waiting 0 + held 0 + lent 5 is not 10`,
    ]);
    expect(rig.log[0].fields.pool).toBe(pool.id);
  });

  test('is found when a pool is given up', () => {
    const { rig, pool } = rigged();
    pool.inState[USER] = -1;
    pool.destroy();
    expect(rig.log.map((l) => l.fields.fault)).toEqual(['state user counts -1']);
    expect(pool.state).toBe('detached');
  });
});
