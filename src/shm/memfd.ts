import { close, readlinkSync, symlinkSync, unlinkSync } from 'node:fs';
import { promisify } from 'node:util';
import type { SharedMemory } from '../kernel/dmabuf/memory.ts';
import { allocateFile } from './allocate-file.ts';
import { F_SEAL_FUTURE_WRITE, F_SEAL_GROW, F_SEAL_SEAL, F_SEAL_SHRINK, libc } from './libc.ts';
import { MemoryMap } from './memory-map.ts';

/** What every memfd of netmemd is called; /proc/PID/fd/N of one reads `/memfd:netmemd:LABEL (deleted)`. */
export const MEMFD_PREFIX = 'netmemd:';

/** memfd_create(2) accepts 249 bytes. */
const MAX_LABEL = 200;

const closeFile = promisify(close);

/**
 * Memory in a sealed memfd. Its length is fixed for good, so that no client can truncate it and fault the daemon. It is
 * published as a symlink to `/proc/PID/fd/N`, which processes of the same uid and PID namespace can open, and vanishes with
 * the daemon however that ends.
 *
 * A client that may write can also punch holes: no seal forbids the one without the other. What was in the hole then reads as
 * zeros, and the next access puts a page of the host's memory there again. That spoils this client's own payload; the
 * daemon is hurt only where the host has no page left, which ends in SIGBUS as running out of memory does anywhere. Closed to
 * writes of clients, neither is possible.
 *
 * memfds live on the kernel's own tmpfs: they take memory, but no space of the file system that holds the link.
 */
export class MemfdMemory implements SharedMemory {
  readonly size: number;
  readonly path: string;
  readonly map: MemoryMap;
  #fd: number;

  private constructor(path: string, map: MemoryMap, fd: number) {
    this.size = map.size;
    this.path = path;
    this.map = map;
    this.#fd = fd;
  }

  /** @throws SystemCallError, errors of node:fs, what `progress` throws; nothing is left behind */
  static async create(
    path: string,
    size: number,
    o: { label: string; clientWritable: boolean; progress?: (bytes: number) => void },
  ): Promise<MemfdMemory> {
    const c = libc();
    const fd = c.memfdCreate(MEMFD_PREFIX + o.label.slice(0, MAX_LABEL));
    let map: MemoryMap | undefined;
    try {
      await allocateFile(fd, size, o.progress);
      map = new MemoryMap(fd, size, true);
      // F_SEAL_FUTURE_WRITE spares the mapping that exists already: ours.
      const seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL | (o.clientWritable ? 0 : F_SEAL_FUTURE_WRITE);
      c.addSeals(fd, seals);
      symlinkSync(`/proc/${process.pid}/fd/${fd}`, path);
    } catch (error) {
      map?.unmap();
      await closeFile(fd);
      throw error;
    }
    return new MemfdMemory(path, map, fd);
  }

  get bytes(): Uint8Array {
    return this.map.bytes;
  }

  release(): void {
    void this.releaseFully();
  }

  /** Settled when the memory is the host's again, as far as no client maps it. */
  async releaseFully(): Promise<void> {
    const fd = this.#fd;
    if (fd < 0) return;
    this.#fd = -1;
    unlinkIfOurs(this.path, `/proc/${process.pid}/fd/${fd}`);
    await this.map.unmapInSlices();
    // The last close frees the pages, which takes its time too.
    await closeFile(fd);
  }
}

function unlinkIfOurs(path: string, target: string): void {
  try {
    if (readlinkSync(path) === target) unlinkSync(path);
  } catch {
    // Somebody removed or replaced it: there is nothing of ours to remove.
  }
}
