/** Memory shared with clients. Comes from outside the kernel core; `release` ends the kernel's use of it for good. */
export interface SharedMemory {
  readonly bytes: Uint8Array;
  readonly size: number;
  /** What a client opens to map it; empty when it cannot be mapped. */
  readonly path: string;
  release(): void;
}

export interface SharedMemoryOptions {
  /** Whether clients may write their mapping; default by backing. */
  clientWritable?: boolean;
  /** Shown in the file's name. */
  name?: string;
}

export interface SharedMemoryFactory {
  /**
   * Other work goes on while the memory is being allocated; it counts as used from the call on.
   *
   * @param size bytes, a multiple of the page size
   * @throws KernelError ENOSPC (names the file system and the option to change), ENOMEM, EINVAL; EINTR when the factory closes
   */
  create(size: number, options?: SharedMemoryOptions): Promise<SharedMemory>;
}
