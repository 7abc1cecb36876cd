import { readFileSync } from 'node:fs';
import type { MemfdFile, SharedMemory, SharedMemoryFactory, SharedMemoryOptions } from '../kernel/dmabuf/memory.ts';
import { refusal, refuse } from '../kernel/error.ts';
import { ERRORS } from '../kernel/error-catalogue.ts';
import { FileMemory } from './backing-file.ts';
import { BroughtMemfd } from './brought-memfd.ts';
import { MemfdMemory } from './memfd.ts';
import { MAX_MAP_SIZE, type MemoryMap } from './memory-map.ts';
import { PrivateMemory } from './private-memory.ts';
import type { RunDirectory } from './run-directory.ts';

/** How memory is shared: see {@link MemfdMemory} and {@link FileMemory}. */
export type Backing = 'memfd' | 'file';

export interface RunSharedMemoryOptions {
  /** Default `memfd`. */
  backing?: Backing;
  /** Backing `file`: mode of the files, default 0o640; 0o644 for every user. Write bits for others are ignored. */
  fileMode?: number;
  /** Backing `file`: clients that may read may also write, which means they are trusted not to truncate. Default false. */
  fileClientWrite?: boolean;
  /** Bytes the host can still give, default {@link availableMemory}. */
  availableMemory?: () => number;
}

/** What the three kinds of memory have in common. */
interface MappedMemory extends SharedMemory {
  readonly map: MemoryMap;
  releaseFully(): Promise<void>;
}

/** Creates memory in a run directory; what the daemon hands to the kernel model. */
export class RunSharedMemory implements SharedMemoryFactory {
  readonly directory: RunDirectory;
  readonly backing: Backing;
  readonly #fileMode: number;
  readonly #fileClientWrite: boolean;
  readonly #availableMemory: () => number;
  readonly #live = new Set<SharedMemory>();
  /** Memory that is on its way back to the host. */
  readonly #leaving = new Set<Promise<void>>();
  #bytes = 0;
  /** Bytes promised to creates that are under way and not yet allocated. */
  #promised = 0;
  /** Those of {@link bytesInUse} that no client can map: memfds in either backing. */
  #privateBytes = 0;
  #closed = false;

  constructor(directory: RunDirectory, options: RunSharedMemoryOptions = {}) {
    this.directory = directory;
    this.backing = options.backing ?? 'memfd';
    const readBits = (options.fileMode ?? 0o640) & 0o044;
    this.#fileClientWrite = options.fileClientWrite ?? false;
    this.#fileMode = 0o600 | readBits | (this.#fileClientWrite ? readBits >> 1 : 0);
    this.#availableMemory = options.availableMemory ?? availableMemory;
  }

  /** Bytes in memory that was created, or is being created, and not yet released. */
  get bytesInUse(): number {
    return this.#bytes;
  }

  /** Number of pieces of memory created and not yet released. */
  get count(): number {
    return this.#live.size;
  }

  /**
   * Zeroed memory, allocated on another thread before the promise is settled (about 0.3 ms per MiB) and faulted in after that.
   * Its bytes count from the start, so that creates side by side cannot overshoot.
   *
   * memfds take no space of the run directory's file system, but its size is the budget the operator gave to shared memory,
   * so they are counted against it like files: a container whose /dev/shm has 64 MiB gets no more than that in either backing.
   *
   * @param size bytes, 1 to {@link MAX_MAP_SIZE}
   * @param o.clientWritable default: true for `memfd`, the daemon's setting for `file`
   * @param o.name for people: part of the file's name
   * @param o.private no client can map it; in either backing it is a memfd without a path
   * @throws KernelError EINVAL (size), EPERM (clients may not write in this backing), ENOSPC (file system), ENOMEM (host),
   *   EINTR (closed meanwhile)
   */
  async create(size: number, o: SharedMemoryOptions = {}): Promise<SharedMemory> {
    if (!Number.isSafeInteger(size) || size < 1 || size > MAX_MAP_SIZE) {
      refuse(ERRORS.memorySize, undefined, MAX_MAP_SIZE);
    }
    const hidden = o.private === true;
    if (!hidden && this.backing === 'file' && o.clientWritable === true && !this.#fileClientWrite) {
      refuse(ERRORS.clientMayNotWrite);
    }
    // What was released before this call is there for it, even if the host is not yet done with it.
    while (this.#leaving.size > 0) await Promise.all(this.#leaving);
    this.#requireOpen();
    try {
      this.directory.requireSpace(size, this.backing === 'memfd' ? this.#bytes : this.#promised + this.#privateBytes);
      this.#requireHostMemory(size);
    } catch (error) {
      // To read how much memory there is takes an fd of the host, too.
      throw asKernelError(error, size, this.directory);
    }
    this.#bytes += size;
    if (hidden) this.#privateBytes += size;
    this.#promised += size;
    let promised = size;
    let memory: MappedMemory;
    try {
      memory = await this.#allocate(size, o, (bytes) => {
        promised -= bytes;
        this.#promised -= bytes;
        this.#requireOpen();
      });
      if (this.#closed) memory.release();
      this.#requireOpen();
    } catch (error) {
      this.#bytes -= size;
      if (hidden) this.#privateBytes -= size;
      this.#promised -= promised;
      throw asKernelError(error, size, this.directory);
    }
    void memory.map.prefault();
    return this.#track(memory, () => {
      this.#bytes -= size;
      if (hidden) this.#privateBytes -= size;
    });
  }

  /**
   * A memfd that a client brings. It is the client's: what is mapped of it counts neither as created nor against the run
   * directory, but the host has to have the pages that are not there yet.
   *
   * @throws KernelError see {@link BroughtMemfd.open}; EOPNOTSUPP in backing `file`
   */
  openMemfd(path: string): MemfdFile {
    if (this.backing === 'file') refuse(ERRORS.bringNeedsMemfds);
    this.#requireOpen();
    const memfd = BroughtMemfd.open(path);
    return {
      path,
      size: () => memfd.size(),
      seals: () => memfd.seals(),
      map: (offset, size) => this.#mapBrought(memfd, offset, size),
      close: () => memfd.close(),
    };
  }

  async #mapBrought(memfd: BroughtMemfd, offset: number, size: number): Promise<SharedMemory> {
    if (size > MAX_MAP_SIZE) refuse(ERRORS.memorySize, undefined, MAX_MAP_SIZE);
    let promised = 0;
    let map: MemoryMap;
    try {
      map = await memfd.map(offset, size, (unallocated) => {
        this.#requireOpen();
        this.#requireHostMemory(unallocated);
        promised = unallocated;
        this.#promised += promised;
      });
      if (this.#closed) map.unmap();
      this.#requireOpen();
    } catch (error) {
      throw asKernelError(error, size, this.directory);
    } finally {
      this.#promised -= promised;
    }
    void map.prefault();
    const release = (): Promise<void> => map.unmapInSlices();
    return this.#track({ bytes: map.bytes, size, path: memfd.path, map, release, releaseFully: release }, () => {});
  }

  #requireHostMemory(size: number): void {
    const available = Math.max(0, this.#availableMemory() - this.#promised);
    if (size > available) refuse(ERRORS.hostMemory, undefined, size, available);
  }

  #requireOpen(): void {
    if (this.#closed) refuse(ERRORS.stopping);
  }

  #track(memory: MappedMemory, gone: () => void): SharedMemory {
    const tracked: SharedMemory = {
      get bytes() {
        return memory.bytes;
      },
      size: memory.size,
      path: memory.path,
      release: () => {
        if (!this.#live.delete(tracked)) return;
        gone();
        const left = memory.releaseFully().finally(() => this.#leaving.delete(left));
        this.#leaving.add(left);
      },
    };
    this.#live.add(tracked);
    return tracked;
  }

  /** Releases everything that is still there, and ends creates that are under way. */
  close(): void {
    this.#closed = true;
    for (const memory of [...this.#live]) memory.release();
  }

  #allocate(size: number, o: SharedMemoryOptions, progress: (bytes: number) => void): Promise<MappedMemory> {
    if (o.private === true) return PrivateMemory.create(size, progress);
    const path = this.directory.nextPath(o.name);
    if (this.backing === 'memfd') {
      const clientWritable = o.clientWritable ?? true;
      return MemfdMemory.create(path, size, { label: memfdLabel(o.name), clientWritable, progress });
    }
    const mode = o.clientWritable === false ? this.#fileMode & 0o644 : this.#fileMode;
    return FileMemory.create(path, size, { mode, progress });
  }
}

function memfdLabel(name = ''): string {
  return name.replace(/[^A-Za-z0-9._-]+/g, '_') || 'dmabuf';
}

/** What the host refused, in the terms of the API; anything else is our own fault and passes as it is. */
function asKernelError(error: unknown, size: number, directory: RunDirectory): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return refusal(ERRORS.runDirectoryFull, undefined, size, directory.path, directory.mountPoint);
    case 'ENOMEM':
    case 'EAGAIN':
      return refusal(ERRORS.hostRefusedMemory, undefined, size);
    case 'EMFILE':
      return refusal(ERRORS.noProcessFdLeft);
    case 'ENFILE':
      return refusal(ERRORS.noHostFdLeft);
    default:
      return error;
  }
}

/**
 * Bytes that can be allocated without pushing the host into its OOM killer: MemAvailable, and no more than the memory
 * limit of the control group. Page cache charged to the group is not subtracted, it gives way.
 */
export function availableMemory(): number {
  const limit = process.constrainedMemory?.() || Number.POSITIVE_INFINITY;
  const host = /^MemAvailable:\s+([0-9]+) kB$/m.exec(readFileSync('/proc/meminfo', 'latin1'));
  return Math.min(limit, host === null ? Number.POSITIVE_INFINITY : Number(host[1]) * 1024);
}
