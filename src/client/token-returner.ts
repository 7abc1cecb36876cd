import { MAX_DONTNEED_FRAGS } from '../uapi/limits.ts';
import { type TokenRange, TokenRanges } from './token-ranges.ts';

export interface TokenReturnerOptions {
  /** Tokens that are collected before they are sent, default 1024: what one call takes. */
  flushAt?: number;
}

/**
 * Gives the frags of one socket back with SO_DEVMEM_DONTNEED. Tokens are collected and coalesced; one request is in flight
 * at a time, and what is added meanwhile goes with the next. Nothing is sent before `flushAt` tokens are there, or
 * {@link sendSoon} or {@link flush} is called: a receiver that waits for data with tokens unsent may wait for buffers it holds itself.
 */
export class TokenReturner {
  /** Tokens named in requests that were answered. */
  returned = 0;
  /** Frags the kernel really freed, the sum of the calls' return values; less than `returned` means unknown tokens. */
  freed = 0;

  readonly #send: (ranges: TokenRange[]) => Promise<number>;
  readonly #flushAt: number;
  readonly #ranges = new TokenRanges();
  #soon = false;
  #running: Promise<void> | null = null;
  #error: { reason: unknown } | null = null;

  /** @param send one SO_DEVMEM_DONTNEED call: resolves to its return value */
  constructor(send: (ranges: TokenRange[]) => Promise<number>, options: TokenReturnerOptions = {}) {
    this.#send = send;
    this.#flushAt = Math.max(1, options.flushAt ?? MAX_DONTNEED_FRAGS);
  }

  /** Tokens that were not sent yet. */
  get pending(): number {
    return this.#ranges.pending;
  }

  /** @throws what an earlier request failed with */
  add(token: number): void {
    this.#ranges.add(token);
    this.#kick();
  }

  /** Adds the first `count` tokens. @throws what an earlier request failed with */
  addAll(tokens: Uint32Array, count: number = tokens.length): void {
    this.#ranges.addAll(tokens, count);
    this.#kick();
  }

  /**
   * Sends what is pending at once, or right after the request that is in flight: called after every batch it makes requests
   * as small as the daemon is quick, and as large as it is slow. @throws what an earlier request failed with
   */
  sendSoon(): void {
    this.#rethrow();
    if (this.#ranges.pending === 0) return;
    this.#soon = true;
    if (this.#running === null) void this.#start();
  }

  /** Resolves when every token added so far has been given back. @throws what a request failed with */
  async flush(): Promise<void> {
    this.#rethrow();
    while (this.#ranges.pending > 0 || this.#running !== null) {
      await (this.#running ?? this.#start());
      this.#rethrow();
    }
  }

  #kick(): void {
    this.#rethrow();
    if (this.#running === null && this.#ranges.pending >= this.#flushAt) void this.#start();
  }

  #rethrow(): void {
    if (this.#error !== null) throw this.#error.reason;
  }

  /** Never rejects: the error is kept for whoever calls next. */
  #start(): Promise<void> {
    this.#running = this.#drain().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #drain(): Promise<void> {
    try {
      do {
        this.#soon = false;
        for (const ranges of this.#ranges.take()) {
          let count = 0;
          for (const range of ranges) count += range['token-count'];
          this.freed += await this.#send(ranges);
          this.returned += count;
        }
      } while (this.#ranges.pending >= this.#flushAt || (this.#soon && this.#ranges.pending > 0));
    } catch (reason) {
      this.#error = { reason };
    }
  }
}
