import { describe, expect, test } from 'vitest';
import { Rig, stats, tokens } from '../rig.ts';

/** Page indices in the order in which the binding hands them out. */
function order(rig: Rig, pages: number, runs?: readonly number[]): number[] {
  rig.split();
  const { fd } = rig.dmabuf(pages, runs);
  rig.netdev.close();
  const binding = rig.bind(fd, [0]);
  return Array.from({ length: pages }, () => binding.take() - binding.area.base);
}

describe('order of fresh net_iovs', () => {
  test.each([
    [[6], [0, 1, 2, 3, 4, 5]],
    [
      [2, 1, 3],
      [3, 4, 5, 2, 0, 1],
    ],
    [
      [1, 1, 1, 1],
      [3, 2, 1, 0],
    ],
  ])('runs %j: last entry first, ascending inside', (runs, want) => {
    const pages = runs.reduce((a, b) => a + b, 0);
    expect(order(new Rig(), pages, runs)).toEqual(want);
  });

  test('the lowest rank that is free comes first, whenever it came back', () => {
    const rig = new Rig();
    rig.split();
    const { fd } = rig.dmabuf(6, [3, 3]);
    rig.netdev.close();
    const binding = rig.bind(fd, [0]);
    const { base } = binding.area;
    const refs = Array.from({ length: 6 }, () => binding.take());
    expect(binding.take()).toBe(0);
    binding.give(base + 0);
    binding.give(base + 2);
    binding.give(base + 5);
    expect([binding.take(), binding.take(), binding.take()].map((r) => r - base)).toEqual([5, 0, 2]);
    for (const ref of refs) binding.give(ref);
    expect(binding.free).toBe(6);
  });
});

test('two queues draw from one binding', () => {
  const rig = new Rig({ rx: 4 });
  rig.split();
  const { fd } = rig.dmabuf(8);
  const binding = rig.bind(fd, [1, 0]);
  expect(binding.queues.map((q) => q.index)).toEqual([0, 1]);
  expect([rig.pool(0).inflight, rig.pool(1).inflight, binding.free]).toEqual([4, 4, 0]);
});

describe('life', () => {
  test('bound, unbound while a token is held, freed with the last pool', () => {
    const rig = new Rig({ rx: 4 });
    const { binding, dmabuf } = rig.bound(8);
    const c = rig.connect();
    rig.send(c, 100);
    const [token] = tokens(rig.recv(c.socket));
    rig.session.fds.close(dmabuf.fd);
    expect([binding.state, dmabuf.released, dmabuf.dmabuf.attachments.size]).toEqual(['bound', false, 1]);
    rig.session.netlink.unbind(binding);
    expect([binding.state, dmabuf.released]).toEqual(['unbound', false]);
    expect(rig.kernel.bindings.size).toBe(0);
    rig.clock.advance(60_000);
    expect(binding.state).toBe('unbound');
    expect(c.socket.devmemDontneed([{ start: token, count: 1 }])).toBe(1);
    expect(binding.state).toBe('unbound');
    rig.clock.advance(1000);
    expect([binding.state, dmabuf.released, dmabuf.dmabuf.attachments.size]).toEqual(['freed', true, 0]);
    rig.kernel.assertConservation();
  });

  test('an idle binding is freed at once by the unbind', () => {
    const rig = new Rig();
    const { binding, dmabuf } = rig.bound(32);
    rig.session.netlink.close();
    expect([binding.state, dmabuf.released]).toEqual(['freed', false]);
    rig.session.fds.close(dmabuf.fd);
    expect(dmabuf.released).toBe(true);
    rig.session.netlink.close();
  });

  test('frags queued at unbind are still read, under the old id, and count until returned', () => {
    const rig = new Rig({ driver: 'netdevsim-dma' });
    const { binding, pool } = rig.bound(8);
    const c = rig.connect();
    rig.send(c, 100);
    rig.events();
    rig.session.netlink.unbind(binding);
    expect(rig.events()).toEqual([`add ${rig.pool(0).id}`, `change ${pool.id}`]);
    expect(pool.describe()).toMatchObject({ inflight: 1, dmabuf: binding.id, 'detach-time': 5 });
    const got = rig.recv(c.socket);
    expect(got.cmsgs).toMatchObject([{ dmabufId: binding.id, fragSize: 100 }]);
    c.socket.devmemDontneed([{ start: 1, count: 1 }]);
    rig.clock.advance(1000);
    expect(rig.events()).toEqual([`del ${pool.id}`]);
    expect(binding.state).toBe('freed');
  });

  test('the same dmabuf can be bound again meanwhile: an independent binding with the same offsets', () => {
    const rig = new Rig({ rx: 4 });
    const { binding, dmabuf } = rig.bound(4);
    const c = rig.connect();
    rig.send(c, 10);
    const first = rig.recv(c.socket).cmsgs[0];
    rig.session.netlink.unbind(binding);
    const again = rig.bind(dmabuf.fd, [0]);
    expect(again.id).toBe(binding.id + 1);
    rig.send(c, 10);
    const second = rig.recv(c.socket).cmsgs[0];
    expect([second.dmabufId, second.fragOffset]).toEqual([again.id, first.fragOffset]);
    expect(dmabuf.dmabuf.attachments.size).toBe(2);
  });

  test('link down and up: two pools of one binding, and held buffers are not handed out', () => {
    const rig = new Rig({ rx: 4 });
    const { binding, pool } = rig.bound(8);
    const c = rig.connect();
    rig.send(c, 10);
    const held = rig.recv(c.socket).cmsgs[0].fragOffset;
    rig.netdev.close();
    rig.netdev.open();
    const fresh = rig.pool(0);
    expect([pool.state, fresh.mpPriv]).toEqual(['detached', binding]);
    expect([pool.describe().dmabuf, fresh.describe().dmabuf]).toEqual([binding.id, binding.id]);
    for (let i = 0; i < 4; i++) rig.send(c, 10);
    const offsets = rig.recv(c.socket).cmsgs.map((f) => f.fragOffset);
    expect(offsets).toHaveLength(4);
    expect(offsets).not.toContain(held);
    rig.session.netlink.close();
    expect(binding.state).toBe('unbound');
    c.socket.devmemDontneed([{ start: 0, count: 100 }]);
    rig.clock.advance(2000);
    expect(binding.state).toBe('freed');
  });

  test('unregistering the device leaves the binding on its socket, without device', () => {
    const rig = new Rig({ rx: 4 });
    const { binding, pool } = rig.bound(8);
    const c = rig.connect();
    rig.send(c, 10);
    rig.recv(c.socket);
    rig.events();
    rig.kernel.removeNetdev(rig.netdev);
    expect([binding.netdev, binding.queues, binding.state]).toEqual([null, [], 'bound']);
    // First detached by the driver's close, then relinked; ordinary pools went at once.
    expect(rig.events().filter((n) => n.endsWith(` ${pool.id}`))).toEqual([`change ${pool.id}`, `change ${pool.id}`]);
    expect(pool.describe()).toMatchObject({ dmabuf: binding.id, inflight: 1 });
    expect(pool.describe().ifindex).toBeUndefined();
    rig.session.netlink.close();
    expect(binding.state).toBe('unbound');
    c.socket.devmemDontneed([{ start: 1, count: 1 }]);
    rig.clock.advance(1000);
    expect(binding.state).toBe('freed');
  });
});

test('reuse: tokens 1..8 back, then the next eight packets use buffers 8..1', () => {
  const rig = new Rig({ driver: 'netdevsim-dma', rx: 512 });
  const { pool } = rig.bound(64);
  const c = rig.connect();
  for (let i = 0; i < 8; i++) rig.send(c, 10);
  const first = rig.recv(c.socket).cmsgs.map((f) => f.fragOffset);
  c.socket.devmemDontneed([{ start: 1, count: 8 }]);
  for (let i = 0; i < 8; i++) rig.send(c, 10);
  expect(rig.recv(c.socket).cmsgs.map((f) => f.fragOffset)).toEqual(first.reverse());
  expect(stats(pool)).toEqual({ 'alloc-empty': 8, 'alloc-refill': 1, 'alloc-fast': 7, 'recycle-ring': 8 });
});

test('a ring of 256, 300 returned: 44 go back to the binding', () => {
  const rig = new Rig({ driver: 'netdevsim-dma', rx: 512 });
  const { pool } = rig.bound(300);
  const c = rig.connect();
  const round = (): void => {
    for (let i = 0; i < 300; i++) rig.send(c, 10);
    const got = rig.recv(c.socket);
    expect(got.cmsgs).toHaveLength(300);
    c.socket.devmemDontneed([{ start: 1, count: 300 }]);
  };
  round();
  expect(stats(pool)).toEqual({ 'alloc-empty': 300, 'recycle-ring': 256, 'recycle-ring-full': 44 });
  expect(pool.inflight).toBe(256);
  round();
  expect(stats(pool)).toMatchObject({ 'alloc-refill': 4, 'alloc-fast': 252, 'alloc-empty': 344 });
});
