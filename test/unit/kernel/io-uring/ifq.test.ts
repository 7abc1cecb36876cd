import { describe, expect, test } from 'vitest';
import { restartQueue } from '../../../../src/kernel/netdev/queue-restart.ts';
import { NETMEM_STATE } from '../../../../src/kernel/netmem/netmem.ts';
import { ioUringProvider } from '../../../../src/kernel/provider/io-uring.ts';
import { ERRNO } from '../../../../src/uapi/errno.ts';
import { refusal, stats } from '../rig.ts';
import { newIfq, type Rqe, ZcrxRig } from './zcrx-rig.ts';

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

/** The user holds `n` buffers of copies, as after a stream that was copied: from the top of the area downwards. */
function deliverCopies(rig: ZcrxRig, n: number): number[] {
  return Array.from({ length: n }, () => {
    const ref = rig.ifq.area.lend();
    rig.ifq.deliverCopy(ref);
    return rig.index(ref);
  });
}

describe('delivery', () => {
  test('takes a pool reference and a user reference', () => {
    const rig = new ZcrxRig(8, 8);
    const ref = rig.pool(0).allocNetmem();
    const { ppRef, users, state } = rig.kernel.netmems;
    expect(rig.ifq.deliver(ref)).toBe(0);
    expect(rig.ifq.deliver(ref)).toBe(0);
    expect([ppRef[ref], users[ref], rig.ifq.area.references.of(ref), state[ref]]).toEqual([3, 2, 2, NETMEM_STATE.USER]);
    expect(rig.ifq.area.references.outstanding).toBe(2);
    rig.check();
  });

  test('of memory that is not of this ifq is -EFAULT', () => {
    const rig = new ZcrxRig(8, 8);
    const other = newIfq(rig.kernel, rig.netdev, 8, 8);
    other.ifq.open(rig.netdev.rxQueues[1], ioUringProvider);
    const foreign = rig.pool(1).allocNetmem();
    expect(rig.ifq.deliver(foreign)).toBe(-ERRNO.EFAULT);
    expect(other.ifq.deliver(foreign)).toBe(0);
    expect(rig.ifq.deliver(rig.ifq.area.base)).toBe(-ERRNO.EFAULT);
  });

  test("of a copy adds no pool reference: the loan becomes the user's", () => {
    const rig = new ZcrxRig(8, 8);
    expect(deliverCopies(rig, 2)).toEqual([7, 6]);
    const ref = rig.ifq.area.base + 7;
    const { ppRef, state, pool } = rig.kernel.netmems;
    expect([ppRef[ref], pool[ref], state[ref]]).toEqual([1, 0, NETMEM_STATE.USER]);
    expect(rig.ifq.area).toMatchObject({ free: 6, held: 2, lent: 0 });
    rig.check();
  });
});

describe.each(['6.18', '7.3'] as const)('returns on %s', (release) => {
  const make = (pages: number, entries: number) => new ZcrxRig(pages, entries, { release });

  test('are seen when cache and ring are empty, not before; and beat the free list', () => {
    const rig = make(128, 128);
    rig.deliver(rig.alloc(3));
    rig.client.give(64, 65, 66);
    rig.alloc(61);
    expect(rig.client.head).toBe(0);
    expect(rig.alloc(3)).toEqual([66, 65, 64]);
    expect([rig.client.head, rig.ifq.area.free]).toEqual([3, 64]);
    expect(rig.alloc(1)).toEqual([0]);
    expect(stats(rig.pool(0))).toEqual({ 'alloc-empty': 3, 'alloc-fast': 65 });
    rig.check();
  });

  // Recorded: zcrx.lazy-head, 16 pages, four at a time.
  test('come out in reverse order of a batch', () => {
    const rig = make(16, 16);
    const order: number[] = [];
    for (let round = 0; round < 9; round++) {
      const got = rig.alloc(4);
      rig.deliver(got);
      rig.client.give(...got);
      order.push(...got);
      expect(rig.client.head).toBe(round < 4 ? 0 : round < 8 ? 16 : 32);
    }
    expect(order).toEqual([...range(0, 16), ...range(0, 16).reverse(), 0, 1, 2, 3]);
    expect(stats(rig.pool(0))).toEqual({ 'alloc-fast': 33, 'alloc-empty': 3 });
    expect(rig.faults()).toEqual({});
  });

  test("of a buffer that a packet still holds free nothing; the packet's end does", () => {
    const rig = make(4, 4);
    const [i] = rig.alloc(4);
    const ref = rig.ifq.area.base + i;
    rig.ifq.deliver(ref);
    rig.client.give(i);
    expect(rig.alloc(1)).toEqual([-1]);
    expect([rig.client.head, rig.kernel.netmems.state[ref], rig.kernel.netmems.ppRef[ref]]).toEqual([
      1,
      NETMEM_STATE.SOCKET,
      1,
    ]);
    rig.check();
    rig.pool(0).put(ref);
    expect(stats(rig.pool(0))).toMatchObject({ 'recycle-ring': 1 });
    expect(rig.alloc(1)).toEqual([i]);
  });

  test('may name a buffer as often as it was delivered, in any order and with any offset inside of it', () => {
    const rig = make(4, 16);
    const [a, b] = rig.alloc(4);
    const [refA, refB] = [a, b].map((i) => rig.ifq.area.base + i);
    for (const ref of [refA, refA, refB, refA]) rig.ifq.deliver(ref);
    rig.pool(0).put(refA);
    rig.pool(0).put(refB);
    rig.client.give({ off: 1000 }, b, { off: 4095, len: 0 }, { off: 1, len: 0xffff_ffff });
    expect(rig.alloc(3)).toEqual([a, b, -1]);
    expect(rig.faults()).toEqual({});
    rig.check();
  });

  test('of a copy go to the free list, also when a pool finds them', () => {
    const rig = make(8, 8);
    deliverCopies(rig, 2);
    rig.client.give(7, 6);
    expect(rig.alloc(8)).toEqual([...range(0, 6), 7, 6]);
    expect(rig.ifq.area).toMatchObject({ free: 0, held: 0, lent: 8 });
    rig.check();
  });

  test('of an older pool go to that pool, and home with it', () => {
    const rig = make(8, 8);
    const old = rig.pool(0);
    const [a, b, ...rest] = rig.alloc(8);
    for (const i of rest) old.put(rig.ifq.area.base + i);
    rig.deliver([a, b]);
    restartQueue(rig.netdev.rxQueues[0]);
    expect([old.state, old.inflight]).toEqual(['detached', 2]);
    rig.client.give(a);
    const got = rig.alloc(6);
    expect(new Set([...got, a, b]).size).toBe(8);
    expect(rig.alloc(1)).toEqual([-1]);
    expect([old.inflight, old.ring.count, rig.client.head]).toEqual([2, 1, 1]);
    rig.check();
    rig.clock.advance(1000);
    expect([old.inflight, old.state]).toEqual([1, 'detached']);
    expect(rig.alloc(2)).toEqual([a, -1]);
    rig.client.give(b);
    expect(rig.alloc(1)).toEqual([-1]);
    rig.clock.advance(1000);
    expect(old.state).toBe('gone');
    rig.check();
  });
});

describe('what Linux swallows', () => {
  test('is counted and told, with the time of the first return', () => {
    const rig = new ZcrxRig(4, 8);
    const told: unknown[] = [];
    rig.ifq.diagnostics.listener = (...what) => told.push(what);
    const [a, b, c] = rig.alloc(4);
    rig.deliver([a, b]);
    rig.client.give(a);
    expect(rig.alloc(1)).toEqual([a]);
    rig.clock.advance(5);
    rig.client.give(a, c, { off: 1n << 63n }, 4, { off: 0, pad: 1 }, b);
    expect(rig.alloc(1)).toEqual([b]);
    expect(rig.faults()).toEqual({ 'double-return': 1, 'not-held': 1, 'bad-area': 1, 'bad-index': 1, 'bad-pad': 1 });
    expect(told).toEqual([
      [0, 1, a, 5000],
      [1, 2, c, -1],
      [2, 3, -1, -1],
      [3, 4, -1, -1],
      [4, 5, -1, -1],
    ]);
  });

  test('of a row on 7.3 names its last entry, bad ones between do not end it', () => {
    const rig = new ZcrxRig(4, 16, { release: '7.3' });
    const entries: unknown[] = [];
    rig.ifq.diagnostics.listener = (fault, entry, niov) => entries.push([fault, entry, niov]);
    const [a, b] = rig.alloc(4);
    rig.deliver([a, b]);
    rig.client.give(a, { off: 0, pad: 1 }, a, b);
    expect(rig.alloc(1)).toEqual([b]);
    expect(entries).toEqual([
      [4, 1, -1],
      [1, 2, a],
    ]);
    rig.check();
  });

  test('one entry more than references: 6.18 takes those that are held, 7.3 none of the row', () => {
    const lots = (release: '6.18' | '7.3', n: number) => {
      const rig = new ZcrxRig(8, 64, { release });
      const [i] = rig.alloc(8);
      const ref = rig.ifq.area.base + i;
      for (let k = 0; k < 5; k++) rig.ifq.deliver(ref);
      rig.pool(0).put(ref);
      rig.client.give(...new Array<number>(n).fill(i));
      const got = rig.alloc(1)[0];
      rig.check();
      return [got, rig.client.head, rig.ifq.area.references.of(ref)];
    };
    expect([lots('6.18', 6), lots('6.18', 5), lots('6.18', 4)]).toEqual([
      [0, 6, 0],
      [0, 5, 0],
      [-1, 4, 1],
    ]);
    expect([lots('7.3', 6), lots('7.3', 5), lots('7.3', 4)]).toEqual([
      [-1, 6, 5],
      [0, 5, 0],
      [-1, 4, 1],
    ]);
  });
});

// Recorded: pool-return.* of device queues on 7.3.4. Area of 8, 7 of them delivered by copy.
describe('what one allocation finds on 7.3', () => {
  const bad: Rqe = { off: 0x7000, pad: 1 };
  test.each<[string, (number | Rqe)[], number, number]>([
    ['four good returns', [7, 6, 5, 4], 5, 4],
    ['one buffer twice in a row', [7, 7], 1, 2],
    ['one buffer twice, apart', [7, 6, 7], 3, 3],
    ['one never delivered first', [0, 6], 2, 2],
    ['a bad area first', [{ off: 0x1_0000_0000_7000n }, 6], 2, 2],
    ['64 bad ones first', [...new Array<Rqe>(64).fill(bad), 6], 2, 65],
    ['128 bad ones first', [...new Array<Rqe>(128).fill(bad), 6], 2, 129],
    ['200 never delivered first', [...new Array<number>(200).fill(0), 6], 2, 201],
  ])('%s', (_, returns, buffers, head) => {
    const rig = new ZcrxRig(8, 256, { release: '7.3' });
    expect(deliverCopies(rig, 7)).toEqual([7, 6, 5, 4, 3, 2, 1]);
    rig.client.give(...returns);
    rig.alloc(1);
    expect(rig.client.head).toBe(head);
    expect(1 + rig.alloc(9).filter((i) => i >= 0).length).toBe(buffers);
    rig.check();
  });

  test('moved tails', () => {
    const rig = new ZcrxRig(8, 16, { release: '7.3' });
    deliverCopies(rig, 4);
    const heads = (allocations: number): number[] =>
      Array.from({ length: allocations }, () => {
        rig.alloc(1);
        return rig.client.head;
      });
    rig.client.tail = 40;
    const ahead = heads(2);
    rig.client.tail = 1;
    const behind = heads(6);
    rig.client.head = 7;
    rig.ifq.flush();
    expect([...ahead, ...behind, rig.client.head]).toEqual([16, 16, 16, 16, 48, 80, 112, 144, 160]);
  });

  test('at most 64 buffers; what is cut off a row comes with the next pull', () => {
    const rig = new ZcrxRig(80, 256, { release: '7.3' });
    const all = rig.alloc(80);
    rig.deliver(all);
    rig.client.give(...all.slice(0, 63), all[63], ...all.slice(64));
    expect(rig.alloc(1)).toEqual([all[63]]);
    expect([rig.client.head, rig.pool(0).cacheCount]).toEqual([64, 63]);
    rig.check();
  });
});

describe('FLUSH_RQ', () => {
  // Recorded: return.order-separate-flushes, return.double-apart, return-bad.pad-1, return-many-bad, return.tail-behind.
  const copies = (pages: number, entries: number, n: number) => {
    const rig = new ZcrxRig(pages, entries, { release: '7.3' });
    deliverCopies(rig, n);
    const flush = (): number => {
      rig.ifq.flush();
      return rig.client.head;
    };
    const free = () => {
      const order = deliverCopies(rig, rig.ifq.area.free);
      rig.check();
      return order;
    };
    return { rig, flush, free };
  };

  test('gives copies back to the free list: reuse is the reverse of the order of return', () => {
    const { rig, flush, free } = copies(4, 64, 4);
    for (const i of [3, 2, 1, 0]) {
      rig.client.give(i);
      flush();
    }
    expect(free()).toEqual([0, 1, 2, 3]);
  });

  test('takes every entry by itself: one too many is ignored, the others count', () => {
    const { rig, flush, free } = copies(8, 64, 4);
    rig.client.give(7, 7, 7, 6);
    expect([flush(), flush()]).toEqual([4, 4]);
    expect(free()).toEqual([6, 7, 3, 2, 1, 0]);
    expect(rig.faults()).toEqual({ 'double-return': 2 });
  });

  test('ends behind an entry that names no buffer', () => {
    const { rig, flush, free } = copies(8, 64, 4);
    rig.client.give(7);
    expect(flush()).toBe(1);
    rig.client.give({ off: 0x5000, pad: 1 });
    expect([flush(), flush()]).toEqual([2, 2]);
    rig.client.give(6, { off: 0x5000, pad: 1 }, 4);
    expect([flush(), flush(), flush()]).toEqual([4, 5, 5]);
    expect(free()).toEqual([4, 6, 7, 3, 2, 1, 0]);
  });

  test("goes on behind buffers that are not held, up to a ring's worth", () => {
    const { rig, flush } = copies(8, 256, 4);
    rig.client.give(...new Array<number>(256).fill(0));
    expect(flush()).toBe(256);
    expect(rig.faults()).toEqual({ 'not-held': 256 });
    const { rig: small, flush: once } = copies(8, 16, 4);
    small.client.tail = 0xffff_ffff;
    expect([once(), once(), once()]).toEqual([16, 32, 48]);
  });

  test('takes no more than a ring full, wherever the tail is', () => {
    const { rig, flush } = copies(8, 32, 4);
    rig.client.tail = 1000;
    expect([flush(), flush()]).toEqual([32, 64]);
  });

  test('tells which entry was wrong', () => {
    const { rig, flush } = copies(8, 64, 4);
    const entries: unknown[] = [];
    rig.ifq.diagnostics.listener = (fault, entry, niov) => entries.push([fault, entry, niov]);
    rig.client.give(7, 6, 0, 7, { off: 0, pad: 1 });
    flush();
    expect(entries).toEqual([
      [4, 4, -1],
      [1, 2, 0],
      [0, 3, 7],
    ]);
  });

  test("sends a pool's buffers into its ring, in process context", () => {
    const rig = new ZcrxRig(128, 128, { release: '7.3' });
    const got = rig.alloc(100);
    rig.deliver(got);
    rig.client.give(...got);
    expect(rig.ifq.flush()).toBe(100);
    expect(stats(rig.pool(0))).toMatchObject({ 'recycle-ring': 100 });
    expect(rig.ifq.flush()).toBe(0);
    rig.check();
  });

  test('of frags that packets brought, more than a batch', () => {
    const rig = new ZcrxRig(80, 256, { release: '7.3', driver: 'split-perfect', rx: 40 });
    const pool = rig.pool(0);
    const c = rig.connect(0);
    let sent = 0;
    while (rig.send(c, 100) === 100 && sent < 200) sent++;
    const skbs = rig.kernel.skbs;
    const held: number[] = [];
    for (let skb = c.socket.queueHead; skb !== 0; skb = skbs.next[skb]) {
      for (let f = 0; f < skbs.nrFrags[skb]; f++) held.push(skbs.fragRef[skb * 17 + f]);
    }
    expect(held.length).toBeGreaterThan(32);
    for (const ref of held) rig.ifq.deliver(ref);
    rig.recv(c.socket, 1 << 20, 0, 0x20);
    rig.check();
    rig.client.give(...held.map((ref) => rig.index(ref)));
    const flushed = rig.ifq.flush();
    expect(flushed).toBe(held.length);
    rig.check();
    expect(pool.countIn(NETMEM_STATE.USER)).toBe(0);
  });
});

describe('the end', () => {
  // Recorded: zcrx.basic.mtu1500.send100 of 7.3.4; three buffers are written to the ring, and not pulled.
  test('on 7.3 the queue goes first: the pool stays for a second', () => {
    const rig = new ZcrxRig(128, 128, { release: '7.3' });
    const pool = rig.pool(0);
    const got = rig.alloc(3);
    rig.deliver(got);
    rig.client.give(...got);
    rig.events();
    rig.messages.length = 0;
    rig.ifq.close();
    expect(rig.events()).toEqual([`add ${pool.id + 1}`, `change ${pool.id}`]);
    expect(rig.messages[1]).toMatchObject({ inflight: 3, 'io-uring': { 'rx-buf-len': 4096 } });
    expect([rig.ifq.state, rig.zcrx.unpinned, rig.client.head]).toEqual(['closed', 0, 0]);
    rig.check();
    rig.clock.advance(1000);
    expect(rig.events()).toEqual([`del ${pool.id}`]);
    expect([rig.ifq.state, rig.zcrx.unpinned]).toEqual(['freed', 1]);
    rig.check();
  });

  test('on 6.18 buffers are taken back first: the pool goes at once', () => {
    const rig = new ZcrxRig(128, 128);
    const pool = rig.pool(0);
    rig.deliver(rig.alloc(3));
    rig.events();
    rig.ifq.close();
    expect(rig.events()).toEqual([`add ${pool.id + 1}`, `del ${pool.id}`]);
    expect([rig.ifq.state, rig.zcrx.unpinned]).toEqual(['freed', 1]);
    rig.check();
  });

  test.each(['6.18', '7.3'] as const)(
    'on %s packets nobody read keep the pool, and the pool keeps the area',
    (release) => {
      const rig = new ZcrxRig(16, 16, { release });
      const pool = rig.pool(0);
      const [read, unread, copied] = [...rig.alloc(2), rig.index(rig.ifq.area.lend())];
      const refs = [read, unread].map((i) => rig.ifq.area.base + i);
      for (const ref of refs) rig.ifq.deliver(ref);
      if (copied >= 0) rig.ifq.deliverCopy(rig.ifq.area.base + copied);
      pool.put(refs[0]);
      rig.ifq.close();
      rig.clock.advance(3000);
      expect([pool.state, pool.inflight, rig.ifq.state]).toEqual(['detached', 1, 'closed']);
      expect(rig.ifq.area).toMatchObject({ free: 15, lent: 1, held: 0 });
      expect(rig.kernel.netmems.state[refs[1]]).toBe(NETMEM_STATE.SOCKET);
      rig.check();
      pool.put(refs[1]);
      rig.clock.advance(1000);
      expect([pool.state, rig.ifq.state, rig.zcrx.unpinned]).toEqual(['gone', 'freed', 1]);
    },
  );

  test('copies that are held come back, too', () => {
    const rig = new ZcrxRig(16, 16);
    deliverCopies(rig, 3);
    rig.ifq.close();
    expect([rig.ifq.state, rig.zcrx.unpinned]).toEqual(['freed', 1]);
  });

  test('after it the ring is not read any more', () => {
    const rig = new ZcrxRig(16, 16, { release: '7.3' });
    const [i] = rig.alloc(1);
    const ref = rig.ifq.area.base + i;
    rig.deliver([i]);
    rig.ifq.close();
    rig.client.give(i);
    expect(rig.ifq.flush()).toBe(0);
    expect([rig.client.head, rig.ifq.area.references.of(ref)]).toEqual([0, 0]);
    rig.ifq.close();
    rig.clock.advance(1000);
    expect(rig.zcrx.unpinned).toBe(1);
  });

  test('a queue that cannot be restarted keeps the pool, which has only the free list then', () => {
    const rig = new ZcrxRig(100, 16);
    const { driver } = rig.netdev;
    const stop = driver.stopQueue;
    driver.stopQueue = () => {
      throw new Error('stuck');
    };
    const got = rig.alloc(64);
    rig.deliver(got.slice(0, 3));
    rig.client.give(...got.slice(0, 3));
    rig.ifq.close();
    driver.stopQueue = stop;
    expect([rig.ifq.state, rig.pool(0).state]).toEqual(['closed', 'attached']);
    expect(rig.alloc(3)).toEqual(got.slice(0, 3).reverse());
    expect(rig.alloc(37)).toHaveLength(37);
    expect([rig.alloc(1), rig.client.head]).toEqual([[-1], 0]);
    rig.check();
  });

  test('unregistering the device: the ifq stays, without device; its end is as ever', () => {
    const rig = new ZcrxRig(16, 16);
    const pool = rig.pool(0);
    const dev = rig.netdev.driver.dmaDevice;
    rig.deliver(rig.alloc(2));
    rig.kernel.removeNetdev(rig.netdev);
    expect([rig.ifq.state, rig.ifq.netdev, rig.ifq.queue, rig.netdev.rxQueues[0].provider]).toEqual([
      'registered',
      null,
      null,
      null,
    ]);
    expect([dev?.maps, dev?.unmaps, pool.state]).toEqual([1, 1, 'detached']);
    // Traffic is copied from now on.
    expect(rig.ifq.area.lend()).not.toBe(0);
    rig.ifq.area.takeBack(rig.ifq.area.base + 15);
    rig.ifq.close();
    rig.clock.advance(1000);
    expect([pool.state, rig.ifq.state, rig.zcrx.unpinned]).toEqual(['gone', 'freed', 1]);
    rig.check();
  });

  test('an ifq that could not be opened goes without a trace', () => {
    const rig = new ZcrxRig(16, 16);
    const again = newIfq(rig.kernel, rig.netdev, 4, 4);
    const open = () => again.ifq.open(rig.netdev.rxQueues[0], ioUringProvider);
    expect(refusal(open)).toMatchObject({ errno: 'EEXIST' });
    expect(again.ifq.queue).toBe(null);
    again.ifq.close();
    expect([again.ifq.state, again.unpinned, rig.netdev.rxQueues[0].provider?.priv]).toEqual(['freed', 1, rig.ifq]);
  });
});
