import type { MemfdFile, SharedMemory } from '../dmabuf/memory.ts';

/** A memfd among a session's open files. */
export class Memfd {
  readonly file: MemfdFile;

  constructor(file: MemfdFile) {
    this.file = file;
  }

  /** What a client opens to map it. */
  get path(): string {
    return this.file.path;
  }

  /** Bytes long now. */
  size(): number {
    return this.file.size();
  }

  /** F_GET_SEALS: bits of `F_SEAL_*` now. */
  seals(): number {
    return this.file.seals();
  }

  /** Pins a part of it, which then outlives the fd. @throws KernelError ENOMEM, EINVAL, EINTR */
  map(offset: number, size: number): Promise<SharedMemory> {
    return this.file.map(offset, size);
  }

  close(): void {
    this.file.close();
  }
}
