import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LowestFree } from '../../../../src/kernel/netmem/lowest-free.ts';

test('gives out the lowest, again after a release', () => {
  const set = new LowestFree(5);
  expect([set.size, set.free]).toEqual([5, 5]);
  expect([0, 1, 2, 3, 4].map(() => set.takeLowest())).toEqual([0, 1, 2, 3, 4]);
  expect(set.takeLowest()).toBe(-1);
  set.release(3);
  set.release(1);
  expect([set.takeLowest(), set.takeLowest(), set.takeLowest()]).toEqual([1, 3, -1]);
  expect(set.free).toBe(0);
});

test.each([1, 31, 32, 33, 1023, 1024, 1025, 40_000])('crosses words and levels at size %i', (size) => {
  const set = new LowestFree(size);
  for (let i = 0; i < size; i++) if (set.takeLowest() !== i) throw new Error(`not ${i}`);
  expect(set.takeLowest()).toBe(-1);
  set.release(size - 1);
  expect(set.isFree(size - 1)).toBe(true);
  expect(set.takeLowest()).toBe(size - 1);
  expect(set.isFree(size - 1)).toBe(false);
});

test('grow keeps what is taken and adds free elements', () => {
  const set = new LowestFree(40);
  for (let i = 0; i < 40; i++) set.takeLowest();
  set.release(7);
  set.grow(2000);
  expect([set.size, set.free]).toEqual([2000, 1961]);
  expect([set.takeLowest(), set.takeLowest()]).toEqual([7, 40]);
});

test('agrees with a sorted set', () => {
  const command = fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('lowest' as const), at: fc.constant(0) }) },
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constantFrom('take' as const, 'release' as const), at: fc.nat(2999) }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('grow' as const), at: fc.nat(2999) }) },
  );
  fc.assert(
    fc.property(fc.array(command, { maxLength: 300 }), (commands) => {
      const set = new LowestFree(70);
      const free = new Set(Array.from({ length: 70 }, (_, i) => i));
      for (const { kind, at } of commands) {
        if (kind === 'lowest') {
          const want = free.size === 0 ? -1 : Math.min(...free);
          expect(set.takeLowest()).toBe(want);
          free.delete(want);
        } else if (kind === 'grow') {
          if (at <= set.size) continue;
          for (let i = set.size; i < at; i++) free.add(i);
          set.grow(at);
        } else if (at < set.size && free.has(at) === (kind === 'take')) {
          if (kind === 'take') free.delete(at);
          else free.add(at);
          set[kind](at);
        }
        expect(set.free).toBe(free.size);
      }
    }),
    { numRuns: 60 },
  );
});
