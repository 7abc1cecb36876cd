import type { MemfdFile, SharedMemory, SharedMemoryFactory, SharedMemoryOptions } from './kernel/dmabuf/memory.ts';
import { refuse } from './kernel/error.ts';
import { ERRORS } from './kernel/error-catalogue.ts';

export interface MemoryBudgetOptions {
  /** Largest piece in bytes. */
  largest: number;
  /** All pieces together in bytes; 0: no limit of the daemon's own. */
  total: number;
  /** What a piece gets that does not ask. */
  clientWritable: boolean;
}

/** Applies the daemon's limits to what sessions ask for; the file system's and the host's are the factory's business. */
export class MemoryBudget implements SharedMemoryFactory {
  readonly #factory: SharedMemoryFactory;
  readonly #o: MemoryBudgetOptions;
  #used = 0;

  constructor(factory: SharedMemoryFactory, options: MemoryBudgetOptions) {
    this.#factory = factory;
    this.#o = options;
  }

  /** Bytes in use, or about to be. */
  get used(): number {
    return this.#used;
  }

  create(size: number, options: SharedMemoryOptions = {}): Promise<SharedMemory> {
    return this.#counted(size, () =>
      this.#factory.create(size, {
        ...options,
        clientWritable: options.clientWritable ?? this.#o.clientWritable,
      }),
    );
  }

  /** What is mapped of a client's memfd counts like memory of the daemon: mapped, it stays when the client is gone. */
  openMemfd(path: string): MemfdFile {
    const file = this.#factory.openMemfd(path);
    return {
      path: file.path,
      size: () => file.size(),
      seals: () => file.seals(),
      map: (offset, size) => this.#counted(size, () => file.map(offset, size)),
      close: () => file.close(),
    };
  }

  async #counted(size: number, make: () => Promise<SharedMemory>): Promise<SharedMemory> {
    const { largest, total } = this.#o;
    if (size > largest) refuse(ERRORS.memoryTooLarge, { 'bad-attr': '.size' }, largest);
    if (total > 0 && this.#used + size > total) {
      refuse(ERRORS.memoryBudget, undefined, this.#used, total);
    }
    this.#used += size;
    let memory: SharedMemory;
    try {
      memory = await make();
    } catch (error) {
      this.#used -= size;
      throw error;
    }
    let released = false;
    return {
      get bytes() {
        return memory.bytes;
      },
      size: memory.size,
      path: memory.path,
      release: () => {
        if (released) return;
        released = true;
        this.#used -= size;
        memory.release();
      },
    };
  }
}
