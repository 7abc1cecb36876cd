import { expect, test } from 'vitest';
import { PoolCycles } from '../../bench/pool-cycles.ts';
import { leastHeapGrowth } from '../unit/kernel/netmem/least-heap-growth.ts';

const NETMEMS = 10_000_000;

test.each(['cache', 'ring'] as const)('ten million netmems through the %s allocate nothing', async (mode) => {
  const cycles = new PoolCycles(mode);
  const growth = await leastHeapGrowth(() => cycles.run(NETMEMS));
  expect(growth.collections).toBe(0);
  // A hundredth of a byte a netmem; a boxed number in each burst of 64 would be 2.5 MB.
  expect(growth.bytes).toBeLessThan(NETMEMS / 100);
});
