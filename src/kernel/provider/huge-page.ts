import { ERRNO } from '../../uapi/errno.ts';
import { PAGE_SIZE, PP_ALLOC_CACHE_REFILL, PP_ALLOC_CACHE_SIZE } from '../../uapi/limits.ts';
import type { DmaDevice } from '../driver/dma-device.ts';
import { RefFifo } from '../driver/ref-fifo.ts';
import { refuse } from '../error.ts';
import { ERRORS } from '../error-catalogue.ts';
import { NETMEM_KIND, NETMEM_STATE, type NetmemArea, type NetmemRef, type NetmemTable } from '../netmem/netmem.ts';
import type { NetmemOwner } from '../netmem/owner.ts';
import type { PageAllocator } from '../netmem/page-allocator.ts';
import type { PagePool } from '../netmem/page-pool.ts';
import type { MemoryProviderOps } from './memory-provider.ts';

/** Order of a block: 512 pages, 2 MiB. */
const BLOCK_ORDER = 9;
const BLOCK_PAGES = 1 << BLOCK_ORDER;
export const HUGE_PAGE_SIZE = BLOCK_PAGES * PAGE_SIZE;
/** Waiting pages looked at in one allocation: twice what it gives, so that they cannot pile up. */
const EXAMINED = PP_ALLOC_CACHE_SIZE;

/** One compound page of the kernel, and the 512 pages it is used as. */
class HugePageBlock implements NetmemArea {
  readonly kind = NETMEM_KIND.PAGE;
  readonly unreadable = false;
  readonly bindingId = 0;
  readonly virtualBase = 0;
  readonly count = BLOCK_PAGES;
  readonly base: NetmemRef;
  readonly node: number;
  readonly #owner: HugePages;
  readonly #netmems: NetmemTable;
  readonly #compound: NetmemRef;
  #memory: Uint8Array | null = null;
  /** Pages somebody still references. */
  #left = BLOCK_PAGES;

  constructor(base: NetmemRef, owner: HugePages, netmems: NetmemTable, compound: NetmemRef) {
    this.base = base;
    this.#owner = owner;
    this.#netmems = netmems;
    this.#compound = compound;
    this.node = netmems.areaOf(compound).node;
  }

  memory(): Uint8Array {
    if (this.#memory === null) {
      const start = this.#netmems.offsetOf(this.#compound);
      this.#memory = this.#netmems
        .areaOf(this.#compound)
        .memory()
        .subarray(start, start + HUGE_PAGE_SIZE);
    }
    return this.#memory;
  }

  /** Only after the end of the provider: until then each page has its ownership reference. The last page takes the block along. */
  freePage(ref: NetmemRef): void {
    this.#netmems.state[ref] = NETMEM_STATE.FREE;
    this.#owner.freed();
    if (--this.#left > 0) return;
    this.#memory = null;
    this.#netmems.removeArea(this);
    this.#netmems.putPage(this.#compound);
  }
}

/**
 * Blocks of 2 MiB, mapped for the device once and cut into pool pages for good.
 *
 * ```
 *  block   [ page 0 | page 1 | ...                       | page 511 ]
 *  pages   free FIFO --alloc--> pools --release, alone------> free FIFO
 *                                     --release, referenced-> waiting FIFO --alone--> free FIFO
 * ```
 * Each page carries the provider's ownership reference from the first to the last day. When a pool lets go it only hands
 * that reference over, so a count above one means that somebody else looks at the page; it waits until the count is one.
 */
export class HugePages implements NetmemOwner {
  readonly ownerName: string;
  readonly dev: DmaDevice;
  readonly blocks: number;
  total = 0;
  held = 0;
  lent = 0;
  readonly #netmems: NetmemTable;
  readonly #free: RefFifo;
  readonly #waiting: RefFifo;
  #refs = 1;

  /** @throws KernelError ENOMEM: the host has no such block left, or it cannot be mapped */
  constructor(netmems: NetmemTable, pages: PageAllocator, blocks: number, dev: DmaDevice, name = '') {
    this.#netmems = netmems;
    this.ownerName = `huge-page ${name}`.trimEnd();
    this.dev = dev;
    this.blocks = blocks;
    const compounds: NetmemRef[] = [];
    let mapped = 0;
    for (let i = 0; i < blocks; i++) {
      const compound = pages.alloc(BLOCK_ORDER);
      if (compound === 0) break;
      compounds.push(compound);
      if (!dev.map()) break;
      mapped++;
    }
    if (mapped < blocks) {
      for (const compound of compounds) netmems.putPage(compound);
      dev.unmaps += mapped;
      if (compounds.length > mapped) refuse(ERRORS.dmaMapping);
      refuse(ERRORS.noHugePage, {}, blocks, compounds.length);
    }
    this.#free = new RefFifo(blocks * BLOCK_PAGES);
    this.#waiting = new RefFifo(blocks * BLOCK_PAGES);
    for (const compound of compounds) {
      const block = netmems.addArea(BLOCK_PAGES, (base) => new HugePageBlock(base, this, netmems, compound));
      // The ownership references.
      netmems.pageRef.fill(1, block.base, block.base + BLOCK_PAGES);
      for (let i = 0; i < BLOCK_PAGES; i++) this.#free.push(block.base + i);
      this.total += BLOCK_PAGES;
    }
    netmems.owners.add(this);
  }

  get free(): number {
    return this.#free.count;
  }

  get waiting(): number {
    return this.#waiting.count;
  }

  /** The page that has been free for longest; 0 = none. */
  take(): NetmemRef {
    const ref = this.#free.shift();
    if (ref !== 0) this.lent++;
    return ref;
  }

  /** A pool let go of the page. */
  give(ref: NetmemRef): void {
    this.lent--;
    if (this.#netmems.pageRefcount(ref) === 1) {
      this.#free.push(ref);
    } else {
      this.#netmems.state[ref] = NETMEM_STATE.WAITING;
      this.#waiting.push(ref);
    }
  }

  /** Feeds back waiting pages that are alone by now; looks at no more than {@link EXAMINED}, the longest waiting first. */
  examine(): void {
    for (let left = Math.min(EXAMINED, this.#waiting.count); left > 0; left--) {
      const ref = this.#waiting.shift();
      if (this.#netmems.pageRefcount(ref) === 1) {
        this.#netmems.state[ref] = NETMEM_STATE.FREE;
        this.#free.push(ref);
      } else {
        this.#waiting.push(ref);
      }
    }
  }

  /** Taken for each queue and each pool. */
  get(): void {
    this.#refs++;
  }

  /** With the last reference the provider ends: the device forgets the blocks, and pages that are alone go. */
  put(): void {
    if (--this.#refs > 0) return;
    this.dev.unmaps += this.blocks;
    for (const fifo of [this.#free, this.#waiting]) {
      for (let ref = fifo.shift(); ref !== 0; ref = fifo.shift()) {
        this.held++;
        this.#netmems.putPage(ref);
      }
    }
  }

  /** Used by blocks: the last reference to a page is gone. */
  freed(): void {
    this.held--;
    this.total--;
    if (this.total === 0) this.#netmems.owners.delete(this);
  }
}

/**
 * Pages of 2 MiB blocks, the same ones for ever (compare the huge page provider of the page pool providers RFC, 2023).
 * Releasing one returns false: the provider keeps the ownership reference. `priv` is the {@link HugePages}.
 */
export const hugePageProvider: MemoryProviderOps = Object.freeze({
  name: 'huge-page',

  init(pool: PagePool): number {
    const pages = pool.mpPriv;
    if (!(pages instanceof HugePages) || pool.order !== 0 || pool.dma.dev !== pages.dev) return -ERRNO.EINVAL;
    pages.get();
    return 0;
  },

  destroy(pool: PagePool): void {
    (pool.mpPriv as HugePages).put();
  },

  allocNetmems(pool: PagePool): NetmemRef {
    const pages = pool.mpPriv as HugePages;
    pages.examine();
    for (let i = 0; i < PP_ALLOC_CACHE_REFILL; i++) {
      const ref = pages.take();
      if (ref === 0) break;
      if (pool.dma.sync) pool.dma.syncForDevice();
      pool.hold(ref);
      pool.cachePush(ref);
    }
    return pool.cachePop();
  },

  releaseNetmem(pool: PagePool, netmem: NetmemRef): boolean {
    pool.netmems.pool[netmem] = 0;
    pool.netmems.ppRef[netmem] = 0;
    (pool.mpPriv as HugePages).give(netmem);
    return false;
  },

  nlFill: () => 0,

  uninstall(priv: unknown): void {
    (priv as HugePages).put();
  },
});
