import { expect, test } from 'vitest';
import { PoolCycles } from '../../../../bench/pool-cycles.ts';
import { stats } from '../rig.ts';
import { leastHeapGrowth } from './least-heap-growth.ts';

const NETMEMS = 1 << 20;
const BURSTS = NETMEMS / 64;
/** Bytes of a boxed number: the least that can be allocated. */
const HEAP_NUMBER = 16;

test.each(['cache', 'ring'] as const)('a million netmems through the %s allocate nothing', async (mode) => {
  const cycles = new PoolCycles(mode);
  const growth = await leastHeapGrowth(() => cycles.run(NETMEMS));
  expect(growth.collections).toBe(0);
  expect(growth.bytes).toBeLessThan((BURSTS * HEAP_NUMBER) / 2);
});

test('a single small object in each burst would be seen', async () => {
  const cycles = new PoolCycles('cache');
  const kept: unknown[] = new Array(64);
  const growth = await leastHeapGrowth(() => {
    for (let i = 0; i < BURSTS; i++) {
      cycles.run(64);
      kept[i % 64] = [i];
    }
  });
  expect(growth.collections > 0 || growth.bytes > (BURSTS * HEAP_NUMBER) / 2).toBe(true);
});

test.each([
  ['cache', { 'alloc-fast': 64_000, 'recycle-cached': 64_000 }],
  ['ring', { 'alloc-fast': 63_000, 'alloc-refill': 1000, 'recycle-ring': 64_000 }],
  ['slow', { 'alloc-refill': 1000, 'alloc-empty': 63_000, 'recycle-ring': 1000, 'recycle-ring-full': 63_000 }],
] as const)('netmems that are said to go through the %s do', (mode, expected) => {
  const cycles = new PoolCycles(mode);
  cycles.run(64);
  const before = stats(cycles.pool);
  cycles.run(64_000);
  const after = stats(cycles.pool);
  for (const [name, count] of Object.entries(before)) after[name] -= count;
  expect(Object.fromEntries(Object.entries(after).filter(([, count]) => count > 0))).toEqual(expected);
});
