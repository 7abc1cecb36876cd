import { describe, expect, test } from 'vitest';
import { PtrRing } from '../../../../src/kernel/netmem/ptr-ring.ts';

const fill = (ring: PtrRing): number => {
  let n = 0;
  while (ring.produce(n + 1)) n++;
  return n;
};

test('holds as many as it has slots, first in first out', () => {
  const ring = new PtrRing(256);
  expect(fill(ring)).toBe(256);
  expect(ring.count).toBe(256);
  expect([ring.consume(), ring.consume()]).toEqual([1, 2]);
  expect(new PtrRing(4).consume()).toBe(0);
});

test('looks full to the producer until a batch of 16 was consumed', () => {
  const ring = new PtrRing(256);
  fill(ring);
  for (let i = 1; i <= 15; i++) {
    expect(ring.consume()).toBe(i);
    expect(ring.produce(999)).toBe(false);
  }
  expect(ring.consume()).toBe(16);
  for (let i = 0; i < 16; i++) expect(ring.produce(1000 + i)).toBe(true);
  expect(ring.produce(2000)).toBe(false);
});

test('the end of the array clears a short batch', () => {
  const ring = new PtrRing(40);
  fill(ring);
  for (let i = 0; i < 40; i++) ring.consume();
  expect(fill(ring)).toBe(40);
});

describe.each([1, 2, 8, 31])('a ring of %i slots clears one by one', (size) => {
  test('a slot is free as soon as it was consumed', () => {
    const ring = new PtrRing(size);
    expect(fill(ring)).toBe(size);
    for (let round = 0; round < 3 * size; round++) {
      expect(ring.consume()).toBeGreaterThan(0);
      expect(ring.count).toBe(size - 1);
      expect(ring.produce(7)).toBe(true);
      expect(ring.count).toBe(size);
      expect(ring.produce(7)).toBe(false);
    }
  });
});

test('32 slots are the least that batch', () => {
  const ring = new PtrRing(32);
  fill(ring);
  ring.consume();
  expect(ring.produce(9)).toBe(false);
});

test('order survives wrapping', () => {
  const ring = new PtrRing(48);
  let produced = 0;
  let consumed = 0;
  for (let i = 0; i < 10_000; i++) {
    if (i % 3 !== 0 && ring.produce(produced + 1)) produced++;
    else if (ring.count > 0) expect(ring.consume()).toBe(++consumed);
    expect(ring.count).toBe(produced - consumed);
  }
  expect(consumed).toBeGreaterThan(3000);
});
