import { type HeapGrowth, heapGrowth } from '../../../../bench/heap-growth.ts';

const ROUNDS = 4;

/**
 * The round of `work` with the fewest collections and the least growth. The first ones are compiled while they run, and
 * what else lives in the process may allocate during any of them; what `work` itself allocates is in every one.
 */
export async function leastHeapGrowth(work: () => void): Promise<HeapGrowth> {
  let least: HeapGrowth = { bytes: Number.POSITIVE_INFINITY, collections: Number.POSITIVE_INFINITY };
  for (let round = 0; round < ROUNDS; round++) {
    const growth = await heapGrowth(work);
    if (growth.collections < least.collections) least = growth;
    else if (growth.collections === least.collections && growth.bytes < least.bytes) least = growth;
  }
  return least;
}
