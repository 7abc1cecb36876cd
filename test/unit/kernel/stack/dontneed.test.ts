import { describe, expect, test } from 'vitest';
import { type Connection, Rig, refusal, stats, tokens } from '../rig.ts';

/** A connection that holds tokens 1..n. */
function holding(n: number): { rig: Rig; c: Connection } {
  const rig = new Rig({ driver: 'netdevsim-dma', driverParams: { 'pool-ring': 4096 } });
  rig.bound(n + 8);
  const c = rig.connect();
  for (let i = 0; i < n; i++) {
    rig.send(c, 10);
    expect(tokens(rig.recv(c.socket))).toEqual([i + 1]);
  }
  return { rig, c };
}

test('returns how many it freed; unknown ids are skipped in silence', () => {
  const { rig, c } = holding(5);
  expect(c.socket.devmemDontneed([{ start: 3, count: 10 }])).toBe(3);
  expect(c.socket.devmemDontneed([{ start: 3, count: 10 }])).toBe(0);
  expect(c.socket.devmemDontneed([{ start: 0, count: 3 }])).toBe(2);
  expect(c.socket.tokens.count).toBe(0);
  expect(stats(rig.pool(0))['recycle-ring']).toBe(5);
});

describe('limits', () => {
  test('128 ranges, not 129, not 0', () => {
    const { c } = holding(0);
    const ranges = (n: number) => Array.from({ length: n }, () => ({ start: 1, count: 1 }));
    expect(c.socket.devmemDontneed(ranges(128))).toBe(0);
    expect(refusal(() => c.socket.devmemDontneed(ranges(129)))).toEqual({ errno: 'EINVAL' });
    expect(refusal(() => c.socket.devmemDontneed([]))).toEqual({ errno: 'EINVAL' });
  });

  test('1024 of 2000 held', () => {
    const { c } = holding(2000);
    expect(c.socket.devmemDontneed([{ start: 1, count: 2000 }])).toBe(1024);
    expect(c.socket.devmemDontneed([{ start: 1, count: 2000 }])).toBe(0);
    expect(c.socket.devmemDontneed([{ start: 1025, count: 2000 }])).toBe(976);
  });

  test('unknown ids eat the budget: 127 ranges of 8 leave 8 of 20', () => {
    const { c } = holding(20);
    const ranges = Array.from({ length: 127 }, (_, i) => ({ start: 5000 + 8 * i, count: 8 }));
    expect(c.socket.devmemDontneed([...ranges, { start: 1, count: 20 }])).toBe(8);
  });

  test('a range over the end of u32 goes on at 0', () => {
    const { c } = holding(3);
    expect(c.socket.devmemDontneed([{ start: 0xffff_fffe, count: 5 }])).toBe(2);
    expect(c.socket.devmemDontneed([{ start: 3, count: 0xffff_ffff }])).toBe(1);
  });

  test('count 0 frees nothing', () => {
    const { c } = holding(1);
    expect(c.socket.devmemDontneed([{ start: 1, count: 0 }])).toBe(0);
  });
});

test('tokens mean something on their own socket only', () => {
  const { rig, c } = holding(3);
  const other = rig.connect();
  expect(other.socket.devmemDontneed([{ start: 1, count: 3 }])).toBe(0);
  expect(c.socket.devmemDontneed([{ start: 1, count: 3 }])).toBe(3);
});

test('a buffer comes back after its last token', () => {
  const { rig, c } = holding(0);
  rig.send(c, 100);
  const pool = rig.pool(0);
  rig.recv(c.socket, 819_200, 80_000, 0x200_0002);
  rig.recv(c.socket, 819_200, 80_000, 0x200_0002);
  rig.recv(c.socket, 60);
  rig.recv(c.socket, 60);
  expect(c.socket.tokens.count).toBe(4);
  for (const [token, returned] of [
    [2, 0],
    [4, 0],
    [1, 0],
    [3, 1],
  ]) {
    expect(c.socket.devmemDontneed([{ start: token, count: 1 }])).toBe(1);
    expect(pool.ring.count).toBe(returned);
    rig.kernel.assertConservation();
  }
});

test('a return while the frag is still queued does not free the buffer under the queue', () => {
  const { rig, c } = holding(0);
  rig.send(c, 100);
  rig.recv(c.socket, 100, 40, 0x200_0002);
  expect(c.socket.devmemDontneed([{ start: 1, count: 1 }])).toBe(1);
  expect(rig.pool(0).ring.count).toBe(0);
  expect(rig.recv(c.socket).cmsgs).toMatchObject([{ fragSize: 100, fragToken: 1 }]);
});
