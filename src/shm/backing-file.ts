import { close, constants, fchmodSync, fstatSync, lstatSync, openSync, unlinkSync } from 'node:fs';
import { promisify } from 'node:util';
import type { SharedMemory } from '../kernel/dmabuf/memory.ts';
import { allocateFile } from './allocate-file.ts';
import { MemoryMap } from './memory-map.ts';

const closeFile = promisify(close);

/**
 * Memory in a regular file of the run directory, for clients of other users or containers that share the directory. Who may
 * open it is a matter of its mode alone. A regular file cannot be sealed: whoever may write it may also truncate it, and the
 * daemon's next access would then be a SIGBUS. So clients only get to read it unless the operator trusts them.
 */
export class FileMemory implements SharedMemory {
  readonly size: number;
  readonly path: string;
  readonly map: MemoryMap;
  readonly #file: FileId;
  #released = false;

  private constructor(path: string, map: MemoryMap, file: FileId) {
    this.size = map.size;
    this.path = path;
    this.map = map;
    this.#file = file;
  }

  /** @throws SystemCallError, errors of node:fs, what `progress` throws; nothing is left behind */
  static async create(
    path: string,
    size: number,
    o: { mode: number; progress?: (bytes: number) => void },
  ): Promise<FileMemory> {
    const { O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
    const fd = openSync(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    const stat = fstatSync(fd);
    let map: MemoryMap | undefined;
    try {
      await allocateFile(fd, size, o.progress);
      map = new MemoryMap(fd, size, true);
      // Last, and past the umask: nobody else opens it before it is whole.
      fchmodSync(fd, o.mode);
      return new FileMemory(path, map, stat);
    } catch (error) {
      map?.unmap();
      unlinkIfOurs(path, stat);
      throw error;
    } finally {
      await closeFile(fd);
    }
  }

  get bytes(): Uint8Array {
    return this.map.bytes;
  }

  release(): void {
    void this.releaseFully();
  }

  /** Settled when the memory is the host's again, as far as no client maps it. */
  async releaseFully(): Promise<void> {
    if (this.#released) return;
    this.#released = true;
    unlinkIfOurs(this.path, this.#file);
    await this.map.unmapInSlices();
  }
}

interface FileId {
  readonly dev: number;
  readonly ino: number;
}

function unlinkIfOurs(path: string, file: FileId): void {
  try {
    const { dev, ino } = lstatSync(path);
    if (ino === file.ino && dev === file.dev) unlinkSync(path);
  } catch {
    // Somebody removed it already.
  }
}
