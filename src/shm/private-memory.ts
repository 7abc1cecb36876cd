import { close } from 'node:fs';
import { promisify } from 'node:util';
import type { SharedMemory } from '../kernel/dmabuf/memory.ts';
import { allocateFile } from './allocate-file.ts';
import { libc } from './libc.ts';
import { MEMFD_PREFIX } from './memfd.ts';
import { MemoryMap } from './memory-map.ts';

const closeFile = promisify(close);

/**
 * Memory of the daemon alone: what stands in for memory of a device, which no host can map. A memfd that is mapped and then
 * closed, so that no path leads to it; allocated in full like any other memory, so that nothing faults later.
 */
export class PrivateMemory implements SharedMemory {
  readonly size: number;
  readonly path = '';
  readonly map: MemoryMap;

  private constructor(map: MemoryMap) {
    this.size = map.size;
    this.map = map;
  }

  /** @throws SystemCallError, what `progress` throws; nothing is left behind */
  static async create(size: number, progress?: (bytes: number) => void): Promise<PrivateMemory> {
    const fd = libc().memfdCreate(`${MEMFD_PREFIX}private`);
    try {
      await allocateFile(fd, size, progress);
      return new PrivateMemory(new MemoryMap(fd, size, true));
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

  /** Settled when the memory is the host's again. */
  async releaseFully(): Promise<void> {
    await this.map.unmapInSlices();
  }
}
