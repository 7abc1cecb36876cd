import { expect, test } from 'vitest';
import { NetmemTable } from '../../../../src/kernel/netmem/netmem.ts';
import { PageAllocator } from '../../../../src/kernel/netmem/page-allocator.ts';

test('hands out readable pages up to its limit', () => {
  const table = new NetmemTable();
  const pages = new PageAllocator(table, 65);
  const refs = Array.from({ length: 66 }, () => pages.alloc());
  expect(new Set(refs).size).toBe(66);
  expect(refs.at(-1)).toBe(0);
  expect(table.areaOf(refs[0])).toMatchObject({ unreadable: false, bindingId: 0 });
  table.putPage(refs[10]);
  expect(pages.allocated).toBe(64);
  expect(pages.alloc()).toBe(refs[10]);
});

test('memory exists once somebody writes it, and stays the page it was', () => {
  const table = new NetmemTable();
  const pages = new PageAllocator(table, 64);
  const [a, b] = [pages.alloc(), pages.alloc()];
  const area = table.areaOf(a);
  expect(table.areaOf(b)).toBe(area);
  area.memory()[table.offsetOf(a)] = 1;
  area.memory()[table.offsetOf(b)] = 2;
  expect(area.memory()[table.offsetOf(a)]).toBe(1);
});

test('memory goes when the last page of its 64 is free; the pages are found again, empty', () => {
  const table = new NetmemTable();
  const pages = new PageAllocator(table, 128);
  const refs = Array.from({ length: 64 }, () => pages.alloc());
  const area = table.areaOf(refs[0]);
  const memory = area.memory();
  memory[0] = 7;
  for (const ref of refs.slice(1)) table.putPage(ref);
  expect(area.memory()).toBe(memory);
  table.putPage(refs[0]);
  const again = pages.alloc();
  expect([pages.allocated, table.areaOf(again), refs.includes(again)]).toEqual([1, area, true]);
  expect(area.memory()).not.toBe(memory);
  expect(area.memory()[0]).toBe(0);
});

test('tells who is charged for a page when it is free, once, and nobody for the next use', () => {
  const table = new NetmemTable();
  const pages = new PageAllocator(table, 64);
  let uncharged = 0;
  const ref = pages.alloc(0, 0, { uncharge: () => void uncharged++ });
  const other = pages.alloc();
  table.getPage(ref);
  table.putPage(ref);
  table.putPage(other);
  expect(uncharged).toBe(0);
  table.putPage(ref);
  expect(uncharged).toBe(1);
  expect(pages.alloc()).toBe(ref);
  table.putPage(ref);
  expect(uncharged).toBe(1);
});
