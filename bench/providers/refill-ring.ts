/**
 * The refill ring in memory that the client writes.
 *
 * ```
 *        head (kernel writes)        tail (client writes)
 *             v                          v
 *  [ done ][ offset ][ offset ][ offset ][ old ]
 * ```
 * Free-running indices; offsets are row numbers within the area here. What stands in it is the client's word.
 */
export class RefillRing {
  readonly entries: Int32Array;
  readonly #mask: number;
  head = 0;
  tail = 0;

  constructor(size: number) {
    this.entries = new Int32Array(size);
    this.#mask = size - 1;
  }

  get available(): number {
    return Math.min((this.tail - this.head) >>> 0, this.entries.length);
  }

  /** The client's side; false = full. */
  push(offset: number): boolean {
    if ((this.tail - this.head) >>> 0 >= this.entries.length) return false;
    this.entries[this.tail & this.#mask] = offset;
    this.tail = (this.tail + 1) >>> 0;
    return true;
  }

  /** The kernel's side; only when something is available. */
  pull(): number {
    const offset = this.entries[this.head & this.#mask];
    this.head = (this.head + 1) >>> 0;
    return offset;
  }
}
