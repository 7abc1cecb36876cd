import { ZCRX_RQE_SIZE, ZCRX_RQE_WORDS, type ZcrxOffsets } from '../../uapi/zcrx.ts';
import type { RefillMemory } from './refill-ring.ts';

/**
 * A refill ring in memory that is mapped here and in the client:
 *
 * ```
 *  offsets.head   offsets.tail   offsets.rqes
 *     v              v              v
 *  [ u32 ] ....   [ u32 ] ....   [ rqe 0 ][ rqe 1 ] ... [ rqe entries-1 ]
 * ```
 * The indices are accessed with Atomics, whose ordering is stronger than the acquire and release that are needed.
 */
export class RefillRegion implements RefillMemory {
  readonly #words: Int32Array;
  readonly #head: number;
  readonly #tail: number;
  readonly #rqes: number;

  /** @throws RangeError when the bytes are not aligned to 4, or too few for `entries` */
  constructor(bytes: Uint8Array, offsets: ZcrxOffsets, entries: number) {
    if (bytes.length < RefillRegion.bytes(offsets, entries)) throw new RangeError('refill ring beyond its memory');
    this.#words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2);
    this.#head = offsets.head >>> 2;
    this.#tail = offsets.tail >>> 2;
    this.#rqes = offsets.rqes >>> 2;
  }

  /** Bytes a ring of `entries` needs. */
  static bytes(offsets: ZcrxOffsets, entries: number): number {
    return offsets.rqes + entries * ZCRX_RQE_SIZE;
  }

  loadTail(): number {
    return Atomics.load(this.#words, this.#tail) >>> 0;
  }

  storeHead(head: number): void {
    Atomics.store(this.#words, this.#head, head | 0);
  }

  offLow(index: number): number {
    return this.#words[this.#rqes + index * ZCRX_RQE_WORDS];
  }

  offHigh(index: number): number {
    return this.#words[this.#rqes + index * ZCRX_RQE_WORDS + 1];
  }

  pad(index: number): number {
    return this.#words[this.#rqes + index * ZCRX_RQE_WORDS + 3];
  }
}
