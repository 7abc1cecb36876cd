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
  /** No client can map it: `path` is empty. */
  private?: boolean;
}

/** A memfd of the host, not mapped before somebody pins a part of it. */
export interface MemfdFile {
  /** What a client opens to map it. */
  readonly path: string;
  /** Bytes long now; may change as far as the seals permit. */
  size(): number;
  /** Bits of `F_SEAL_*`; they only become more. */
  seals(): number;
  /**
   * A part of it as memory, allocated in full before the promise is settled, that outlives {@link close}. The file has to be
   * sealed against shrinking.
   *
   * @param offset bytes, as `size` a multiple of the page size
   * @throws KernelError EINVAL: beyond the end, not writable, can shrink; ENOMEM
   */
  map(offset: number, size: number): Promise<SharedMemory>;
  /** The fd is closed. */
  close(): void;
}

export interface SharedMemoryFactory {
  /**
   * Other work goes on while the memory is being allocated; it counts as used from the call on.
   *
   * @param size bytes, a multiple of the page size
   * @throws KernelError ENOSPC (names the file system and the option to change), ENOMEM, EINVAL; EINTR when the factory closes
   */
  create(size: number, options?: SharedMemoryOptions): Promise<SharedMemory>;
  /**
   * Opens a memfd that a client brings, at the path by which the client's process has it open. Maps nothing.
   *
   * @throws KernelError EINVAL, EBADFD, EACCES, EPERM, ENOENT: nothing of that kind there for the daemon; EOPNOTSUPP where
   *   memory is not shared by memfds; EMFILE, ENFILE
   */
  openMemfd(path: string): MemfdFile;
}
