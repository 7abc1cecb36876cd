import { PATTERN_CHUNK, PATTERN_PERIOD, patternTable } from '../src/wire/pattern.ts';

/** Bytes of a cache line: of each, one byte is read. */
const LINE = 64;

/** Reads one byte of every cache line of `bytes[offset, offset + size)`; returns their sum, so that the reads are real. */
export function touch(bytes: Uint8Array, offset: number, size: number): number {
  let sum = 0;
  for (let at = offset, end = offset + size; at < end; at += LINE) sum += bytes[at];
  return sum;
}

/** Compares every byte of a stream with the pattern that generator, server and sender send. */
export class StreamCheck {
  /** Bytes compared. */
  at = 0;
  readonly #table = patternTable();

  /** @throws Error at the first difference */
  next(bytes: Uint8Array, offset: number, size: number): void {
    for (let done = 0; done < size; ) {
      const n = Math.min(size - done, PATTERN_CHUNK);
      const from = this.at % PATTERN_PERIOD;
      const part = bytes.subarray(offset + done, offset + done + n);
      if (Buffer.compare(part, this.#table.subarray(from, from + n)) !== 0) {
        throw new Error(`wrong bytes in [${this.at}, ${this.at + n})`);
      }
      this.at += n;
      done += n;
    }
  }
}
