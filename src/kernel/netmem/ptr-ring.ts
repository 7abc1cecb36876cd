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

  constructor(size: number) {
    this.#slots = new Int32Array(size);
    this.#batch = PTR_RING_BATCH * 2 > size ? 1 : PTR_RING_BATCH;
  }

  get size(): number {
    return this.#slots.length;
  }

  /** Entries produced and not consumed. The slot at the head tells a full ring from an empty one. */
  get count(): number {
    const ahead = this.#producer - this.#consumerHead;
    if (ahead !== 0) return ahead < 0 ? ahead + this.#slots.length : ahead;
    return this.#slots[this.#consumerHead] === 0 ? 0 : this.#slots.length;
  }

  /** false = full. */
  produce(ref: number): boolean {
    const slots = this.#slots;
    const at = this.#producer;
    if (slots[at] !== 0) return false;
    slots[at] = ref;
    this.#producer = at + 1 === slots.length ? 0 : at + 1;
    return true;
  }

  /** 0 = empty. */
  consume(): number {
    const slots = this.#slots;
    const ref = slots[this.#consumerHead];
    if (ref === 0) return 0;
    const head = this.#consumerHead + 1;
    if (head - this.#consumerTail >= this.#batch || head === slots.length) this.#clear(head);
    this.#consumerHead = head === slots.length ? 0 : head;
    return ref;
  }

  /** Hands the slots up to `head` back to the producer. A loop: a call of fill() costs more than 16 stores. */
  #clear(head: number): void {
    const slots = this.#slots;
    for (let i = this.#consumerTail; i < head; i++) slots[i] = 0;
    this.#consumerTail = head === slots.length ? 0 : head;
  }
}
