import { closeSync, constants, fchmodSync, fstatSync, lstatSync, openSync, unlinkSync } from 'node:fs';
import type { SharedMemory } from '../kernel/dmabuf/memory.ts';
import { allocateFile } from './allocate-file.ts';
import { MemoryMap } from './memory-map.ts';

/**
 * Memory in a regular file of the run directory, for clients of other users or containers that share the directory. Who may
 * open it is a matter of its mode alone. A regular file cannot be sealed: whoever may write it may also truncate it, and the
 * daemon's next access would then be a SIGBUS. So clients only get to read it unless the operator trusts them.
 */
export class FileMemory implements SharedMemory {
  readonly size: number;
  readonly path: string;
  readonly map: MemoryMap;
  readonly #dev: number;
  readonly #ino: number;
  #released = false;
  #onRelease: (() => void) | undefined;

  /** @throws SystemCallError, errors of node:fs; nothing is left behind */
  constructor(path: string, size: number, o: { mode: number; onRelease?: () => void }) {
    const { O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
    const fd = openSync(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    let map: MemoryMap | undefined;
    try {
      allocateFile(fd, size);
      map = new MemoryMap(fd, size, true);
      const stat = fstatSync(fd);
      this.#dev = stat.dev;
      this.#ino = stat.ino;
      // Last, and past the umask: nobody else opens it before it is whole.
      fchmodSync(fd, o.mode);
    } catch (error) {
      map?.unmap();
      unlinkSync(path);
      throw error;
    } finally {
      closeSync(fd);
    }
    this.size = size;
    this.path = path;
    this.map = map;
    this.#onRelease = o.onRelease;
  }

  get bytes(): Uint8Array {
    return this.map.bytes;
  }

  release(): void {
    if (this.#released) return;
    this.#released = true;
    try {
      const stat = lstatSync(this.path);
      if (stat.ino === this.#ino && stat.dev === this.#dev) unlinkSync(this.path);
    } catch {
      // Somebody removed it already.
    }
    this.map.unmap();
    this.#onRelease?.();
  }
}
