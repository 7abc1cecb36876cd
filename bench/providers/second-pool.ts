import { cappedPool } from './copies/capped-pool.ts';
import { dmabufPool } from './copies/dmabuf-pool.ts';
import { hugePagePool } from './copies/huge-page-pool.ts';
import { ioUringPool } from './copies/io-uring-pool.ts';
import { pagesPool } from './copies/pages-pool.ts';
import { COUNT } from './counts.ts';
import type { Front } from './front.ts';
import { KIND } from './kinds.ts';
import type { Machine } from './machine.ts';
import type { PoolCore } from './pool-core.ts';

type PoolClass = new (...args: ConstructorParameters<typeof PoolCore>) => PoolCore;

/**
 * Design 3: a copy of the pool for each kind. Inside nobody asks anything. Outside whoever has a netmem or a queue asks
 * which of the pools' functions to call, as the copies are different code for the same thing.
 *
 * @param core loads the pool's source as a copy that shares no compiled code with the others
 */
export function copiedPools(core: (kind: number) => typeof PoolCore): Readonly<Record<number, PoolClass>> {
  return {
    [KIND.PAGES]: pagesPool(core(KIND.PAGES)),
    [KIND.DMABUF]: dmabufPool(core(KIND.DMABUF)),
    [KIND.IO_URING]: ioUringPool(core(KIND.IO_URING)),
    [KIND.CAPPED]: cappedPool(core(KIND.CAPPED)),
    [KIND.HUGE_PAGE]: hugePagePool(core(KIND.HUGE_PAGE)),
  };
}

/** Calls the functions of the right copy. Each call site below meets one class only. */
export class CopiedFront implements Front {
  readonly #machine: Machine;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  #asked(pool: PoolCore): number {
    this.#machine.counts[COUNT.KIND_TEST]++;
    return pool.kind;
  }

  alloc(pool: PoolCore): number {
    const kind = this.#asked(pool);
    if (kind === KIND.DMABUF) return pool.alloc();
    if (kind === KIND.IO_URING) return pool.alloc();
    if (kind === KIND.CAPPED) return pool.alloc();
    if (kind === KIND.HUGE_PAGE) return pool.alloc();
    return pool.alloc();
  }

  put(ref: number): void {
    const pool = this.#machine.pools[this.#machine.netmems.pool[ref]];
    const kind = this.#asked(pool);
    if (kind === KIND.DMABUF) pool.put(ref);
    else if (kind === KIND.IO_URING) pool.put(ref);
    else if (kind === KIND.CAPPED) pool.put(ref);
    else if (kind === KIND.HUGE_PAGE) pool.put(ref);
    else pool.put(ref);
  }

  putDirect(ref: number): void {
    const pool = this.#machine.pools[this.#machine.netmems.pool[ref]];
    const kind = this.#asked(pool);
    if (kind === KIND.DMABUF) pool.putDirect(ref);
    else if (kind === KIND.IO_URING) pool.putDirect(ref);
    else if (kind === KIND.CAPPED) pool.putDirect(ref);
    else if (kind === KIND.HUGE_PAGE) pool.putDirect(ref);
    else pool.putDirect(ref);
  }

  putBulk(refs: Int32Array, from: number, to: number): void {
    const pool = this.#machine.pools[this.#machine.netmems.pool[refs[from]]];
    const kind = this.#asked(pool);
    if (kind === KIND.DMABUF) pool.putBulk(refs, from, to);
    else if (kind === KIND.IO_URING) pool.putBulk(refs, from, to);
    else if (kind === KIND.CAPPED) pool.putBulk(refs, from, to);
    else if (kind === KIND.HUGE_PAGE) pool.putBulk(refs, from, to);
    else pool.putBulk(refs, from, to);
  }
}
