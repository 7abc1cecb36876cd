import { describe, expect, test } from 'vitest';
import { Gro } from '../../../../src/kernel/stack/gro.ts';
import { SKB_PSH, SKB_UNREADABLE, type SkbRef } from '../../../../src/kernel/stack/skb.ts';
import { Rig } from '../rig.ts';

function bench() {
  const rig = new Rig();
  const { skbs } = rig.kernel;
  const pool = rig.pool(0);
  const out: { flow: number; seq: number; len: number; frags: number; chained: number; truesize: number }[] = [];
  const gro = new Gro(skbs, 960, (skb: SkbRef) => {
    let chained = 0;
    for (let part = skbs.fragList[skb]; part !== 0; part = skbs.next[part]) chained++;
    out.push({
      flow: skbs.flow[skb],
      seq: skbs.seq[skb],
      len: skbs.len[skb],
      frags: skbs.nrFrags[skb],
      chained,
      truesize: skbs.truesize[skb],
    });
    skbs.release(skb);
  });
  const segment = (flow: number, seq: number, len: number, flags = 0, linear = 0): void => {
    const skb = skbs.alloc(flow, seq, flags);
    skbs.truesize[skb] = 960;
    if (linear > 0) {
      skbs.linearRoom(skb, linear);
      skbs.headlen[skb] = linear;
      skbs.len[skb] = linear;
    }
    if (len > linear) {
      skbs.addFrag(skb, pool.allocNetmem(), 0, len - linear);
      skbs.truesize[skb] += 4096;
    }
    gro.receive(skb);
  };
  const seen = () => out.map((p) => [p.flow, p.seq, p.len]);
  return { rig, gro, out, segment, seen, skbs };
}

test('segments that follow each other become one packet, at the end of the poll', () => {
  const { gro, out, segment } = bench();
  for (let i = 0; i < 5; i++) segment(1, i * 1448, 1448);
  expect(out).toEqual([]);
  gro.flush();
  expect(out).toEqual([{ flow: 1, seq: 0, len: 7240, frags: 5, chained: 0, truesize: 960 + 5 * 4096 }]);
});

describe('what ends a merge', () => {
  test('a shorter segment, together with it', () => {
    const { segment, seen } = bench();
    segment(1, 0, 1000);
    segment(1, 1000, 999);
    expect(seen()).toEqual([[1, 0, 1999]]);
  });
  test('PSH, together with it', () => {
    const { segment, seen } = bench();
    segment(1, 0, 1000);
    segment(1, 1000, 1000, SKB_PSH);
    expect(seen()).toEqual([[1, 0, 2000]]);
    segment(1, 2000, 10, SKB_PSH);
    expect(seen()).toHaveLength(2);
  });
  test('a longer segment, which starts anew', () => {
    const { segment, seen, gro } = bench();
    segment(1, 0, 1000);
    segment(1, 1000, 1001);
    expect(seen()).toEqual([[1, 0, 1000]]);
    gro.flush();
    expect(seen()).toHaveLength(2);
  });
  test('a gap', () => {
    const { segment, seen } = bench();
    segment(1, 0, 1000);
    segment(1, 1500, 1000);
    expect(seen()).toEqual([[1, 0, 1000]]);
  });
  test('readable behind unreadable', () => {
    const { segment, seen } = bench();
    segment(1, 0, 1000, SKB_UNREADABLE);
    segment(1, 1000, 1000);
    expect(seen()).toEqual([[1, 0, 1000]]);
  });
  test('64 KiB', () => {
    const { segment, out, gro } = bench();
    for (let i = 0; i < 20; i++) segment(1, i * 4096, 4096);
    gro.flush();
    // 16 * 4096 would be 65536, which does not fit any more.
    expect(out.map((p) => p.len)).toEqual([15 * 4096, 5 * 4096]);
  });
});

test('frags beyond 17, and linear payload, are chained', () => {
  const { segment, out, gro } = bench();
  for (let i = 0; i < 20; i++) segment(1, i * 100, 100);
  segment(1, 2000, 100, 0, 40);
  segment(1, 2100, 100);
  gro.flush();
  expect(out).toMatchObject([{ len: 2200, frags: 17, chained: 2 }]);
});

test('eight flows at once; a ninth pushes out the oldest', () => {
  const { segment, seen } = bench();
  for (let flow = 1; flow <= 9; flow++) segment(flow, 0, 100);
  expect(seen()).toEqual([[1, 0, 100]]);
});

test('one flow can be handed up alone; nothing leaks', () => {
  const { rig, segment, seen, gro, skbs } = bench();
  segment(1, 0, 100);
  segment(2, 0, 100);
  gro.flushFlow(2);
  gro.flushFlow(3);
  expect(seen()).toEqual([[2, 0, 100]]);
  gro.flush();
  expect(skbs.live).toBe(0);
  rig.kernel.assertConservation();
});
