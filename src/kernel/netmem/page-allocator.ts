import { PAGE_SIZE } from '../../uapi/limits.ts';
import { NETMEM_KIND, NETMEM_STATE, type NetmemArea, type NetmemRef, type NetmemTable } from './netmem.ts';

/** Pages in one slab of identities; more if a single allocation is larger. */
const SLAB_PAGES = 64;

/** Largest order of one allocation (MAX_PAGE_ORDER, include/linux/mmzone.h). */
const MAX_PAGE_ORDER = 10;

/** Who is charged for pages until they are really free, as a memory cgroup is (mm/memcontrol.c). */
export interface PageAccount {
  /** A page that was charged is free, or never got to its user. */
  uncharge(): void;
}

/** Pages of one order and node. A compound page is named by its first page. */
class PageSlab implements NetmemArea {
  readonly kind = NETMEM_KIND.PAGE;
  readonly unreadable = false;
  readonly bindingId = 0;
  readonly virtualBase = 0;
  readonly base: NetmemRef;
  readonly count: number;
  readonly node: number;
  readonly #freed: (slab: PageSlab, ref: NetmemRef) => void;
  used = 0;
  readonly order: number;
  /** Who is charged, by page; made for the first page that somebody is charged for. */
  accounts: (PageAccount | null)[] | null = null;
  #memory: Uint8Array | null = null;

  constructor(
    base: NetmemRef,
    count: number,
    order: number,
    node: number,
    freed: (slab: PageSlab, ref: NetmemRef) => void,
  ) {
    this.base = base;
    this.count = count;
    this.order = order;
    this.node = node;
    this.#freed = freed;
  }

  freePage(ref: NetmemRef): void {
    this.#freed(this, ref);
  }

  /** All its pages are free: the memory goes, the identities stay. */
  dropMemory(): void {
    this.#memory = null;
  }

  memory(): Uint8Array {
    this.#memory ??= new Uint8Array(this.count * PAGE_SIZE);
    return this.#memory;
  }
}

/**
 * Host pages. A page is an identity; the memory behind its slab is made when the first byte is written, so pages that only
 * wait in an idle RX ring cost a few bytes each. `limit` bounds the pages handed out at once: beyond it the allocator
 * fails, as the kernel's does under GFP_ATOMIC pressure. A page is free again when its last reference goes
 * ({@link NetmemTable.putPage}).
 */
export class PageAllocator {
  readonly #netmems: NetmemTable;
  /** Free pages of node 0 and order 0, by far the most; the others by `node * 16 + order`. */
  readonly #free: NetmemRef[] = [];
  readonly #others = new Map<number, NetmemRef[]>();
  readonly limit: number;
  /** Pages handed out; a compound page counts as all it holds. */
  allocated = 0;

  constructor(netmems: NetmemTable, limit: number) {
    this.#netmems = netmems;
    this.limit = limit;
  }

  /**
   * 2^order pages in a row with page reference count 1, named by the first; 0 when the limit is reached.
   *
   * @param account told when the page is free again
   */
  alloc(order = 0, node = 0, account: PageAccount | null = null): NetmemRef {
    if (order > MAX_PAGE_ORDER || this.allocated + (1 << order) > this.limit) return 0;
    const free = this.#list(order, node);
    if (free.length === 0) {
      const count = Math.max(SLAB_PAGES, 1 << order);
      const slab = this.#netmems.addArea(count, (base) => new PageSlab(base, count, order, node, this.#freed));
      for (let i = count - (1 << order); i >= 0; i -= 1 << order) free.push(slab.base + i);
    }
    const ref = free.pop() as NetmemRef;
    const slab = this.#netmems.areaOf(ref) as PageSlab;
    slab.used++;
    if (account !== null) {
      slab.accounts ??= new Array<PageAccount | null>(slab.count).fill(null);
      slab.accounts[ref - slab.base] = account;
    }
    this.#netmems.pageRef[ref] = 1;
    this.allocated += 1 << order;
    return ref;
  }

  #list(order: number, node: number): NetmemRef[] {
    if (order === 0 && node === 0) return this.#free;
    const key = node * 16 + order;
    let list = this.#others.get(key);
    if (list === undefined) {
      list = [];
      this.#others.set(key, list);
    }
    return list;
  }

  readonly #freed = (slab: PageSlab, ref: NetmemRef): void => {
    if (--slab.used === 0) slab.dropMemory();
    this.allocated -= 1 << slab.order;
    this.#netmems.state[ref] = NETMEM_STATE.FREE;
    this.#list(slab.order, slab.node).push(ref);
    const account = slab.accounts === null ? null : slab.accounts[ref - slab.base];
    if (account === null || slab.accounts === null) return;
    slab.accounts[ref - slab.base] = null;
    account.uncharge();
  };
}
