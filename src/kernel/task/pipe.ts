import { PAGE_SHIFT, PIPE_DEF_BUFFERS } from '../../uapi/limits.ts';
import type { NetmemRef, NetmemTable } from '../netmem/netmem.ts';
import { WaitQueue } from '../wait-queue.ts';

/**
 * A pipe whose fd reads and writes, as that of a FIFO opened O_RDWR (fs/pipe.c, 6.18). What it holds are not bytes but
 * buffers: a part of a page with a reference to it, or bytes of its own.
 *
 * ```
 *          oldest                    newest
 *  slot    [ 3 ][ 4 ] ... [ 0 ][ 1 ]            16 of them, a ring
 *  page    netmem with a page reference, or 0: the bytes lie in `own`
 *  offset  where the part starts, moved on by reads
 *  size    bytes left; 0 of them frees the slot
 * ```
 */
export class Pipe {
  readonly #netmems: NetmemTable;
  readonly #page = new Int32Array(PIPE_DEF_BUFFERS);
  readonly #offset = new Int32Array(PIPE_DEF_BUFFERS);
  readonly #size = new Int32Array(PIPE_DEF_BUFFERS);
  readonly #own: (Uint8Array | null)[] = new Array(PIPE_DEF_BUFFERS).fill(null);
  #first = 0;
  #closed = false;
  /** Buffers in use. */
  buffers = 0;
  /** Bytes that can be read. */
  bytes = 0;
  /** Woken when there is something to read, or room again. */
  readonly waitQueue = new WaitQueue();

  constructor(netmems: NetmemTable) {
    this.#netmems = netmems;
  }

  get full(): boolean {
    return this.buffers === PIPE_DEF_BUFFERS;
  }

  /** The most bytes a splice may ask for: a page for each free buffer. */
  get room(): number {
    return (PIPE_DEF_BUFFERS - this.buffers) << PAGE_SHIFT;
  }

  /** Adds a part of a page and takes a reference to it. false = full. */
  addPage(ref: NetmemRef, offset: number, size: number): boolean {
    if (this.full) return false;
    this.#netmems.getPage(ref);
    this.#add(ref, null, offset, size);
    return true;
  }

  /** Adds a copy of bytes. false = full. */
  addBytes(source: Uint8Array, offset: number, size: number): boolean {
    if (this.full) return false;
    this.#add(0, source.slice(offset, offset + size), 0, size);
    return true;
  }

  #add(ref: NetmemRef, own: Uint8Array | null, offset: number, size: number): void {
    const slot = (this.#first + this.buffers++) % PIPE_DEF_BUFFERS;
    this.#page[slot] = ref;
    this.#own[slot] = own;
    this.#offset[slot] = offset;
    this.#size[slot] = size;
    this.bytes += size;
    this.waitQueue.wake();
  }

  /** Whether a part continues the newest buffer: the same page, right behind it. {@link grow} then needs no buffer. */
  continues(ref: NetmemRef, offset: number): boolean {
    if (this.buffers === 0) return false;
    const slot = this.#newest;
    return this.#page[slot] === ref && this.#offset[slot] + this.#size[slot] === offset;
  }

  /** Makes the newest buffer longer. */
  grow(size: number): void {
    this.#size[this.#newest] += size;
    this.bytes += size;
  }

  get #newest(): number {
    return (this.#first + this.buffers - 1) % PIPE_DEF_BUFFERS;
  }

  /** Takes up to `len` bytes out; pages that were read to the end lose the pipe's reference. */
  read(len: number): Uint8Array {
    const out = new Uint8Array(Math.min(len, this.bytes));
    for (let at = 0; at < out.length; ) {
      const slot = this.#first;
      const n = Math.min(this.#size[slot], out.length - at);
      const from = this.#offset[slot];
      out.set(this.#bytesOf(slot).subarray(from, from + n), at);
      at += n;
      this.bytes -= n;
      this.#offset[slot] += n;
      this.#size[slot] -= n;
      if (this.#size[slot] === 0) this.#drop();
    }
    if (out.length > 0) this.waitQueue.wake();
    return out;
  }

  /** The bytes that a slot's offset counts from. */
  #bytesOf(slot: number): Uint8Array {
    const own = this.#own[slot];
    if (own !== null) return own;
    const ref = this.#page[slot];
    return this.#netmems.areaOf(ref).memory().subarray(this.#netmems.offsetOf(ref));
  }

  /** Frees the oldest buffer. */
  #drop(): void {
    const slot = this.#first;
    const ref = this.#page[slot];
    this.#own[slot] = null;
    this.#page[slot] = 0;
    this.#first = (slot + 1) % PIPE_DEF_BUFFERS;
    this.buffers--;
    if (ref !== 0) this.#netmems.putPage(ref);
  }

  /** The last fd is gone: so is what nobody read. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    while (this.buffers > 0) this.#drop();
    this.bytes = 0;
    this.waitQueue.wake();
  }
}
