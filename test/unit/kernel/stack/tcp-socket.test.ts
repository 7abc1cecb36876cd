import { describe, expect, test } from 'vitest';
import { NETMEM_STATE } from '../../../../src/kernel/netmem/netmem.ts';
import type { TcpState } from '../../../../src/kernel/stack/tcp-socket.ts';
import { type Connection, named, pattern, Rig, refusal, stats } from '../rig.ts';

const bench = (o: ConstructorParameters<typeof Rig>[0] = {}, pages = 64) => {
  const rig = new Rig({ driver: 'netdevsim-dma', mtu: 9000, ...o });
  const { pool, binding, dmabuf } = rig.bound(pages);
  return { rig, pool, binding, dmabuf, c: rig.connect(0) };
};

/** Segments by stream offset, as a sender that repeats and reorders would send them. */
const segments = (rig: Rig, c: Connection, list: readonly (readonly [number, number])[]): void => {
  for (const [seq, size] of list) {
    expect(c.flow.segment(seq, pattern(size, seq), 0, size, true)).toBe(true);
    rig.poll();
  }
};

/** Everything readable, joined from frags. */
const stream = (rig: Rig, c: Connection, bytes: Uint8Array): number[] => {
  const out: number[] = [];
  for (let got = rig.recv(c.socket); got.ret > 0; got = rig.recv(c.socket)) {
    for (const m of got.cmsgs) out.push(...bytes.subarray(m.fragOffset, m.fragOffset + m.fragSize));
  }
  return out;
};

describe('sequence', () => {
  test.each<[string, [number, number][], number, number]>([
    [
      'in order',
      [
        [0, 100],
        [100, 50],
        [150, 10],
      ],
      0,
      0,
    ],
    [
      'a duplicate',
      [
        [0, 100],
        [0, 100],
        [100, 20],
      ],
      1,
      0,
    ],
    [
      'an old part of what is there',
      [
        [0, 100],
        [20, 50],
      ],
      1,
      0,
    ],
    [
      'out of order',
      [
        [100, 50],
        [0, 100],
      ],
      0,
      1,
    ],
    [
      'backwards',
      [
        [300, 100],
        [200, 100],
        [100, 100],
        [0, 100],
      ],
      0,
      3,
    ],
    [
      'out of order, twice',
      [
        [100, 50],
        [100, 50],
        [0, 100],
      ],
      1,
      2,
    ],
    [
      'overlapping the next byte expected',
      [
        [0, 100],
        [50, 100],
      ],
      0,
      0,
    ],
    [
      'a gap filled by one that covers more',
      [
        [100, 50],
        [0, 200],
      ],
      0,
      1,
    ],
    [
      'a gap filled partly',
      [
        [100, 100],
        [50, 40],
        [0, 50],
        [90, 10],
      ],
      0,
      2,
    ],
  ])('%s', (_, list, duplicates, ofo) => {
    const { rig, c, dmabuf, pool } = bench();
    segments(rig, c, list);
    const end = Math.max(...list.map(([seq, size]) => seq + size));
    expect(c.socket.inq()).toBe(end);
    expect(stream(rig, c, dmabuf.bytes)).toEqual([...pattern(end)]);
    expect([c.socket.duplicates, c.socket.ofoSegments, c.socket.rmem]).toEqual([duplicates, ofo, 0]);
    c.socket.devmemDontneed([{ start: 0, count: 1024 }]);
    rig.kernel.assertConservation();
    expect([pool.countIn(7), rig.kernel.skbs.live]).toEqual([0, 0]);
  });

  test('what is behind a gap is not readable and wakes nobody', () => {
    const { rig, c } = bench();
    let woken = 0;
    c.socket.waitQueue.add({ wake: () => woken++ });
    segments(rig, c, [[10, 10]]);
    expect([woken, c.socket.inq(), named(rig.recv(c.socket).ret)]).toEqual([0, 0, 'EAGAIN']);
    segments(rig, c, [[0, 10]]);
    expect([woken, c.socket.inq()]).toEqual([1, 20]);
  });
});

describe('coalescing', () => {
  test('up to 17 frags in one packet, and its head is no longer charged', () => {
    const { rig, c } = bench();
    const live: number[] = [];
    for (let i = 0; i < 20; i++) {
      segments(rig, c, [[i * 100, 100]]);
      live.push(rig.kernel.skbs.live);
    }
    expect(live.slice(15)).toEqual([1, 1, 2, 2, 2]);
    expect(c.socket.rmem).toBe(20 * 4096 + 2 * 960);
    expect(rig.recv(c.socket).ret).toBe(2000);
    expect(c.socket.rmem).toBe(0);
  });

  test('never between readable and unreadable', () => {
    const { rig, c } = bench();
    segments(rig, c, [[0, 100]]);
    rig.session.netlink.close();
    segments(rig, c, [[100, 100]]);
    expect(rig.kernel.skbs.live).toBe(2);
  });
});

describe('coalescing with a header pool', () => {
  test('the head goes back to its pool, its frags move', () => {
    const rig = new Rig({ driver: 'split-perfect', mtu: 9000, rx: 64 });
    const { dmabuf } = rig.bound(64);
    const c = rig.connect();
    rig.send(c, pattern(100));
    const heads = rig.netdev.rxQueues[0].ring?.headPool;
    const held = () => heads?.out ?? 0;
    const before = [held(), rig.kernel.skbs.live];
    rig.send(c, pattern(100, 100));
    expect([held(), rig.kernel.skbs.live]).toEqual(before);
    expect(c.socket.rmem).toBe(2 * 4096 + 960);
    const got = rig.recv(c.socket);
    expect([got.ret, got.cmsgs.length, c.socket.rmem]).toEqual([200, 2, 0]);
    expect(dmabuf.bytes.length).toBe(64 * 4096);
    rig.kernel.assertConservation();
  });
});

describe('receive buffer', () => {
  test.each([
    [0, 2304],
    [-1, 425_984],
    [1, 2304],
    [5000, 10_000],
    [212_992, 425_984],
    [10_000_000, 425_984],
  ])('SO_RCVBUF %i gives %i', (asked, got) => {
    const { c } = bench();
    expect(c.socket.rcvbufOption).toBe(131_072);
    c.socket.setRcvbuf(asked);
    expect([c.socket.rcvbuf, c.socket.rcvbufOption]).toEqual([got, got]);
  });

  test.each([
    [0, 4608],
    [2303, 4608],
    [5000, 10_000],
    [-1, 425_984],
    [10_000_000, 425_984],
  ])('SO_SNDBUF %i gives %i', (asked, got) => {
    const { c } = bench();
    c.socket.setSndbuf(asked);
    expect(c.socket.sndbuf).toBe(got);
    expect(c.socket.send(new Uint8Array(500_000))).toBe(got);
  });

  test('a segment of the caller beyond the limit is dropped and counted', () => {
    const { rig, c } = bench();
    c.socket.setRcvbuf(5000);
    segments(rig, c, [
      [0, 10],
      [10, 10],
      [20, 10],
      [30, 10],
    ]);
    // Merged frags give their heads back: 960 + 3 * 4096 is over the limit of 10000.
    expect([c.socket.inq(), c.socket.rcvqDrops]).toEqual([30, 1]);
    rig.kernel.assertConservation();
  });

  test('what deliver() took is never dropped: many small writes of a peer, nobody reads', () => {
    const rig = new Rig({ driver: 'split-perfect', rx: 2048, mtu: 9000 });
    const { dmabuf } = rig.bound(6000);
    const c = rig.connect();
    c.socket.setRcvbuf(212_992);
    let sent = 0;
    for (let turn = 0; turn < 20; turn++) {
      for (let i = 0; i < 900; i++) sent += c.flow.deliver(pattern(10, sent), 0, 10);
      rig.poll();
    }
    expect(c.socket.rcvqDrops).toBe(0);
    expect(c.socket.inq()).toBe(sent);
    // The overshoot is one turn of the device at most.
    expect(c.socket.rmem).toBeLessThan(c.socket.rcvbuf + 1024 * 5056);
    expect(stream(rig, c, dmabuf.bytes)).toEqual([...pattern(sent)]);
    expect(c.peer.calls).toContain('window');
  });

  test('a smaller SO_RCVBUF does not make a hole of what is under way', () => {
    const rig = new Rig({ driver: 'split-perfect', rx: 256, mtu: 9000 });
    const { dmabuf } = rig.bound(300);
    const c = rig.connect();
    rig.send(c, pattern(20_000));
    const n = c.flow.deliver(pattern(50_000, 20_000), 0, 50_000);
    c.socket.setRcvbuf(2304);
    rig.poll();
    expect(c.socket.inq()).toBe(20_000 + n);
    expect(stream(rig, c, dmabuf.bytes)).toEqual([...pattern(20_000 + n)]);
  });

  test('SO_RCVLOWAT: readers are woken at the mark, at the end, and when no more fits', () => {
    const { rig, c } = bench();
    c.socket.setRcvlowat(1000);
    let woken = 0;
    c.socket.waitQueue.add({ wake: () => woken++ });
    rig.send(c, 999);
    expect([woken, c.socket.readable]).toEqual([0, false]);
    rig.send(c, 1);
    expect([woken, c.socket.readable]).toEqual([1, true]);
  });

  test('SO_RCVLOWAT: 0 is 1, negative is the most, and the most is half of what the buffer may become', () => {
    const { c } = bench();
    const set = (bytes: number) => {
      c.socket.setRcvlowat(bytes);
      return c.socket.rcvlowat;
    };
    expect([0, 1, 5000, 2 ** 31 - 1, -1].map(set)).toEqual([1, 1, 5000, 3_145_728, 3_145_728]);
    c.socket.setRcvbuf(10_000);
    expect([5000, 10_000, 10_001, -5].map(set)).toEqual([5000, 10_000, 10_000, 10_000]);
  });

  test('SO_RCVLOWAT that what is there satisfies wakes the reader', () => {
    const { rig, c } = bench();
    c.socket.setRcvlowat(1000);
    let woken = 0;
    c.socket.waitQueue.add({ wake: () => woken++ });
    rig.send(c, 500);
    c.socket.setRcvlowat(501);
    expect(woken).toBe(0);
    c.socket.setRcvlowat(500);
    expect(woken).toBe(1);
  });

  test('SO_RCVLOWAT above what the window lets in does not block for ever', () => {
    const rig = new Rig({ driver: 'split-perfect', rx: 1024, mtu: 9000 });
    rig.bound(4000);
    const c = rig.connect();
    c.socket.setRcvbuf(212_992);
    c.socket.setRcvlowat(10_000_000);
    // Tiny segments use up half of the buffer with few bytes; then large ones fill the window.
    for (let i = 0; i < 40; i++) rig.send(c, 10);
    const n = rig.send(c, 500_000);
    expect(n).toBeLessThan(500_000);
    expect(c.socket.readable).toBe(true);
  });
});

describe('end of a connection', () => {
  const state = (c: Connection): TcpState => c.socket.state;

  test('peer first: close-wait, then close() waits for the ACK of our FIN', () => {
    const { rig, c } = bench();
    c.flow.fin();
    rig.poll();
    expect([state(c), c.socket.atEnd]).toEqual(['close-wait', true]);
    c.socket.close();
    expect([state(c), c.peer.calls]).toEqual(['last-ack', ['shutdown']]);
    rig.poll();
    expect([state(c), rig.kernel.tcp.flowCount, rig.kernel.tcp.sockets.size]).toEqual(['close', 0, 0]);
  });

  test('ours first: fin-wait1, fin-wait2, then the peer', () => {
    const { rig, c } = bench();
    c.socket.shutdown('wr');
    expect(state(c)).toBe('fin-wait1');
    rig.poll();
    expect(state(c)).toBe('fin-wait2');
    rig.send(c, 100);
    c.flow.fin();
    rig.poll();
    expect(state(c)).toBe('close');
    expect([rig.recv(c.socket).ret, rig.recv(c.socket).ret]).toEqual([100, 0]);
    expect(rig.kernel.tcp.flowCount).toBe(0);
  });

  test('a FIN that gets lost leaves the tokens where they are until it comes through', () => {
    const rig = new Rig({ driver: 'netdevsim-dma' });
    const { pool } = rig.bound(4);
    const c = rig.connect();
    rig.send(c, 100);
    rig.recv(c.socket);
    c.peer.reachable = false;
    c.socket.close();
    rig.poll();
    rig.clock.advance(60_000);
    expect([state(c), pool.countIn(NETMEM_STATE.USER)]).toEqual(['fin-wait1', 1]);
    c.flow.finAcked();
    rig.poll();
    // In softirq, of the pool's own NAPI.
    expect([state(c), pool.countIn(NETMEM_STATE.USER), pool.countIn(NETMEM_STATE.CACHE)]).toEqual(['close', 0, 1]);
  });

  test('both at once: closing', () => {
    const { rig, c } = bench();
    c.socket.send(new Uint8Array(10));
    c.socket.shutdown('wr');
    c.flow.fin();
    rig.poll();
    expect(state(c)).toBe('closing');
    expect(c.flow.peerRead(100)).toHaveLength(10);
    rig.poll();
    expect(state(c)).toBe('close');
  });

  test('FIN waits for bytes that are still to be sent', () => {
    const { c } = bench();
    c.socket.send(pattern(100));
    c.socket.shutdown('wr');
    expect(c.peer.calls).toEqual(['data']);
    c.flow.peerRead(60);
    expect([c.peer.calls.includes('shutdown'), c.flow.sendClosed]).toEqual([false, false]);
    expect(c.flow.peerRead(60)).toEqual(pattern(40, 60));
    expect([c.peer.calls.at(-1), c.flow.sendClosed]).toEqual(['shutdown', true]);
  });

  test('close with unread data resets', () => {
    const { rig, c } = bench();
    rig.send(c, 10);
    c.socket.close();
    expect([state(c), c.peer.calls, c.flow.state]).toEqual(['close', ['reset'], 'closed']);
    expect(rig.kernel.tcp.sockets.size).toBe(0);
    rig.kernel.assertConservation();
  });

  test('data for an orphan resets', () => {
    const { rig, c } = bench();
    c.socket.send(pattern(10));
    c.socket.close();
    expect(state(c)).toBe('fin-wait1');
    rig.send(c, 10);
    expect([state(c), c.peer.calls.at(-1)]).toEqual(['close', 'reset']);
    rig.kernel.assertConservation();
  });

  test('shutdown of the reading side: 0, but what arrives can still be read', () => {
    const { rig, c } = bench();
    c.socket.shutdown('rd');
    expect(rig.recv(c.socket).ret).toBe(0);
    rig.send(c, 10);
    expect([rig.recv(c.socket).ret, rig.recv(c.socket).ret, c.socket.rmem]).toEqual([10, 0, 0]);
    expect([state(c), c.peer.calls]).toEqual(['established', []]);
    rig.kernel.assertConservation();
  });

  test.each([['rdwr'], ['rd', 'wr'], ['wr', 'rd']] as const)('%s %s: data behind it resets the peer', (...how) => {
    const { rig, c } = bench();
    for (const one of how) c.socket.shutdown(one as 'rd' | 'wr' | 'rdwr');
    rig.poll();
    expect(state(c)).toBe('fin-wait2');
    rig.send(c, 10);
    expect([state(c), c.peer.calls, c.flow.state]).toEqual(['close', ['shutdown', 'reset'], 'closed']);
    expect([rig.recv(c.socket).ret, c.socket.rmem, rig.kernel.tcp.flowCount]).toEqual([0, 0, 0]);
    rig.kernel.assertConservation();
  });

  const halfClosed = () => {
    const b = bench();
    b.c.socket.close();
    b.rig.poll();
    expect([b.rig.kernel.tcp.sockets.size, b.c.peer.calls, b.c.flow.state]).toEqual([0, ['shutdown'], 'open']);
    return b;
  };

  test('a closed connection whose peer never ends its side is reset after 60 s', () => {
    const { rig, c } = halfClosed();
    rig.clock.advance(59_999);
    expect(c.peer.calls).toEqual(['shutdown']);
    rig.clock.advance(1);
    expect([c.peer.calls, c.flow.state, rig.clock.pending]).toEqual([['shutdown', 'reset'], 'closed', 0]);
  });

  test('so is one that was shut down first and closed later', () => {
    const { rig, c } = bench();
    c.socket.shutdown('wr');
    rig.poll();
    expect(state(c)).toBe('fin-wait2');
    c.socket.close();
    rig.clock.advance(60_000);
    expect([c.peer.calls, rig.clock.pending]).toEqual([['shutdown', 'reset'], 0]);
  });

  test.each(['fin', 'reset'] as const)('a %s of the peer in time ends the waiting', (how) => {
    const { rig, c } = halfClosed();
    rig.clock.advance(30_000);
    c.flow[how]();
    expect(rig.clock.pending).toBe(0);
    rig.clock.advance(60_000);
    expect(c.peer.calls).toEqual(['shutdown']);
  });

  test('data of the peer in time is answered with the reset', () => {
    const { rig, c } = halfClosed();
    rig.send(c, 10);
    expect([c.peer.calls, rig.clock.pending]).toEqual([['shutdown', 'reset'], 0]);
  });

  test('calls on what is over', () => {
    const { rig, c } = bench();
    c.flow.reset();
    rig.poll();
    expect(refusal(() => c.socket.shutdown('wr'))).toEqual({ errno: 'ENOTCONN' });
    expect([named(c.socket.send(pattern(1))), named(c.socket.send(pattern(1)))]).toEqual(['ECONNRESET', 'EPIPE']);
  });

  test("sending: the send buffer bounds, and the peer's read makes room", () => {
    const { c } = bench();
    c.socket.sndbuf = 100;
    expect([c.socket.send(pattern(60)), c.socket.send(pattern(60))]).toEqual([60, 40]);
    expect([named(c.socket.send(pattern(1))), c.socket.outq]).toEqual(['EAGAIN', 100]);
    let woken = 0;
    c.socket.waitQueue.add({ wake: () => woken++ });
    c.flow.peerRead(30);
    expect([woken, c.socket.send(pattern(60))]).toEqual([1, 30]);
    c.socket.shutdown('wr');
    expect(named(c.socket.send(pattern(1)))).toBe('EPIPE');
  });
});

describe('tokens at the end of a socket', () => {
  const held = () => {
    const b = bench();
    b.rig.send(b.c, 100);
    b.rig.recv(b.c.socket);
    return b;
  };

  test('stay until our FIN is acknowledged, then go in softirq, into the cache', () => {
    const { rig, c, pool } = held();
    c.socket.close();
    expect([pool.countIn(7), stats(pool)['recycle-cached']]).toEqual([1, undefined]);
    rig.poll();
    expect([pool.countIn(7), stats(pool)['recycle-cached'], c.socket.tokens.count]).toEqual([0, 1, 0]);
  });

  test('stay with a dead link', () => {
    const { rig, c, pool } = held();
    rig.netdev.close();
    c.socket.close();
    rig.poll();
    rig.clock.advance(5000);
    expect([pool.countIn(7), pool.state]).toEqual([1, 'detached']);
    rig.netdev.open();
    rig.poll();
    rig.clock.advance(1000);
    expect(pool.state).toBe('gone');
  });

  test('stay with a socket the peer reset, until its close', () => {
    const { rig, c, pool } = held();
    c.flow.reset();
    rig.poll();
    expect([c.socket.tokens.count, pool.countIn(7)]).toEqual([1, 1]);
    expect(c.socket.devmemDontneed([{ start: 1, count: 1 }])).toBe(1);
    c.socket.close();
    expect(rig.kernel.tcp.sockets.size).toBe(0);
  });

  test('close twice is once', () => {
    const { rig, c } = held();
    c.socket.close();
    c.socket.close();
    rig.poll();
    c.socket.close();
    rig.kernel.assertConservation();
  });
});
