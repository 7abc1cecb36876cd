import { MAX_SKB_FRAGS } from '../../uapi/limits.ts';
import type { NetmemTable } from '../netmem/netmem.ts';
import type { PagePool } from '../netmem/page-pool.ts';
import type { PoolRegistry } from '../netmem/pool-host.ts';

/** A packet on its way up: an index into {@link SkbTable}. 0 = none. */
export type SkbRef = number;

/** Bits of {@link SkbTable.flags}. */
export const SKB_UNREADABLE = 1 << 0;
export const SKB_FIN = 1 << 1;
export const SKB_RST = 1 << 2;
/** The peer acknowledged our FIN. */
export const SKB_FIN_ACK = 1 << 3;
export const SKB_PSH = 1 << 4;
/** The linear part lies in a page, so that it can be merged into another skb as a frag. */
export const SKB_HEAD_FRAG = 1 << 5;
/** Carries no payload: a state change of the flow, in order with its data. */
export const SKB_CONTROL = SKB_FIN | SKB_RST | SKB_FIN_ACK;

/** What stands in {@link SkbTable.fragRef} for a frag that is a merged linear part and no netmem. */
export const FRAG_PAGE_HEAD = -1;

/** sizeof(sk_buff) as charged to a socket: what goes when a linear part becomes a page frag and its data stays. */
export const SKB_STRUCT_TRUESIZE = 256;

const FIRST_CAPACITY = 1024;
const LINEAR_MIN = 2048;

/**
 * All packets as a structure of arrays, indexed by {@link SkbRef}:
 *
 * ```
 *  flow seq len headlen truesize flags cpu next fragList headRef    one entry an skb
 *  linear                                                           its linear payload bytes, kept with the slot
 *  fragRef/fragOffset/fragSize   [ 17 entries an skb ]
 * ```
 * `len` counts the payload of the skb itself and of the skbs chained to it by fragList. Headers are not kept: they were
 * parsed when the packet was steered.
 */
export class SkbTable {
  flow = new Int32Array(FIRST_CAPACITY);
  /** Stream offset of the first payload byte. */
  seq = new Float64Array(FIRST_CAPACITY);
  len = new Int32Array(FIRST_CAPACITY);
  headlen = new Int32Array(FIRST_CAPACITY);
  truesize = new Int32Array(FIRST_CAPACITY);
  flags = new Uint8Array(FIRST_CAPACITY);
  /** CPU that received it (alloc_cpu). */
  cpu = new Uint8Array(FIRST_CAPACITY);
  nrFrags = new Uint8Array(FIRST_CAPACITY);
  next = new Int32Array(FIRST_CAPACITY);
  fragList = new Int32Array(FIRST_CAPACITY);
  /** Last skb of the chain while GRO builds it. */
  last = new Int32Array(FIRST_CAPACITY);
  /** Netmem of the header pool the head lies in; 0 = none. */
  headRef = new Int32Array(FIRST_CAPACITY);
  fragRef = new Int32Array(FIRST_CAPACITY * MAX_SKB_FRAGS);
  fragOffset = new Int32Array(FIRST_CAPACITY * MAX_SKB_FRAGS);
  fragSize = new Int32Array(FIRST_CAPACITY * MAX_SKB_FRAGS);
  readonly linear: (Uint8Array | null)[] = new Array(FIRST_CAPACITY).fill(null);
  readonly #netmems: NetmemTable;
  readonly #pools: PoolRegistry;
  #free: SkbRef;
  #capacity = FIRST_CAPACITY;
  /** Packets that exist. */
  live = 0;

  constructor(netmems: NetmemTable, pools: PoolRegistry) {
    this.#netmems = netmems;
    this.#pools = pools;
    this.#free = 0;
    this.#chain(1, FIRST_CAPACITY);
  }

  #chain(from: number, to: number): void {
    for (let i = from; i < to - 1; i++) this.next[i] = i + 1;
    this.next[to - 1] = this.#free;
    this.#free = from;
  }

  alloc(flow: number, seq: number, flags: number): SkbRef {
    if (this.#free === 0) this.#grow();
    const skb = this.#free;
    this.#free = this.next[skb];
    this.flow[skb] = flow;
    this.seq[skb] = seq;
    this.len[skb] = 0;
    this.headlen[skb] = 0;
    this.truesize[skb] = 0;
    this.flags[skb] = flags;
    this.nrFrags[skb] = 0;
    this.next[skb] = 0;
    this.fragList[skb] = 0;
    this.last[skb] = skb;
    this.headRef[skb] = 0;
    this.live++;
    return skb;
  }

  /** The skb's linear buffer with room for `size` bytes. */
  linearRoom(skb: SkbRef, size: number): Uint8Array {
    let buffer = this.linear[skb];
    if (buffer === null || buffer.length < size) {
      let capacity = LINEAR_MIN;
      while (capacity < size) capacity *= 2;
      buffer = new Uint8Array(capacity);
      this.linear[skb] = buffer;
    }
    return buffer;
  }

  addFrag(skb: SkbRef, ref: number, offset: number, size: number): void {
    const at = skb * MAX_SKB_FRAGS + this.nrFrags[skb]++;
    this.fragRef[at] = ref;
    this.fragOffset[at] = offset;
    this.fragSize[at] = size;
    this.len[skb] += size;
  }

  /** Frees the packet and drops its references, in the context of the caller. */
  release(skb: SkbRef): void {
    const t = this.#netmems;
    const end = skb * MAX_SKB_FRAGS + this.nrFrags[skb];
    for (let at = skb * MAX_SKB_FRAGS; at < end; at++) {
      const ref = this.fragRef[at];
      if (ref > 0) (this.#pools.byHandle(t.pool[ref]) as PagePool).put(ref);
    }
    const head = this.headRef[skb];
    if (head !== 0) this.#pools.byHandle(t.pool[head]).put(head);
    let chained = this.fragList[skb];
    this.#give(skb);
    while (chained !== 0) {
      const following = this.next[chained];
      this.release(chained);
      chained = following;
    }
  }

  /** Frees the packet after its frags moved to another one. */
  releaseHead(skb: SkbRef): void {
    this.nrFrags[skb] = 0;
    this.fragList[skb] = 0;
    this.release(skb);
  }

  #give(skb: SkbRef): void {
    this.next[skb] = this.#free;
    this.#free = skb;
    this.live--;
  }

  #grow(): void {
    const capacity = this.#capacity * 2;
    const i32 = (from: Int32Array, n: number) => {
      const to = new Int32Array(n);
      to.set(from);
      return to;
    };
    const u8 = (from: Uint8Array) => {
      const to = new Uint8Array(capacity);
      to.set(from);
      return to;
    };
    this.flow = i32(this.flow, capacity);
    const seq = new Float64Array(capacity);
    seq.set(this.seq);
    this.seq = seq;
    this.len = i32(this.len, capacity);
    this.headlen = i32(this.headlen, capacity);
    this.truesize = i32(this.truesize, capacity);
    this.flags = u8(this.flags);
    this.cpu = u8(this.cpu);
    this.nrFrags = u8(this.nrFrags);
    this.next = i32(this.next, capacity);
    this.fragList = i32(this.fragList, capacity);
    this.last = i32(this.last, capacity);
    this.headRef = i32(this.headRef, capacity);
    this.fragRef = i32(this.fragRef, capacity * MAX_SKB_FRAGS);
    this.fragOffset = i32(this.fragOffset, capacity * MAX_SKB_FRAGS);
    this.fragSize = i32(this.fragSize, capacity * MAX_SKB_FRAGS);
    for (let i = this.#capacity; i < capacity; i++) this.linear.push(null);
    const old = this.#capacity;
    this.#capacity = capacity;
    this.#chain(old, capacity);
  }
}
