import { beforeEach, describe, expect, test } from 'vitest';
import { NETMEM_STATE } from '../../../src/kernel/netmem/netmem.ts';
import { findFamily } from '../../../src/ynl/generated/index.ts';
import { renderReply } from '../../../src/ynl/reply.ts';
import { type FamilySpec, findOperation, type OperationSpec } from '../../../src/ynl/spec.ts';
import { refusal } from '../kernel/rig.ts';
import { FamilyRig } from './context.ts';

let rig: FamilyRig;

beforeEach(() => {
  rig = new FamilyRig();
  rig.split();
});

const ifindex = 2;
const set = (attrs: object) => rig.do('lab', 'provider-set', { ifindex, queues: [0], ...attrs });
const pool = (queue = 0) => rig.do('lab', 'page-pool-get', { id: rig.pool(queue).id });

describe('provider-set', () => {
  test('sets a provider and takes it off', () => {
    expect(set({ provider: 'capped', limit: 1 << 20 })).toEqual({});
    expect(pool()).toMatchObject({ provider: 'capped', owner: { name: 'capped eth0', total: 64, lent: 64 } });
    set({ provider: 'none' });
    expect(pool().provider).toBeUndefined();
  });

  test('takes a limit as a decimal string', () => {
    set({ provider: 'capped', limit: '8192' });
    expect(pool()).toMatchObject({ inflight: 2, owner: { total: 2, lent: 2 } });
  });

  test('needs what the provider needs', () => {
    expect(refusal(() => set({}))).toMatchObject({ extack: { 'miss-type': 'provider' } });
    expect(refusal(() => set({ provider: 'capped' }))).toMatchObject({ extack: { 'miss-type': 'limit' } });
    expect(refusal(() => set({ provider: 'huge-page' }))).toMatchObject({ extack: { 'miss-type': 'blocks' } });
    expect(refusal(() => set({ provider: 'capped', limit: 4095 })).errno).toBe('ERANGE');
    const stray = { errno: 'EINVAL', extack: { 'bad-attr': '.blocks', msg: 'the provider takes no such attribute' } };
    expect(refusal(() => set({ provider: 'capped', limit: 4096, blocks: 1 }))).toMatchObject(stray);
    expect(refusal(() => set({ provider: 'none', limit: 4096 }))).toMatchObject({ extack: { 'bad-attr': '.limit' } });
    expect(refusal(() => set({ ifindex: 9, provider: 'none' })).errno).toBe('ENODEV');
  });
});

describe('page-pool-get', () => {
  test('tells a pool of host pages', () => {
    const reply = pool();
    expect(reply).toMatchObject({
      ifindex,
      queue: 0,
      state: 'attached',
      inflight: 64,
      hold: 64,
      release: 0,
      states: { free: 0, 'provider-waiting': 0, cache: 48, ring: 0, posted: 16, user: 0, 'refill-pending': 0 },
      dma: { maps: 64, unmaps: 0, syncs: 64 },
    });
    expect(reply.owner).toBeUndefined();
    expect(reply.history).toEqual([{ 'at-ms': 5000, event: 'slow', value: 64, inflight: 64 }]);
  });

  test('shows pages that wait for others with their provider', () => {
    set({ provider: 'huge-page', blocks: 1 });
    const { id } = rig.do('lab', 'page-hold', { ifindex, count: 3, foreign: true });
    const reply = pool();
    expect(reply.states).toMatchObject({ free: 448, 'provider-waiting': 3 });
    expect(reply.owner).toEqual({ name: 'huge-page eth0', total: 512, free: 448, waiting: 3, held: 0, lent: 61 });
    expect(reply.history.at(-1)).toMatchObject({ event: 'foreign-reference' });
    expect(reply).toMatchObject({ inflight: 61, hold: 64, release: 3 });
    rig.do('lab', 'page-release', { id });
  });

  test('shows a pool that waits, without a device that is gone', () => {
    const { id: poolId } = rig.pool(0);
    const { id } = rig.do('lab', 'page-hold', { ifindex });
    rig.do('lab', 'netdev-del', { ifindex });
    const reply = rig.do('lab', 'page-pool-get', { id: poolId });
    expect(reply).toMatchObject({ state: 'detached', inflight: 1, queue: 0 });
    expect(reply.ifindex).toBeUndefined();
    rig.do('lab', 'page-release', { id });
    rig.clock.advance(1000);
    expect(refusal(() => rig.do('lab', 'page-pool-get', { id: poolId })).errno).toBe('ENOENT');
  });

  test('dumps all pools, or those of a device', () => {
    expect(rig.dump('lab', 'page-pool-get').map((p) => [p.ifindex, p.queue])).toEqual([
      [2, 0],
      [2, 1],
    ]);
    expect(rig.dump('lab', 'page-pool-get', { ifindex: 1 })).toEqual([]);
  });
});

describe('page-hold', () => {
  test('holds one netmem of queue 0 where nothing else is said', () => {
    const before = rig.pool(0).cacheCount;
    expect(rig.do('lab', 'page-hold', { ifindex })).toEqual({ id: 1 });
    expect(rig.pool(0).cacheCount).toBe(before - 1);
  });

  test('a reset gives back what is held and ends providers', () => {
    set({ provider: 'huge-page', blocks: 1 });
    const { kernel } = rig;
    rig.do('lab', 'page-hold', { ifindex, count: 4 });
    rig.do('lab', 'page-hold', { ifindex, queue: 1, foreign: true });
    rig.do('lab', 'reset');
    rig.clock.advance(1000);
    expect([kernel.pools.all(), kernel.pages.allocated, kernel.netmems.owners.size]).toEqual([[], 0, 0]);
    expect(rig.context.lab.holds.size).toBe(0);
  });
});

describe('dma-fault', () => {
  test('makes every n-th mapping fail', () => {
    rig.do('lab', 'dma-fault', { ifindex, 'map-fail-every': 1 });
    expect(refusal(() => set({ provider: 'huge-page', blocks: 1 }))).toMatchObject({
      errno: 'ENOMEM',
      extack: { msg: 'the device could not map the memory' },
    });
    rig.do('lab', 'dma-fault', { ifindex, 'map-fail-every': 0 });
    set({ provider: 'huge-page', blocks: 1 });
  });

  test('needs a device that maps', () => {
    expect(refusal(() => rig.do('lab', 'dma-fault', { ifindex: 1, 'map-fail-every': 1 }))).toMatchObject({
      errno: 'EOPNOTSUPP',
      extack: { msg: "Device doesn't support DMA" },
    });
  });
});

describe('queue-reset', () => {
  test('gives the queue a new pool', () => {
    const before = rig.pool(1).id;
    expect(rig.do('lab', 'queue-reset', { ifindex, queue: 1 })).toEqual({});
    expect(rig.pool(1).id).toBeGreaterThan(before);
    rig.do('lab', 'queue-reset', { ifindex, queue: 1, mode: 1 });
    expect(rig.dump('netdev', 'page-pool-get').map((p) => p.id)).toContain(rig.pool(1).id);
  });

  test('needs a device, a queue and a mode that there are', () => {
    const reset = (attrs: object) => refusal(() => rig.do('lab', 'queue-reset', attrs));
    expect(reset({ ifindex })).toMatchObject({ errno: 'EINVAL', extack: { 'miss-type': 'queue' } });
    expect(reset({ ifindex: 9, queue: 0 })).toMatchObject({ errno: 'ENODEV', extack: { 'bad-attr': '.ifindex' } });
    expect(reset({ ifindex, queue: 99 })).toMatchObject({ errno: 'EINVAL', extack: { 'bad-attr': '.queue' } });
    expect(reset({ ifindex, queue: 0, mode: 4 })).toMatchObject({ errno: 'EINVAL', extack: { 'bad-attr': '.mode' } });
  });
});

test('cpu-node: pages of the old node that are in the ring are waived', () => {
  const on = rig.pool(0);
  const taken = Array.from({ length: on.cacheCount + 2 }, () => on.allocNetmem());
  // In process context: into the ring.
  for (const ref of taken) on.put(ref);
  const waived = on.stats[5];
  rig.do('lab', 'cpu-node', { node: 1 });
  while (on.cacheCount > 0) on.allocNetmem();
  const fresh = on.allocNetmem();
  expect(on.stats[5]).toBe(waived + 1);
  expect(rig.kernel.netmems.areaOf(fresh).node).toBe(1);
  rig.context.lab.reset();
  expect(rig.kernel.numaNode).toBe(0);
  expect(refusal(() => rig.do('lab', 'cpu-node', { node: 64 }))).toMatchObject({ errno: 'ERANGE' });
  expect(refusal(() => rig.do('lab', 'cpu-node', {}))).toMatchObject({ errno: 'EINVAL' });
});

test('a sum that does not add up is told once in the group faults, in the words of the spec', () => {
  const told: unknown[] = [];
  const spec = findFamily('lab') as FamilySpec;
  rig.kernel.events.subscribe('lab/faults', (name, msg) => {
    told.push({ name, msg: renderReply(spec, findOperation(spec, name) as OperationSpec, 'event', msg) });
  });
  const broken = rig.pool(0);
  broken.inState[NETMEM_STATE.USER] = -1;
  rig.kernel.check(broken);
  rig.kernel.check(broken);
  const { inflight } = broken;
  const fault = 'state user counts -1';
  expect(told).toEqual([
    {
      name: 'conservation-ntf',
      msg: { id: broken.id, ifindex, queue: 0, inflight, fault, history: pool().history },
    },
  ]);
  expect(pool().history.length).toBeGreaterThan(0);
  expect(rig.kernel.conservationFaults).toBe(2);
});
