/** What a run counts: things that cost something in any language. */
export const COUNT = {
  /** Calls through a table of operations, the dmabuf exporter's included. */
  INDIRECT: 0,
  /** How often somebody has to ask what kind of memory this is; with branches, an answer takes up to one `if` a kind. */
  KIND_TEST: 1,
  /** ptr_ring producer lock: every put in process context. */
  LOCK_PRODUCER: 2,
  /** ptr_ring consumer lock: only when a pool is emptied; refilling the cache needs none. */
  LOCK_CONSUMER: 3,
  /** The page allocator's lock: one for a bulk, one for each page given back. */
  LOCK_PAGES: 4,
  /** The free list of a zcrx area or of huge-page slices. */
  LOCK_FREE_LIST: 5,
  /** The kernel's side of the refill ring: one for each pull of up to 64 entries. */
  LOCK_REFILL: 6,
  /** The xarray of tokens. */
  LOCK_TOKENS: 7,
  /** Atomic operations on the chunk pool's bitmap; it has no lock. */
  ATOMIC_CHUNK: 8,
  /** System calls that a client makes in order to give buffers back. */
  CLIENT_CALL: 9,
  DMA_MAP: 10,
  DMA_UNMAP: 11,
  /** Syncs for the device, where a device needs them. */
  DMA_SYNC: 12,
  /** Entries of the client's that the kernel examined before it believed them. */
  EXAMINED: 13,
  /** Of which it did not believe. */
  REFUSED: 14,
  /** Frags that reached a client. */
  DELIVERED: 15,
  /** Buffers that clients gave back. */
  RETURNED: 16,
  /** Allocations that found nothing. */
  STARVED: 17,
} as const;

export const COUNT_NAMES = [
  'indirect',
  'kind-test',
  'lock-producer',
  'lock-consumer',
  'lock-pages',
  'lock-free-list',
  'lock-refill',
  'lock-tokens',
  'atomic-chunk',
  'client-call',
  'dma-map',
  'dma-unmap',
  'dma-sync',
  'examined',
  'refused',
  'delivered',
  'returned',
  'starved',
] as const;

export type CountName = (typeof COUNT_NAMES)[number];
