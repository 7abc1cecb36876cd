import { CMSG_HDR_SIZE, DEVMEM_CMSG_SPACE } from '../uapi/cmsg.ts';
import { SCM_DEVMEM_DMABUF, SCM_DEVMEM_LINEAR, SOL_SOCKET } from '../uapi/socket.ts';
import type { RecvmsgParser } from './recvmsg-parser.ts';

/**
 * The frags of all messages that came in one chunk of the stream, as columns. One object is filled again and again: what it
 * holds is valid until the iterator's next step.
 *
 * Entry `i` in 0..count-1, in stream order:
 * - `dmabufIds[i]` not 0: `sizes[i]` bytes at `offsets[i]` of that binding's dmabuf, to be given back with `tokens[i]`;
 * - `dmabufIds[i]` 0: `sizes[i]` bytes at `offsets[i]` of `linear`, nothing to give back.
 */
export class RecvBatch {
  count = 0;
  offsets = new Float64Array(1024);
  sizes = new Uint32Array(1024);
  tokens = new Uint32Array(1024);
  dmabufIds = new Uint32Array(1024);
  /** Linear bytes of the batch, one message after the other. */
  linear = new Uint8Array(4096);
  linearLength = 0;
  /** Messages in the batch. */
  messages = 0;
  /** Payload bytes in the batch: the sum of recvmsg's return values. */
  bytes = 0;

  reset(): void {
    this.count = 0;
    this.linearLength = 0;
    this.messages = 0;
    this.bytes = 0;
  }

  /** Adds the parser's message, which is no error and not the end. */
  append(parser: RecvmsgParser): void {
    const { view, controlOffset, controllen, dataLength } = parser;
    const end = controlOffset + controllen;
    let linearAt = this.linearLength;
    if (dataLength > 0) this.#appendLinear(parser.bytes, parser.dataOffset, dataLength);
    let devmem = false;
    for (let at = controlOffset; at + CMSG_HDR_SIZE <= end; ) {
      const size = view.getUint32(at, true);
      if (size < CMSG_HDR_SIZE || at + size > end) break;
      if (size >= DEVMEM_CMSG_SPACE && view.getInt32(at + 8, true) === SOL_SOCKET) {
        const type = view.getInt32(at + 12, true);
        const fragSize = view.getUint32(at + 24, true);
        if (type === SCM_DEVMEM_DMABUF) {
          const offset = view.getUint32(at + 16, true) + view.getUint32(at + 20, true) * 0x1_0000_0000;
          this.#push(offset, fragSize, view.getUint32(at + 28, true), view.getUint32(at + 32, true));
        } else if (type === SCM_DEVMEM_LINEAR) {
          this.#push(linearAt, fragSize, 0, 0);
          linearAt += fragSize;
        }
        devmem ||= type === SCM_DEVMEM_DMABUF || type === SCM_DEVMEM_LINEAR;
      }
      at += (size + 7) & ~7;
    }
    // Ordinary data comes without a devmem cmsg. Next to one, bytes that no LINEAR cmsg names will be delivered again.
    if (!devmem && parser.len > 0) this.#push(linearAt, Math.min(parser.len, dataLength), 0, 0);
    this.messages++;
    this.bytes += parser.len;
  }

  #push(offset: number, size: number, token: number, dmabufId: number): void {
    const i = this.count;
    if (i === this.sizes.length) this.#grow();
    this.offsets[i] = offset;
    this.sizes[i] = size;
    this.tokens[i] = token;
    this.dmabufIds[i] = dmabufId;
    this.count = i + 1;
  }

  #grow(): void {
    const length = this.sizes.length * 2;
    const { offsets, sizes, tokens, dmabufIds } = this;
    (this.offsets = new Float64Array(length)).set(offsets);
    (this.sizes = new Uint32Array(length)).set(sizes);
    (this.tokens = new Uint32Array(length)).set(tokens);
    (this.dmabufIds = new Uint32Array(length)).set(dmabufIds);
  }

  #appendLinear(bytes: Uint8Array, at: number, length: number): void {
    const need = this.linearLength + length;
    if (need > this.linear.length) {
      const { linear } = this;
      (this.linear = new Uint8Array(Math.max(need, linear.length * 2))).set(linear.subarray(0, this.linearLength));
    }
    this.linear.set(bytes.subarray(at, at + length), this.linearLength);
    this.linearLength = need;
  }
}
