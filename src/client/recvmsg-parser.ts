import { protocolError } from './transport.ts';

/** Media type of the binary stream of `socket/recvmsg`. */
export const RECVMSG_MEDIA_TYPE = 'application/vnd.netmemd.recvmsg';

/**
 * Header of one message in the stream, little-endian; control bytes and linear data follow it without padding.
 *
 * ```
 *  0              4           8                12            16                      16 + controllen
 *  +--------------+-----------+----------------+-------------+-----------------------+-------------+
 *  | total length | msg_flags | msg_controllen | data length | control: cmsghdr ...  | linear data |
 *  |  s32 as u32  |    u32    |      u32       |     u32     | msg_controllen bytes  | data length |
 *  +--------------+-----------+----------------+-------------+-----------------------+-------------+
 * ```
 * Total length is what recvmsg returned: payload bytes in frags and linear data together, 0 at the end of the stream, a
 * negative errno (two's complement) for an error.
 */
export const RECVMSG_HEADER_SIZE = 16;

/** An entry larger than this is no recvmsg of ours: both buffers of a call are far smaller. */
const MAX_ENTRY = 1 << 30;

/**
 * Cuts the byte stream into messages, however it was chopped on the way. Messages that lie whole in a chunk are seen in
 * place; only one that crosses chunks is copied, into a buffer that grows to the largest such message.
 *
 * Use: `push(chunk)`, then `next()` until it is false, then the next chunk. The fields describe the message of the last
 * `next()` that was true, and hold until the following call.
 */
export class RecvmsgParser {
  /** Return value of recvmsg. */
  len = 0;
  flags = 0;
  controllen = 0;
  dataLength = 0;
  /** What `controlOffset` and `dataOffset` are offsets into; `view` is of the same bytes. */
  bytes: Uint8Array = new Uint8Array(0);
  view: DataView = new DataView(this.bytes.buffer);
  controlOffset = 0;
  dataOffset = 0;
  /** The message lies in the reused buffer, so what is to outlive the next call must be copied. */
  reused = false;

  #chunk: Uint8Array = this.bytes;
  #chunkView: DataView = this.view;
  #at = 0;
  #carry = new Uint8Array(65_536);
  #carryView = new DataView(this.#carry.buffer);
  #carried = 0;

  /** Adds the next piece of the stream. @throws Error when the last one was not read to its end */
  push(chunk: Uint8Array): void {
    if (this.#at < this.#chunk.length) throw new Error('push() before next() was false');
    this.#chunk = chunk;
    this.#chunkView = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    this.#at = 0;
  }

  /** Moves to the next whole message; false when there is none without more bytes. @throws NetmemdError EPROTO */
  next(): boolean {
    if (this.#carried > 0) return this.#nextCarried();
    const have = this.#chunk.length - this.#at;
    if (have >= RECVMSG_HEADER_SIZE) {
      const size = entrySize(this.#chunkView, this.#at);
      if (size <= have) {
        this.#expose(this.#chunk, this.#chunkView, this.#at, false);
        this.#at += size;
        return true;
      }
    }
    this.#take(have);
    return false;
  }

  /** Bytes of a message that is not complete yet; not 0 at the end of the stream means that it was cut off. */
  get pending(): number {
    return this.#carried + this.#chunk.length - this.#at;
  }

  #nextCarried(): boolean {
    if (this.#carried < RECVMSG_HEADER_SIZE) {
      this.#take(Math.min(RECVMSG_HEADER_SIZE - this.#carried, this.#chunk.length - this.#at));
      if (this.#carried < RECVMSG_HEADER_SIZE) return false;
    }
    const size = entrySize(this.#carryView, 0);
    this.#take(Math.min(size - this.#carried, this.#chunk.length - this.#at));
    if (this.#carried < size) return false;
    this.#expose(this.#carry, this.#carryView, 0, true);
    this.#carried = 0;
    return true;
  }

  #take(count: number): void {
    const need = this.#carried + count;
    if (need > this.#carry.length) {
      const grown = new Uint8Array(2 ** Math.ceil(Math.log2(need)));
      grown.set(this.#carry.subarray(0, this.#carried));
      this.#carry = grown;
      this.#carryView = new DataView(grown.buffer);
    }
    this.#carry.set(this.#chunk.subarray(this.#at, this.#at + count), this.#carried);
    this.#carried = need;
    this.#at += count;
  }

  #expose(bytes: Uint8Array, view: DataView, at: number, reused: boolean): void {
    this.bytes = bytes;
    this.view = view;
    this.len = view.getInt32(at, true);
    this.flags = view.getUint32(at + 4, true);
    this.controllen = view.getUint32(at + 8, true);
    this.dataLength = view.getUint32(at + 12, true);
    this.controlOffset = at + RECVMSG_HEADER_SIZE;
    this.dataOffset = this.controlOffset + this.controllen;
    this.reused = reused;
  }
}

function entrySize(view: DataView, at: number): number {
  const size = RECVMSG_HEADER_SIZE + view.getUint32(at + 8, true) + view.getUint32(at + 12, true);
  if (size > MAX_ENTRY) throw protocolError('socket/recvmsg', `a message of ${size} bytes`, 200);
  return size;
}
