import { beforeEach, expect, it } from 'vitest';
import type { SharedMemoryOptions } from '../../../src/kernel/dmabuf/memory.ts';
import { fail } from '../../../src/kernel/error.ts';
import { MemoryBudget } from '../../../src/memory-budget.ts';

let asked: (SharedMemoryOptions | undefined)[];
let releases: number;
let full: boolean;

const factory = {
  async create(size: number, options?: SharedMemoryOptions) {
    if (full) fail('ENOSPC');
    asked.push(options);
    return { bytes: new Uint8Array(0), size, path: '/x', release: () => void releases++ };
  },
};

beforeEach(() => {
  asked = [];
  releases = 0;
  full = false;
});

it('refuses what is too large, names the setting, and asks nobody', async () => {
  const budget = new MemoryBudget(factory, { largest: 100, total: 0, clientWritable: true });
  await expect(budget.create(101)).rejects.toThrow(
    expect.objectContaining({ errno: 'EINVAL', message: expect.stringContaining('limits.dmabuf-bytes') }),
  );
  expect(asked).toEqual([]);
  expect((await budget.create(100)).size).toBe(100);
});

it('counts what is in use, and gives it back once', async () => {
  const budget = new MemoryBudget(factory, { largest: 100, total: 150, clientWritable: true });
  const first = await budget.create(100);
  await expect(budget.create(51)).rejects.toThrow(expect.objectContaining({ errno: 'ENOMEM' }));
  await budget.create(50);
  first.release();
  first.release();
  expect(releases).toBe(1);
  expect(budget.used).toBe(50);
  await budget.create(100);
});

it('does not count what could not be made', async () => {
  const budget = new MemoryBudget(factory, { largest: 100, total: 100, clientWritable: true });
  full = true;
  await expect(budget.create(100)).rejects.toThrow(expect.objectContaining({ errno: 'ENOSPC' }));
  full = false;
  expect((await budget.create(100)).size).toBe(100);
});

it('says who may write, unless the request does', async () => {
  const budget = new MemoryBudget(factory, { largest: 100, total: 0, clientWritable: false });
  await budget.create(1, { name: 'a' });
  await budget.create(1, { clientWritable: true });
  expect(asked).toEqual([{ name: 'a', clientWritable: false }, { clientWritable: true }]);
});
