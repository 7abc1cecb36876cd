import { expect, test } from 'vitest';
import type { PagePool } from '../../../../src/kernel/netmem/page-pool.ts';
import { NAPI, Script } from './pool-script.ts';

test('an XDP memory model is a second user: the second destroy ends the pool', () => {
  const script = new Script({});
  script.pool.useXdpMem(() => {});
  script.pool.destroy();
  expect([script.pool.state, script.pool.napiId]).toEqual(['attached', NAPI]);
  script.run('alloc 1');
  script.run('put 1 napi');
  expect(script.deltas()).toMatchObject({ 'recycle-cached': 1 });
  script.pool.destroy();
  expect(script.pool.state).toBe('gone');
});

test('disconnect, then del, then the provider', () => {
  const script = new Script({ provider: ['dmabuf', 4] });
  const { pool, rig } = script;
  const order: string[] = [];
  pool.useXdpMem(() => order.push(`disconnect, ${rig.notes.at(-1)}`));
  const real = pool.mpOps;
  pool.mpOps = Object.assign({}, real, {
    destroy: (p: PagePool) => {
      order.push(`destroy, ${rig.notes.at(-1)}, ring ${p.ring.count}, ${rig.kernel.pools.providerPools}`);
      real?.destroy(p);
    },
  });
  script.run('alloc 2');
  pool.destroy();
  pool.destroy();
  script.run('put 2');
  expect(order).toEqual([]);
  script.run('tick 1000');
  const { id } = pool;
  expect(order).toEqual([`disconnect, change ${id}`, `destroy, del ${id}, ring 0, 1`]);
  expect(rig.kernel.pools.providerPools).toBe(0);
});

test.each([
  ['visible', false, []],
  ['orphaned', false, []],
  ['invisible', true, [60, 120]],
])('a %s pool that waits for ever: warnings at %s %j', (how, unlinked, warned) => {
  const script = new Script({ pool: unlinked ? { netdev: null, flags: 0 } : {} });
  const { rig } = script;
  script.run('alloc 1');
  if (how === 'orphaned') rig.kernel.removeNetdev(rig.netdev);
  script.run('destroy');
  script.run('tick 179000');
  const seconds = rig.log.filter((l) => l.event === 'stalled-pool-shutdown').map((l) => l.fields.seconds);
  expect(seconds).toEqual(warned);
  script.run('tick 1000');
  expect(rig.log.length).toBe(unlinked ? 3 : 0);
});

test('the retry makes CPUs free deferred skbs where the release does so, and inflight goes down in steps', () => {
  for (const [release, kicks] of [
    ['6.18', 2],
    ['7.3', 0],
    ['6.12', 0],
  ] as const) {
    const script = new Script({ rig: { release } });
    let kicked = 0;
    script.rig.kernel.kickDeferredFrees = () => void kicked++;
    script.run('alloc 3');
    script.run('destroy');
    const steps = [1, 1, 1].map((n) => {
      script.run(`put ${n}`);
      script.run('tick 1000');
      return script.pool.inflight;
    });
    expect([release, steps, kicked]).toEqual([release, [2, 1, 0], kicks]);
  }
});
