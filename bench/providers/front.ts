import type { Machine } from './machine.ts';
import type { PoolCore } from './pool-core.ts';

/** How the network stack reaches the pool behind a netmem. */
export interface Front {
  alloc(pool: PoolCore): number;
  put(ref: number): void;
  putDirect(ref: number): void;
  /** Netmems of one pool. */
  putBulk(refs: Int32Array, from: number, to: number): void;
}

/** One sort of pool: the netmem names it, and that is all there is to know. */
export class OnePool implements Front {
  readonly #pools: readonly PoolCore[];
  readonly #poolOf: Uint8Array;

  constructor(machine: Machine) {
    this.#pools = machine.pools;
    this.#poolOf = machine.netmems.pool;
  }

  alloc(pool: PoolCore): number {
    return pool.alloc();
  }

  put(ref: number): void {
    this.#pools[this.#poolOf[ref]].put(ref);
  }

  putDirect(ref: number): void {
    this.#pools[this.#poolOf[ref]].putDirect(ref);
  }

  putBulk(refs: Int32Array, from: number, to: number): void {
    this.#pools[this.#poolOf[refs[from]]].putBulk(refs, from, to);
  }
}
