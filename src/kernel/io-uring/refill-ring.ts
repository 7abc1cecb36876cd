import { REFILL_FAULT, type RefillDiagnostics } from './refill-diagnostics.ts';
import { rqeNiov } from './rqe.ts';
import type { ZcrxRules } from './zcrx-rules.ts';

/**
 * The memory of a refill ring as the kernel touches it. Whoever maps or reads the shared file implements it; every value
 * read is the client's and may change between two reads.
 */
export interface RefillMemory {
  /** The client's tail with acquire ordering, as u32. */
  loadTail(): number;
  /** Tells the client up to where entries were consumed, with release ordering; u32. */
  storeHead(head: number): void;
  /** The lower and upper half of an entry's `off`, and its `pad`, as 32-bit values. `index` is below the ring's size. */
  offLow(index: number): number;
  offHigh(index: number): number;
  pad(index: number): number;
}

/** {@link RefillRing.next}: the entry named no buffer and was counted. */
export const RQE_SKIPPED = -1;
/** {@link RefillRing.next}: nothing is left to examine. */
export const RQE_NONE = -2;

/**
 * The kernel's side of a refill ring (io_uring/zcrx.c, 6.18; 7.3 as recorded).
 *
 * ```
 *           head (kernel's own copy)         tail (client)
 *             v                                v
 *  [consumed][ rqe ][ rqe ][ rqe ][ rqe ][ rqe ][ not written yet ]      slot = index & (entries - 1)
 *              |-- at most min((tail - head) mod 2^32, entries) --|
 * ```
 * Both indices run through all of u32. The shared head is only ever written: what a client writes there changes nothing. A
 * tail too far ahead or moved backwards is cut to the size of the ring at each look; the rest is seen by the next one.
 *
 * An entry is unknown to the kernel until it is consumed here, and the client may still change it. That is why a netmem
 * does not become `refill-pending` by an entry: it stays with the user until the entry was checked.
 */
export class RefillRing {
  /** A power of two. */
  readonly entries: number;
  readonly diagnostics: RefillDiagnostics;
  readonly #memory: RefillMemory;
  readonly #rules: ZcrxRules;
  /** Buffers in the area that the entries name. */
  readonly #niovs: number;
  #head: number;
  /** The client's tail when it was read last. */
  #tail: number;
  #left = 0;
  /** The tail is not read again in this pull. */
  #final = true;
  #examined = false;

  /** @param first number of the first entry: 0 on Linux, anything where the wrap at 2^32 shall be near */
  constructor(
    memory: RefillMemory,
    entries: number,
    niovs: number,
    rules: ZcrxRules,
    diagnostics: RefillDiagnostics,
    first = 0,
  ) {
    this.#head = first;
    this.#tail = first;
    this.#memory = memory;
    this.entries = entries;
    this.#niovs = niovs;
    this.#rules = rules;
    this.diagnostics = diagnostics;
  }

  /** Running number of the next entry to consume, u32. */
  get head(): number {
    return this.#head;
  }

  /** Entries the client claims to have written and the kernel has not consumed; up to the ring's size. */
  get pending(): number {
    return Math.min((this.#memory.loadTail() - this.#head) >>> 0, this.entries);
  }

  /** Begins a pull of the page pool: the following {@link next} stop at its limits. */
  beginPull(): void {
    const { keepsTail, refillCap } = this.#rules;
    if (!keepsTail) this.#loadTail();
    this.#left = Math.min(this.#available(), refillCap);
    this.#final = !keepsTail;
    this.#examined = keepsTail;
  }

  /** Begins a batch of FLUSH_RQ: at most `limit` entries up to a tail read now. */
  beginFlush(limit: number): void {
    this.#loadTail();
    this.#left = Math.min(this.#available(), limit);
    this.#final = true;
    this.#examined = true;
  }

  /** Consumes one entry. @returns the index of the buffer it names, {@link RQE_SKIPPED} or {@link RQE_NONE} */
  next(): number {
    if (this.#left === 0 && !this.#readAgain()) return RQE_NONE;
    this.#left--;
    this.#examined = true;
    const memory = this.#memory;
    const slot = this.#head & (this.entries - 1);
    this.#head = (this.#head + 1) >>> 0;
    const niov = rqeNiov(memory.offLow(slot), memory.offHigh(slot), memory.pad(slot), this.#niovs);
    if (niov >= 0) return niov;
    this.diagnostics.noteBad(niov, (this.#head - 1) >>> 0);
    return RQE_SKIPPED;
  }

  /** Ends a pull or a batch: tells the client how far it got. 6.18 does not when nothing was examined. */
  end(): void {
    if (this.#examined) this.#memory.storeHead(this.#head);
  }

  #readAgain(): boolean {
    if (this.#final) return false;
    this.#final = true;
    this.#loadTail();
    this.#left = Math.min(this.#available(), this.#rules.refillCap);
    return this.#left > 0;
  }

  #available(): number {
    return Math.min((this.#tail - this.#head) >>> 0, this.entries);
  }

  #loadTail(): void {
    this.#tail = this.#memory.loadTail() >>> 0;
    const ahead = (this.#tail - this.#head) >>> 0;
    if (ahead <= this.entries) return;
    const fault = ahead >= 0x8000_0000 ? REFILL_FAULT.TAIL_BACKWARDS : REFILL_FAULT.TAIL_AHEAD;
    this.diagnostics.note(fault, this.#tail, -1, -1);
  }
}
