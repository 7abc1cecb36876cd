import { describe, expect, test } from 'vitest';
import { bindRx, type QueueAttrs } from '../../../../src/kernel/netdev/bind-rx.ts';
import type { KernelRelease } from '../../../../src/kernel/profile.ts';
import { NetlinkSocket } from '../../../../src/kernel/task/netlink-socket.ts';
import { Rig, refusal } from '../rig.ts';

const RX0: QueueAttrs = { id: 0, type: 0 };

/** A device on which everything after the first violation would be wrong as well. */
function bench(release: KernelRelease) {
  const rig = new Rig({ release });
  const bind = (queues: readonly QueueAttrs[], fd = 99, ifindex = rig.netdev.ifindex) =>
    refusal(() => bindRx(rig.kernel, rig.session, rig.session.netlink, ifindex, fd, queues));
  return { rig, bind };
}

describe.each(['6.18', '7.3'] as const)('checks on %s, in order', (release) => {
  test('no such device: ENODEV without attribute', () => {
    expect(bench(release).bind([{}], 99, 77)).toEqual({ errno: 'ENODEV' });
  });
  test('a device without queue management', () => {
    const want = { errno: 'EOPNOTSUPP', extack: { 'bad-attr': '.ifindex' } };
    expect(bench(release).bind([{}], 99, 1)).toEqual(want);
  });
  test('queue entries in message order: id missing, type missing, not rx, out of range', () => {
    const { bind } = bench(release);
    const missing = (name: string) => ({ errno: 'EINVAL', extack: { 'miss-type': name, 'miss-nest': '.queues' } });
    expect(bind([RX0, {}])).toEqual(missing('id'));
    expect(bind([{ id: 99 }, {}])).toEqual(missing('type'));
    expect(bind([{ id: 99, type: 1 }])).toEqual({ errno: 'EINVAL', extack: { 'bad-attr': '.queues.type' } });
    expect(bind([{ id: 2, type: 0 }])).toEqual({ errno: 'EINVAL', extack: { 'bad-attr': '.queues.id' } });
  });
  test('no DMA device comes before the fd', () => {
    const { rig, bind } = bench(release);
    (rig.netdev.driver as { dmaDevice: DmaDevice | null }).dmaDevice = null;
    const want = { errno: 'EOPNOTSUPP', extack: { msg: "Device doesn't support DMA" } };
    expect(bind([RX0])).toEqual(want);
  });
  test('the fd: not open, then no dmabuf', () => {
    const { rig, bind } = bench(release);
    expect(bind([RX0])).toEqual({ errno: 'EBADF' });
    const fd = rig.session.fds.install(new NetlinkSocket(rig.kernel));
    expect(bind([RX0], fd)).toEqual({ errno: 'EINVAL' });
  });
  test('what failed so far used no id, what fails on a queue uses one', () => {
    const { rig, bind } = bench(release);
    bind([RX0]);
    const { fd } = rig.dmabuf(32);
    expect(bind([RX0], fd)).toMatchObject({ extack: { msg: 'tcp-data-split is disabled' } });
    rig.split();
    expect(rig.bind(fd, [0]).id).toBe(2);
  });
  test('duplicates are merged, queues are bound in ascending order', () => {
    const rig = new Rig({ release, rxQueues: 4 }).split();
    const { fd } = rig.dmabuf(128);
    expect(rig.bind(fd, [3, 1, 3, 1]).queues.map((q) => q.index)).toEqual([1, 3]);
  });
});

describe('checks on 6.12, in order', () => {
  test('the device, then the fd, before any queue entry is looked at', () => {
    const { bind } = bench('6.12');
    expect(bind([{}], 99, 77)).toEqual({ errno: 'ENODEV' });
    expect(bind([{}])).toEqual({ errno: 'EBADF' });
  });
  test('the fd comes before the device that loopback does not have', () => {
    const { rig, bind } = bench('6.12');
    expect(bind([RX0], 99, 1)).toEqual({ errno: 'EBADF' });
    expect(bind([RX0], rig.dmabuf(64).fd, 1)).toEqual({
      errno: 'EINVAL',
      extack: { msg: 'Failed to bind dmabuf to device' },
    });
  });
  test('queue entries one by one: a later malformed one takes the earlier queues off again', () => {
    const { rig, bind } = bench('6.12');
    const { fd } = rig.dmabuf(64);
    rig.events();
    expect(bind([RX0, { id: 1 }], fd)).toMatchObject({ extack: { 'miss-type': 'type' } });
    expect(rig.netdev.rxQueues[0].provider).toBeNull();
    // Payload and header pool come, the ordinary pool goes; then the way back.
    expect(rig.events().map((n) => n.split(' ')[0])).toEqual(['add', 'add', 'del', 'add', 'del', 'del']);
  });
  test('out of range is ERANGE with text', () => {
    const { rig, bind } = bench('6.12');
    const { fd } = rig.dmabuf(64);
    const want = { errno: 'ERANGE', extack: { msg: 'rx queue index out of range' } };
    expect(bind([{ id: 2, type: 0 }], fd)).toEqual(want);
  });
  test('a duplicate is EEXIST', () => {
    const { rig, bind } = bench('6.12');
    const { fd } = rig.dmabuf(64);
    const want = { errno: 'EEXIST', extack: { msg: 'designated queue already memory provider bound' } };
    expect(bind([RX0, RX0], fd)).toEqual(want);
  });
  test('tcp-data-split is not asked for; queues in message order', () => {
    const rig = new Rig({ release: '6.12' });
    const { fd } = rig.dmabuf(64);
    expect(rig.bind(fd, [1, 0]).queues.map((q) => q.index)).toEqual([1, 0]);
  });
});

describe('a bind that fails on its second queue', () => {
  const failing = () => {
    const rig = new Rig({ rxQueues: 3, rx: 4 }).split();
    const taken = rig.dmabuf(8);
    rig.bind(taken.fd, [1]);
    const mine = rig.dmabuf(8);
    rig.events();
    const err = refusal(() => rig.bind(mine.fd, [0, 1, 2]));
    return { rig, mine, err };
  };

  test('leaves nothing', () => {
    const { rig, mine, err } = failing();
    expect(err).toEqual({
      errno: 'EEXIST',
      extack: { msg: 'designated queue already memory provider bound' },
    });
    expect(rig.netdev.rxQueues.map((q) => q.provider !== null)).toEqual([false, true, false]);
    expect([rig.kernel.bindings.size, rig.session.netlink.bindings.length]).toEqual([1, 1]);
    expect(mine.dmabuf.attachments.size).toBe(0);
    expect(rig.pool(0).mpOps).toBeNull();
    rig.kernel.assertConservation();
  });

  test('is seen as pools that come and go: bound, back to ordinary', () => {
    const { rig } = failing();
    const dmabufOf = (m: Record<string, unknown>) => `${String(m.name).split('-')[2]}${m.dmabuf ? ' dmabuf' : ''}`;
    // Payload and header pool of the bound queue, out with the ordinary one; then the way back.
    expect(rig.messages.slice(-6).map(dmabufOf)).toEqual(['add dmabuf', 'add', 'del', 'add', 'del dmabuf', 'del']);
  });
});

describe('an exporter that refuses', () => {
  const refusing = (release: '6.12' | '6.18', what: 'attach' | 'map') => {
    const rig = new Rig({ release }).split();
    const made = rig.dmabuf(64);
    made.dmabuf.fault[what] = 5;
    rig.events();
    const err = refusal(() => rig.bind(made.fd, [0]));
    return { rig, made, err };
  };

  test.each([
    ['attach', 'Failed to bind dmabuf to device'],
    ['map', 'Failed to map dmabuf attachment'],
  ] as const)('to %s: its errno with the text, and nothing is left', (what, msg) => {
    const { rig, made, err } = refusing('6.18', what);
    expect(err).toEqual({ errno: 'EIO', extack: { msg } });
    expect([made.dmabuf.attachments.size, made.dmabuf.maps, rig.kernel.bindings.size, rig.events()]).toEqual([
      0,
      0,
      0,
      [],
    ]);
    made.dmabuf.fault[what] = 0;
    expect(rig.bind(made.fd, [0]).dmabuf).toBe(made.dmabuf);
  });

  test.each([
    ['6.12', 2],
    ['6.18', 1],
  ] as const)('%s: the next binding has id %i', (release, id) => {
    const { rig, made } = refusing(release, 'map');
    made.dmabuf.fault.map = 0;
    expect(rig.bind(made.fd, [0]).id).toBe(id);
  });

  test('comes after all that is checked before the fd', () => {
    const rig = new Rig().split();
    const made = rig.dmabuf(64);
    made.dmabuf.fault.attach = 5;
    expect(refusal(() => rig.bind(made.fd, [99]))).toMatchObject({ extack: { 'bad-attr': '.queues.id' } });
  });
});

test('a binding is one attachment, mapped once for all its queues', () => {
  const rig = new Rig({ rx: 4 }).split();
  const { fd, dmabuf } = rig.dmabuf(64);
  rig.bind(fd, [0, 1]);
  expect([...dmabuf.attachments].map((a) => [a.device, a.state, a.dynamic])).toEqual([
    [rig.netdev.ifindex, 'mapped', false],
  ]);
  expect([dmabuf.maps, dmabuf.unmaps]).toEqual([1, 0]);
  rig.session.netlink.close();
  expect([dmabuf.attachments.size, dmabuf.maps, dmabuf.unmaps]).toEqual([0, 1, 1]);
});

test('a binding belongs to the netlink socket it came through', () => {
  const rig = new Rig().split();
  const other = new NetlinkSocket(rig.kernel);
  const { fd } = rig.dmabuf(64);
  const a = rig.bind(fd, [0]);
  const b = rig.bind(fd, [1], other);
  rig.session.netlink.close();
  expect([a.state, b.state]).toEqual(['freed', 'bound']);
  other.close();
  expect(b.state).toBe('freed');
});
