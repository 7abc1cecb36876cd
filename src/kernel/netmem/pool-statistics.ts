/** Indices into the statistics of a pool: Linux's eleven counters in the order of the netdev family's attributes. */
export const POOL_STAT = {
  ALLOC_FAST: 0,
  ALLOC_SLOW: 1,
  ALLOC_SLOW_HIGH_ORDER: 2,
  ALLOC_EMPTY: 3,
  ALLOC_REFILL: 4,
  ALLOC_WAIVE: 5,
  RECYCLE_CACHED: 6,
  RECYCLE_CACHE_FULL: 7,
  RECYCLE_RING: 8,
  RECYCLE_RING_FULL: 9,
  RECYCLE_RELEASED_REFCNT: 10,
} as const;

export const POOL_STAT_NAMES = [
  'alloc-fast',
  'alloc-slow',
  'alloc-slow-high-order',
  'alloc-empty',
  'alloc-refill',
  'alloc-waive',
  'recycle-cached',
  'recycle-cache-full',
  'recycle-ring',
  'recycle-ring-full',
  'recycle-released-refcnt',
] as const;
