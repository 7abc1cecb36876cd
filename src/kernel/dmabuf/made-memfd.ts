import { refuse } from '../error.ts';
import { ERRORS } from '../error-catalogue.ts';
import type { MemfdFile, SharedMemory } from './memory.ts';

/**
 * A memfd that the daemon made for a client. The host's file is always sealed against a change of its length, or the daemon could
 * not map it; what the simulated kernel sees are the seals that were asked for.
 */
export class MadeMemfd implements MemfdFile {
  readonly #memory: SharedMemory;
  readonly #seals: number;
  /** The fd, and every part that is pinned. */
  #refs = 1;
  #open = true;

  constructor(memory: SharedMemory, seals: number) {
    this.#memory = memory;
    this.#seals = seals;
  }

  get path(): string {
    return this.#memory.path;
  }

  size(): number {
    return this.#memory.size;
  }

  seals(): number {
    return this.#seals;
  }

  async map(offset: number, size: number): Promise<SharedMemory> {
    const memory = this.#memory;
    if (offset + size > memory.size) refuse(ERRORS.memfdTooShort, undefined, memory.size);
    this.#refs++;
    let released = false;
    return {
      bytes: memory.bytes.subarray(offset, offset + size),
      size,
      path: memory.path,
      release: () => {
        if (released) return;
        released = true;
        this.#put();
      },
    };
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#put();
  }

  #put(): void {
    if (--this.#refs === 0) this.#memory.release();
  }
}
