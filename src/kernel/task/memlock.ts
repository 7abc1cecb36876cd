import { ERRNO } from '../../uapi/errno.ts';

/**
 * Memory that a session has pinned, against its limit (RLIMIT_MEMLOCK). A pin may outlive the session, as a binding outlives
 * the fd it was made from: the account is then still there to be paid back.
 */
export class Memlock {
  /** Bytes; Infinity: no limit (RLIM_INFINITY). */
  readonly limit: number;
  #locked = 0;

  constructor(limit = Number.POSITIVE_INFINITY) {
    this.limit = limit;
  }

  /** Bytes pinned. */
  get locked(): number {
    return this.#locked;
  }

  /** @returns 0, or -ENOMEM: beyond the limit, nothing was charged */
  charge(bytes: number): number {
    if (bytes > this.limit - this.#locked) return -ERRNO.ENOMEM;
    this.#locked += bytes;
    return 0;
  }

  uncharge(bytes: number): void {
    if (bytes > this.#locked) throw new Error(`${bytes} bytes unpinned, ${this.#locked} were pinned`);
    this.#locked -= bytes;
  }
}
