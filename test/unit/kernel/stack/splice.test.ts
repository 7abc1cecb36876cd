import { describe, expect, test } from 'vitest';
import type { PagePool } from '../../../../src/kernel/netmem/page-pool.ts';
import { tcpSpliceRead } from '../../../../src/kernel/stack/splice.ts';
import { Pipe } from '../../../../src/kernel/task/pipe.ts';
import { PAGE_SIZE } from '../../../../src/uapi/limits.ts';
import { type Connection, named, pattern, Rig, type RigOptions, stats } from '../rig.ts';

const SEGMENT = 1448;

function made(o: RigOptions = {}): { rig: Rig; to: Connection; pipe: Pipe; pool: PagePool } {
  const rig = new Rig(o);
  return { rig, to: rig.connect(0), pipe: new Pipe(rig.kernel.netmems), pool: rig.pool(0) };
}

const splice = (to: Connection, pipe: Pipe, len = 1 << 20, nonblock = false) =>
  named(tcpSpliceRead(to.socket, pipe, len, nonblock));

describe('frags of readable pages', () => {
  test('move by reference: the pool meets a page that others look at and lets it go', () => {
    const { rig, to, pipe, pool } = made();
    rig.send(to, SEGMENT);
    const before = pool.inflight;
    const { allocated } = rig.kernel.pages;
    expect(splice(to, pipe)).toBe(SEGMENT);
    expect(stats(pool)).toMatchObject({ 'recycle-released-refcnt': 1 });
    expect([pool.inflight, pipe.bytes, pipe.buffers, to.socket.inq()]).toEqual([before - 1, SEGMENT, 1, 0]);
    expect(rig.kernel.pages.allocated).toBe(allocated);
    expect(pipe.read(SEGMENT)).toEqual(pattern(SEGMENT));
    expect(rig.kernel.pages.allocated).toBe(allocated - 1);
    rig.kernel.assertConservation();
  });

  test('bytes read one by one or spliced are the same', () => {
    const { rig, to, pipe } = made();
    rig.send(to, 3 * SEGMENT);
    const first = rig.recv(to.socket, 1000);
    expect(splice(to, pipe, 2000)).toBe(2000);
    const last = rig.recv(to.socket);
    expect([...first.data, ...pipe.read(1 << 16), ...last.data]).toEqual([...pattern(3 * SEGMENT)]);
  });

  test('the packet stays until its last byte moved', () => {
    const { rig, to, pipe, pool } = made();
    rig.send(to, SEGMENT);
    expect(splice(to, pipe, 448)).toBe(448);
    expect(stats(pool)['recycle-released-refcnt']).toBeUndefined();
    expect(splice(to, pipe)).toBe(1000);
    expect(stats(pool)['recycle-released-refcnt']).toBe(1);
    // Two calls, two buffers of the same page.
    expect([pipe.buffers, pipe.bytes]).toEqual([2, SEGMENT]);
    expect(pipe.read(SEGMENT)).toEqual(pattern(SEGMENT));
  });

  test('parts of a page that follow each other in a packet share a buffer', () => {
    const { rig, to, pipe } = made({ driver: 'bnxt-like' });
    rig.send(to, 3 * SEGMENT);
    expect(splice(to, pipe)).toBe(3 * SEGMENT);
    expect(pipe.buffers).toBe(2);
    expect(pipe.read(1 << 16)).toEqual(pattern(3 * SEGMENT));
  });

  test('a page that is read before its packet is eaten is recycled as ever', () => {
    const { rig, to, pipe, pool } = made();
    rig.send(to, SEGMENT);
    splice(to, pipe, SEGMENT - 1);
    pipe.read(SEGMENT);
    rig.recv(to.socket);
    expect(stats(pool)).toMatchObject({ 'recycle-ring': 1 });
    expect(stats(pool)['recycle-released-refcnt']).toBeUndefined();
  });
});

describe('a pipe with less room than data', () => {
  test('16 pages, then EAGAIN, then as much as was read', () => {
    const { rig, to, pipe } = made({ rx: 64 });
    rig.send(to, 20 * SEGMENT);
    expect(splice(to, pipe)).toBe(16 * SEGMENT);
    expect(pipe.full).toBe(true);
    expect([splice(to, pipe), splice(to, pipe, 10, true)]).toEqual(['EAGAIN', 'EAGAIN']);
    expect(pipe.read(2 * SEGMENT)).toEqual(pattern(2 * SEGMENT));
    expect(splice(to, pipe)).toBe(2 * SEGMENT);
    pipe.close();
    // The last ones hang on the packet's frag list.
    const next = new Pipe(rig.kernel.netmems);
    expect(splice(to, next)).toBe(2 * SEGMENT);
    expect(next.read(1 << 16)).toEqual(pattern(2 * SEGMENT, 18 * SEGMENT));
  });

  test('no more than a page for each free buffer is asked for', () => {
    const { rig, to, pipe } = made({ driver: 'bnxt-like', rx: 64 });
    for (let i = 0; i < 15; i++) pipe.addBytes(Uint8Array.of(i), 0, 1);
    rig.send(to, 4 * SEGMENT);
    expect(splice(to, pipe)).toBe(PAGE_SIZE);
  });
});

describe('linear bytes', () => {
  test('are copied, a page at a time', () => {
    const { rig, to, pipe } = made({ driver: 'netdevsim-dma', mtu: 9000 });
    rig.send(to, 8000);
    expect(splice(to, pipe)).toBe(8000);
    expect([pipe.buffers, to.socket.rmem]).toEqual([2, 0]);
    expect(pipe.read(8000)).toEqual(pattern(8000));
  });

  test('of a packet with unreadable frags move, its frags do not', () => {
    const { rig, to, pipe } = made({ driver: 'netdevsim-dma', driverParams: { lin: 100 } });
    rig.bound(16);
    rig.send(to, SEGMENT);
    expect(splice(to, pipe)).toBe(100);
    expect(splice(to, pipe)).toBe(0);
    expect(pipe.read(1000)).toEqual(pattern(100));
  });
});

describe('unreadable data', () => {
  test('a blocking call returns 0, as at the end of the stream; the data stays', () => {
    const { rig, to, pipe } = made();
    rig.bound(32);
    rig.send(to, SEGMENT);
    expect(splice(to, pipe)).toBe(0);
    expect([to.socket.inq(), pipe.buffers]).toEqual([SEGMENT, 0]);
    expect(rig.recv(to.socket).ret).toBe(SEGMENT);
  });

  test('a non-blocking socket says EAGAIN', () => {
    const { rig, to, pipe } = made();
    rig.bound(32);
    rig.send(to, SEGMENT);
    expect(splice(to, pipe, 1000, true)).toBe('EAGAIN');
  });

  test('what is readable before it moves', () => {
    const { rig, to, pipe } = made();
    rig.send(to, SEGMENT);
    rig.bound(32);
    rig.send(to, SEGMENT);
    expect(splice(to, pipe)).toBe(SEGMENT);
    expect(splice(to, pipe)).toBe(0);
  });
});

describe('nothing to move', () => {
  test('is EAGAIN on an open connection', () => {
    const { to, pipe } = made();
    expect([splice(to, pipe), splice(to, pipe, 1, true)]).toEqual(['EAGAIN', 'EAGAIN']);
  });

  test('is 0 behind the FIN', () => {
    const { rig, to, pipe } = made();
    rig.send(to, 10);
    to.flow.fin();
    rig.poll();
    expect([splice(to, pipe), splice(to, pipe)]).toEqual([10, 0]);
  });

  test('is the pending error, once', () => {
    const { rig, to, pipe } = made();
    to.flow.reset();
    rig.poll();
    expect([splice(to, pipe), splice(to, pipe)]).toEqual(['ECONNRESET', 0]);
  });
});

test('the window opens again', () => {
  const { rig, to, pipe } = made({ rx: 64 });
  to.socket.setRcvbuf(2304);
  rig.send(to, 20 * SEGMENT);
  const told = to.peer.calls.length;
  while (typeof splice(to, pipe) === 'number') pipe.read(1 << 20);
  expect(to.peer.calls.slice(told)).toContain('window');
});

test('on another CPU than that which received, the packet and its pool references wait there', () => {
  const { rig, to, pipe, pool } = made();
  rig.send(to, SEGMENT);
  expect(tcpSpliceRead(to.socket, pipe, 1 << 20, false, 1)).toBe(SEGMENT);
  expect([pipe.bytes, to.socket.rmem, stats(pool)['recycle-released-refcnt']]).toEqual([SEGMENT, 0, undefined]);
  expect(pipe.read(SEGMENT)).toEqual(pattern(SEGMENT));
  // By then the page is alone again: the pool may keep it.
  rig.send(to, SEGMENT);
  expect(stats(pool)['recycle-released-refcnt']).toBeUndefined();
  rig.kernel.assertConservation();
});
