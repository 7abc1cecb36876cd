import {
  BLANK,
  libc,
  MADV_DONTDUMP,
  MADV_POPULATE_WRITE,
  MAP_SHARED,
  PROT_READ,
  PROT_WRITE,
  SystemCallError,
} from './libc.ts';

/** Largest mapping: Node 20 aborts when an ArrayBuffer over foreign memory is larger than 4 GiB. */
export const MAX_MAP_SIZE = 2 ** 32;

/** Bytes of one step on a thread of libuv's pool: 4 ms or so to fault in, 1 ms to unmap. */
const SLICE = 8 * 1024 * 1024;

interface Range {
  address: bigint;
  size: number;
}

/** Gives address ranges back once nothing in the process can reach them any more. */
const unreachable = new FinalizationRegistry<Range>(({ address, size }) => {
  if (size <= SLICE) libc().munmap(address, size);
  else void unmapSlices(address, size);
});

/** The process waits for the address space while it is changed: never for more than a slice. */
async function unmapSlices(address: bigint, size: number): Promise<void> {
  for (let at = 0; at < size; at += SLICE) await libc().munmapAsync(address + BigInt(at), Math.min(SLICE, size - at));
}

/**
 * A shared mapping of a file or a part of it, seen as bytes.
 *
 * The life of the address range is longer than that of the mapping. `bytes` and what was cut from it (subarrays, Buffers)
 * cannot be detached from JavaScript, so {@link unmap} does not leave a hole into which the next mapping would fall: it
 * puts private zero pages in the file's place. A late reader sees zeros and a late writer writes to nobody; neither
 * reaches the file or somebody else's memory. The range itself is unmapped when the last view of it is collected.
 * Until then the collection of views never touches the mapping.
 */
export class MemoryMap {
  readonly size: number;
  readonly writable: boolean;
  readonly #range: Range;
  #buffer: ArrayBuffer | null;
  #bytes: Uint8Array | null;

  /**
   * @param fd any file that is at least `offset + size` bytes long and cannot get shorter; not kept.
   * @param offset multiple of the page size
   * @throws RangeError when `size` is not in 1..{@link MAX_MAP_SIZE}; SystemCallError of mmap(2).
   */
  constructor(fd: number, size: number, writable: boolean, offset = 0) {
    if (!Number.isSafeInteger(size) || size < 1 || size > MAX_MAP_SIZE) {
      throw new RangeError(`a mapping has 1 to ${MAX_MAP_SIZE} bytes, not ${size}`);
    }
    const c = libc();
    const address = c.mmap(null, size, writable ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, fd, offset);
    this.size = size;
    this.writable = writable;
    this.#range = { address, size };
    try {
      this.#buffer = c.view(address, size);
      this.#bytes = new Uint8Array(this.#buffer);
    } catch (error) {
      c.munmap(address, size);
      throw error;
    }
    unreachable.register(this.#buffer, this.#range);
    try {
      c.madvise(address, size, MADV_DONTDUMP);
    } catch {
      // Advice only: a core dump that holds the payload does no harm.
    }
  }

  /** The mapped bytes. Throws after {@link unmap}. */
  get bytes(): Uint8Array {
    if (this.#bytes === null) throw new Error('the memory is no longer mapped');
    return this.#bytes;
  }

  get mapped(): boolean {
    return this.#buffer !== null;
  }

  /**
   * Faults every page in, slice by slice on a thread of the pool, so that the first packets do not pay for it. Ends early
   * when the memory is unmapped meanwhile, or when the kernel is older than 5.14 (pages then come with the first touch).
   */
  async prefault(): Promise<void> {
    const c = libc();
    for (let offset = 0; offset < this.size; offset += SLICE) {
      // The reference keeps the address range reserved while the other thread works on it.
      const reserved = this.#buffer;
      if (reserved === null || !this.writable) return;
      const length = Math.min(SLICE, this.size - offset);
      const errno = await c.madviseAsync(this.#range.address + BigInt(offset), length, MADV_POPULATE_WRITE);
      if (errno !== 0 || reserved.byteLength === 0) return;
    }
  }

  /** Ends the mapping; safe to call twice. See the class for what earlier views show then. */
  unmap(): void {
    if (this.#buffer === null) return;
    this.#buffer = null;
    this.#bytes = null;
    const { address, size } = this.#range;
    const at = libc().mmap(address, size, PROT_READ | PROT_WRITE, BLANK, -1);
    if (at !== address) throw new SystemCallError('mmap', 22);
  }

  /**
   * The same, slice by slice on a thread of the pool: the end of 4 GiB takes some 300 ms. To users of the map it is over at once;
   * earlier views turn to zeros by and by. Where the host refuses, the file stays mapped until the last view is collected.
   */
  async unmapInSlices(): Promise<void> {
    if (this.size <= SLICE) {
      try {
        this.unmap();
      } catch {
        // As below.
      }
      return;
    }
    // The reference keeps the address range reserved while the other thread works on it.
    const reserved = this.#buffer;
    if (reserved === null) return;
    this.#buffer = null;
    this.#bytes = null;
    const { address, size } = this.#range;
    for (let at = 0; at < size; at += SLICE) {
      const length = Math.min(SLICE, size - at);
      if (!(await libc().blankAsync(address + BigInt(at), length)) || reserved.byteLength === 0) return;
    }
  }
}
