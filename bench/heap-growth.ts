import { PerformanceObserver } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { getHeapStatistics } from 'node:v8';

/** What a synchronous piece of work left behind. */
export interface HeapGrowth {
  /** Growth of the used heap: all that was allocated, if `collections` is 0. */
  bytes: number;
  /** Garbage collections meanwhile, of any kind. */
  collections: number;
}

/** Runs `work` and says what it allocated on the JavaScript heap. */
export async function heapGrowth(work: () => void): Promise<HeapGrowth> {
  const collected: number[] = [];
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) collected.push(entry.startTime);
  });
  observer.observe({ entryTypes: ['gc'] });
  const from = performance.now();
  const before = getHeapStatistics().used_heap_size;
  work();
  const bytes = getHeapStatistics().used_heap_size - before;
  const to = performance.now();
  // Entries are delivered in a later turn.
  await setImmediate();
  await setImmediate();
  observer.disconnect();
  return { bytes, collections: collected.filter((at) => at >= from && at <= to).length };
}
