import { describe, expect, test } from 'vitest';
import { resetQueue } from '../../../../src/kernel/netdev/queue-reset.ts';
import { Rig, refusal, tokens } from '../rig.ts';

describe('resetting a queue', () => {
  test.each([0, 1, 2, 3])('mode %d: a new pool, then the old one goes; the other queue is left alone', (mode) => {
    const rig = new Rig({ driver: 'netdevsim-dma', release: '7.3' });
    const [old, other] = [rig.pool(0), rig.pool(1)];
    const napi = rig.netdev.rxQueues[0].napi.id;
    resetQueue(rig.netdev, 0, mode);
    expect(rig.events()).toEqual([`add ${rig.pool(0).id}`, `del ${old.id}`]);
    expect([rig.pool(1), rig.pool(0).describe()['napi-id']]).toEqual([other, napi]);
  });

  test.each<[number, boolean]>([
    [0, false],
    [1, true],
    [2, false],
    [3, false],
  ])('mode %d announces the pool with its NAPI: %s', (mode, known) => {
    const rig = new Rig({ driver: 'netdevsim-dma', release: '7.3' });
    resetQueue(rig.netdev, 0, mode);
    expect('napi-id' in rig.messages[0]).toBe(known);
  });

  test('on netdevsim a new NAPI leaves a pool that netlink does not show, a kept one does', () => {
    const rig = new Rig({ driver: 'netdevsim', release: '7.3' });
    const first = rig.pool(0);
    resetQueue(rig.netdev, 0, 0);
    expect(rig.events()).toEqual([`del ${first.id}`]);
    expect(rig.kernel.pools.visible(rig.pool(0).id)).toBeUndefined();
    resetQueue(rig.netdev, 0, 1);
    expect(rig.events()).toEqual([`add ${rig.pool(0).id}`]);
    // Ids are used up by pools nobody sees.
    expect(rig.pool(0).id).toBe(first.id + rig.netdev.rxQueues.length + 1);
  });

  test('refusals: no such queue before no such mode, then the driver', () => {
    const { netdev } = new Rig({ driver: 'netdevsim-dma', up: false });
    expect(refusal(() => resetQueue(netdev, 2, 4))).toEqual({ errno: 'EINVAL', extack: { 'bad-attr': '.queue' } });
    expect(refusal(() => resetQueue(netdev, 1, 4))).toEqual({ errno: 'EINVAL', extack: { 'bad-attr': '.mode' } });
    expect(refusal(() => resetQueue(netdev, 1, 1))).toEqual({ errno: 'ENETDOWN' });
  });

  test('a device that is down makes the new memory and drops it, but on 6.12, where netdevsim cannot restart a queue at all', () => {
    const rig = new Rig({ driver: 'netdevsim-dma', up: false, release: '7.3' });
    resetQueue(rig.netdev, 0, 0);
    expect(rig.events()).toEqual(['add 1', 'del 1']);
    const older = new Rig({ driver: 'netdevsim', release: '6.12' });
    expect(refusal(() => resetQueue(older.netdev, 0, 0))).toEqual({ errno: 'EOPNOTSUPP' });
  });
});

describe('a bound queue whose user holds buffers', () => {
  test.each([
    ['reset', (rig: Rig) => resetQueue(rig.netdev, 0, 0)],
    [
      'taken down and up',
      (rig: Rig) => {
        rig.netdev.close();
        rig.netdev.open();
      },
    ],
  ])('%s: two pools of one binding, and the new one does not hand out what is held', (_, restart) => {
    const rig = new Rig({ driver: 'netdevsim-dma' });
    const { binding, pool } = rig.bound(4);
    const connection = rig.connect();
    rig.send(connection, 3000);
    const got = rig.recv(connection.socket);
    const held = got.cmsgs.map((c) => c.fragOffset);
    restart(rig);
    const fresh = rig.pool(0);
    expect([pool.state, pool.inflight, pool.describe().dmabuf, fresh.describe().dmabuf]).toEqual([
      'detached',
      3,
      binding.id,
      binding.id,
    ]);
    rig.send(connection, 100);
    const next = rig.recv(connection.socket).cmsgs.map((c) => c.fragOffset);
    expect(next.some((offset) => held.includes(offset))).toBe(false);
    connection.socket.devmemDontneed(tokens(got).map((start) => ({ start, count: 1 })));
    rig.clock.advance(1000);
    expect([pool.state, binding.state, fresh.state]).toEqual(['gone', 'bound', 'attached']);
    rig.kernel.assertConservation();
  });
});
