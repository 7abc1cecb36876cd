import { PAGE_SHIFT, PAGE_SIZE, PP_ALLOC_CACHE_REFILL } from '../../uapi/limits.ts';
import type { DmaDevice } from '../driver/dma-device.ts';
import type { Kernel } from '../kernel.ts';
import { NETMEM_KIND, NETMEM_STATE, type NetmemArea, type NetmemRef, type NetmemTable } from '../netmem/netmem.ts';
import type { NetmemOwner } from '../netmem/owner.ts';
import type { PagePool } from '../netmem/page-pool.ts';
import type { AreaMemory } from './area-memory.ts';
import { UserReferences } from './user-references.ts';

/**
 * The memory of an ifq, cut into net_iovs of one page (io_uring/zcrx.c: struct io_zcrx_area, 6.18).
 *
 * ```
 *            free list (LIFO) --- slow refill, up to 64 ---> page pool ---> driver, skb ---> user
 *              |        ^   ^                                    |  |                         |
 *              |        |   +------------- release -------------+   +<---- refill ring ------+
 *         copy fallback |                                                                     |
 *              +--------|--------------------- no pool -------------------------------------->+
 *                       +<------------------- refill ring, flush, scrub ----------------------+
 * ```
 * The books: on the free list `free`; in a pool, wherever that has it, `lent`; with the user and in no pool `held`.
 */
export class ZcrxArea implements NetmemArea, NetmemOwner {
  readonly kind = NETMEM_KIND.IO_URING;
  readonly unreadable = true;
  readonly bindingId = 0;
  readonly virtualBase = 0;
  readonly node = 0;
  readonly waiting = 0;
  readonly ownerName: string;
  readonly base: NetmemRef;
  readonly count: number;
  /** Log2 of a buffer's bytes. */
  readonly niovShift = PAGE_SHIFT;
  readonly references: UserReferences;
  held = 0;
  lent = 0;
  readonly #netmems: NetmemTable;
  readonly #memory: AreaMemory;
  /** A stack of indices, first filled with 0..n-1: the highest goes out first. */
  readonly #freeList: Int32Array;
  #freeCount: number;
  #mappedFor: DmaDevice | null = null;

  private constructor(kernel: Kernel, ownerName: string, memory: AreaMemory, base: NetmemRef, count: number) {
    this.ownerName = ownerName;
    this.base = base;
    this.count = count;
    this.#netmems = kernel.netmems;
    this.#memory = memory;
    this.references = new UserReferences(kernel, base, count);
    this.#freeList = new Int32Array(count);
    for (let i = 0; i < count; i++) this.#freeList[i] = i;
    this.#freeCount = count;
  }

  /** Registers the net_iovs and takes over the memory until {@link destroy}. */
  static create(kernel: Kernel, ownerName: string, memory: AreaMemory): ZcrxArea {
    const count = Math.floor(memory.bytes.length / PAGE_SIZE);
    const make = (base: NetmemRef) => new ZcrxArea(kernel, ownerName, memory, base, count);
    const area = kernel.netmems.addArea(count, make);
    kernel.netmems.owners.add(area);
    return area;
  }

  get total(): number {
    return this.count;
  }

  get free(): number {
    return this.#freeCount;
  }

  /** Copies may land in it. */
  get takesCopies(): boolean {
    return this.#memory.kernelWritable;
  }

  memory(): Uint8Array {
    return this.#memory.bytes;
  }

  freePage(): never {
    throw new Error('a net_iov has no page references');
  }

  /** Maps the area for the device if it is not mapped yet. @returns 0 or a negative errno */
  map(dev: DmaDevice): number {
    if (this.#mappedFor !== null) return 0;
    const err = this.#memory.map(dev);
    if (err === 0) this.#mappedFor = dev;
    return err;
  }

  unmap(): void {
    if (this.#mappedFor === null) return;
    this.#memory.unmap(this.#mappedFor);
    this.#mappedFor = null;
  }

  /** Fills the empty cache of a pool from the free list, at most 64. @returns how many */
  refill(pool: PagePool): number {
    const n = Math.min(this.#freeCount, PP_ALLOC_CACHE_REFILL);
    for (let i = 0; i < n; i++) {
      const ref = this.base + this.#freeList[--this.#freeCount];
      pool.hold(ref);
      pool.cachePush(ref);
    }
    this.lent += n;
    return n;
  }

  /** A pool lets go of a net_iov. */
  release(ref: NetmemRef): void {
    this.lent--;
    this.#push(ref);
  }

  /** A buffer for bytes that have to be copied: reference 1, no pool. 0: the free list is empty, or nothing may be copied. */
  lend(): NetmemRef {
    if (this.#freeCount === 0 || !this.takesCopies) return 0;
    const ref = this.base + this.#freeList[--this.#freeCount];
    this.#netmems.ppRef[ref] = 1;
    this.#netmems.state[ref] = NETMEM_STATE.USER;
    this.held++;
    return ref;
  }

  /** A lent buffer comes back, or was not needed after all. */
  takeBack(ref: NetmemRef): void {
    this.held--;
    this.#push(ref);
  }

  #push(ref: NetmemRef): void {
    this.#netmems.pool[ref] = 0;
    this.#netmems.ppRef[ref] = 0;
    this.#netmems.state[ref] = NETMEM_STATE.FREE;
    this.#freeList[this.#freeCount++] = ref - this.base;
  }

  /** Ends the area; every net_iov must be on the free list. */
  destroy(): void {
    if (this.#freeCount !== this.count) throw new Error(`${this.ownerName} freed with net_iovs outstanding`);
    this.unmap();
    this.#netmems.owners.delete(this);
    this.#netmems.removeArea(this);
    this.#memory.release();
  }
}
