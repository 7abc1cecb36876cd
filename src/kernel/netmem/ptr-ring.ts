import { PTR_RING_BATCH } from '../../uapi/limits.ts';

/**
 * The recycle ring of a page pool: a FIFO of N slots after Linux's ptr_ring (include/linux/ptr_ring.h).
 *
 * ```
 *        consumerTail   consumerHead          producer
 *             v              v                   v
 *  [ 0 ][ 0 ][ consumed, not ][ ref ][ ref ][ ref ][ 0 ]
 *             [ yet cleared   ]
 * ```
 * A slot is empty for the producer when it holds 0. Consumed slots are cleared in batches of 16 (or one by one in a ring
 * shorter than 32), so the ring can look full to the producer for up to a batch after it was read.
 */
export class PtrRing {
  readonly #slots: Int32Array;
  readonly #batch: number;
  #producer = 0;
  #consumerHead = 0;
  #consumerTail = 0;
  /** Entries produced and not consumed. */
  count = 0;

  constructor(size: number) {
    this.#slots = new Int32Array(size);
    this.#batch = PTR_RING_BATCH * 2 > size ? 1 : PTR_RING_BATCH;
  }

  get size(): number {
    return this.#slots.length;
  }

  /** false = full. */
  produce(ref: number): boolean {
    if (this.#slots[this.#producer] !== 0) return false;
    this.#slots[this.#producer] = ref;
    this.#producer = this.#producer + 1 === this.#slots.length ? 0 : this.#producer + 1;
    this.count++;
    return true;
  }

  /** 0 = empty. */
  consume(): number {
    if (this.count === 0) return 0;
    const ref = this.#slots[this.#consumerHead];
    this.count--;
    const head = this.#consumerHead + 1;
    if (head - this.#consumerTail >= this.#batch || head === this.#slots.length) {
      this.#slots.fill(0, this.#consumerTail, head);
      this.#consumerTail = head;
    }
    if (head === this.#slots.length) {
      this.#consumerHead = 0;
      this.#consumerTail = 0;
    } else {
      this.#consumerHead = head;
    }
    return ref;
  }
}
