import { closeSync, readFileSync, readSync, writeSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { allocateFile } from '../../../src/shm/allocate-file.ts';
import { KoffiUnavailableError, libc, loadKoffi } from '../../../src/shm/libc.ts';
import { MAX_MAP_SIZE, MemoryMap } from '../../../src/shm/memory-map.ts';

setFlagsFromString('--expose-gc');
const gc: () => void = runInNewContext('gc');

const SIZE = 4 * 1024 * 1024;
const fds: number[] = [];

afterEach(() => {
  for (const fd of fds.splice(0)) closeSync(fd);
});

async function memfd(name: string, size = SIZE): Promise<number> {
  const fd = libc().memfdCreate(name);
  fds.push(fd);
  await allocateFile(fd, size);
  return fd;
}

function byteAt(fd: number, at: number): number {
  const one = new Uint8Array(1);
  readSync(fd, one, 0, 1, at);
  return one[0];
}

interface Range {
  start: bigint;
  end: bigint;
  name: string;
}

function ranges(): Range[] {
  const lines = readFileSync('/proc/self/maps', 'latin1').trimEnd().split('\n');
  return lines.map((line) => {
    const [range, , , , , ...name] = line.split(/ +/);
    const [start, end] = range.split('-').map((hex) => BigInt(`0x${hex}`));
    return { start, end, name: name.join(' ') };
  });
}

function rangeOf(name: string): Range | undefined {
  return ranges().find((range) => range.name.startsWith(`/memfd:${name}`));
}

/** Bytes of a range that are mapped to anything; neighbours may have been merged with it. */
function mappedBytes({ start, end }: Range): bigint {
  let sum = 0n;
  for (const range of ranges()) {
    const from = range.start > start ? range.start : start;
    const to = range.end < end ? range.end : end;
    if (to > from) sum += to - from;
  }
  return sum;
}

describe('MemoryMap', () => {
  it('shows the file and changes it', async () => {
    const fd = await memfd('map-shows');
    const map = new MemoryMap(fd, SIZE, true);
    writeSync(fd, 'A', 100);
    expect(map.bytes[100]).toBe(65);
    map.bytes[SIZE - 1] = 66;
    expect(byteAt(fd, SIZE - 1)).toBe(66);
    map.unmap();
  });

  it('faults everything in without changing it, and stops when it is unmapped', async () => {
    const fd = await memfd('map-prefault', 32 * 1024 * 1024);
    const map = new MemoryMap(fd, 32 * 1024 * 1024, true);
    map.bytes[12345] = 7;
    await map.prefault();
    expect(map.bytes[12345]).toBe(7);
    const again = map.prefault();
    map.unmap();
    await again;
    expect(byteAt(fd, 12345)).toBe(7);
  });

  it('keeps late users of a view away from the file and from later mappings', async () => {
    const fd = await memfd('map-late');
    const map = new MemoryMap(fd, SIZE, true);
    const view = map.bytes.subarray(10, 20);
    view[0] = 9;
    map.unmap();
    expect(map.mapped).toBe(false);
    expect(() => map.bytes).toThrow('no longer mapped');
    const other = await memfd('map-other');
    const next = new MemoryMap(other, SIZE, true);
    expect(view[0]).toBe(0);
    view[0] = 77;
    expect(byteAt(fd, 10)).toBe(9);
    expect(next.bytes[10]).toBe(0);
    expect(byteAt(other, 10)).toBe(0);
    next.unmap();
  });

  it('survives the collection of its views, and gives the range back after the last one is gone', async () => {
    const fd = await memfd('map-collected');
    let map: MemoryMap | null = new MemoryMap(fd, SIZE, true);
    for (let i = 0; i < 100; i++) map.bytes.subarray(i, i + 1)[0] = i;
    gc();
    expect(map.bytes[99]).toBe(99);
    const range = rangeOf('map-collected');
    if (range === undefined) throw new Error('the map is not in /proc/self/maps');
    map.unmap();
    map = null;
    expect(rangeOf('map-collected')).toBeUndefined();
    expect(mappedBytes(range)).toBe(BigInt(SIZE));
    await vi.waitFor(
      () => {
        gc();
        expect(mappedBytes(range)).toBeLessThan(BigInt(SIZE));
      },
      { timeout: 10_000, interval: 10 },
    );
  });

  it('ends in slices too: over at once for its users, zeros for earlier views', async () => {
    const size = 5 * SIZE;
    const fd = await memfd('map-slices', size);
    const map = new MemoryMap(fd, size, true);
    const view = map.bytes.subarray(size - 1);
    view[0] = 9;
    const ended = map.unmapInSlices();
    expect(map.mapped).toBe(false);
    expect(() => map.bytes).toThrow('no longer mapped');
    await ended;
    expect(rangeOf('map-slices')).toBeUndefined();
    expect(view[0]).toBe(0);
    view[0] = 77;
    expect(byteAt(fd, size - 1)).toBe(9);
    await map.unmapInSlices();
    map.unmap();
  });

  it('refuses sizes that Node cannot show', async () => {
    const fd = await memfd('map-size', 4096);
    for (const size of [0, -1, 1.5, MAX_MAP_SIZE + 1]) expect(() => new MemoryMap(fd, size, false)).toThrow(RangeError);
  });

  it('reports a failed mmap by name', () => {
    expect(() => new MemoryMap(9999, 4096, true)).toThrow('mmap: EBADF');
  });
});

it('says what is missing when koffi cannot be loaded', () => {
  const broken = (): never => {
    throw new Error('Cannot find the native Koffi module; did you bundle it correctly?');
  };
  expect(() => loadKoffi(broken)).toThrow(KoffiUnavailableError);
  expect(() => loadKoffi(broken)).toThrow(/koffi.*Cannot find the native Koffi module/);
});
