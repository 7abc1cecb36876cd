import { beforeEach, describe, expect, test } from 'vitest';
import { NetmemTable } from '../../../../src/kernel/netmem/netmem.ts';
import { PageAllocator } from '../../../../src/kernel/netmem/page-allocator.ts';
import { Pipe } from '../../../../src/kernel/task/pipe.ts';
import { PAGE_SIZE, PIPE_DEF_BUFFERS } from '../../../../src/uapi/limits.ts';

let netmems: NetmemTable;
let pages: PageAllocator;
let pipe: Pipe;

beforeEach(() => {
  netmems = new NetmemTable();
  pages = new PageAllocator(netmems, 64);
  pipe = new Pipe(netmems);
});

function page(fill: number): number {
  const ref = pages.alloc();
  const at = netmems.offsetOf(ref);
  netmems
    .areaOf(ref)
    .memory()
    .fill(fill, at, at + PAGE_SIZE);
  return ref;
}

test('a page is referenced as long as the pipe has a part of it', () => {
  const ref = page(7);
  expect(pipe.addPage(ref, 100, 10)).toBe(true);
  expect(netmems.pageRefcount(ref)).toBe(2);
  expect(pipe.read(4)).toEqual(Uint8Array.of(7, 7, 7, 7));
  expect([netmems.pageRefcount(ref), pipe.bytes, pipe.buffers]).toEqual([2, 6, 1]);
  expect(pipe.read(100)).toHaveLength(6);
  expect([netmems.pageRefcount(ref), pipe.bytes, pipe.buffers]).toEqual([1, 0, 0]);
});

test("the last reference may be the pipe's: the page is free when it was read", () => {
  const ref = page(1);
  pipe.addPage(ref, 0, 10);
  netmems.putPage(ref);
  expect(pages.allocated).toBe(1);
  pipe.read(10);
  expect(pages.allocated).toBe(0);
});

test('reads go over buffers of both kinds, in order', () => {
  const ref = page(9);
  netmems
    .areaOf(ref)
    .memory()
    .set([1, 2, 3], netmems.offsetOf(ref) + 5);
  pipe.addBytes(Uint8Array.of(0, 10, 11, 0), 1, 2);
  pipe.addPage(ref, 5, 3);
  pipe.addBytes(Uint8Array.of(12), 0, 1);
  expect([...pipe.read(4)]).toEqual([10, 11, 1, 2]);
  expect([...pipe.read(4)]).toEqual([3, 12]);
  expect(pipe.read(4)).toHaveLength(0);
});

test('bytes of its own are a copy', () => {
  const source = Uint8Array.of(1, 2);
  pipe.addBytes(source, 0, 2);
  source.fill(0);
  expect([...pipe.read(2)]).toEqual([1, 2]);
});

test('16 buffers fill it, however small they are', () => {
  const ref = page(1);
  for (let i = 0; i < PIPE_DEF_BUFFERS; i++) expect(pipe.addPage(ref, i * 2, 1)).toBe(true);
  expect([pipe.full, pipe.room, netmems.pageRefcount(ref)]).toEqual([true, 0, 17]);
  expect([pipe.addPage(ref, 40, 1), pipe.addBytes(Uint8Array.of(1), 0, 1)]).toEqual([false, false]);
  expect(netmems.pageRefcount(ref)).toBe(17);
  pipe.read(2);
  expect([pipe.full, pipe.room]).toEqual([false, 2 * PAGE_SIZE]);
});

test('the ring of buffers turns', () => {
  for (let i = 0; i < 40; i++) {
    pipe.addBytes(Uint8Array.of(i, i + 1), 0, 2);
    if (i >= 3) expect([...pipe.read(2)]).toEqual([i - 3, i - 2]);
  }
  expect(pipe.buffers).toBe(3);
});

describe('a part that continues the newest buffer', () => {
  test('takes no buffer and no reference', () => {
    const ref = page(1);
    pipe.addPage(ref, 0, 8);
    expect([pipe.continues(ref, 8), pipe.continues(ref, 9), pipe.continues(page(1), 8)]).toEqual([true, false, false]);
    pipe.grow(4);
    expect([pipe.buffers, pipe.bytes, netmems.pageRefcount(ref)]).toEqual([1, 12, 2]);
    expect(pipe.read(20)).toHaveLength(12);
  });

  test('is none in an empty pipe, and none of the buffer before', () => {
    const ref = page(1);
    expect(pipe.continues(ref, 0)).toBe(false);
    pipe.addPage(ref, 0, 8);
    pipe.addBytes(Uint8Array.of(1), 0, 1);
    expect(pipe.continues(ref, 8)).toBe(false);
  });
});

test('close drops every reference, once', () => {
  const ref = page(1);
  pipe.addPage(ref, 0, 8);
  pipe.addPage(ref, 100, 8);
  pipe.close();
  pipe.close();
  expect([netmems.pageRefcount(ref), pipe.bytes, pipe.buffers]).toEqual([1, 0, 0]);
});

test('wakes for data, for room and at the end', () => {
  let woken = 0;
  pipe.waitQueue.add({ wake: () => void woken++ });
  pipe.addBytes(Uint8Array.of(1), 0, 1);
  expect(woken).toBe(1);
  pipe.read(1);
  expect(woken).toBe(2);
  pipe.read(1);
  expect(woken).toBe(2);
  pipe.close();
  expect(woken).toBe(3);
});
