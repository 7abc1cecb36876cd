import { ERRNO } from '../../uapi/errno.ts';
import { PP_ALLOC_CACHE_REFILL } from '../../uapi/limits.ts';
import { ZCRX_FLUSH_BATCH } from '../../uapi/zcrx.ts';
import type { DmaDevice } from '../driver/dma-device.ts';
import type { Kernel } from '../kernel.ts';
import type { Netdev } from '../netdev/netdev.ts';
import { closeProvider, openProvider } from '../netdev/queue-provider.ts';
import type { RxQueue } from '../netdev/rx-queue.ts';
import type { NetmemRef } from '../netmem/netmem.ts';
import type { PagePool } from '../netmem/page-pool.ts';
import type { MemoryProviderOps } from '../provider/memory-provider.ts';
import { ZcrxArea } from './area.ts';
import type { AreaMemory } from './area-memory.ts';
import { RefillDiagnostics } from './refill-diagnostics.ts';
import { type RefillMemory, RefillRing, RQE_NONE } from './refill-ring.ts';

/** An ifq's life. `closed`: its ring let go, pools still hold it. */
export type IfqState = 'registered' | 'closed' | 'freed';

/** What an ifq is made of. */
export interface IfqParams {
  /** Number in its ring. */
  readonly id: number;
  readonly netdev: Netdev;
  readonly memory: AreaMemory;
  readonly refill: RefillMemory;
  /** Entries of the refill ring, a power of two. */
  readonly entries: number;
  /** Number of the ring's first entry; 0 on Linux. */
  readonly first?: number;
}

/**
 * An interface queue of io_uring zero-copy receive: an area, the refill ring through which its buffers come back, and the RX
 * queue whose page pool draws from it (io_uring/zcrx.c: struct io_zcrx_ifq, 6.18; 7.3 as recorded). Held by its ring and by
 * every pool; net_iovs hold nothing on it.
 *
 * A buffer that the user has written into the refill ring is still the user's until an entry is consumed: the kernel learns
 * of it only then. So `refill-pending` is no state of a net_iov here; what waits in the ring is told by
 * {@link RefillRing.pending}, as a claim of the client.
 */
export class ZcrxIfq {
  readonly kernel: Kernel;
  readonly id: number;
  /** null once the device is unregistered. */
  netdev: Netdev | null;
  /** The device the area is mapped for; pools of others are refused. */
  readonly dev: DmaDevice | null;
  /** The queue it is installed on. */
  queue: RxQueue | null = null;
  readonly area: ZcrxArea;
  readonly ring: RefillRing;
  readonly diagnostics = new RefillDiagnostics();
  state: IfqState = 'registered';
  readonly #batch = new Int32Array(ZCRX_FLUSH_BATCH);
  #refs = 1;

  /** Takes over the area's memory. */
  constructor(kernel: Kernel, params: IfqParams) {
    this.kernel = kernel;
    this.id = params.id;
    this.netdev = params.netdev;
    this.dev = params.netdev.driver.dmaDevice;
    this.area = ZcrxArea.create(kernel, `zcrx area of ifq ${params.id} on ${params.netdev.name}`, params.memory);
    const { refill, entries, first } = params;
    this.ring = new RefillRing(refill, entries, this.area.count, kernel.profile.zcrx, this.diagnostics, first);
  }

  /**
   * Installs the ifq on a queue. On failure it is as before; the caller closes it.
   *
   * @throws KernelError as {@link openProvider}
   */
  open(queue: RxQueue, ops: MemoryProviderOps): void {
    openProvider(queue, { ops, priv: this });
    this.queue = queue;
  }

  get(): void {
    this.#refs++;
  }

  /** Drops a reference; the last one frees area and memory. */
  put(): void {
    if (--this.#refs > 0) return;
    this.state = 'freed';
    this.area.destroy();
  }

  // ---- delivery ----

  /**
   * A completion names a frag's net_iov: one more pool reference, then one more user reference.
   *
   * @returns 0, or -EFAULT for a net_iov that this ifq did not lend
   */
  deliver(ref: NetmemRef): number {
    const handle = this.kernel.netmems.pool[ref];
    if (handle === 0 || this.kernel.pools.byHandle(handle).mpPriv !== this) return -ERRNO.EFAULT;
    this.kernel.netmems.ppRef[ref]++;
    this.area.references.take(ref);
    return 0;
  }

  /** A completion names a buffer that {@link ZcrxArea.lend} gave for a copy: its loan becomes the user's. */
  deliverCopy(ref: NetmemRef): void {
    this.area.references.take(ref);
  }

  // ---- returns ----

  /**
   * Pulls the refill ring for a pool whose cache is empty, in the context of its consumer.
   *
   * @returns net_iovs put into the cache
   */
  pull(pool: PagePool): number {
    if (this.state !== 'registered') return 0;
    const now = this.kernel.clock.now();
    this.ring.beginPull();
    const got = this.kernel.profile.zcrx.mergesRuns ? this.#pullRuns(pool, now) : this.#pullEach(pool, now);
    this.ring.end();
    return got;
  }

  #pullEach(pool: PagePool, now: number): number {
    const { ring } = this;
    let got = 0;
    for (let niov = ring.next(); niov !== RQE_NONE; niov = ring.next()) {
      if (niov >= 0 && this.#toCache(pool, niov, 1, ring.head - 1, now)) got++;
    }
    return got;
  }

  /** Entries that name the same buffer in a row are one return; bad ones between them do not end the row. */
  #pullRuns(pool: PagePool, now: number): number {
    const { ring } = this;
    let got = 0;
    let run = -1;
    let length = 0;
    let last = 0;
    while (got < PP_ALLOC_CACHE_REFILL - 1) {
      const niov = ring.next();
      if (niov === RQE_NONE) break;
      if (niov < 0) continue;
      if (niov === run) {
        length++;
      } else {
        if (run >= 0 && this.#toCache(pool, run, length, last, now)) got++;
        run = niov;
        length = 1;
      }
      last = ring.head - 1;
    }
    if (run >= 0 && this.#toCache(pool, run, length, last, now)) got++;
    return got;
  }

  /** The user returned a buffer `n` times. true: it is in the pool's cache now. */
  #toCache(pool: PagePool, niov: number, n: number, entry: number, now: number): boolean {
    const ref = this.#drop(niov, n, entry, now);
    if (ref === 0) return false;
    if (this.kernel.netmems.pool[ref] !== pool.handle) {
      this.#recycle(ref);
      return false;
    }
    pool.cachePushBack(ref);
    return true;
  }

  /** Drops user and pool references. @returns the netmem if they were the last, else 0 */
  #drop(niov: number, n: number, entry: number, now: number): NetmemRef {
    const ref = this.area.base + niov;
    const { references } = this.area;
    if (!references.drop(ref, n, now)) {
      this.diagnostics.noteNotHeld(entry >>> 0, niov, references.returnedAt(ref));
      return 0;
    }
    return references.unref(ref, n) ? ref : 0;
  }

  /** Nobody holds the net_iov any more: its pool takes it as any other, or the free list if it has none. */
  readonly #recycle = (ref: NetmemRef): void => {
    const handle = this.kernel.netmems.pool[ref];
    if (handle === 0) this.area.takeBack(ref);
    else this.kernel.pools.byHandle(handle).put(ref);
  };

  /**
   * FLUSH_RQ (6.19): consumes the refill ring now, in process context, up to one ring's worth; an entry that names no buffer
   * is consumed and ends it. Buffers go into their pool's ring.
   *
   * @returns entries consumed that named a buffer
   */
  flush(): number {
    if (this.state !== 'registered') return 0;
    const { ring } = this;
    const now = this.kernel.clock.now();
    let total = 0;
    let n: number;
    do {
      const first = ring.head;
      ring.beginFlush(ZCRX_FLUSH_BATCH);
      n = 0;
      for (let niov = ring.next(); niov >= 0; niov = ring.next()) this.#batch[n++] = niov;
      ring.end();
      // As Linux does it: a batch is off the ring before the first of it is put.
      for (let i = 0; i < n; i++) {
        const ref = this.#drop(this.#batch[i], 1, first + i, now);
        if (ref !== 0) this.#recycle(ref);
      }
      total += n;
    } while (n === ZCRX_FLUSH_BATCH && total < ring.entries);
    return total;
  }

  // ---- end ----

  /** Takes every buffer back from user space, returned or not. */
  scrub(): void {
    this.area.references.scrub(this.kernel.clock.now(), this.#recycle);
  }

  /** The ring closes: buffers are taken back, the queue gets ordinary memory, the ring's reference goes. */
  close(): void {
    if (this.state !== 'registered') return;
    this.state = 'closed';
    const { scrubsFirst } = this.kernel.profile.zcrx;
    if (scrubsFirst) this.scrub();
    if (this.queue !== null) closeProvider(this.queue, this);
    this.queue = null;
    if (!scrubsFirst) this.scrub();
    this.put();
  }

  /** The netdev goes away: device, queue and mapping are forgotten; the ifq stays registered. */
  uninstall(queue: RxQueue): void {
    this.netdev = null;
    this.area.unmap();
    queue.provider = null;
    this.queue = null;
  }
}
