/** What a pool writes into its history: everything but the fast paths, whose number is in the statistics. */
export const POOL_EVENT = {
  /** Netmems that came from the owner. */
  SLOW: 0,
  /** The owner had none. */
  EMPTY: 1,
  /** The netmem that found the ring full. */
  RING_FULL: 2,
  /** The page that came back with a foreign reference. */
  FOREIGN: 3,
  /** The page on another NUMA node. */
  WAIVE: 4,
  DESTROY: 5,
  /** Netmems still out after an attempt to release all. */
  RETRY: 6,
} as const;

export const POOL_EVENT_NAMES = [
  'slow',
  'empty',
  'ring-full',
  'foreign-reference',
  'waive',
  'destroy',
  'retry',
] as const;

const ENTRIES = 32;

/** One entry, oldest first. */
export interface PoolHistoryEntry {
  /** Milliseconds of the kernel's clock. */
  readonly 'at-ms': number;
  readonly event: (typeof POOL_EVENT_NAMES)[number];
  /** The netmem, or how many: see {@link POOL_EVENT}. */
  readonly value: number;
  readonly inflight: number;
}

/**
 * The last 32 slow events of a page pool, in typed arrays that come with the first one:
 *
 * ```
 *  at       [ f64 x 32 ]
 *  record   [ event, value, inflight | ... ]   i32, 3 an entry
 * ```
 */
export class PoolHistory {
  #at: Float64Array | null = null;
  #record: Int32Array | null = null;
  #next = 0;

  /** A retry that got nothing back is not written down again: a long wait would push everything else out. */
  add(at: number, event: number, value: number, inflight: number): void {
    if (event === POOL_EVENT.RETRY && this.#lastWas(event, value)) return;
    if (this.#at === null || this.#record === null) {
      this.#at = new Float64Array(ENTRIES);
      this.#record = new Int32Array(ENTRIES * 3);
    }
    const i = this.#next++ % ENTRIES;
    this.#at[i] = at;
    this.#record[i * 3] = event;
    this.#record[i * 3 + 1] = value;
    this.#record[i * 3 + 2] = inflight;
  }

  #lastWas(event: number, value: number): boolean {
    if (this.#record === null) return false;
    const last = ((this.#next - 1) % ENTRIES) * 3;
    return this.#record[last] === event && this.#record[last + 1] === value;
  }

  /** The entries, oldest first. */
  entries(): PoolHistoryEntry[] {
    const out: PoolHistoryEntry[] = [];
    const at = this.#at;
    const record = this.#record;
    if (at === null || record === null) return out;
    for (let n = Math.max(0, this.#next - ENTRIES); n < this.#next; n++) {
      const i = n % ENTRIES;
      out.push({
        'at-ms': Math.floor(at[i]),
        event: POOL_EVENT_NAMES[record[i * 3]],
        value: record[i * 3 + 1],
        inflight: record[i * 3 + 2],
      });
    }
    return out;
  }
}
