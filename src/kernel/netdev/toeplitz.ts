import type { FlowKey } from '../stack/flow-key.ts';

/**
 * The Toeplitz hash of receive side scaling: the 32-bit window of the key is XORed in at every set bit of the input.
 * Input order is source address, destination address, source port, destination port (Microsoft RSS specification).
 *
 * @param key at least input length + 4 bytes
 */
export function toeplitz(key: Uint8Array, input: Uint8Array): number {
  let hash = 0;
  let window = ((key[0] << 24) | (key[1] << 16) | (key[2] << 8) | key[3]) >>> 0;
  for (let i = 0; i < input.length; i++) {
    const next = key[i + 4];
    for (let bit = 7; bit >= 0; bit--) {
      if ((input[i] >>> bit) & 1) hash ^= window;
      window = ((window << 1) | ((next >>> bit) & 1)) >>> 0;
    }
  }
  return hash >>> 0;
}

/** Hash of a TCP or UDP flow over addresses and ports. */
export function flowHash(key: Uint8Array, flow: FlowKey): number {
  const n = flow.src.length;
  const input = new Uint8Array(n * 2 + 4);
  input.set(flow.src, 0);
  input.set(flow.dst, n);
  input[n * 2] = flow.sport >>> 8;
  input[n * 2 + 1] = flow.sport & 0xff;
  input[n * 2 + 2] = flow.dport >>> 8;
  input[n * 2 + 3] = flow.dport & 0xff;
  return toeplitz(key, input);
}
