import { COUNT_NAMES } from './counts.ts';
import type { Front } from './front.ts';
import { BUFFERS, KIND, KIND_NAMES } from './kinds.ts';
import type { HugePageMemory } from './memory/huge-page.ts';
import { Pages } from './memory/pages.ts';
import { Netmems, STATE } from './netmems.ts';
import type { PoolCore } from './pool-core.ts';

/** What the pools of a run live in: netmems, the page allocator, the list of pools, the counts. */
export class Machine {
  readonly counts = new Float64Array(COUNT_NAMES.length);
  readonly netmems = new Netmems(8 * BUFFERS);
  readonly pages: Pages;
  /** By handle; 0 is none. */
  readonly pools: PoolCore[] = [];
  /** Statistics of all pools, in the order of POOL_STAT. */
  readonly stats: Float64Array[] = [];
  readonly #handles: number[] = [];
  hugePages: HugePageMemory | null = null;
  /** How the stack reaches pools; the design sets it. */
  front!: Front;

  constructor() {
    for (let handle = 200; handle > 0; handle--) this.#handles.push(handle);
    this.pages = new Pages(this);
  }

  list(pool: PoolCore): number {
    const handle = this.#handles.pop();
    if (handle === undefined) throw new Error('too many pools');
    this.pools[handle] = pool;
    this.stats.push(pool.stats);
    return handle;
  }

  unlist(handle: number): void {
    this.#handles.push(handle);
  }

  put(ref: number): void {
    this.front.put(ref);
  }

  /** Somebody outside of the pool lets go of a page, be it in a pool still or not. */
  dropForeign(ref: number): void {
    const t = this.netmems;
    if (t.kind[ref] === KIND.HUGE_PAGE) this.hugePages?.drop(ref);
    else if (t.pool[ref] !== 0) t.pageRef[ref]--;
    else this.pages.drop(ref);
  }

  /** Every netmem is in one place, and each pool's count agrees with them. */
  assertConservation(): void {
    const t = this.netmems;
    const inPool = new Map<PoolCore, number>();
    for (let ref = 1; ref <= t.rows; ref++) {
      const home = t.state[ref] === STATE.FREE || t.state[ref] === STATE.WAITING;
      const where = `${KIND_NAMES[t.kind[ref]]} netmem ${ref}`;
      if (home !== (t.pool[ref] === 0)) throw new Error(`${where}: state ${t.state[ref]}, pool ${t.pool[ref]}`);
      if (home) continue;
      const pool = this.pools[t.pool[ref]];
      inPool.set(pool, (inPool.get(pool) ?? 0) + 1);
    }
    for (const [pool, n] of inPool) {
      if (pool.inflight !== n) throw new Error(`pool ${pool.handle}: inflight ${pool.inflight}, netmems ${n}`);
    }
  }
}
