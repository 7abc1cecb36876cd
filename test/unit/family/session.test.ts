import { describe, expect, test } from 'vitest';
import { refusal } from '../kernel/rig.ts';
import { FamilyRig } from './context.ts';

describe('session', () => {
  test('open, get, close', () => {
    const rig = new FamilyRig();
    const { id } = rig.do('session', 'open', { name: 'me', 'lease-ms': 5000 });
    expect(rig.do('session', 'get', { id })).toMatchObject({ id, name: 'me', 'lease-ms': 5000, fds: [] });
    expect(rig.dump('session', 'get').map((s) => s.id)).toEqual(['init', rig.session.id, id]);
    rig.do('session', 'close', { id });
    expect(refusal(() => rig.do('session', 'get', { id })).errno).toBe('ESRCH');
    expect(refusal(() => rig.do('session', 'close', { id: 'init' })).errno).toBe('EINVAL');
  });

  test('runs on a CPU: asked for when it is opened, or later', () => {
    const rig = new FamilyRig();
    const { id } = rig.do('session', 'open', { cpu: 1 });
    expect([rig.do('session', 'get', { id }).cpu, rig.do('session', 'get').cpu]).toEqual([1, undefined]);
    rig.do('session', 'sched-setaffinity', { cpu: 1 });
    expect(rig.do('session', 'get').cpu).toBe(1);
    rig.do('session', 'sched-setaffinity', { cpu: 0 });
    expect(rig.do('session', 'get').cpu).toBeUndefined();
    const refused = { errno: 'EINVAL', extack: { 'bad-attr': '.cpu' } };
    expect(refusal(() => rig.do('session', 'sched-setaffinity', { cpu: 2 }))).toMatchObject(refused);
    expect(refusal(() => rig.do('session', 'open', { cpu: 2 }))).toMatchObject(refused);
    expect(refusal(() => rig.do('session', 'sched-setaffinity', {}))).toMatchObject({ extack: { 'miss-type': 'cpu' } });
  });

  test('netlink sockets are fds', () => {
    const rig = new FamilyRig();
    const { fd } = rig.do('session', 'netlink-open', { fd: 7 });
    expect(fd).toBe(7);
    expect(rig.do('session', 'get').fds).toEqual([{ fd: 7, type: 'netlink' }]);
    rig.do('session', 'fd-close', { fd });
    expect(refusal(() => rig.do('session', 'fd-close', { fd })).errno).toBe('EBADF');
  });
});

describe('dmabuf', () => {
  test('create, get, sync, close', async () => {
    const rig = new FamilyRig();
    const { fd, size } = await rig.doLater('dmabuf', 'create', { size: 8192, name: 'buf', exporter: 'udmabuf' });
    expect(size).toBe(8192);
    expect(rig.do('dmabuf', 'get', { fd })).toMatchObject({ fd, size: 8192, exporter: 'udmabuf', name: 'buf' });
    expect(rig.dump('dmabuf', 'get')).toHaveLength(1);
    rig.do('dmabuf', 'close', { fd });
    expect(refusal(() => rig.do('dmabuf', 'get', { fd })).errno).toBe('EBADF');
  });

  test('a size that is no multiple of a page; a wanted fd that is taken makes no memory', async () => {
    const rig = new FamilyRig();
    await expect(rig.doLater('dmabuf', 'create', { size: 5000 })).rejects.toMatchObject({
      errno: 'EINVAL',
      extack: { 'bad-attr': '.size' },
    });
    await rig.doLater('dmabuf', 'create', { size: 4096, fd: 5 });
    rig.context.memory.create = () => {
      throw new Error('made');
    };
    await expect(rig.doLater('dmabuf', 'create', { size: 4096, fd: 5 })).rejects.toMatchObject({ errno: 'EBUSY' });
  });
});

describe('rxnfc', () => {
  test('insert, get, delete; steering follows', () => {
    const rig = new FamilyRig();
    const rule = { ifindex: 2, 'flow-type': 'tcp4', 'dst-port': 5201, queue: 1 };
    const { location } = rig.do('rxnfc', 'rule-insert', rule);
    expect(location).toBe(1023);
    expect(rig.netdev.steer(rig.key(5201)).index).toBe(1);
    expect(rig.do('rxnfc', 'rule-get', { ifindex: 2, location })).toEqual({ ...rule, location });
    rig.do('rxnfc', 'rule-delete', { ifindex: 2, location });
    expect(rig.dump('rxnfc', 'rule-get', { ifindex: 2 })).toEqual([]);
  });

  test.each([
    [{ queue: 9 }, 'EINVAL', '.queue'],
    [{ 'dst-ip': '2001:db8::1' }, 'EINVAL', '.dst-ip'],
    [{ 'flow-type': 'ip4', 'dst-port': 1 }, 'EINVAL', '.dst-port'],
    [{ ifindex: 1 }, 'EOPNOTSUPP', '.ifindex'],
    [{ ifindex: 9 }, 'ENODEV', '.ifindex'],
  ])('%j: %s', (over, errno, attr) => {
    const rig = new FamilyRig();
    const json = { ifindex: 2, 'flow-type': 'tcp4', queue: 1, ...over };
    const got = refusal(() => rig.do('rxnfc', 'rule-insert', json));
    expect([got.errno, got.extack?.['bad-attr']]).toEqual([errno, attr]);
  });

  test('without the filter feature there are no rules', () => {
    const rig = new FamilyRig();
    rig.netdev.setFeature('rx-ntuple-filter', false);
    const json = { ifindex: 2, 'flow-type': 'tcp4', queue: 1 };
    expect(refusal(() => rig.do('rxnfc', 'rule-insert', json)).errno).toBe('EOPNOTSUPP');
  });
});
