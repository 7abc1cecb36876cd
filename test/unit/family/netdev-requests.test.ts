import { describe, expect, test } from 'vitest';
import type { DriverProfile } from '../../../src/kernel/driver/driver-params.ts';
import type { KernelRelease } from '../../../src/kernel/profile.ts';
import { NetlinkSocket } from '../../../src/kernel/task/netlink-socket.ts';
import { ERRNO } from '../../../src/uapi/errno.ts';
import { refusal } from '../kernel/rig.ts';
import { FamilyRig } from './context.ts';

describe('napi-set', () => {
  const SETTINGS = { 'defer-hard-irqs': 100, 'gro-flush-timeout': 2 ** 40, 'irq-suspend-timeout': 12_345 };

  function bench(release: KernelRelease = '6.18', driver: DriverProfile = 'netdevsim') {
    const rig = new FamilyRig({ release, driver });
    const { id } = rig.netdev.rxQueues[0].napi;
    const set = (json: object) => rig.do('netdev', 'napi-set', { id, ...json });
    return { rig, id, set, get: () => rig.do('netdev', 'napi-get', { id }) };
  }

  test('changes what is named and leaves the rest', () => {
    const { set, get, rig } = bench();
    set(SETTINGS);
    expect(get()).toMatchObject({ ...SETTINGS, threaded: 'disabled' });
    set({ 'defer-hard-irqs': 0 });
    set({});
    expect(get()).toMatchObject({ ...SETTINGS, 'defer-hard-irqs': 0 });
    const other = rig.netdev.rxQueues[1].napi.id;
    expect(rig.do('netdev', 'napi-get', { id: other })).toMatchObject({ 'irq-suspend-timeout': 0 });
  });

  test('a NAPI has a thread exactly as long as it is threaded', () => {
    const { set, get } = bench();
    set({ threaded: 'enabled' });
    const { pid } = get();
    expect(get()).toMatchObject({ threaded: 'enabled', pid: expect.any(Number) });
    set({ threaded: 1 });
    expect(get().pid).toBe(pid);
    set({ threaded: 'disabled' });
    expect(get()).not.toHaveProperty('pid');
    set({ threaded: 'enabled' });
    expect(get().pid).not.toBe(pid);
  });

  test('busy polling threads came after 6.18', () => {
    expect(refusal(() => bench('6.18').set({ threaded: 2 }))).toEqual({
      errno: 'ERANGE',
      extack: {
        msg: 'integer out of range',
        'bad-attr': '.threaded',
        policy: { type: 'u32', 'min-value': 0, 'max-value': 1 },
      },
    });
    expect(refusal(() => bench('6.18').set({ threaded: 'busy-poll' })).errno).toBe('EINVAL');
    const { set, get } = bench('7.3');
    set({ threaded: 'busy-poll' });
    expect(get().threaded).toBe('busy-poll');
  });

  test('what is missing, not there, or not to be set', () => {
    const { rig, set } = bench();
    const none = { errno: 'ENOENT', extack: { 'bad-attr': '.id' } };
    expect(refusal(() => rig.do('netdev', 'napi-set', {}))).toEqual({ errno: 'EINVAL', extack: { 'miss-type': 'id' } });
    expect(refusal(() => set({ id: 5 }))).toEqual(none);
    for (const name of ['ifindex', 'irq', 'pid']) {
      const extack = { msg: 'Unsupported attribute', 'bad-attr': `.${name}` };
      expect(refusal(() => set({ [name]: 1 }))).toEqual({ errno: 'EINVAL', extack });
    }
  });

  test('settings outlive a closed link, but not on a veth, whose NAPIs are new then', () => {
    const { rig, set, get } = bench();
    set(SETTINGS);
    rig.netdev.close();
    rig.netdev.open();
    expect(get()).toMatchObject(SETTINGS);
    const veth = bench('6.18', 'veth');
    veth.rig.netdev.setFeature('rx-gro', true);
    veth.set(SETTINGS);
    veth.rig.netdev.close();
    veth.rig.netdev.open();
    expect(refusal(veth.get)).toMatchObject({ errno: 'ENOENT', extack: { 'bad-attr': '.id' } });
    const [fresh] = veth.rig.dump('netdev', 'napi-get', { ifindex: 2 });
    expect(fresh).toMatchObject({ 'defer-hard-irqs': 0 });
  });
});

describe('bind-tx', () => {
  test('looks for what is missing, the device, the driver, and never at the fd', () => {
    const rig = new FamilyRig();
    const bind = (json: object) => refusal(() => rig.do('netdev', 'bind-tx', json));
    expect(bind({ fd: 99 })).toEqual({ errno: 'EINVAL', extack: { 'miss-type': 'ifindex' } });
    expect(bind({ ifindex: 2 })).toEqual({ errno: 'EINVAL', extack: { 'miss-type': 'fd' } });
    expect(bind({ ifindex: 9, fd: 99 })).toEqual({ errno: 'ENODEV' });
    for (const ifindex of [1, 2]) {
      const extack = { msg: 'Driver does not support netmem TX' };
      expect(bind({ ifindex, fd: 99 })).toEqual({ errno: 'EOPNOTSUPP', extack });
    }
  });

  test('where the driver can, then at the fd; the binding goes with its socket', () => {
    const rig = new FamilyRig({ driver: 'netdevsim-dma' });
    const bind = (fd: number) => rig.do('netdev', 'bind-tx', { ifindex: 2, fd });
    expect(refusal(() => bind(99))).toEqual({ errno: 'EBADF' });
    const other = rig.session.fds.install(new NetlinkSocket(rig.kernel));
    expect(refusal(() => bind(other))).toEqual({ errno: 'EINVAL' });
    const { binding } = rig.bound(8);
    rig.events();
    const made = rig.dmabuf(4);
    const { fd } = made;
    const id = binding.id + 1;
    expect(bind(fd)).toEqual({ id });
    expect(rig.do('session', 'get')).toMatchObject({ bindings: [binding.id, id] });
    expect(rig.dump('netdev', 'queue-get', { ifindex: 2 }).some((queue) => queue.dmabuf === id)).toBe(false);
    rig.kernel.assertConservation();
    expect(rig.events()).toEqual([]);
    rig.session.fds.close(fd);
    rig.kernel.removeNetdev(rig.netdev);
    expect(made.released).toBe(false);
    rig.session.netlink.close();
    expect(rig.kernel.bindings.size).toBe(0);
    expect(made.released).toBe(true);
    rig.kernel.assertConservation();
  });

  test('what the exporter refuses', () => {
    const rig = new FamilyRig({ driver: 'netdevsim-dma' });
    const { fd, dmabuf } = rig.dmabuf(4);
    dmabuf.fault.map = ERRNO.ENOMEM;
    const extack = { msg: 'Failed to map dmabuf attachment' };
    expect(refusal(() => rig.do('netdev', 'bind-tx', { ifindex: 2, fd }))).toEqual({ errno: 'ENOMEM', extack });
    expect(rig.kernel.bindings.size).toBe(0);
  });
});

describe('queue-create', () => {
  const QUEUE = { type: 'rx', id: 0 };
  const LEASE = { ifindex: 2, queue: QUEUE };

  function create(json: object, driver: DriverProfile = 'split-perfect') {
    const rig = new FamilyRig({ release: '7.3', driver });
    return refusal(() => rig.do('netdev', 'queue-create', json));
  }
  const missing = (name: string, nest?: string) => ({
    errno: 'EINVAL',
    extack: { 'miss-type': name, ...(nest === undefined ? {} : { 'miss-nest': nest }) },
  });

  test('missing attributes, in order and nest by nest', () => {
    expect(create({ type: 'rx', lease: LEASE })).toEqual(missing('ifindex'));
    expect(create({ ifindex: 2, lease: LEASE })).toEqual(missing('type'));
    expect(create({ ifindex: 2, type: 'tx' })).toEqual(missing('lease'));
    const lease = (json: object) => create({ ifindex: 9, type: 'rx', lease: json });
    expect(lease({ queue: {} })).toEqual(missing('ifindex', '.lease'));
    expect(lease({ ifindex: 2 })).toEqual(missing('queue', '.lease'));
    expect(lease({ ifindex: 2, queue: { type: 'tx' } })).toEqual(missing('id', '.lease.queue'));
    expect(lease({ ifindex: 2, queue: { id: 0 } })).toEqual(missing('type', '.lease.queue'));
  });

  test('both queues must be for receiving', () => {
    const tx = { ...LEASE, queue: { type: 'tx', id: 0 } };
    const bad = (path: string) => ({ errno: 'EINVAL', extack: { 'bad-attr': path } });
    expect(create({ ifindex: 9, type: 'tx', lease: {} })).toEqual(bad('.type'));
    expect(create({ ifindex: 9, type: 'rx', lease: tx })).toEqual(bad('.lease.queue.type'));
  });

  test('then the device', () => {
    const request = { type: 'rx', lease: LEASE };
    expect(create({ ...request, ifindex: 9 })).toEqual({ errno: 'ENODEV' });
    const says = (msg: string) => ({ errno: 'EINVAL', extack: { msg } });
    expect(create({ ...request, ifindex: 2 })).toEqual(says('Device is not a virtual device'));
    expect(create({ ...request, ifindex: 1 })).toEqual(says('Device does not support queue creation'));
    expect(create({ ...request, ifindex: 2 }, 'veth')).toEqual(says('Device does not support queue creation'));
  });

  test('a network namespace is a number from 0', () => {
    const lease = { ...LEASE, 'netns-id': -1 };
    expect(create({ ifindex: 2, type: 'rx', lease })).toMatchObject({
      errno: 'ERANGE',
      extack: { 'bad-attr': '.lease.netns-id', policy: { type: 's32', 'min-value': 0, 'max-value': 2147483647 } },
    });
  });
});

describe('rx-page-size of bind-rx, 7.3', () => {
  function bench() {
    const rig = new FamilyRig({ release: '7.3' });
    const { fd, dmabuf } = rig.dmabuf(65);
    const bind = (size: number, json: object = {}) =>
      refusal(() =>
        rig.do('netdev', 'bind-rx', { ifindex: 2, fd, queues: [{ type: 'rx', id: 0 }], 'rx-page-size': size, ...json }),
      );
    return { rig, bind, dmabuf };
  }
  const power = { msg: 'rx-page-size must be a power of 2', 'bad-attr': '.rx-page-size' };

  test('is a power of two, which is looked at before the device', () => {
    const { bind } = bench();
    for (const size of [4097, 12_288, 4_294_967_295]) {
      expect(bind(size, { ifindex: 9 })).toEqual({ errno: 'EINVAL', extack: power });
    }
    expect(bind(2 ** 31, { ifindex: 9 })).toEqual({ errno: 'ENODEV' });
    expect(bind(4095)).toMatchObject({ errno: 'ERANGE', extack: { 'bad-attr': '.rx-page-size' } });
  });

  test('must divide the dmabuf, then the driver must have such buffers; a page is always right', () => {
    const { rig, bind, dmabuf } = bench();
    rig.split();
    const extack = { msg: `dmabuf size ${65 * 4096} not aligned to niov size 8192` };
    expect(bind(8192)).toEqual({ errno: 'EINVAL', extack });
    expect([dmabuf.attachments.size, dmabuf.maps, dmabuf.unmaps]).toEqual([0, 1, 1]);
    const { fd } = rig.dmabuf(64);
    const unsupported = { errno: 'EOPNOTSUPP', extack: { msg: 'device does not support: rx_page_size' } };
    expect(bind(8192, { fd })).toEqual(unsupported);
    expect(rig.netdev.rxQueues[0].provider).toBeNull();
    const queues = [{ type: 'rx', id: 0 }];
    const id = rig.do('netdev', 'bind-rx', { ifindex: 2, fd, queues, 'rx-page-size': 4096 }).id;
    expect(id).toBe(2);
    expect(bind(8192, { fd })).toEqual(unsupported);
  });

  test('comes after tcp-data-split', () => {
    const { rig, bind } = bench();
    const { fd } = rig.dmabuf(64);
    expect(bind(8192, { fd })).toEqual({ errno: 'EINVAL', extack: { msg: 'tcp-data-split is disabled' } });
  });
});

describe('devices without page pools of their own', () => {
  test.each([
    ['veth', ['basic', 'redirect', 'rx-sg'], ['timestamp', 'hash', 'vlan-tag']],
    ['tap', ['basic', 'redirect', 'ndo-xmit'], []],
    ['tun', [], []],
  ] as const)('%s', (driver, features, metadata) => {
    const rig = new FamilyRig({ driver });
    expect(rig.do('netdev', 'dev-get', { ifindex: 2 })).toMatchObject({
      'xdp-features': features,
      'xdp-rx-metadata-features': metadata,
    });
    expect(rig.dump('netdev', 'queue-get', { ifindex: 2 })[0]).toEqual({ id: 0, type: 'rx', ifindex: 2 });
    expect(rig.dump('netdev', 'page-pool-get')).toEqual([]);
    expect(rig.dump('netdev', 'napi-get')).toEqual([]);
    const none = { errno: 'EOPNOTSUPP', extack: { 'bad-attr': '.ifindex' } };
    expect(refusal(() => rig.dump('netdev', 'qstats-get', { ifindex: 2 }))).toEqual(none);
    expect(rig.dump('netdev', 'qstats-get')).toEqual([]);
    const bind = { ifindex: 2, fd: 99, queues: [{ type: 'rx', id: 0 }] };
    expect(refusal(() => rig.do('netdev', 'bind-rx', bind))).toEqual(none);
  });

  test('6.12 finds that nothing stands behind a veth once it has the dmabuf', () => {
    const rig = new FamilyRig({ driver: 'veth', release: '6.12' });
    const bind = (fd: number) => () => rig.do('netdev', 'bind-rx', { ifindex: 2, fd, queues: [{ type: 'rx', id: 0 }] });
    expect(refusal(bind(99))).toEqual({ errno: 'EBADF' });
    const extack = { msg: 'Failed to bind dmabuf to device' };
    expect(refusal(bind(rig.dmabuf(4).fd))).toEqual({ errno: 'EINVAL', extack });
  });

  test('a veth has NAPIs while GRO is on, a TAP never', () => {
    const ids = (driver: DriverProfile) => {
      const rig = new FamilyRig({ driver });
      rig.netdev.setFeature('rx-gro', true);
      const on = rig.dump('netdev', 'napi-get').length;
      rig.netdev.setFeature('rx-gro', false);
      return [on, rig.dump('netdev', 'napi-get').length];
    };
    expect(ids('veth')).toEqual([2, 0]);
    expect(ids('tap')).toEqual([0, 0]);
  });

  test.each(['veth', 'tap', 'tun'] as const)('%s carries traffic all the same', (driver) => {
    const rig = new FamilyRig({ driver });
    const connection = rig.connect(1);
    expect(rig.send(connection, 5000)).toBe(5000);
    expect(rig.recv(connection.socket).ret).toBe(5000);
    rig.kernel.removeNetdev(rig.netdev);
    rig.kernel.assertConservation();
  });
});

test('netdevsim: XDP by release, and counters of packets and bytes only', () => {
  const features = (release: KernelRelease) =>
    new FamilyRig({ driver: 'netdevsim', release }).do('netdev', 'dev-get', { ifindex: 2 })['xdp-features'];
  expect(features('6.12')).toEqual(['hw-offload']);
  expect(features('7.3')).toEqual(['basic', 'hw-offload']);
  const rig = new FamilyRig({ driver: 'netdevsim' });
  const [total] = rig.dump('netdev', 'qstats-get', { ifindex: 2 });
  expect(total).toEqual({ ifindex: 2, 'rx-packets': 0, 'rx-bytes': 0, 'tx-packets': 0, 'tx-bytes': 0 });
  const [rx] = rig.dump('netdev', 'qstats-get', { ifindex: 2, scope: 'queue' });
  expect(rx).toEqual({ ifindex: 2, 'queue-type': 'rx', 'queue-id': 0, 'rx-packets': 0, 'rx-bytes': 0 });
});
