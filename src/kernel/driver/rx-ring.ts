import { GRO_MAX_SIZE, MAX_SKB_FRAGS, PAGE_SIZE, TCP_RTO_MIN_MS } from '../../uapi/limits.ts';
import type { Timer } from '../clock.ts';
import type { RxQueue } from '../netdev/rx-queue.ts';
import { NETMEM_STATE, type NetmemArea, type NetmemRef, type NetmemTable } from '../netmem/netmem.ts';
import type { PagePool } from '../netmem/page-pool.ts';
import { SKB_HEAD_FRAG, SKB_PSH, SKB_UNREADABLE, type SkbRef, type SkbTable } from '../stack/skb.ts';
import type { TcpFlow } from '../stack/tcp-flow.ts';
import type { Driver } from './driver.ts';
import type { DriverParams } from './driver-params.ts';
import { RefFifo } from './ref-fifo.ts';
import type { SourceViews } from './source-views.ts';

/** Packets a ring holds between the wire and the next poll; more than that is held back at the wire. */
const COMPLETIONS = 1024;
/** sk_buff and its smallest head; larger heads are charged by size (see {@link skbTruesize}). */
const SKB_STRUCT = 256;
const SHARED_INFO = 320;
const HEADROOM = 130;
/** Room for the headers of one packet in the header pool. */
const HEADER_BUFFER = 256;

/** What an skb with `linear` payload bytes in its head is charged to a socket, without its frags (as recorded on 6.12 and 7.3). */
export function skbTruesize(linear: number, small: number): number {
  const head = ((linear + HEADROOM + 63) & ~63) + SHARED_INFO;
  return head <= small - SKB_STRUCT ? small : SKB_STRUCT + head;
}

/** Fresh buffers that `size` bytes need when `room` bytes are left in the current one. */
function buffersBeyond(room: number, size: number): number {
  return size <= room ? 0 : Math.ceil((size - room) / PAGE_SIZE);
}

/**
 * The memory of one RX queue: its pools, the buffers posted to the device and the packets that the device has finished.
 *
 * ```
 *   pool -- refill --> posted FIFO -- payload written --> completions FIFO -- NAPI poll --> stack
 *   header pool ------> posted heads -------------------^
 * ```
 * The device writes payload once, into buffers posted ahead (or, with post 0, taken when the packet arrives).
 */
export class RxRing {
  readonly driver: Driver;
  readonly queue: RxQueue;
  readonly pool: PagePool;
  readonly headPool: PagePool | null;
  readonly #params: DriverParams;
  readonly #sources: SourceViews;
  readonly #netmems: NetmemTable;
  readonly #skbs: SkbTable;
  readonly #post: number;
  readonly #posted: RefFifo;
  readonly #heads: RefFifo;
  /** Packets the device has finished; made with the first one. */
  #completed: RefFifo | null = null;
  /** The binding's area and memory, after the first packet. */
  #area: NetmemArea | null = null;
  #memory: Uint8Array = new Uint8Array(0);
  #running = false;
  #packets = 0;
  /** The packet being built by `aggregate`: its skb, the buffer being filled and how far. */
  #aggregate: SkbRef = 0;
  #aggregateFill = 0;
  #aggregateSegments = 0;
  /** Flows whose last segment found no buffer. */
  #stalled: TcpFlow[] = [];
  #retry: Timer | null = null;

  constructor(driver: Driver, queue: RxQueue, pool: PagePool, headPool: PagePool | null, post: number) {
    const { kernel } = queue.netdev;
    this.driver = driver;
    this.queue = queue;
    this.pool = pool;
    this.headPool = headPool;
    this.#params = driver.params;
    this.#sources = kernel.sources;
    this.#netmems = kernel.netmems;
    this.#skbs = kernel.skbs;
    this.#post = post;
    this.#posted = new RefFifo(post);
    this.#heads = new RefFifo(headPool === null ? 0 : post);
  }

  get posted(): number {
    return this.#posted.count;
  }

  /** Whether the queue's frags come from a provider, which says nothing about whether the host can read them. */
  get provided(): boolean {
    return this.pool.mpOps !== null;
  }

  start(): void {
    this.#running = true;
    if (this.pool.napiId === 0) this.pool.enableDirectRecycling(this.queue.napi.id);
    if (this.headPool !== null && this.headPool.napiId === 0) this.headPool.enableDirectRecycling(this.queue.napi.id);
    this.refill();
  }

  /** Stops the queue. Finished packets were polled before; posted buffers go back to the pool. */
  stop(): void {
    this.#running = false;
    this.pool.onReturn = null;
    while (this.#posted.count > 0) this.pool.putDirect(this.#posted.shift());
    while (this.#heads.count > 0) (this.headPool as PagePool).putDirect(this.#heads.shift());
    this.releaseStalled();
  }

  /** Tops up the posted buffers. A pool that has nothing left counts as one failed allocation. */
  refill(): void {
    if (!this.#running) return;
    const { pool } = this;
    while (this.#posted.count < this.#post) {
      const ref = pool.allocNetmem();
      if (ref === 0) {
        this.queue.allocFail++;
        this.#armReturn();
        break;
      }
      this.#posted.push(ref);
    }
    const heads = this.headPool;
    if (heads === null) return;
    while (this.#heads.count < this.#post) {
      const ref = heads.alloc(HEADER_BUFFER);
      if (ref === 0) {
        this.queue.allocFail++;
        break;
      }
      this.#heads.push(ref);
    }
  }

  #armReturn(): void {
    if (!this.#params.refillsOnReturn || this.pool.onReturn !== null) return;
    this.pool.onReturn = () => {
      this.pool.onReturn = null;
      this.queue.napi.schedule();
    };
  }

  /** A buffer for the next chunk. Its offset and truesize are in {@link PagePool.fragOffset} and fragTruesize. */
  #takeBuffer(size: number): NetmemRef {
    const { pool } = this;
    if (this.#post > 0) {
      pool.fragOffset = 0;
      pool.fragTruesize = PAGE_SIZE;
      return this.#posted.shift();
    }
    const ref = this.#params.placement === 'fragment' ? pool.alloc((size + 7) & ~7) : pool.allocNetmem();
    if (this.#params.placement !== 'fragment') {
      pool.fragOffset = 0;
      pool.fragTruesize = PAGE_SIZE;
    }
    if (ref === 0) this.queue.allocFail++;
    return ref;
  }

  /** Room for another packet before the next poll. */
  get accepts(): boolean {
    return this.#running && this.completions < COMPLETIONS - 1;
  }

  /**
   * One segment arrives from the wire: its payload is written into posted buffers. false = no buffer; the frame is dropped
   * and counted, and the buffers it had taken go back.
   */
  receive(flow: TcpFlow, seq: number, source: Uint8Array, offset: number, size: number, push: boolean): boolean {
    const params = this.#params;
    const pooled = this.provided || params.poolsOrdinaryTraffic;
    if (params.placement === 'aggregate' && pooled) return this.#receiveAggregate(flow, seq, source, offset, size);
    if (this.#post === 0) this.#startSoftirq();
    const skbs = this.#skbs;
    const profile = this.queue.netdev.kernel.profile;
    let linear = 0;
    if (!pooled) {
      linear = size;
    } else if (params.linear > 0 && this.provided) {
      if (params.linearMod === 0 || this.#packets % params.linearMod === 0) linear = Math.min(params.linear, size);
    }
    this.#packets++;
    const skb = skbs.alloc(flow.id, seq, push ? SKB_PSH : 0);
    let truesize = skbTruesize(linear, profile.smallSkbTruesize);
    if (linear > 0) {
      this.#copy(skbs.linearRoom(skb, linear), 0, source, offset, linear);
      skbs.headlen[skb] = linear;
      skbs.len[skb] = linear;
      if (profile.smallHeadsArePageFrags || truesize > profile.smallSkbTruesize) skbs.flags[skb] |= SKB_HEAD_FRAG;
    }
    const t = this.#netmems;
    for (let done = linear; done < size; ) {
      const chunk = Math.min(params.chunk, size - done);
      const ref = this.#takeBuffer(chunk);
      if (ref === 0) {
        this.#drop(skb);
        return false;
      }
      const area = t.areas[t.area[ref]];
      if (area.unreadable) skbs.flags[skb] |= SKB_UNREADABLE;
      const at = this.pool.fragOffset;
      this.#copy(this.#memoryOf(area), (ref - area.base) * PAGE_SIZE + at, source, offset + done, chunk);
      if (t.users[ref] === 0) this.pool.move(ref, NETMEM_STATE.STACK);
      skbs.addFrag(skb, ref, at, chunk);
      truesize += this.pool.fragTruesize;
      done += chunk;
    }
    skbs.truesize[skb] = truesize;
    this.#complete(skb, flow, size, truesize);
    return true;
  }

  /** A driver that posts nothing takes its buffers in the poll: behind what the CPU frees at the start of the softirq. */
  #startSoftirq(): void {
    const { napi, netdev } = this.queue;
    if (napi.scheduled) return;
    napi.schedule();
    netdev.kernel.deferred.flush(netdev.kernel.softirqCpu);
  }

  /** Hardware GRO: the segment goes on where the flow's last one ended, if it fits. */
  #receiveAggregate(flow: TcpFlow, seq: number, source: Uint8Array, offset: number, size: number): boolean {
    const skbs = this.#skbs;
    let skb = this.#aggregate;
    let needed = buffersBeyond(PAGE_SIZE - this.#aggregateFill, size);
    const fits =
      skb !== 0 &&
      skbs.flow[skb] === flow.id &&
      skbs.seq[skb] + skbs.len[skb] === seq &&
      skbs.len[skb] + size < GRO_MAX_SIZE &&
      skbs.nrFrags[skb] + needed <= MAX_SKB_FRAGS;
    if (!fits) {
      this.closeAggregate();
      skb = 0;
      needed = buffersBeyond(0, size);
    }
    if (this.#posted.count < needed) {
      this.queue.dropOverruns++;
      this.#armReturn();
      return false;
    }
    let truesize = needed * PAGE_SIZE;
    if (skb === 0) {
      skb = skbs.alloc(flow.id, seq, 0);
      skbs.truesize[skb] = this.queue.netdev.kernel.profile.smallSkbTruesize;
      truesize += skbs.truesize[skb];
      this.#aggregate = skb;
      this.#aggregateFill = PAGE_SIZE;
      this.#aggregateSegments = 0;
    }
    this.#aggregateSegments++;
    const t = this.#netmems;
    let fill = this.#aggregateFill;
    let slot = skb * MAX_SKB_FRAGS + skbs.nrFrags[skb] - 1;
    for (let done = 0; done < size; ) {
      if (fill === PAGE_SIZE) {
        const fresh = this.#posted.shift();
        this.pool.move(fresh, NETMEM_STATE.STACK);
        skbs.addFrag(skb, fresh, 0, 0);
        if (t.areas[t.area[fresh]].unreadable) skbs.flags[skb] |= SKB_UNREADABLE;
        slot++;
        fill = 0;
      }
      const ref = skbs.fragRef[slot];
      const area = t.areas[t.area[ref]];
      const chunk = Math.min(PAGE_SIZE - fill, size - done);
      this.#copy(this.#memoryOf(area), (ref - area.base) * PAGE_SIZE + fill, source, offset + done, chunk);
      skbs.fragSize[slot] += chunk;
      fill += chunk;
      done += chunk;
    }
    this.#aggregateFill = fill;
    skbs.len[skb] += size;
    skbs.truesize[skb] += needed * PAGE_SIZE;
    this.#count(flow, size, truesize);
    return true;
  }

  /** Hands the packet under aggregation to the completions. */
  closeAggregate(): void {
    const skb = this.#aggregate;
    if (skb === 0) return;
    this.#aggregate = 0;
    // A segment that stayed alone was not merged.
    if (this.#aggregateSegments > 1) {
      const { queue } = this;
      queue.hwGroPackets++;
      queue.hwGroBytes += this.#skbs.len[skb];
      queue.hwGroWirePackets += this.#aggregateSegments;
      queue.hwGroWireBytes += this.#skbs.len[skb];
    }
    this.#push(skb);
  }

  /** A state change of the flow, in order behind its data. */
  control(flow: TcpFlow, seq: number, flags: number): void {
    this.closeAggregate();
    this.#push(this.#skbs.alloc(flow.id, seq, flags));
  }

  /** The memory of an area. That of a binding stays where it is as long as a pool draws from it. */
  #memoryOf(area: NetmemArea): Uint8Array {
    if (area === this.#area) return this.#memory;
    const memory = area.memory();
    if (area.unreadable) {
      this.#area = area;
      this.#memory = memory;
    }
    return memory;
  }

  #copy(target: Uint8Array, at: number, source: Uint8Array, offset: number, size: number): void {
    target.set(this.#sources.view(source, offset, size), at);
  }

  #count(flow: TcpFlow, size: number, truesize: number): void {
    this.queue.packets++;
    this.queue.bytes += size + flow.headerBytes;
    flow.pendingBytes += size;
    flow.pendingTruesize += truesize;
    this.queue.napi.schedule();
  }

  #complete(skb: SkbRef, flow: TcpFlow, size: number, truesize: number): void {
    this.#skbs.headRef[skb] = this.#heads.shift();
    this.#count(flow, size, truesize);
    this.#push(skb);
  }

  #push(skb: SkbRef): void {
    // Control entries are few but must never be lost: the queue grows for them.
    this.#completed ??= new RefFifo(COMPLETIONS);
    this.#completed.push(skb);
    this.queue.napi.schedule();
  }

  /** Packets that wait for the next poll. */
  get completions(): number {
    return this.#completed?.count ?? 0;
  }

  popCompletion(): SkbRef {
    return this.#completed?.shift() ?? 0;
  }

  #drop(skb: SkbRef): void {
    const skbs = this.#skbs;
    const first = skb * MAX_SKB_FRAGS;
    for (let i = 0; i < skbs.nrFrags[skb]; i++) this.pool.putDirect(skbs.fragRef[first + i]);
    skbs.releaseHead(skb);
    this.queue.dropOverruns++;
    this.#armReturn();
    // A driver that refills in polls only is polled for a frame it had no buffer for as well, or it would starve for good.
    if (this.#post > 0 && !this.#params.refillsOnReturn) this.queue.napi.schedule();
  }

  /** Remembers a flow that was held back; it is woken when buffers are there again. */
  stall(flow: TcpFlow): void {
    this.#stalled.push(flow);
    if (this.#post > 0 && this.#posted.count < this.#post) this.#armReturn();
    this.#armRetry();
  }

  /** Memory can come back to the owner through another pool, which wakes nobody here: the sender tries again in time. */
  #armRetry(): void {
    if (this.#retry !== null) return;
    this.#retry = this.queue.netdev.kernel.clock.after(TCP_RTO_MIN_MS, () => {
      this.#retry = null;
      this.queue.napi.schedule();
      this.#armRetry();
    });
  }

  wakeStalled(): void {
    if (this.#stalled.length === 0) return;
    if (this.#post > 0 && this.#posted.count === 0) return;
    this.releaseStalled();
  }

  /** Lets every flow that was held back try again. */
  releaseStalled(): void {
    this.#retry?.cancel();
    this.#retry = null;
    const stalled = this.#stalled;
    this.#stalled = [];
    for (const flow of stalled) flow.unstall();
  }
}
