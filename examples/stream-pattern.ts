/**
 * The bytes that the demo sends: a table of random bytes (xorshift32, fixed seed) over and over. Its length is a prime, so
 * no segment, page or buffer size divides it, and a piece of payload in the wrong place does not look right.
 */
export const PERIOD = 65_521;
/** As many bytes can be taken at once from any offset. */
export const CHUNK = 65_536;

const table = new Uint8Array(PERIOD + CHUNK);
let x = 0x2545_f491;
for (let i = 0; i < table.length; i++) {
  if (i < PERIOD) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    table[i] = x;
  } else {
    table[i] = table[i - PERIOD];
  }
}

/** The stream's bytes from `offset` on, at most {@link CHUNK} of them. */
export function patternAt(offset: number, length: number): Uint8Array {
  const at = offset % PERIOD;
  return table.subarray(at, at + Math.min(length, CHUNK));
}

/** Index of the first of `bytes` that is not the stream's from `offset` on; -1 when all are. */
export function firstMismatch(bytes: Uint8Array, offset: number): number {
  for (let at = 0; at < bytes.length; ) {
    const expected = patternAt(offset + at, bytes.length - at);
    const part = bytes.subarray(at, at + expected.length);
    if (Buffer.compare(part, expected) !== 0) return at + part.findIndex((byte, i) => byte !== expected[i]);
    at += expected.length;
  }
  return -1;
}
