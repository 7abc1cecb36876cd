import { PAGE_SIZE } from '../../uapi/limits.ts';
import type { NetmemOwner } from './owner.ts';

/**
 * A reference to one buffer that a page pool circulates: an index into {@link NetmemTable}. 0 = none. Whether it is a host
 * page or a net_iov is a property of the area it lies in, as bit 0 of a Linux netmem_ref says.
 */
export type NetmemRef = number;

/** Where a netmem is. Every netmem is in exactly one state; a pool's states add up to its inflight count. */
export const NETMEM_STATE = {
  /** With its owner: the provider or the page allocator. */
  FREE: 0,
  /** Given back by the pool, but others still reference the page: its provider waits for them, or its last reference frees it. */
  WAITING: 1,
  /** In the pool's alloc cache. */
  CACHE: 2,
  /** In the pool's ptr ring. */
  RING: 3,
  /** With the driver: posted to the device, or its current fragment page. */
  POSTED: 4,
  /** In a packet on its way through the stack. */
  STACK: 5,
  /** In a socket's receive queue. */
  SOCKET: 6,
  /** Held by user space through at least one token. */
  USER: 7,
  /** In a refill ring, not yet pulled. */
  REFILL: 8,
} as const;
export const NETMEM_STATES = 9;
export const NETMEM_STATE_NAMES = [
  'free',
  'provider-waiting',
  'cache',
  'ring',
  'posted',
  'stack',
  'socket',
  'user',
  'refill-pending',
] as const;

/** What the netmems of an area are: host pages, or net_iovs of a type (enum net_iov_type, 6.16 and later). */
export const NETMEM_KIND = { PAGE: 0, DMABUF: 1, IO_URING: 2 } as const;
export type NetmemKind = (typeof NETMEM_KIND)[keyof typeof NETMEM_KIND];

/** A run of netmems with one owner. Index in the area = ref - base. */
export interface NetmemArea {
  readonly base: NetmemRef;
  readonly count: number;
  readonly kind: NetmemKind;
  /** true: net_iovs, which the host stack must not read; false: host pages. */
  readonly unreadable: boolean;
  /** What user space calls this memory in control messages: the binding's id, 0 for host pages. */
  readonly bindingId: number;
  /** Added to byte offsets told to user space: 0, or where a device sees byte 0 of the area. */
  readonly virtualBase: number;
  /** NUMA node of the memory. */
  readonly node: number;
  /** The memory itself, from byte 0 of the area. Made on first use for host pages. */
  memory(): Uint8Array;
  /** The last page reference is gone (pages only). */
  freePage(ref: NetmemRef): void;
}

/** Stands for areas that are gone: nothing may reach their memory any more. */
const NO_AREA: NetmemArea = {
  base: 0,
  count: 0,
  kind: NETMEM_KIND.DMABUF,
  unreadable: true,
  bindingId: 0,
  virtualBase: 0,
  node: 0,
  memory(): never {
    throw new Error('netmem of an area that is gone');
  },
  freePage(): never {
    throw new Error('page of an area that is gone');
  },
};

const FIRST_CAPACITY = 4096;

/**
 * All netmems of the kernel as a structure of arrays, indexed by {@link NetmemRef}:
 *
 * ```
 *  ref      1 .. n                      n+1 ...
 *         +---------------------------+-----------------
 *  ppRef  | pool users (pp_ref_count) |
 *  pageRef| references to the page    |   1 for net_iovs, for ever
 *  pool   | handle of the page pool   |   0 = none
 *  state  | NETMEM_STATE              |
 *  users  | tokens that name it       |
 *  area   | index into areas          |
 *         +---------------------------+-----------------
 *           one area (e.g. a binding)   the next one
 * ```
 * The two counts are apart on purpose: ppRef says when the page pool gets a netmem back, pageRef whether somebody outside of
 * the pool (a splice, a tracer) still looks at the page then.
 */
export class NetmemTable {
  ppRef = new Int32Array(FIRST_CAPACITY);
  pageRef = new Int32Array(FIRST_CAPACITY);
  pool = new Int32Array(FIRST_CAPACITY);
  state = new Uint8Array(FIRST_CAPACITY);
  users = new Int32Array(FIRST_CAPACITY);
  area = new Int32Array(FIRST_CAPACITY);
  readonly areas: NetmemArea[] = [];
  /** Who owns netmems and keeps books of them; conservation checks them all. */
  readonly owners = new Set<NetmemOwner>();
  #freeAreas: number[] = [];
  /** Free runs of references, ascending and never adjacent: [base, count] pairs. */
  #runs: [number, number][] = [[1, FIRST_CAPACITY - 1]];

  /** Reserves `count` references in a row and registers the area that `make` builds on them. */
  addArea<A extends NetmemArea>(count: number, make: (base: NetmemRef) => A): A {
    const base = this.#takeRun(count);
    const area = make(base);
    const index = this.#freeAreas.pop() ?? this.areas.length;
    this.areas[index] = area;
    this.area.fill(index, base, base + count);
    this.ppRef.fill(0, base, base + count);
    this.pageRef.fill(area.unreadable ? 1 : 0, base, base + count);
    this.pool.fill(0, base, base + count);
    this.users.fill(0, base, base + count);
    this.state.fill(NETMEM_STATE.FREE, base, base + count);
    return area;
  }

  removeArea(area: NetmemArea): void {
    const index = this.area[area.base];
    if (this.areas[index] !== area) throw new Error('netmem area removed twice');
    this.areas[index] = NO_AREA;
    this.#freeAreas.push(index);
    this.#giveRun(area.base, area.count);
  }

  areaOf(ref: NetmemRef): NetmemArea {
    return this.areas[this.area[ref]];
  }

  /** References to a page; 1 for net_iovs (netmem_ref_count()). */
  pageRefcount(ref: NetmemRef): number {
    return this.pageRef[ref];
  }

  /** Takes a reference to a page (get_page()). Pages only: net_iovs have no such count. */
  getPage(ref: NetmemRef): void {
    this.pageRef[ref]++;
  }

  /** Drops a reference to a page; the last one gives it to whom its area belongs (put_page()). */
  putPage(ref: NetmemRef): void {
    if (--this.pageRef[ref] === 0) this.areas[this.area[ref]].freePage(ref);
  }

  /** Byte offset of the netmem in its area's memory. */
  offsetOf(ref: NetmemRef): number {
    return (ref - this.areas[this.area[ref]].base) * PAGE_SIZE;
  }

  #takeRun(count: number): number {
    for (let i = 0; i < this.#runs.length; i++) {
      const run = this.#runs[i];
      if (run[1] < count) continue;
      const base = run[0];
      run[0] += count;
      run[1] -= count;
      if (run[1] === 0) this.#runs.splice(i, 1);
      return base;
    }
    this.#grow(count);
    return this.#takeRun(count);
  }

  #giveRun(base: number, count: number): void {
    let i = 0;
    while (i < this.#runs.length && this.#runs[i][0] < base) i++;
    this.#runs.splice(i, 0, [base, count]);
    const next = this.#runs[i + 1];
    if (next !== undefined && base + count === next[0]) {
      this.#runs[i][1] += next[1];
      this.#runs.splice(i + 1, 1);
    }
    const before = this.#runs[i - 1];
    if (before !== undefined && before[0] + before[1] === base) {
      before[1] += this.#runs[i][1];
      this.#runs.splice(i, 1);
    }
  }

  #grow(count: number): void {
    const old = this.ppRef.length;
    let capacity = old * 2;
    while (capacity - old < count) capacity *= 2;
    const extend = <T extends Int32Array | Uint8Array>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    this.ppRef = extend(this.ppRef, new Int32Array(capacity));
    this.pageRef = extend(this.pageRef, new Int32Array(capacity));
    this.pool = extend(this.pool, new Int32Array(capacity));
    this.users = extend(this.users, new Int32Array(capacity));
    this.area = extend(this.area, new Int32Array(capacity));
    this.state = extend(this.state, new Uint8Array(capacity));
    this.#giveRun(old, capacity - old);
  }
}
