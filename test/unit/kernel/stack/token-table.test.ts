import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TokenTable } from '../../../../src/kernel/stack/token-table.ts';

const add = (t: TokenTable, n = 1): number[] => Array.from({ length: n }, (_, i) => t.add(100 + i, i * 10, i, 5));

test('the lowest free number from 1', () => {
  const t = new TokenTable();
  expect(add(t, 5)).toEqual([1, 2, 3, 4, 5]);
  t.remove(4);
  t.remove(2);
  expect(add(t, 3)).toEqual([2, 4, 6]);
  expect(t.count).toBe(6);
});

test('knows netmem, offset, size and age of each', () => {
  const t = new TokenTable();
  const token = t.add(42, 8_589_934_592, 1448, 1234);
  expect([t.ref[token], t.offset[token], t.size[token], t.since[token]]).toEqual([42, 8_589_934_592, 1448, 1234]);
  expect([t.remove(token), t.remove(token)]).toEqual([42, 0]);
});

test.each([0, 1, 255, 256, 4096, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1])('number %i that was never handed out', (n) => {
  const t = new TokenTable();
  expect([t.remove(n), t.count]).toEqual([0, 0]);
});

test('grows far and keeps order', () => {
  const t = new TokenTable();
  add(t, 5000);
  t.remove(4097);
  t.remove(300);
  expect(add(t, 3)).toEqual([300, 4097, 5001]);
});

describe('token 0', () => {
  test('is usable after a return covered it while something was held: next, then the lowest free', () => {
    const t = new TokenTable();
    add(t, 2);
    t.remove(0);
    expect(add(t, 2)).toEqual([0, 3]);
    expect(t.remove(0)).toBeGreaterThan(0);
    expect(add(t)).toEqual([0]);
  });
  test('a return on an empty table has no effect', () => {
    const t = new TokenTable();
    t.remove(0);
    expect(add(t)).toEqual([1]);
  });
  test('an empty table starts at 1 again', () => {
    const t = new TokenTable();
    add(t, 1);
    t.remove(0);
    t.remove(1);
    expect(add(t, 2)).toEqual([1, 2]);
  });
});

test('agrees with a map', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.constant(-1), fc.nat(40)), { maxLength: 400 }), (commands) => {
      const t = new TokenTable();
      const model = new Map<number, number>();
      let zero = false;
      let next = 1;
      for (const c of commands) {
        if (c < 0) {
          let want = zero ? 0 : 1;
          while (model.has(want)) want++;
          expect(t.add(next, 0, 0, 0)).toBe(want);
          model.set(want, next++);
        } else {
          if (c === 0 && model.size > 0) zero = true;
          expect(t.remove(c)).toBe(model.get(c) ?? 0);
          model.delete(c);
          if (model.size === 0) zero = false;
        }
        expect(t.count).toBe(model.size);
      }
    }),
    { numRuns: 100 },
  );
});
