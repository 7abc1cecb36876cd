import { PinnedMemory } from '../../../../src/kernel/io-uring/area-memory.ts';
import { ZcrxIfq } from '../../../../src/kernel/io-uring/ifq.ts';
import { REFILL_FAULT_NAMES, type RefillDiagnostics } from '../../../../src/kernel/io-uring/refill-diagnostics.ts';
import { RefillRegion } from '../../../../src/kernel/io-uring/refill-region.ts';
import type { Kernel } from '../../../../src/kernel/kernel.ts';
import type { Netdev } from '../../../../src/kernel/netdev/netdev.ts';
import { netmemFault } from '../../../../src/kernel/netmem/conservation.ts';
import type { PagePool } from '../../../../src/kernel/netmem/page-pool.ts';
import { ioUringProvider } from '../../../../src/kernel/provider/io-uring.ts';
import { PAGE_SIZE } from '../../../../src/uapi/limits.ts';
import type { ZcrxOffsets } from '../../../../src/uapi/zcrx.ts';
import { Rig, type RigOptions } from '../rig.ts';

export interface Rqe {
  off: number | bigint;
  len?: number;
  pad?: number;
}

/** A client's side of a refill ring: writes what it likes. */
export class RefillClient {
  readonly bytes: Uint8Array;
  readonly offsets: ZcrxOffsets;
  readonly entries: number;
  readonly #view: DataView;

  constructor(offsets: ZcrxOffsets, entries: number) {
    this.offsets = offsets;
    this.entries = entries;
    this.bytes = new Uint8Array(RefillRegion.bytes(offsets, entries));
    this.#view = new DataView(this.bytes.buffer);
  }

  get head(): number {
    return this.#view.getUint32(this.offsets.head, true);
  }

  set head(value: number) {
    this.#view.setUint32(this.offsets.head, value >>> 0, true);
  }

  get tail(): number {
    return this.#view.getUint32(this.offsets.tail, true);
  }

  set tail(value: number) {
    this.#view.setUint32(this.offsets.tail, value >>> 0, true);
  }

  /** Fills one slot, without moving the tail. */
  write(slot: number, rqe: Rqe): void {
    const at = this.offsets.rqes + (slot & (this.entries - 1)) * 16;
    this.#view.setBigUint64(at, BigInt(rqe.off), true);
    this.#view.setUint32(at + 8, rqe.len ?? PAGE_SIZE, true);
    this.#view.setUint32(at + 12, rqe.pad ?? 0, true);
  }

  /** Returns buffers by their index, or writes whole entries; then moves the tail. */
  give(...returns: (number | Rqe)[]): void {
    let tail = this.tail;
    for (const r of returns) {
      this.write(tail >>> 0, typeof r === 'number' ? { off: r * PAGE_SIZE } : r);
      tail = (tail + 1) >>> 0;
    }
    this.tail = tail;
  }
}

export interface Zcrx {
  ifq: ZcrxIfq;
  client: RefillClient;
  bytes: Uint8Array;
  /** Times the area's memory was unpinned. */
  unpinned: number;
}

let ids = 0;

/** An ifq with an area of `pages` and a refill ring, on no queue yet. */
export function newIfq(kernel: Kernel, netdev: Netdev, pages: number, entries: number, first = 0): Zcrx {
  const client = new RefillClient(kernel.profile.zcrx.offsets, entries);
  const bytes = new Uint8Array(pages * PAGE_SIZE);
  const made: Zcrx = { ifq: undefined as unknown as ZcrxIfq, client, bytes, unpinned: 0 };
  const memory = new PinnedMemory(bytes, () => made.unpinned++);
  const refill = new RefillRegion(client.bytes, client.offsets, entries);
  made.ifq = new ZcrxIfq(kernel, { id: ids++, netdev, memory, refill, entries, first });
  client.head = first;
  client.tail = first;
  return made;
}

/** A rig whose queue 0 draws from a zcrx area; buffers are taken when asked for. */
export class ZcrxRig extends Rig {
  readonly zcrx: Zcrx;

  constructor(pages: number, entries: number, options: RigOptions = {}) {
    super({ driver: 'netdevsim-dma', ...options });
    this.split();
    this.zcrx = newIfq(this.kernel, this.netdev, pages, entries);
    this.zcrx.ifq.open(this.netdev.rxQueues[0], ioUringProvider);
  }

  get ifq(): ZcrxIfq {
    return this.zcrx.ifq;
  }

  get client(): RefillClient {
    return this.zcrx.client;
  }

  /** Index of a net_iov in the area; -1 for none. */
  index(ref: number): number {
    return ref === 0 ? -1 : ref - this.ifq.area.base;
  }

  /** The pool gives `n` buffers; indices of those it had. */
  alloc(n: number, pool: PagePool = this.pool(0)): number[] {
    return Array.from({ length: n }, () => this.index(pool.allocNetmem()));
  }

  /** A packet whose frags lie in these buffers is delivered and freed: only the user holds them now. */
  deliver(indices: readonly number[], pool: PagePool = this.pool(0)): void {
    for (const i of indices) {
      const ref = this.ifq.area.base + i;
      if (this.ifq.deliver(ref) !== 0) throw new Error(`buffer ${i} was not delivered`);
      pool.put(ref);
    }
  }

  /** Books and states of every netmem. */
  check(): void {
    const fault = netmemFault(this.kernel.netmems, this.kernel.pools.all());
    if (fault !== null) throw new Error(fault);
  }

  faults(): Record<string, number> {
    return faultsOf(this.ifq.diagnostics);
  }
}

/** Faults that were counted, by name. */
export function faultsOf(diagnostics: RefillDiagnostics): Record<string, number> {
  const out: Record<string, number> = {};
  REFILL_FAULT_NAMES.forEach((name, i) => {
    if (diagnostics.counts[i] !== 0) out[name] = diagnostics.counts[i];
  });
  return out;
}
