import { LowestFree } from '../../../src/kernel/netmem/lowest-free.ts';
import { COUNT } from '../counts.ts';
import type { Exporter } from '../exporters/exporter.ts';
import type { Machine } from '../machine.ts';
import { type PoolCore, REFILL, type Reply } from '../pool-core.ts';

/**
 * Net_iovs of a bound dmabuf. Mapped for DMA once, when it is bound; given out from a bitmap, the lowest address first, one
 * by one (Linux 6.18) or in bulks (newer).
 */
export class DmabufMemory {
  readonly machine: Machine;
  readonly total: number;
  readonly bulk: boolean;
  readonly base: number;
  readonly #free: LowestFree;
  #references = 1;
  queues = 1;

  constructor(machine: Machine, kind: number, exporter: Exporter, bulk: boolean) {
    this.machine = machine;
    this.total = exporter.attach();
    this.bulk = bulk;
    this.base = machine.netmems.area(this.total, kind);
    this.#free = new LowestFree(this.total);
    const { counts } = machine;
    counts[COUNT.INDIRECT] += 2;
    counts[COUNT.DMA_MAP] += exporter.map();
  }

  get freeCount(): number {
    return this.#free.free;
  }

  open(pool: PoolCore): void {
    this.#references++;
    pool.dmaSync = false;
  }

  close(): void {
    this.#references--;
  }

  get references(): number {
    return this.#references;
  }

  #take(pool: PoolCore): number {
    this.machine.counts[COUNT.ATOMIC_CHUNK]++;
    const at = this.#free.takeLowest();
    if (at < 0) return 0;
    pool.hold(this.base + at);
    return this.base + at;
  }

  take(pool: PoolCore): number {
    if (!this.bulk) return this.#take(pool);
    for (let i = 0; i < REFILL; i++) {
      const ref = this.#take(pool);
      if (ref === 0) break;
      pool.cachePush(ref);
    }
    return pool.cachePop();
  }

  give(ref: number): boolean {
    const t = this.machine.netmems;
    this.machine.counts[COUNT.ATOMIC_CHUNK]++;
    t.pool[ref] = 0;
    t.ppRef[ref] = 0;
    this.#free.release(ref - this.base);
    return false;
  }

  describe(reply: Reply): void {
    reply.dmabuf = 1;
  }

  forget(): void {
    this.queues = 0;
  }
}
