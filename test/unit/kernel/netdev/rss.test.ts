import { expect, test } from 'vitest';
import { xorshift32 } from '../../../../src/kernel/kernel.ts';
import { Rss } from '../../../../src/kernel/netdev/rss.ts';
import { flowHash } from '../../../../src/kernel/netdev/toeplitz.ts';
import { Rig } from '../rig.ts';

test('the default table goes round the queues; the low bits of the hash select', () => {
  const rss = new Rss(3, xorshift32(7));
  expect([...rss.indir.subarray(0, 7)]).toEqual([0, 1, 2, 0, 1, 2, 0]);
  expect(rss.indir).toHaveLength(128);
  const { key } = new Rig().netdev.rss;
  expect(key).toHaveLength(40);
  const flow = new Rig().key(80);
  expect(rss.queueOf(flow)).toBe((flowHash(rss.key, flow) & 127) % 3);
});

test('the key comes from the random source', () => {
  expect(new Rss(2, xorshift32(7)).key).toEqual(new Rss(2, xorshift32(7)).key);
  expect(new Rss(2, xorshift32(7)).key).not.toEqual(new Rss(2, xorshift32(8)).key);
});

test('flows spread over the queues', () => {
  const rig = new Rig({ rxQueues: 8, up: false });
  const hits = new Int32Array(8);
  for (let port = 1; port <= 4000; port++) hits[rig.netdev.steer(rig.key(5201, port)).index]++;
  for (const n of hits) expect(n).toBeGreaterThan(250);
});
