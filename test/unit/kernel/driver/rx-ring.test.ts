import { describe, expect, test } from 'vitest';
import { skbTruesize } from '../../../../src/kernel/driver/rx-ring.ts';
import { NETMEM_STATE } from '../../../../src/kernel/netmem/netmem.ts';
import { SCM_DEVMEM_LINEAR } from '../../../../src/uapi/socket.ts';
import { pattern, Rig, stats } from '../rig.ts';

test.each([
  [0, 960, 960],
  [100, 960, 832 + 128],
  [400, 960, 256 + 576 + 320],
  [0, 1280, 1280],
  [1000, 1280, 256 + 1152 + 320],
])('an skb with %i linear bytes over a smallest head of %i is charged %i', (linear, small, truesize) => {
  expect(skbTruesize(linear, small)).toBe(truesize);
});

describe('whole (split-perfect)', () => {
  test('a started queue posts its ring, and a header pool beside a bound one', () => {
    const rig = new Rig({ rx: 16 });
    expect(rig.pool(0).inflight).toBe(64);
    const { pool } = rig.bound(64);
    const { ring } = rig.netdev.rxQueues[0];
    expect([ring?.posted, pool.inflight]).toEqual([16, 16]);
    // 16 headers of 256 bytes: exactly one page, taken with a bulk of 64.
    expect([ring?.headPool?.mpOps, ring?.headPool?.inflight, ring?.headPool?.countIn(4)]).toEqual([null, 64, 1]);
  });

  test('the sums of the header pool are checked after a poll as well', () => {
    const rig = new Rig({ rx: 16 });
    rig.bound(64);
    const heads = rig.netdev.rxQueues[0].ring?.headPool;
    const c = rig.connect();
    rig.send(c, 100);
    expect(rig.kernel.conservationFaults).toBe(0);
    if (heads) heads.inState[NETMEM_STATE.STACK] = -1;
    rig.send(c, 100);
    expect(rig.kernel.conservationFaults).toBeGreaterThan(0);
    expect(rig.log).toContainEqual(
      expect.objectContaining({
        event: 'conservation-violation',
        fields: expect.objectContaining({ pool: heads?.id }),
      }),
    );
  });

  test('posted buffers are used first in, first out, and topped up by the poll', () => {
    const rig = new Rig({ rx: 4, mtu: 9000 });
    rig.bound(16);
    const c = rig.connect();
    c.flow.deliver(pattern(8192), 0, 8192);
    expect(rig.netdev.rxQueues[0].ring?.posted).toBe(2);
    rig.poll();
    expect(rig.netdev.rxQueues[0].ring?.posted).toBe(4);
    expect(rig.recv(c.socket).cmsgs.map((m) => m.fragOffset)).toEqual([0, 4096]);
  });

  test('a 9000-byte packet lies in three buffers', () => {
    const rig = new Rig({ mtu: 9000 });
    rig.bound(64);
    const c = rig.connect();
    rig.send(c, 8948);
    expect(rig.recv(c.socket).cmsgs.map((m) => m.fragSize)).toEqual([4096, 4096, 756]);
  });

  test('statistics of the queue: packets and bytes with headers', () => {
    const rig = new Rig({ mtu: 1500 });
    const c = rig.connect();
    rig.send(c, 3000);
    const q = rig.netdev.rxQueues[0];
    expect([q.packets, q.bytes]).toEqual([3, 3000 + 3 * 66]);
  });

  test('starvation: one failed allocation a refill, then a refill as soon as a buffer is back', () => {
    const rig = new Rig({ rx: 4 });
    const { pool } = rig.bound(4);
    const q = rig.netdev.rxQueues[0];
    const c = rig.connect();
    for (let i = 0; i < 4; i++) rig.send(c, 10);
    expect([q.allocFail, q.ring?.posted, q.dropOverruns]).toEqual([4, 0, 0]);
    rig.recv(c.socket);
    c.socket.devmemDontneed([{ start: 1, count: 1 }]);
    expect(pool.ring.count).toBe(1);
    rig.poll();
    expect([q.ring?.posted, pool.ring.count]).toEqual([1, 0]);
  });

  test('the head of a packet goes back to the header pool with the packet', () => {
    const rig = new Rig({ rx: 4 });
    rig.bound(16);
    const c = rig.connect();
    const heads = rig.netdev.rxQueues[0].ring?.headPool;
    for (let i = 0; i < 100; i++) {
      rig.send(c, 10);
      rig.recv(c.socket);
      c.socket.devmemDontneed([{ start: 1, count: 1 }]);
      rig.poll();
    }
    // 4 of 16 fragments of a page are posted; what left is in the ring, in the cache or with the allocator again.
    expect(heads?.countIn(4)).toBeLessThanOrEqual(2);
    expect([heads?.countIn(5), heads?.countIn(6)]).toEqual([0, 0]);
    rig.kernel.assertConservation();
  });
});

describe('fragment (netdevsim-dma, mode 2)', () => {
  test('small chunks share a buffer', () => {
    const rig = new Rig({ driver: 'netdevsim-dma', driverParams: { mode: 2 } });
    const { pool } = rig.bound(8);
    const c = rig.connect();
    for (let i = 0; i < 3; i++) rig.send(c, 1000);
    const offsets = rig.recv(c.socket).cmsgs.map((m) => m.fragOffset);
    expect(offsets).toEqual([0, 1000, 2000]);
    expect(pool.inflight).toBe(1);
    c.socket.devmemDontneed([{ start: 1, count: 3 }]);
    rig.send(c, 1000);
    rig.send(c, 1000);
    // The page goes on where it was until it is full.
    expect(rig.recv(c.socket).cmsgs.map((m) => m.fragOffset)).toEqual([3000, 4096]);
    expect(stats(pool)).toEqual({ 'alloc-empty': 2 });
  });

  test('a packet that finds only part of its buffers gives them back', () => {
    const rig = new Rig({ driver: 'netdevsim-dma', mtu: 9000 });
    const { pool } = rig.bound(2);
    const c = rig.connect();
    expect(rig.send(c, 8948)).toBe(0);
    expect([rig.netdev.rxQueues[0].dropOverruns, pool.cacheCount, pool.inflight]).toEqual([1, 2, 2]);
    rig.kernel.assertConservation();
  });

  test('linear bytes in every n-th packet', () => {
    const rig = new Rig({ driver: 'netdevsim-dma', driverParams: { lin: 20, 'lin-mod': 3 } });
    rig.bound(16);
    const c = rig.connect();
    const linear: boolean[] = [];
    for (let i = 0; i < 6; i++) {
      rig.send(c, 100);
      linear.push(rig.recv(c.socket).cmsgs.some((m) => m.type === SCM_DEVMEM_LINEAR));
    }
    expect(linear).toEqual([true, false, false, true, false, false]);
  });

  test('chunks smaller than a page', () => {
    const rig = new Rig({ driver: 'netdevsim-dma', driverParams: { chunk: 600 } });
    rig.bound(16);
    const c = rig.connect();
    rig.send(c, 1448);
    expect(rig.recv(c.socket).cmsgs.map((m) => [m.fragOffset % 4096, m.fragSize])).toEqual([
      [0, 600],
      [0, 600],
      [0, 248],
    ]);
  });
});

describe('aggregate (bnxt-like)', () => {
  test('segments of a flow fill buffers to the last byte and count as merged', () => {
    const rig = new Rig({ driver: 'bnxt-like', mtu: 1500 });
    rig.bound(64);
    const c = rig.connect();
    rig.send(c, 5 * 1448);
    expect(rig.recv(c.socket).cmsgs.map((m) => m.fragSize)).toEqual([4096, 3144]);
    const q = rig.netdev.rxQueues[0];
    expect([q.packets, q.hwGroPackets, q.hwGroBytes]).toEqual([5, 1, 7240]);
    expect([q.hwGroWirePackets, q.hwGroWireBytes]).toEqual([5, 7240]);
  });

  test('a segment that stays alone is no merged one', () => {
    const rig = new Rig({ driver: 'bnxt-like', mtu: 1500 });
    rig.bound(64);
    const c = rig.connect();
    rig.send(c, 100);
    const q = rig.netdev.rxQueues[0];
    expect([q.packets, q.hwGroPackets, q.hwGroWirePackets]).toEqual([1, 0, 0]);
  });

  test('another flow closes the packet; each keeps its order', () => {
    const rig = new Rig({ driver: 'bnxt-like', mtu: 1500 });
    const { dmabuf } = rig.bound(64);
    const [a, b] = [rig.connect(), rig.connect()];
    for (let i = 0; i < 6; i++) {
      const c = i % 2 === 0 ? a : b;
      c.flow.deliver(pattern(100, Math.floor(i / 2) * 100), 0, 100);
    }
    rig.poll();
    for (const c of [a, b]) {
      const out: number[] = [];
      for (const m of rig.recv(c.socket).cmsgs) {
        out.push(...dmabuf.bytes.subarray(m.fragOffset, m.fragOffset + m.fragSize));
      }
      expect(out).toEqual([...pattern(300)]);
    }
    rig.kernel.assertConservation();
  });

  test('at most 64 KiB and 17 buffers a packet', () => {
    const rig = new Rig({ driver: 'bnxt-like', mtu: 9000, rx: 64 });
    rig.bound(128);
    const c = rig.connect();
    rig.send(c, 200_000);
    let max = 0;
    for (let got = rig.recv(c.socket, 65_536); got.ret > 0; got = rig.recv(c.socket, 65_536)) {
      max = Math.max(max, got.cmsgs.length);
    }
    expect(max).toBeLessThanOrEqual(34);
    expect(rig.netdev.rxQueues[0].hwGroBytes).toBeGreaterThan(0);
  });
});

test('more packets than a turn takes are held back, not lost', () => {
  const rig = new Rig({ rx: 4096, mtu: 1500 });
  rig.split();
  const { fd } = rig.dmabuf(4096);
  rig.bind(fd, [0]);
  const c = rig.connect();
  const n = c.flow.deliver(pattern(2_000_000), 0, 2_000_000);
  expect(n).toBeLessThanOrEqual(1023 * 1448);
  rig.poll();
  expect(c.socket.inq()).toBe(n);
  expect(c.peer.calls).toContain('window');
  expect(c.flow.deliver(pattern(1448), 0, 1448)).toBe(1448);
});
