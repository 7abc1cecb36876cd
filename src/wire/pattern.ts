/**
 * What generators send. The byte at offset i of a stream is
 *
 *   (((i mod 65521) * 0x9e3779b1) mod 2^32) >> 24
 *
 * 65521 is the largest prime below 2^16: no page, buffer or segment size divides it, so a piece at the wrong place does
 * not look right.
 */
export const PATTERN_PERIOD = 65521;

/** Bytes that may be taken at once from any offset. */
export const PATTERN_CHUNK = 65536;

/** The byte at `offset` of a generated stream. */
export function patternByte(offset: number): number {
  return Math.imul(offset % PATTERN_PERIOD, 0x9e3779b1) >>> 24;
}

let table: Uint8Array | null = null;

/** One period and a chunk: bytes `offset % PATTERN_PERIOD` and up are the stream's from `offset`, a chunk long. */
export function patternTable(): Uint8Array {
  if (table === null) {
    table = new Uint8Array(PATTERN_PERIOD + PATTERN_CHUNK);
    for (let i = 0; i < table.length; i++) table[i] = patternByte(i);
  }
  return table;
}

/** Index of the first byte that is not what a generator sends from `offset` on; -1 when all are. */
export function patternMismatch(bytes: Uint8Array, offset: number): number {
  const expected = patternTable();
  let at = offset % PATTERN_PERIOD;
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] !== expected[at]) return i;
    if (++at === PATTERN_PERIOD) at = 0;
  }
  return -1;
}
