import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../../../../src/kernel/clock.ts';
import { Kernel } from '../../../../src/kernel/kernel.ts';
import { NETMEM_STATE } from '../../../../src/kernel/netmem/netmem.ts';
import type { PagePool } from '../../../../src/kernel/netmem/page-pool.ts';
import type { KernelRelease } from '../../../../src/kernel/profile.ts';
import { MSG_SOCK_DEVMEM, MSG_TRUNC } from '../../../../src/uapi/socket.ts';
import { type Connection, Rig, stats, tokens } from '../rig.ts';

const OTHER_CPU = 1;

/** Two packets received on CPU 0, in one skb, and nothing else. */
function received(release: KernelRelease = '7.3') {
  const rig = new Rig({ driver: 'netdevsim-dma', release });
  const { binding, pool } = rig.bound(16);
  const connection = rig.connect();
  rig.send(connection, 200);
  rig.send(connection, 200);
  return { rig, binding, pool, connection };
}

function readOn(cpu: number, rig: Rig, { socket }: Connection, flags = MSG_SOCK_DEVMEM) {
  return rig.recv(socket, 1_000_000, 16_384, flags, cpu);
}

const giveBack = ({ socket }: Connection, list: readonly number[]): number =>
  socket.devmemDontneed(list.map((start) => ({ start, count: 1 })));

const inState = (pool: PagePool, state: keyof typeof NETMEM_STATE): number => pool.countIn(NETMEM_STATE[state]);

describe('an skb that was read on another CPU than it was received on', () => {
  test('keeps its buffers although the user gave them back', () => {
    const { rig, pool, connection } = received();
    const got = readOn(OTHER_CPU, rig, connection);
    expect(got.ret).toBe(400);
    expect([inState(pool, 'USER'), connection.socket.rmem, rig.kernel.deferred.count(0)]).toEqual([2, 0, 1]);
    expect(giveBack(connection, tokens(got))).toBe(2);
    expect([inState(pool, 'STACK'), stats(pool)['recycle-ring']]).toEqual([2, undefined]);
    rig.kernel.assertConservation();
  });

  test('is freed before the next poll of its CPU, into the cache of the pool whose NAPI runs', () => {
    const { rig, pool, connection } = received();
    giveBack(connection, tokens(readOn(OTHER_CPU, rig, connection)));
    rig.send(connection, 100);
    // The packet takes one of the two that have just come back.
    expect(stats(pool)).toEqual({ 'alloc-empty': 2, 'alloc-fast': 1, 'recycle-cached': 2 });
    expect([rig.kernel.deferred.count(0), rig.kernel.skbs.live]).toEqual([0, 1]);
    rig.kernel.assertConservation();
  });

  test('goes to the ring if another NAPI is the one that runs', () => {
    const { rig, pool, connection } = received();
    giveBack(connection, tokens(readOn(OTHER_CPU, rig, connection)));
    rig.send(rig.connect(1), 100);
    expect(stats(pool)).toEqual({ 'alloc-empty': 2, 'recycle-ring': 2 });
  });

  test('waits for its own CPU, whatever others receive', () => {
    const rig = new Rig({ driver: 'netdevsim-dma', driverParams: { post: 4 } });
    rig.bound(16);
    const connection = rig.connect();
    rig.send(connection, 100);
    readOn(OTHER_CPU, rig, connection);
    connection.flow.deliver(new Uint8Array(100), 0, 100);
    while (rig.kernel.runNapi(OTHER_CPU));
    expect([0, OTHER_CPU].map((cpu) => rig.kernel.deferred.count(cpu))).toEqual([1, 0]);
    readOn(0, rig, connection);
    expect([0, OTHER_CPU].map((cpu) => rig.kernel.deferred.count(cpu))).toEqual([1, 1]);
    rig.send(connection, 100);
    expect([0, OTHER_CPU].map((cpu) => rig.kernel.deferred.count(cpu))).toEqual([0, 1]);
    rig.kernel.assertConservation();
  });

  test('counts as being on its way when nobody took tokens', () => {
    const { rig, pool, connection } = received();
    expect(readOn(OTHER_CPU, rig, connection, MSG_TRUNC).ret).toBe(400);
    expect(inState(pool, 'STACK')).toBe(2);
    rig.kernel.assertConservation();
  });

  test('is freed at once where it was received', () => {
    const { rig, pool, connection } = received();
    giveBack(connection, tokens(readOn(0, rig, connection)));
    expect([rig.kernel.deferred.count(0), stats(pool)['recycle-ring'], rig.kernel.skbs.live]).toEqual([0, 2, 0]);
  });

  test('survives its socket and its session', () => {
    const { rig, pool, connection } = received();
    readOn(OTHER_CPU, rig, connection);
    connection.socket.abort();
    rig.session.close();
    expect([pool.state, pool.inflight, inState(pool, 'STACK')]).toEqual(['detached', 2, 2]);
    rig.kernel.assertConservation();
    rig.kernel.deferred.flushAll();
    rig.clock.advance(1000);
    expect([pool.state, rig.kernel.skbs.live]).toEqual(['gone', 0]);
  });
});

describe('a detached pool whose buffers are on a list', () => {
  const detached = (release: KernelRelease) => {
    const { rig, binding, pool, connection } = received(release);
    giveBack(connection, tokens(readOn(OTHER_CPU, rig, connection)));
    rig.events();
    rig.session.netlink.close();
    return { rig, binding, pool };
  };

  test.each<KernelRelease>(['6.12', '7.3'])('%s: its retries do not help, a packet does', (release) => {
    const { rig, binding, pool } = detached(release);
    rig.clock.advance(5000);
    rig.poll();
    expect([pool.state, pool.inflight, binding.state]).toEqual(['detached', 2, 'unbound']);
    rig.send(rig.connect(1), 100);
    expect([pool.inflight, stats(pool)['recycle-ring']]).toEqual([2, 2]);
    rig.clock.advance(1000);
    expect([pool.state, binding.state]).toEqual(['gone', 'freed']);
  });

  test('6.18: the first retry makes the CPUs free what they have, the second ends the pool', () => {
    const { rig, pool } = detached('6.18');
    rig.clock.advance(1000);
    expect([pool.state, rig.kernel.napiPending]).toEqual(['detached', true]);
    rig.poll();
    expect([rig.kernel.deferred.count(0), rig.kernel.napiPending, pool.state]).toEqual([0, false, 'detached']);
    rig.clock.advance(1000);
    expect(pool.state).toBe('gone');
  });
});

describe('the limit of a list', () => {
  function fill(release: KernelRelease, skbs: number) {
    let scheduled = 0;
    const kernel = new Kernel({ clock: new VirtualClock(), release, schedule: () => scheduled++ });
    const kickedAt: number[] = [];
    for (let n = 1; n <= skbs; n++) {
      kernel.deferred.attempt(kernel.skbs.alloc(0, 0, 0), OTHER_CPU);
      if (scheduled > kickedAt.length) kickedAt.push(n);
    }
    return { kernel, kickedAt };
  }

  test.each<[KernelRelease, number, number]>([
    ['6.12', 64, 33],
    ['6.18', 63, 33],
    ['7.3', 127, 65],
  ])('%s: %d skbs, and a softirq is asked for with number %d', (release, limit, kick) => {
    const { kernel, kickedAt } = fill(release, 200);
    expect([kernel.deferred.count(0), kernel.skbs.live, kickedAt]).toEqual([limit, limit, [kick]]);
  });

  test('that softirq frees all of them and polls nothing', () => {
    const { kernel } = fill('7.3', 100);
    expect(kernel.napiPending).toBe(true);
    expect(kernel.runNapi()).toBe(false);
    expect([kernel.deferred.count(0), kernel.skbs.live, kernel.napiPending]).toEqual([0, 0, false]);
  });
});
