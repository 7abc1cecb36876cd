import { attachSharedMemory } from '../shm/attach.ts';
import type { MemoryMap } from '../shm/memory-map.ts';

/** A dmabuf as this process sees it. */
export class DmabufMapping {
  readonly path: string;
  readonly #map: MemoryMap;

  /** @throws NotNetmemdMemoryError when the path is not what a daemon published, KoffiUnavailableError */
  constructor(path: string, options: { size?: number; offset?: number; readOnly?: boolean } = {}) {
    this.path = path;
    this.#map = attachSharedMemory(path, options);
  }

  /** Throws after {@link unmap}; see MemoryMap for what views taken before show then. */
  get bytes(): Uint8Array {
    return this.#map.bytes;
  }

  get size(): number {
    return this.#map.size;
  }

  /** False when the daemon does not let clients write. */
  get writable(): boolean {
    return this.#map.writable;
  }

  unmap(): void {
    this.#map.unmap();
  }
}
