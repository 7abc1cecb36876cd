import { LowestFree } from '../../../src/kernel/netmem/lowest-free.ts';
import { MAX_DONTNEED_FRAGS, MAX_DONTNEED_TOKENS } from '../../../src/uapi/limits.ts';
import { COUNT } from '../counts.ts';
import { BUFFERS } from '../kinds.ts';
import type { Machine } from '../machine.ts';
import type { ClientReturn } from './client-return.ts';

/** Buffers put for one taking of the tokens' lock. */
const BATCH = 16;

/**
 * Devmem TCP: a token for each frag, given back by SO_DEVMEM_DONTNEED. The client joins neighbouring tokens; one call takes
 * 128 ranges and 1024 frags.
 */
export class ReturnByToken implements ClientReturn {
  readonly #machine: Machine;
  readonly #free = new LowestFree(2 * BUFFERS);
  readonly #refOf = new Int32Array(2 * BUFFERS);
  readonly #pending = new Int32Array(MAX_DONTNEED_FRAGS);
  #count = 0;
  #ranges = 0;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** Tokens are reserved and confirmed for the frags of an skb at a time. */
  receive(frags: number): void {
    this.#machine.counts[COUNT.LOCK_TOKENS] += 2 * Math.ceil(frags / BATCH);
  }

  handOut(ref: number): number {
    const token = this.#free.takeLowest();
    this.#refOf[token] = ref;
    return token;
  }

  giveBack(token: number): void {
    const extends_ = this.#count > 0 && this.#pending[this.#count - 1] + 1 === token;
    if (!extends_ && this.#ranges === MAX_DONTNEED_TOKENS) this.flush();
    if (!extends_ || this.#count === 0) this.#ranges++;
    this.#pending[this.#count++] = token;
    if (this.#count === MAX_DONTNEED_FRAGS) this.flush();
  }

  flush(): void {
    if (this.#count === 0) return;
    const { counts, front } = this.#machine;
    counts[COUNT.CLIENT_CALL]++;
    counts[COUNT.LOCK_TOKENS] += 1 + Math.floor(this.#count / BATCH);
    for (let i = 0; i < this.#count; i++) {
      const token = this.#pending[i];
      const ref = this.#refOf[token];
      counts[COUNT.EXAMINED]++;
      if (ref === 0) {
        counts[COUNT.REFUSED]++;
        continue;
      }
      this.#refOf[token] = 0;
      this.#free.release(token);
      front.put(ref);
    }
    this.#count = 0;
    this.#ranges = 0;
  }

  close(): void {}
}
