import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { type TokenRange, TokenRanges } from '../../../src/client/token-ranges.ts';
import { TokenReturner } from '../../../src/client/token-returner.ts';

function expand(calls: TokenRange[][]): number[] {
  return calls.flat().flatMap((r) => Array.from({ length: r['token-count'] }, (_, i) => r['token-start'] + i));
}

const tokens = fc.oneof(
  fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 3000 }),
  fc.array(fc.integer({ min: 1, max: 2 ** 31 - 1 }), { maxLength: 600 }),
  fc
    .tuple(fc.integer({ min: 1, max: 1000 }), fc.nat({ max: 5000 }))
    .map(([from, n]) => Array.from({ length: n }, (_, i) => from + i)),
);

describe('TokenRanges', () => {
  it('names every token as often as it was added, in calls that Linux takes whole', () => {
    fc.assert(
      fc.property(tokens, fc.boolean(), (list, single) => {
        const ranges = new TokenRanges();
        if (single) for (const token of list) ranges.add(token);
        else ranges.addAll(Uint32Array.from(list));
        expect(ranges.pending).toBe(list.length);
        const calls = ranges.take();
        expect(ranges.pending).toBe(0);
        expect(expand(calls)).toEqual([...list].sort((a, b) => a - b));
        for (const call of calls) {
          expect(call.length).toBeGreaterThan(0);
          expect(call.length).toBeLessThanOrEqual(128);
          expect(call.reduce((sum, r) => sum + r['token-count'], 0)).toBeLessThanOrEqual(1024);
        }
      }),
    );
  });

  it('uses no more ranges than there are gaps', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 400 }), { maxLength: 400 }), (list) => {
        const ranges = new TokenRanges();
        for (const token of list) ranges.add(token);
        const runs = [...list].sort((a, b) => a - b).filter((t, i, all) => i === 0 || all[i - 1] !== t - 1).length;
        const calls = ranges.take();
        expect(calls.flat().length).toBe(runs);
        expect(calls.length).toBe(Math.ceil(runs / 128));
      }),
    );
  });

  it('is used again and again', () => {
    const ranges = new TokenRanges();
    expect(ranges.take()).toEqual([]);
    ranges.addAll(new Uint32Array([3, 1, 2, 9]), 3);
    expect(ranges.take()).toEqual([[{ 'token-start': 1, 'token-count': 3 }]]);
    ranges.add(7);
    expect(ranges.take()).toEqual([[{ 'token-start': 7, 'token-count': 1 }]]);
  });
});

/** Calls that are answered by hand. */
function calls() {
  const open: { ranges: TokenRange[]; answer: (ret: number) => void; refuse: (e: Error) => void }[] = [];
  const send = (ranges: TokenRange[]) =>
    new Promise<number>((answer, refuse) => {
      open.push({ ranges, answer, refuse });
    });
  return { open, send };
}

describe('TokenReturner', () => {
  it('sends nothing before it has enough, then one call at a time', async () => {
    const { open, send } = calls();
    const returner = new TokenReturner(send, { flushAt: 4 });
    for (const token of [1, 2, 3]) returner.add(token);
    expect(open).toHaveLength(0);
    returner.add(4);
    expect(open.map((c) => c.ranges)).toEqual([[{ 'token-start': 1, 'token-count': 4 }]]);
    for (const token of [10, 11, 12, 13, 14]) returner.add(token);
    expect(open).toHaveLength(1);
    open[0].answer(4);
    await vi.waitFor(() => expect(open).toHaveLength(2));
    expect(open[1].ranges).toEqual([{ 'token-start': 10, 'token-count': 5 }]);
    open[1].answer(3);
    await returner.flush();
    expect([returner.returned, returner.freed, returner.pending]).toEqual([9, 7, 0]);
  });

  it('sends at once when asked, and the rest after the answer', async () => {
    const { open, send } = calls();
    const returner = new TokenReturner(send);
    returner.sendSoon();
    expect(open).toHaveLength(0);
    returner.add(5);
    returner.sendSoon();
    returner.addAll(new Uint32Array([7, 6]));
    returner.sendSoon();
    returner.add(8);
    expect(open.map((c) => c.ranges)).toEqual([[{ 'token-start': 5, 'token-count': 1 }]]);
    open[0].answer(1);
    await vi.waitFor(() => expect(open).toHaveLength(2));
    expect(open[1].ranges).toEqual([{ 'token-start': 6, 'token-count': 3 }]);
    open[1].answer(3);
    await returner.flush();
    expect(returner.freed).toBe(4);
  });

  it('flushes what was added while it flushed', async () => {
    const { open, send } = calls();
    const returner = new TokenReturner(send);
    returner.add(1);
    const flushed = returner.flush();
    returner.add(2);
    open[0].answer(1);
    await vi.waitFor(() => expect(open).toHaveLength(2));
    open[1].answer(1);
    await flushed;
    expect([returner.returned, open.length]).toEqual([2, 2]);
  });

  it('reports a failed call to whoever comes next', async () => {
    const { open, send } = calls();
    const returner = new TokenReturner(send, { flushAt: 1 });
    returner.add(1);
    open[0].refuse(new Error('EBADF'));
    await vi.waitFor(() => expect(() => returner.sendSoon()).toThrow('EBADF'));
    expect(() => returner.add(2)).toThrow('EBADF');
    await expect(returner.flush()).rejects.toThrow('EBADF');
    expect(returner.freed).toBe(0);
  });
});
