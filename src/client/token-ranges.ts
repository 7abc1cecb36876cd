import { MAX_DONTNEED_FRAGS, MAX_DONTNEED_TOKENS } from '../uapi/limits.ts';

/** One dmabuf_token of SO_DEVMEM_DONTNEED, keys as in the YNL spec. */
export interface TokenRange {
  'token-start': number;
  'token-count': number;
}

/**
 * Tokens to give back, collected without an allocation per token and cut into calls that Linux takes whole: at most 128
 * ranges and 1024 ids each. A token that was added twice is named twice.
 */
export class TokenRanges {
  #tokens = new Uint32Array(2048);
  #count = 0;

  /** Tokens added and not yet taken. */
  get pending(): number {
    return this.#count;
  }

  add(token: number): void {
    if (this.#count === this.#tokens.length) this.#grow(this.#count + 1);
    this.#tokens[this.#count++] = token;
  }

  addAll(tokens: Uint32Array, count: number = tokens.length): void {
    const need = this.#count + count;
    if (need > this.#tokens.length) this.#grow(need);
    this.#tokens.set(count === tokens.length ? tokens : tokens.subarray(0, count), this.#count);
    this.#count = need;
  }

  /** Takes everything that is pending, ascending. */
  take(): TokenRange[][] {
    const tokens = this.#tokens.subarray(0, this.#count);
    this.#count = 0;
    if (!ascending(tokens)) tokens.sort();
    const calls: TokenRange[][] = [];
    let call: TokenRange[] = [];
    let ids = 0;
    for (let i = 0; i < tokens.length; ) {
      if (call.length === MAX_DONTNEED_TOKENS || ids === MAX_DONTNEED_FRAGS) {
        calls.push(call);
        call = [];
        ids = 0;
      }
      const start = tokens[i];
      let count = 1;
      while (count < MAX_DONTNEED_FRAGS - ids && i + count < tokens.length && tokens[i + count] === start + count)
        count++;
      call.push({ 'token-start': start, 'token-count': count });
      ids += count;
      i += count;
    }
    if (call.length > 0) calls.push(call);
    return calls;
  }

  #grow(need: number): void {
    const grown = new Uint32Array(Math.max(need, this.#tokens.length * 2));
    grown.set(this.#tokens.subarray(0, this.#count));
    this.#tokens = grown;
  }
}

/** Tokens mostly come as they were handed out, which makes the sort unnecessary. */
function ascending(tokens: Uint32Array): boolean {
  for (let i = 1; i < tokens.length; i++) if (tokens[i] < tokens[i - 1]) return false;
  return true;
}
