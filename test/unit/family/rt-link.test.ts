import { describe, expect, test } from 'vitest';
import type { Attrs } from '../../../src/ynl/spec.ts';
import { refusal } from '../kernel/rig.ts';
import { FamilyRig } from './context.ts';

const UP = { 'ifi-flags': ['up'], 'ifi-change': 1 };
const DOWN = { 'ifi-flags': 0, 'ifi-change': 1 };

/** A rig that writes down what group link is told: event, device, flags that changed, name. */
function listening(o?: ConstructorParameters<typeof FamilyRig>[0]): { rig: FamilyRig; seen: string[] } {
  const rig = new FamilyRig(o);
  const seen: string[] = [];
  rig.kernel.events.subscribe('rt-link/rtnlgrp-link', (event, msg) =>
    seen.push(`${event} ${msg['ifi-index']} ${msg['ifi-change']} ${msg.ifname}`),
  );
  return { rig, seen };
}

const set = (rig: FamilyRig, attrs: Attrs) => rig.do('rt-link', 'setlink', { 'ifi-index': 2, ...attrs });
const get = (rig: FamilyRig, attrs: Attrs = { 'ifi-index': 2 }) => rig.do('rt-link', 'getlink', attrs);
const refused = (rig: FamilyRig, op: string, attrs: Attrs) => refusal(() => rig.do('rt-link', op, attrs));
const msgOf = (rig: FamilyRig, op: string, attrs: Attrs) => {
  const { errno, extack } = refused(rig, op, attrs);
  return [errno, extack?.msg];
};

describe('getlink', () => {
  const rig = new FamilyRig();

  test('tells a link in the order of the kernel, header first', () => {
    expect(Object.entries(get(rig))).toEqual([
      ['ifi-family', 0],
      ['ifi-type', 1],
      ['ifi-index', 2],
      ['ifi-flags', ['up', 'broadcast', 'running', 'multicast', 'lower-up']],
      ['ifi-change', 0],
      ['ifname', 'eth0'],
      ['operstate', 6],
      ['mtu', 1500],
      ['min-mtu', 68],
      ['max-mtu', 65_535],
      ['promiscuity', 0],
      ['allmulti', 0],
      ['num-tx-queues', 2],
      ['num-rx-queues', 2],
      ['carrier', 1],
      ['address', '02:00:00:00:00:02'],
      ['broadcast', 'ff:ff:ff:ff:ff:ff'],
      ['xdp', { attached: 0 }],
      ['linkinfo', { kind: 'split-perfect' }],
    ]);
  });

  test('loopback has no kind, no limits and no state', () => {
    const lo = get(rig, { ifname: 'lo' });
    expect(lo).toMatchObject({ 'ifi-type': 772, 'ifi-flags': ['up', 'loopback', 'running', 'lower-up'], operstate: 0 });
    expect(lo).toMatchObject({ 'max-mtu': 0, address: '00:00:00:00:00:00' });
    expect(lo).not.toHaveProperty('linkinfo');
  });

  test('dumps by ifindex', () => {
    expect(rig.dump('rt-link', 'getlink').map((link) => link.ifname)).toEqual(['lo', 'eth0']);
  });

  test.each<[Attrs, string, string | undefined]>([
    [{}, 'EINVAL', undefined],
    [{ 'ifi-index': -1 }, 'EINVAL', undefined],
    [{ 'ifi-index': 9 }, 'ENODEV', undefined],
    [{ ifname: 'eth9' }, 'ENODEV', undefined],
    [{ ifname: 'sixteen-letters.' }, 'ERANGE', 'Attribute failed policy validation'],
    [{ 'ifi-index': 2, 'ifi-type': 1 }, 'EINVAL', 'Invalid values in header for get link request'],
    [{ 'ifi-index': 2, mtu: 1 }, 'EINVAL', 'Unknown attribute type'],
  ])('%j: %s %s', (attrs, errno, msg) => {
    expect(msgOf(rig, 'getlink', attrs)).toEqual([errno, msg]);
  });

  test.each<[Attrs, string]>([
    [{ 'ifi-index': 2 }, 'Filter by device index not supported for link dumps'],
    [{ 'ifi-change': 1, 'ifi-index': 2 }, 'Invalid values in header for link dump request'],
  ])('a dump with %j is refused', (attrs, msg) => {
    expect(refusal(() => rig.dump('rt-link', 'getlink', attrs))).toEqual({ errno: 'EINVAL', extack: { msg } });
  });
});

describe('setlink', () => {
  test('down and up, told once each with what changed; asked again, nothing', () => {
    const { rig, seen } = listening();
    set(rig, DOWN);
    set(rig, DOWN);
    expect(get(rig)).toMatchObject({ 'ifi-flags': ['broadcast', 'multicast'], operstate: 2, carrier: 0 });
    expect(rig.netdev.rxQueues[0].ring).toBeNull();
    set(rig, UP);
    expect(rig.netdev.rxQueues[0].ring).not.toBeNull();
    expect(seen).toEqual(['newlink-ntf 2 1 eth0', 'newlink-ntf 2 1 eth0']);
  });

  test('without ifi-change all flags count, as ever', () => {
    const { rig } = listening();
    set(rig, { 'ifi-flags': ['up', 'promisc'] });
    expect(get(rig)['ifi-flags']).toEqual(['up', 'broadcast', 'running', 'promisc', 'lower-up']);
    expect(get(rig).promiscuity).toBe(1);
  });

  test('a name: to a device by number, taken or malformed ones refused', () => {
    const { rig, seen } = listening();
    set(rig, { ifname: 'net%d' });
    expect(rig.kernel.netdevs.byName('net0')).toBe(rig.netdev);
    expect(seen).toEqual(['newlink-ntf 2 0 net0']);
    set(rig, { ifname: 'net0' });
    set(rig, { ifname: '' });
    expect(seen).toHaveLength(1);
    expect(refused(rig, 'setlink', { 'ifi-index': 2, ifname: 'lo' })).toMatchObject({ errno: 'EEXIST' });
    expect(refused(rig, 'setlink', { 'ifi-index': 2, ifname: 'a b' })).toMatchObject({ errno: 'EINVAL' });
    // Here the name selects the device.
    rig.do('rt-link', 'setlink', { ifname: 'net0', mtu: 1000 });
    expect(rig.netdev).toMatchObject({ name: 'net0', mtu: 1000 });
  });

  test('an MTU within the limits of the driver; connections keep their segment size', () => {
    const { rig, seen } = listening({ driver: 'netdevsim-dma', driverParams: { chunk: 512 } });
    const to = rig.connect();
    const before = to.flow.mss;
    expect(get(rig)['max-mtu']).toBe(17 * 512);
    set(rig, { mtu: 8704 });
    set(rig, { mtu: 8704 });
    expect(to.flow.mss).toBe(before);
    expect(rig.connect().flow.mss).toBe(before + 8704 - 1500);
    expect(seen).toHaveLength(1);
    expect(msgOf(rig, 'setlink', { 'ifi-index': 2, mtu: 67 })).toEqual(['EINVAL', 'mtu less than device minimum']);
    expect(msgOf(rig, 'setlink', { 'ifi-index': 2, mtu: 8705 })).toEqual(['EINVAL', 'mtu greater than device maximum']);
    rig.do('rt-link', 'setlink', { 'ifi-index': 1, mtu: 1 });
    expect(rig.netdev.mtu).toBe(8704);
  });

  test('addresses; groups and zero are none', () => {
    const { rig, seen } = listening();
    set(rig, { address: '02:11:22:33:44:55', broadcast: 'ff:00:00:00:00:01' });
    expect(get(rig)).toMatchObject({ address: '02:11:22:33:44:55', broadcast: 'ff:00:00:00:00:01' });
    // The address is told by itself, and again when the request is done.
    expect(seen).toHaveLength(3);
    expect(refused(rig, 'setlink', { 'ifi-index': 2, address: '01:00:00:00:00:00' })).toEqual({
      errno: 'EADDRNOTAVAIL',
    });
    expect(refused(rig, 'setlink', { 'ifi-index': 2, address: '00:00:00:00:00:00' })).toEqual({
      errno: 'EADDRNOTAVAIL',
    });
  });

  test('a refusal leaves what was changed before it, and the log says so', () => {
    const { rig } = listening();
    expect(refused(rig, 'setlink', { 'ifi-index': 2, mtu: 1400, ifname: 'lo', ...DOWN })).toMatchObject({
      errno: 'EEXIST',
    });
    expect(rig.netdev).toMatchObject({ mtu: 1400, name: 'eth0', up: true });
    expect(rig.log).toMatchObject([{ level: 'warn', event: 'link-changed-in-part' }]);
  });
});

describe('the xdp nest', () => {
  const load = (rig: FamilyRig, frags = false) => rig.do('lab', 'xdp-load', { frags }) as { fd: number; id: number };
  const xdp = (attrs: Attrs): Attrs => ({ 'ifi-index': 2, xdp: attrs });

  test('attaches in the driver, replaces, detaches; told of a device that is up', () => {
    const { rig, seen } = listening();
    const first = load(rig);
    const second = load(rig, true);
    set(rig, { xdp: { fd: first.fd } });
    expect(get(rig).xdp).toEqual({ attached: 1, 'drv-prog-id': first.id, 'prog-id': first.id });
    set(rig, { xdp: { fd: second.fd } });
    rig.session.fds.close(second.fd);
    expect(get(rig).xdp).toMatchObject({ 'prog-id': second.id });
    set(rig, DOWN);
    set(rig, { xdp: { fd: -1 } });
    expect(get(rig).xdp).toEqual({ attached: 0 });
    expect(seen).toEqual(['newlink-ntf 2 0 eth0', 'newlink-ntf 2 0 eth0', 'newlink-ntf 2 1 eth0']);
  });

  test('generic, where asked for or where the driver cannot', () => {
    const { rig } = listening();
    const { fd, id } = load(rig);
    set(rig, { xdp: { fd, flags: 2 } });
    expect(get(rig).xdp).toEqual({ attached: 2, 'skb-prog-id': id, 'prog-id': id });
    rig.do('rt-link', 'setlink', { 'ifi-index': 1, xdp: { fd } });
    expect(get(rig, { 'ifi-index': 1 }).xdp).toMatchObject({ attached: 2 });
    rig.do('rt-link', 'setlink', { 'ifi-index': 1, xdp: { fd: -1 } });
    expect(msgOf(rig, 'setlink', { 'ifi-index': 1, xdp: { fd, flags: 4 } })).toEqual([
      'EOPNOTSUPP',
      'Underlying driver does not support XDP in native mode',
    ]);
  });

  test.each<[string, Attrs, string, string | undefined]>([
    ['attached', { fd: 3, attached: 1 }, 'EINVAL', undefined],
    ['prog-id', { fd: 3, 'prog-id': 1 }, 'EINVAL', undefined],
    ['unknown flags', { fd: 3, flags: 32 }, 'EINVAL', undefined],
    ['two modes', { fd: 3, flags: 6 }, 'EINVAL', undefined],
    ['replace without expected-fd', { fd: 3, flags: 16 }, 'EINVAL', undefined],
    ['a closed fd', { fd: 9 }, 'EBADF', undefined],
    ['an fd of another kind', { fd: 5 }, 'EINVAL', undefined],
    [
      'another mode than the one in use',
      { fd: 3, flags: 2 },
      'EEXIST',
      "Native and generic XDP can't be active at the same time",
    ],
    ['only if there is none', { fd: 4, flags: 1 }, 'EBUSY', 'XDP program already attached'],
    ['replace of another', { fd: 4, 'expected-fd': 4, flags: 16 }, 'EEXIST', 'Active program does not match expected'],
    ['replace of none', { fd: 4, 'expected-fd': -1, flags: 16 }, 'EEXIST', 'Active program does not match expected'],
    ['offload', { fd: 4, flags: 8 }, 'EINVAL', undefined],
  ])('%s is refused', (_, attrs, errno, msg) => {
    const { rig } = listening();
    set(rig, { xdp: { fd: load(rig).fd } });
    load(rig);
    rig.do('session', 'netlink-open');
    expect(msgOf(rig, 'setlink', xdp(attrs))).toEqual([errno, msg]);
    expect(get(rig).xdp).toMatchObject({ 'prog-id': 1 });
  });

  test('flags without an fd, a program that is there, and a detach where there is none change nothing', () => {
    const { rig } = listening();
    set(rig, { xdp: { fd: -1 } });
    set(rig, { xdp: { fd: -1, flags: 8 } });
    const { fd } = load(rig);
    set(rig, { xdp: { fd } });
    set(rig, { xdp: { flags: 2 } });
    set(rig, { xdp: { fd, 'expected-fd': fd, flags: 16 } });
    expect(get(rig).xdp).toMatchObject({ attached: 1 });
  });

  test('netdevsim limits the MTU of single-buffer programs', () => {
    const rig = new FamilyRig({ driver: 'netdevsim', mtu: 4001 });
    const [single, multi] = [load(rig), load(rig, true)];
    expect(msgOf(rig, 'setlink', xdp({ fd: single.fd }))).toEqual([
      'EINVAL',
      'netdevsim: MTU too large w/ XDP enabled',
    ]);
    expect(msgOf(rig, 'setlink', xdp({ fd: single.fd, flags: 8 }))).toEqual([
      'EINVAL',
      'netdevsim: xdpoffload of non-bound program',
    ]);
    set(rig, { xdp: { fd: multi.fd } });
    set(rig, { xdp: { fd: -1 }, mtu: 4000 });
    set(rig, { xdp: { fd: single.fd } });
    expect(refused(rig, 'setlink', { 'ifi-index': 2, mtu: 4001 })).toEqual({ errno: 'EBUSY' });
    expect(rig.netdev.mtu).toBe(4000);
  });

  test('abilities are those of the driver; a program on bnxt changes them, which group mgmt hears', () => {
    const features = (rig: FamilyRig, ifindex = 2) => rig.do('netdev', 'dev-get', { ifindex });
    const perfect = features(new FamilyRig());
    expect(perfect).toMatchObject({ 'xdp-zc-max-segs': 1 });
    expect(perfect['xdp-features']).toContain('xsk-zerocopy');
    expect(features(new FamilyRig(), 1)['xdp-features']).toEqual([]);
    expect(features(new FamilyRig({ driver: 'netdevsim' }))['xdp-features']).toEqual(['basic', 'hw-offload']);
    expect(features(new FamilyRig({ driver: 'netdevsim', release: '6.12' }))['xdp-features']).toEqual(['hw-offload']);

    const rig = new FamilyRig({ driver: 'bnxt-like' });
    const seen: string[] = [];
    rig.kernel.events.subscribe('netdev/mgmt', (event) => seen.push(event));
    expect(features(rig)['xdp-features']).toEqual(['basic', 'redirect', 'rx-sg']);
    const { fd } = load(rig);
    set(rig, { xdp: { fd } });
    expect(features(rig)['xdp-features']).toEqual(['basic', 'redirect', 'ndo-xmit', 'rx-sg', 'ndo-xmit-sg']);
    set(rig, { xdp: { fd: load(rig).fd } });
    set(rig, { xdp: { fd: -1 } });
    set(rig, { xdp: { fd, flags: 2 } });
    expect(features(rig)['xdp-features']).toEqual(['basic', 'redirect', 'rx-sg']);
    expect(seen).toEqual(['dev-change-ntf', 'dev-change-ntf']);
  });
});

describe('newlink and dellink', () => {
  const kind = { kind: 'split-perfect' };

  test('make a device that is down, and remove it; both are told once', () => {
    const { rig, seen } = listening();
    rig.do('rt-link', 'newlink', { linkinfo: kind, 'num-rx-queues': 3, 'num-tx-queues': 2, mtu: 9000 });
    const made = get(rig, { ifname: 'split-perfect0' });
    expect(made).toMatchObject({ 'ifi-index': 3, mtu: 9000, 'num-rx-queues': 3, 'num-tx-queues': 2, operstate: 2 });
    rig.do('rt-link', 'dellink', { 'ifi-index': 3 });
    expect(seen).toEqual([
      `newlink-ntf 3 ${0xffff_ffff} split-perfect0`,
      `dellink-ntf 3 ${0xffff_ffff} split-perfect0`,
    ]);
  });

  test('take a number, a name, addresses and flags', () => {
    const { rig, seen } = listening();
    const attrs = { 'ifi-index': 7, ifname: 'x0', address: '02:00:00:00:00:99', broadcast: 'ff:ff:ff:ff:ff:fe', ...UP };
    rig.do('rt-link', 'newlink', { ...attrs, linkinfo: { kind: 'bnxt-like' } });
    expect(get(rig, { 'ifi-index': 7 })).toMatchObject({ ifname: 'x0', mtu: 1500, address: attrs.address, carrier: 1 });
    rig.do('rt-link', 'dellink', { ifname: 'x0' });
    // Going down is told before going.
    expect(seen.map((line) => line.split(' ', 3).join(' '))).toEqual([
      `newlink-ntf 7 ${0xffff_ffff}`,
      'newlink-ntf 7 65',
      `dellink-ntf 7 ${0xffff_ffff}`,
    ]);
  });

  test('a device that cannot be opened is not there', () => {
    const { rig } = listening();
    const attrs = { ifname: 'x0', address: '01:00:00:00:00:00', linkinfo: kind, ...UP };
    expect(refused(rig, 'newlink', attrs)).toEqual({ errno: 'EADDRNOTAVAIL' });
    expect(rig.kernel.netdevs.byName('x0')).toBeUndefined();
  });

  test.each<[Attrs, string, string | undefined]>([
    [{}, 'EOPNOTSUPP', 'Unknown device type'],
    [{ linkinfo: { kind: 'veth' } }, 'EOPNOTSUPP', 'Unknown device type'],
    [
      { linkinfo: { kind: 'netdevsim' }, 'ifi-index': -1 },
      'EOPNOTSUPP',
      'netdevsim: Please use: echo "[ID] [PORT_COUNT] [NUM_QUEUES]" > /sys/bus/netdevsim/new_device',
    ],
    [{ linkinfo: kind, 'ifi-index': -1 }, 'EINVAL', "ifindex can't be negative"],
    [{ linkinfo: kind, 'ifi-index': 2 }, 'EEXIST', undefined],
    [{ linkinfo: kind, ifname: 'eth0' }, 'EEXIST', undefined],
    [{ linkinfo: kind, ifname: 'eth0', 'ifi-index': 9 }, 'EEXIST', undefined],
    [{ linkinfo: kind, ifname: 'a/b' }, 'EINVAL', undefined],
    [{ linkinfo: kind, 'num-tx-queues': 0 }, 'EINVAL', 'Invalid number of transmit queues'],
    [{ linkinfo: kind, 'num-rx-queues': 1025 }, 'EINVAL', 'Invalid number of receive queues'],
    [{ linkinfo: kind, mtu: 67 }, 'EINVAL', 'mtu less than device minimum'],
    [{ linkinfo: kind, mtu: 65_536 }, 'EINVAL', 'mtu greater than device maximum'],
  ])('newlink %j: %s', (attrs, errno, msg) => {
    const rig = new FamilyRig();
    expect(msgOf(rig, 'newlink', attrs)).toEqual([errno, msg]);
    expect(rig.kernel.netdevs.list()).toHaveLength(2);
  });

  test('what rtnetlink did not make, it does not remove', () => {
    expect(refused(new FamilyRig(), 'dellink', { ifname: 'lo' })).toEqual({ errno: 'EOPNOTSUPP' });
    expect(refused(new FamilyRig({ driver: 'netdevsim' }), 'dellink', { 'ifi-index': 2 })).toEqual({
      errno: 'EOPNOTSUPP',
    });
    expect(refused(new FamilyRig(), 'dellink', {})).toEqual({ errno: 'EINVAL' });
  });

  test('devices of the lab are told in group link too', () => {
    const { rig, seen } = listening();
    const { ifindex } = rig.do('lab', 'netdev-add', { name: 'x0' });
    rig.do('lab', 'netdev-del', { ifindex });
    expect(seen).toEqual([
      `newlink-ntf 3 ${0xffff_ffff} x0`,
      'newlink-ntf 3 65 x0',
      'newlink-ntf 3 65 x0',
      `dellink-ntf 3 ${0xffff_ffff} x0`,
    ]);
  });
});

describe('AF_XDP pools', () => {
  test('one a queue, on devices that do zero-copy', () => {
    const rig = new FamilyRig({ rxQueues: 2, txQueues: 3 });
    const attach = (queue: number, ifindex = 2) => rig.do('lab', 'xsk-attach', { ifindex, queue });
    attach(2);
    expect(refusal(() => attach(2))).toEqual({ errno: 'EBUSY' });
    expect(refusal(() => attach(3))).toEqual({ errno: 'EINVAL' });
    expect(refusal(() => attach(0, 1))).toEqual({ errno: 'EOPNOTSUPP' });
    expect(refusal(() => attach(0, 9))).toMatchObject({ errno: 'ENODEV' });
    rig.do('lab', 'xsk-detach', { ifindex: 2, queue: 2 });
    expect(refusal(() => rig.do('lab', 'xsk-detach', { ifindex: 2, queue: 2 }))).toEqual({ errno: 'ENOENT' });
  });

  test('a provider on any queue stands against them', () => {
    const rig = new FamilyRig();
    rig.bound(4);
    expect(refusal(() => rig.do('lab', 'xsk-attach', { ifindex: 2, queue: 1 }))).toEqual({ errno: 'EBUSY' });
  });

  test('6.12 does not show them', () => {
    const rig = new FamilyRig({ release: '6.12' });
    rig.do('lab', 'xsk-attach', { ifindex: 2, queue: 0 });
    expect(rig.do('netdev', 'queue-get', { ifindex: 2, type: 'rx', id: 0 })).not.toHaveProperty('xsk');
  });
});

test('an XDP program is an fd of its session', () => {
  const rig = new FamilyRig();
  expect(rig.do('lab', 'xdp-load', { fd: 9, frags: true })).toEqual({ fd: 9, id: 1 });
  expect(refusal(() => rig.do('lab', 'xdp-load', { fd: 9 }))).toMatchObject({ errno: 'EBUSY' });
  expect(rig.do('lab', 'xdp-load')).toEqual({ fd: 3, id: 2 });
  expect(rig.dump('session', 'get').at(-1)?.fds).toEqual([
    { fd: 3, type: 'bpf-prog' },
    { fd: 9, type: 'bpf-prog' },
  ]);
});
