import { KIND_NAMES } from './kinds.ts';

/** Where a netmem is. OUT: posted, in the stack or with a client. */
export const STATE = { FREE: 0, WAITING: 1, CACHE: 2, RING: 3, OUT: 4 } as const;

/**
 * Every netmem of a run, in columns; a netmem is its row, row 0 is none. Each memory owns one run of rows.
 *
 * ```
 *  row     pool        ppRef   pageRef  userRef   state   payload
 *  [ref] -> [handle]   [n]     [n]      [n]       [0..4]  [what the device wrote]
 * ```
 */
export class Netmems {
  readonly pool: Uint8Array;
  readonly kind: Uint8Array;
  readonly ppRef: Int32Array;
  /** References to the page itself, the owner's included. net_iovs keep 1. */
  readonly pageRef: Int32Array;
  /** Completions that a client has not answered yet (io_uring). */
  readonly userRef: Int32Array;
  readonly state: Uint8Array;
  readonly payload: Int32Array;
  #next = 1;

  constructor(rows: number) {
    this.pool = new Uint8Array(rows + 1);
    this.kind = new Uint8Array(rows + 1);
    this.ppRef = new Int32Array(rows + 1);
    this.pageRef = new Int32Array(rows + 1).fill(1);
    this.userRef = new Int32Array(rows + 1);
    this.state = new Uint8Array(rows + 1);
    this.payload = new Int32Array(rows + 1);
  }

  /** A run of rows; returns the first. */
  area(count: number, kind: number): number {
    const base = this.#next;
    if (base + count > this.pool.length) throw new Error(`no room for ${KIND_NAMES[kind]}`);
    this.#next += count;
    this.kind.fill(kind, base, base + count);
    return base;
  }

  get rows(): number {
    return this.#next - 1;
  }
}
