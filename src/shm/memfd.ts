import { closeSync, readlinkSync, symlinkSync, unlinkSync } from 'node:fs';
import type { SharedMemory } from '../kernel/dmabuf/memory.ts';
import { allocateFile } from './allocate-file.ts';
import { F_SEAL_FUTURE_WRITE, F_SEAL_GROW, F_SEAL_SEAL, F_SEAL_SHRINK, libc } from './libc.ts';
import { MemoryMap } from './memory-map.ts';

/** What every memfd of netmemd is called; /proc/PID/fd/N of one reads `/memfd:netmemd:LABEL (deleted)`. */
export const MEMFD_PREFIX = 'netmemd:';

/** memfd_create(2) accepts 249 bytes. */
const MAX_LABEL = 200;

/**
 * Memory in a sealed memfd. Its length is fixed for good, so a client that maps it read-write can scribble but neither
 * truncate nor punch a hole to fault the daemon. It is published as a symlink to `/proc/PID/fd/N`, which processes of the same
 * uid and PID namespace can open, and vanishes with the daemon however that ends.
 *
 * memfds live on the kernel's own tmpfs: they take memory, but no space of the file system that holds the link.
 */
export class MemfdMemory implements SharedMemory {
  readonly size: number;
  readonly path: string;
  readonly map: MemoryMap;
  #fd: number;
  #onRelease: (() => void) | undefined;

  /** @throws SystemCallError, errors of node:fs; nothing is left behind */
  constructor(path: string, size: number, o: { label: string; clientWritable: boolean; onRelease?: () => void }) {
    const c = libc();
    const fd = c.memfdCreate(MEMFD_PREFIX + o.label.slice(0, MAX_LABEL));
    let map: MemoryMap | undefined;
    try {
      allocateFile(fd, size);
      map = new MemoryMap(fd, size, true);
      // F_SEAL_FUTURE_WRITE spares the mapping that exists already: ours.
      const seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL | (o.clientWritable ? 0 : F_SEAL_FUTURE_WRITE);
      c.addSeals(fd, seals);
      symlinkSync(`/proc/${process.pid}/fd/${fd}`, path);
    } catch (error) {
      map?.unmap();
      closeSync(fd);
      throw error;
    }
    this.size = size;
    this.path = path;
    this.map = map;
    this.#fd = fd;
    this.#onRelease = o.onRelease;
  }

  get bytes(): Uint8Array {
    return this.map.bytes;
  }

  release(): void {
    if (this.#fd < 0) return;
    unlinkIfOurs(this.path, `/proc/${process.pid}/fd/${this.#fd}`);
    this.map.unmap();
    closeSync(this.#fd);
    this.#fd = -1;
    this.#onRelease?.();
  }
}

function unlinkIfOurs(path: string, target: string): void {
  try {
    if (readlinkSync(path) === target) unlinkSync(path);
  } catch {
    // Somebody removed or replaced it: there is nothing of ours to remove.
  }
}
