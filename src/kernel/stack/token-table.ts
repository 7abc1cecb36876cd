import { MAX_TOKEN } from '../../uapi/limits.ts';
import { LowestFree } from '../netmem/lowest-free.ts';
import type { NetmemRef } from '../netmem/netmem.ts';

const FIRST_CAPACITY = 256;

/**
 * The frag tokens of one socket (Linux: the xarray sk_user_frags): the lowest free number from 1. Number 0 takes part only
 * after a return covered it while the table was not empty, until the table is empty again; so a recorded kernel does.
 */
export class TokenTable {
  #free = new LowestFree(FIRST_CAPACITY);
  ref = new Int32Array(FIRST_CAPACITY);
  /** Byte offset in the dmabuf, length and time (ms) of the frag handed out. */
  offset = new Float64Array(FIRST_CAPACITY);
  size = new Int32Array(FIRST_CAPACITY);
  since = new Float64Array(FIRST_CAPACITY);
  /** Tokens handed out. */
  count = 0;
  #zeroUsable = false;

  constructor() {
    this.#free.take(0);
  }

  /** @returns the token, or -1 when 2^31 - 1 are used up */
  add(ref: NetmemRef, offset: number, size: number, now: number): number {
    let token = this.#free.takeLowest();
    if (token < 0) {
      if (this.ref.length > MAX_TOKEN) return -1;
      this.#grow();
      token = this.#free.takeLowest();
    }
    this.ref[token] = ref;
    this.offset[token] = offset;
    this.size[token] = size;
    this.since[token] = now;
    this.count++;
    return token;
  }

  /** @returns the netmem the token stood for, or 0 when there is no such token */
  remove(token: number): NetmemRef {
    if (token >= this.ref.length) return 0;
    const ref = this.ref[token];
    if (ref === 0) {
      if (token === 0 && this.count > 0 && !this.#zeroUsable) {
        this.#zeroUsable = true;
        this.#free.release(0);
      }
      return 0;
    }
    this.ref[token] = 0;
    this.#free.release(token);
    this.count--;
    if (this.count === 0 && this.#zeroUsable) {
      this.#zeroUsable = false;
      this.#free.take(0);
    }
    return ref;
  }

  #grow(): void {
    const capacity = this.ref.length * 2;
    const f64 = (from: Float64Array) => {
      const to = new Float64Array(capacity);
      to.set(from);
      return to;
    };
    const i32 = (from: Int32Array) => {
      const to = new Int32Array(capacity);
      to.set(from);
      return to;
    };
    this.ref = i32(this.ref);
    this.size = i32(this.size);
    this.offset = f64(this.offset);
    this.since = f64(this.since);
    this.#free.grow(capacity);
  }
}
