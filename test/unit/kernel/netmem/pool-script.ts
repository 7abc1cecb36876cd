import { expect } from 'vitest';
import { DmaDevice } from '../../../../src/kernel/driver/dma-device.ts';
import { putNetmemBulk } from '../../../../src/kernel/netmem/bulk-put.ts';
import { netmemFault } from '../../../../src/kernel/netmem/conservation.ts';
import type { NetmemRef } from '../../../../src/kernel/netmem/netmem.ts';
import { PagePool } from '../../../../src/kernel/netmem/page-pool.ts';
import {
  type PagePoolParams,
  PP_FLAG_ALLOW_UNREADABLE_NETMEM,
  PP_FLAG_DMA_MAP,
  PP_FLAG_DMA_SYNC_DEV,
} from '../../../../src/kernel/netmem/page-pool-params.ts';
import { POOL_STAT_NAMES } from '../../../../src/kernel/netmem/pool-statistics.ts';
import { FIXTURES } from '../provider/fixtures.ts';
import { Rig, type RigOptions } from '../rig.ts';

const ALL = PP_FLAG_DMA_MAP | PP_FLAG_DMA_SYNC_DEV | PP_FLAG_ALLOW_UNREADABLE_NETMEM;
/** The NAPI that consumes the pool. */
export const NAPI = 77;

/** The machine and the pool of a script. */
export interface Setting {
  rig?: RigOptions;
  pool?: Partial<PagePoolParams>;
  /** Fixture of a provider, and its netmems. */
  provider?: [name: string, netmems: number];
}

/**
 * One pool and the netmems that its user holds, oldest first. Steps are words:
 *
 * ```
 *  alloc N          frag SIZE          N netmems, or a fragment, join those held (what is not to be had does not)
 *  put N [CONTEXT]  bulk N [CONTEXT]   the N oldest go: process (default), napi (the pool's own), other (another), direct
 *  get | drop                          a foreign reference to the oldest page held; it goes again
 *  node N | nid N                      the CPU that polls, or the pool, is on NUMA node N from now on
 *  destroy | tick MS
 * ```
 */
export class Script {
  readonly rig: Rig;
  readonly dev = new DmaDevice('dma');
  readonly pool: PagePool;
  readonly held: NetmemRef[] = [];
  readonly foreign: NetmemRef[] = [];
  readonly #before = new Float64Array(POOL_STAT_NAMES.length);

  constructor({ rig = {}, pool = {}, provider }: Setting) {
    this.rig = new Rig({ up: false, driver: 'netdevsim-dma', ...rig }).split();
    let { dev } = this;
    if (provider !== undefined) {
      FIXTURES[provider[0]].make(this.rig.netdev, provider[1]).install(this.rig.netdev.rxQueues[0]);
      dev = this.rig.netdev.driver.dmaDevice as DmaDevice;
    }
    this.pool = new PagePool(this.rig.kernel, {
      poolSize: 256,
      flags: ALL,
      netdev: this.rig.netdev,
      queueIdx: 0,
      napiId: NAPI,
      maxLen: 4096,
      dev,
      ...pool,
    });
  }

  run(step: string): void {
    const [verb, word = '', context = 'process'] = step.split(' ');
    const n = Number(word);
    const { pool, held } = this;
    const { kernel, clock } = this.rig;
    kernel.napiContext = context === 'napi' ? NAPI : context === 'other' ? NAPI + 1 : 0;
    if (verb === 'alloc') for (let i = 0; i < n; i++) this.#hold(pool.allocNetmem());
    else if (verb === 'frag') this.#hold(pool.alloc(n));
    else if (verb === 'put')
      for (const ref of held.splice(0, n)) context === 'direct' ? pool.putDirect(ref) : pool.put(ref);
    else if (verb === 'bulk') putNetmemBulk(kernel.netmems, kernel.pools, Int32Array.from(held.splice(0, n)), n);
    else if (verb === 'get') this.#get(held[0]);
    else if (verb === 'drop') kernel.netmems.putPage(this.foreign.shift() as NetmemRef);
    else if (verb === 'node') kernel.numaNode = n;
    else if (verb === 'nid') pool.updateNid(n);
    else if (verb === 'destroy') pool.destroy();
    else if (verb === 'tick') clock.advance(n);
    else throw new Error(`what is ${step}?`);
    kernel.napiContext = 0;
  }

  #hold(ref: NetmemRef): void {
    if (ref !== 0) this.held.push(ref);
  }

  #get(ref: NetmemRef): void {
    this.rig.kernel.netmems.getPage(ref);
    this.foreign.push(ref);
  }

  /** What the eleven counters rose by since the last call, by name. */
  deltas(): Record<string, number> {
    const out: Record<string, number> = {};
    POOL_STAT_NAMES.forEach((name, i) => {
      const rise = this.pool.stats[i] - this.#before[i];
      if (rise !== 0) out[name] = rise;
    });
    this.#before.set(this.pool.stats);
    return out;
  }

  check(): void {
    expect(netmemFault(this.rig.kernel.netmems, this.rig.kernel.pools.all())).toBeNull();
  }
}
