import { expect, test } from 'vitest';
import { Rig, stats } from '../rig.ts';

test('slots are used again; the table grows and keeps its packets', () => {
  const { skbs } = new Rig().kernel;
  const first = skbs.alloc(7, 123, 0);
  skbs.linearRoom(first, 10)[0] = 42;
  skbs.headlen[first] = 10;
  const many = Array.from({ length: 5000 }, (_, i) => skbs.alloc(1, i, 0));
  expect(new Set(many).size).toBe(5000);
  expect(many).not.toContain(0);
  expect([skbs.flow[first], skbs.seq[first], skbs.linear[first]?.[0], skbs.live]).toEqual([7, 123, 42, 5001]);
  for (const skb of many) skbs.release(skb);
  expect(skbs.alloc(1, 0, 0)).toBe(many.at(-1));
});

test('a new packet is clean', () => {
  const { skbs } = new Rig().kernel;
  const old = skbs.alloc(1, 2, 3);
  skbs.truesize[old] = 5;
  skbs.headlen[old] = 9;
  skbs.release(old);
  const skb = skbs.alloc(4, 0, 0);
  expect(skb).toBe(old);
  expect([skbs.len[skb], skbs.headlen[skb], skbs.truesize[skb], skbs.nrFrags[skb], skbs.flags[skb]]).toEqual([
    0, 0, 0, 0, 0,
  ]);
});

test('release puts every frag and every chained packet', () => {
  const rig = new Rig();
  const { skbs } = rig.kernel;
  const pool = rig.pool(0);
  const make = () => {
    const skb = skbs.alloc(1, 0, 0);
    for (let i = 0; i < 3; i++) skbs.addFrag(skb, pool.allocNetmem(), 0, 10);
    return skb;
  };
  const [head, second, third] = [make(), make(), make()];
  skbs.fragList[head] = second;
  skbs.next[second] = third;
  skbs.release(head);
  expect([skbs.live, stats(pool)['recycle-ring']]).toEqual([0, 9]);
  rig.kernel.assertConservation();
});

test('linear room grows and is kept with its slot', () => {
  const { skbs } = new Rig().kernel;
  const skb = skbs.alloc(1, 0, 0);
  expect(skbs.linearRoom(skb, 100).length).toBe(2048);
  expect(skbs.linearRoom(skb, 9000).length).toBe(16_384);
  expect(skbs.linearRoom(skb, 10).length).toBe(16_384);
});
