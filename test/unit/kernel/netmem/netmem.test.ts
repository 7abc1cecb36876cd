import { expect, test } from 'vitest';
import { NETMEM_STATE, type NetmemArea, NetmemTable } from '../../../../src/kernel/netmem/netmem.ts';

const area = (table: NetmemTable, count: number): NetmemArea =>
  table.addArea(count, (base) => ({ base, count, unreadable: true, bindingId: 1, memory: () => new Uint8Array(0) }));

test('reference 0 stays free of areas; areas lie in a row', () => {
  const table = new NetmemTable();
  const a = area(table, 10);
  const b = area(table, 5);
  expect([a.base, b.base]).toEqual([1, 11]);
  expect(table.areaOf(10)).toBe(a);
  expect(table.areaOf(11)).toBe(b);
  expect(table.offsetOf(13)).toBe(2 * 4096);
});

test('a removed area gives its references back, clean, and neighbours merge', () => {
  const table = new NetmemTable();
  const [a, b, c] = [area(table, 10), area(table, 10), area(table, 10)];
  table.ppRef[5] = 3;
  table.users[5] = 2;
  table.state[5] = NETMEM_STATE.USER;
  table.pool[5] = 9;
  table.removeArea(a);
  table.removeArea(c);
  table.removeArea(b);
  const all = area(table, 4095);
  expect(all.base).toBe(1);
  expect([table.ppRef[5], table.users[5], table.state[5], table.pool[5]]).toEqual([0, 0, NETMEM_STATE.FREE, 0]);
  expect(table.areaOf(4095)).toBe(all);
});

test('first fit: a hole is used before fresh references', () => {
  const table = new NetmemTable();
  const a = area(table, 64);
  area(table, 64);
  table.removeArea(a);
  expect(area(table, 60).base).toBe(1);
  expect(area(table, 60).base).toBe(129);
  expect(area(table, 4).base).toBe(61);
});

test('grows past its first capacity and keeps what is there', () => {
  const table = new NetmemTable();
  const small = area(table, 4000);
  table.ppRef[4000] = 7;
  const large = area(table, 1_048_576);
  expect(table.ppRef[4000]).toBe(7);
  expect(table.areaOf(small.base)).toBe(small);
  expect(table.areaOf(large.base + large.count - 1)).toBe(large);
  expect(table.ppRef.length).toBeGreaterThan(large.base + large.count - 1);
});

test('an area cannot be removed twice', () => {
  const table = new NetmemTable();
  const a = area(table, 8);
  table.removeArea(a);
  expect(() => table.removeArea(a)).toThrow('removed twice');
});
