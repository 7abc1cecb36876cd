import { describe, expect, test } from 'vitest';
import { refusal } from '../kernel/rig.ts';
import { FamilyRig } from './context.ts';

const RX = { type: 'rx' };

describe('dev-get', () => {
  test('one, all, none', () => {
    const rig = new FamilyRig();
    expect(rig.do('netdev', 'dev-get', { ifindex: 2 })).toMatchObject({ ifindex: 2 });
    expect(rig.dump('netdev', 'dev-get').map((d) => d.ifindex)).toEqual([1, 2]);
    expect(refusal(() => rig.do('netdev', 'dev-get', { ifindex: 9 }))).toEqual({ errno: 'ENODEV' });
    expect(refusal(() => rig.do('netdev', 'dev-get'))).toMatchObject({ extack: { 'miss-type': 'ifindex' } });
  });
});

describe('queue-get', () => {
  test('rx queues with NAPI and binding, tx queues without; a device that is down has none', () => {
    const rig = new FamilyRig();
    const { binding } = rig.bound(64);
    const [q0, q1] = rig.netdev.rxQueues;
    expect(rig.dump('netdev', 'queue-get', { ifindex: 2 })).toEqual([
      { id: 0, type: 'rx', ifindex: 2, 'napi-id': q0.napi.id, dmabuf: binding.id },
      { id: 1, type: 'rx', ifindex: 2, 'napi-id': q1.napi.id },
      { id: 0, type: 'tx', ifindex: 2 },
      { id: 1, type: 'tx', ifindex: 2 },
    ]);
    expect(rig.do('netdev', 'queue-get', { ifindex: 2, id: 1, ...RX })).toMatchObject({ id: 1 });
    expect(refusal(() => rig.do('netdev', 'queue-get', { ifindex: 2, id: 2, ...RX })).errno).toBe('EINVAL');
    rig.netdev.close();
    expect(rig.dump('netdev', 'queue-get', { ifindex: 2 })).toEqual([]);
    expect(refusal(() => rig.do('netdev', 'queue-get', { ifindex: 2, id: 1, ...RX })).errno).toBe('ENOENT');
  });
});

describe('page-pool-get', () => {
  test('newest first by device; detached ones with their time; ENOENT when gone', () => {
    const rig = new FamilyRig({ driver: 'netdevsim-dma' });
    const { pool, binding } = rig.bound(8);
    const c = rig.connect();
    rig.send(c, 10);
    rig.session.netlink.close();
    const fresh = rig.pool(0);
    expect(rig.dump('netdev', 'page-pool-get').map((p) => p.id)).toEqual([fresh.id, pool.id, rig.pool(1).id]);
    const want = { id: pool.id, dmabuf: binding.id, inflight: 1, 'detach-time': 5 };
    expect(rig.do('netdev', 'page-pool-get', { id: pool.id })).toMatchObject(want);
    rig.recv(c.socket);
    c.socket.devmemDontneed([{ start: 1, count: 1 }]);
    rig.clock.advance(1000);
    expect(refusal(() => rig.do('netdev', 'page-pool-get', { id: pool.id }))).toEqual({ errno: 'ENOENT' });
  });

  test('statistics; selecting by device is refused', () => {
    const rig = new FamilyRig();
    const { id } = rig.pool(0);
    const got = rig.do('netdev', 'page-pool-stats-get', { info: { id } });
    expect(got).toMatchObject({ info: { id, ifindex: 2 }, 'alloc-slow': 1, 'alloc-fast': 15, 'recycle-ring': 0 });
    expect(refusal(() => rig.do('netdev', 'page-pool-stats-get', { info: { id, ifindex: 2 } }))).toEqual({
      errno: 'EINVAL',
      extack: { msg: 'selecting by ifindex not supported', 'bad-attr': '.info.ifindex' },
    });
  });

  test('orphans are listed under loopback', () => {
    const rig = new FamilyRig();
    const { pool } = rig.bound(64);
    const c = rig.connect();
    rig.send(c, 10);
    rig.recv(c.socket);
    rig.kernel.removeNetdev(rig.netdev);
    expect(rig.dump('netdev', 'page-pool-get').find((p) => p.id === pool.id)?.ifindex).toBeUndefined();
  });
});

test('napi-get: newest first, only while up', () => {
  const rig = new FamilyRig();
  const ids = rig.netdev.rxQueues.map((q) => q.napi.id);
  expect(rig.dump('netdev', 'napi-get', { ifindex: 2 }).map((n) => n.id)).toEqual(ids.reverse());
  expect(rig.do('netdev', 'napi-get', { id: ids[0] })).toMatchObject({ id: ids[0], ifindex: 2 });
  rig.netdev.close();
  expect(refusal(() => rig.do('netdev', 'napi-get', { id: ids[0] }))).toEqual({ errno: 'ENOENT' });
});

test('qstats-get: the device is the sum of its queues', () => {
  const rig = new FamilyRig();
  rig.send(rig.connect(0), 100);
  rig.send(rig.connect(1), 3000);
  const queues = rig.dump('netdev', 'qstats-get', { ifindex: 2, scope: 'queue' });
  const [device] = rig.dump('netdev', 'qstats-get', { ifindex: 2 });
  for (const name of ['rx-packets', 'rx-bytes', 'rx-alloc-fail', 'rx-hw-drops']) {
    expect(device[name]).toBe(queues.reduce((sum, q) => sum + ((q[name] as number) ?? 0), 0));
  }
  expect(device['rx-packets']).toBe(4);
  expect(refusal(() => rig.dump('netdev', 'qstats-get', { ifindex: 1 }))).toMatchObject({ errno: 'EOPNOTSUPP' });
});

describe('bind-rx', () => {
  test('missing attributes in order: ifindex, fd, queues', () => {
    const rig = new FamilyRig();
    const missing = (json: unknown) => refusal(() => rig.do('netdev', 'bind-rx', json)).extack?.['miss-type'];
    expect(missing({})).toBe('ifindex');
    expect(missing({ ifindex: 2 })).toBe('fd');
    expect(missing({ ifindex: 2, fd: 3 })).toBe('queues');
  });

  test('create, split, bind, unbind', async () => {
    const rig = new FamilyRig();
    const { fd } = await rig.doLater('dmabuf', 'create', { size: 262_144 });
    const bind = () => rig.do('netdev', 'bind-rx', { ifindex: 2, fd, queues: [{ ...RX, id: 1 }] });
    expect(refusal(bind)).toEqual({ errno: 'EINVAL', extack: { msg: 'tcp-data-split is disabled' } });
    rig.do('ethtool', 'rings-set', { header: { 'dev-name': 'eth0' }, 'tcp-data-split': 'enabled', 'hds-thresh': 0 });
    expect(bind()).toEqual({ id: 2 });
    expect(rig.do('dmabuf', 'get', { fd })).toMatchObject({ bindings: [2] });
    expect(rig.do('session', 'get')).toMatchObject({ bindings: [2] });
    expect(refusal(() => rig.do('session', 'unbind', { id: 7 })).errno).toBe('ENOENT');
    rig.do('session', 'unbind', { id: 2 });
    expect(rig.do('dmabuf', 'get', { fd })).toMatchObject({ bindings: [] });
  });
});

test('page-pool-stats-get: what is missing, and where', () => {
  const rig = new FamilyRig();
  const missing = (json: unknown) => refusal(() => rig.do('netdev', 'page-pool-stats-get', json));
  expect(missing({})).toEqual({ errno: 'EINVAL', extack: { 'miss-type': 'info' } });
  expect(missing({ info: {} })).toEqual({ errno: 'EINVAL', extack: { 'miss-type': 'id', 'miss-nest': '.info' } });
});

test('page-pool-stats-get, 7.3: a dump is filtered by device, never by id; earlier kernels look at neither', () => {
  const newer = new FamilyRig({ release: '7.3' });
  const pools = newer.dump('netdev', 'page-pool-stats-get').length;
  expect(newer.dump('netdev', 'page-pool-stats-get', { info: { ifindex: 2 } })).toHaveLength(pools);
  expect(newer.dump('netdev', 'page-pool-stats-get', { info: { ifindex: 9 } })).toEqual([]);
  expect(refusal(() => newer.dump('netdev', 'page-pool-stats-get', { info: { id: 1 } }))).toEqual({
    errno: 'EINVAL',
    extack: { msg: 'Unsupported attribute', 'bad-attr': '.info.id' },
  });
  const older = new FamilyRig({ release: '6.18' });
  expect(older.dump('netdev', 'page-pool-stats-get', { info: { id: 1, ifindex: 9 } })).toHaveLength(pools);
});
