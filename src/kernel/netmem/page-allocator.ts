import { PAGE_SIZE } from '../../uapi/limits.ts';
import type { NetmemArea, NetmemRef, NetmemTable } from './netmem.ts';

/** Pages in one slab of identities. */
const SLAB_PAGES = 64;

class PageSlab implements NetmemArea {
  readonly unreadable = false;
  readonly bindingId = 0;
  readonly count = SLAB_PAGES;
  readonly base: NetmemRef;
  used = 0;
  #memory: Uint8Array | null = null;

  constructor(base: NetmemRef) {
    this.base = base;
  }

  /** All its pages are free: the memory goes, the identities stay. */
  dropMemory(): void {
    this.#memory = null;
  }

  memory(): Uint8Array {
    this.#memory ??= new Uint8Array(SLAB_PAGES * PAGE_SIZE);
    return this.#memory;
  }
}

/**
 * Host pages. A page is an identity; the memory behind its slab is made when the first byte is written, so pages that only
 * wait in an idle RX ring cost a few bytes each. `limit` bounds the pages handed out at once: beyond it the allocator
 * fails, as the kernel's does under GFP_ATOMIC pressure.
 */
export class PageAllocator {
  readonly #netmems: NetmemTable;
  readonly #free: NetmemRef[] = [];
  readonly limit: number;
  allocated = 0;

  constructor(netmems: NetmemTable, limit: number) {
    this.#netmems = netmems;
    this.limit = limit;
  }

  /** One page with page reference count 1; 0 when the limit is reached. */
  alloc(): NetmemRef {
    if (this.allocated >= this.limit) return 0;
    if (this.#free.length === 0) {
      const slab = this.#netmems.addArea(SLAB_PAGES, (base) => new PageSlab(base));
      for (let i = SLAB_PAGES - 1; i >= 0; i--) this.#free.push(slab.base + i);
    }
    const ref = this.#free.pop() as NetmemRef;
    (this.#netmems.areaOf(ref) as PageSlab).used++;
    this.allocated++;
    return ref;
  }

  free(ref: NetmemRef): void {
    const slab = this.#netmems.areaOf(ref) as PageSlab;
    if (--slab.used === 0) slab.dropMemory();
    this.allocated--;
    this.#free.push(ref);
  }
}
