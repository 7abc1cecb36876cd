import { expect } from 'vitest';
import { netmemFault } from '../../../../src/kernel/netmem/conservation.ts';
import type { NetmemRef } from '../../../../src/kernel/netmem/netmem.ts';
import { PagePool } from '../../../../src/kernel/netmem/page-pool.ts';
import {
  type PagePoolParams,
  PP_FLAG_ALLOW_UNREADABLE_NETMEM,
  PP_FLAG_DMA_MAP,
  PP_FLAG_DMA_SYNC_DEV,
} from '../../../../src/kernel/netmem/page-pool-params.ts';
import type { MemoryProviderOps } from '../../../../src/kernel/provider/memory-provider.ts';
import { Rig, type RigOptions } from '../rig.ts';
import type { ProviderFixture, ProviderMemory } from './fixtures.ts';

export const DMA = PP_FLAG_DMA_MAP | PP_FLAG_DMA_SYNC_DEV;
export const ALL = DMA | PP_FLAG_ALLOW_UNREADABLE_NETMEM;
const NAPI = 77;

/** A device that is down, so that its queues' pools are those that a test makes. */
export class ContractRig extends Rig {
  readonly fixture: ProviderFixture | null;
  memory: ProviderMemory | null = null;

  constructor(fixture: ProviderFixture | null, o: RigOptions = {}) {
    super({ driver: 'netdevsim-dma', up: false, ...o });
    this.split();
    this.fixture = fixture;
  }

  /** Makes memory and puts it behind queue 0. Host pages need nothing of the kind. */
  install(netmems: number): this {
    if (this.fixture !== null) {
      this.memory = this.fixture.make(this.netdev, netmems);
      this.memory.install(this.netdev.rxQueues[0]);
      this.notes.length = 0;
    }
    return this;
  }

  create(over: Partial<PagePoolParams> = {}): PagePool {
    return new PagePool(this.kernel, {
      poolSize: 64,
      flags: ALL,
      netdev: this.netdev,
      queueIdx: 0,
      napiId: NAPI,
      dev: this.netdev.driver.dmaDevice,
      maxLen: 4096,
      ...over,
    });
  }

  /** The provider's table, observed; in the pool only. */
  observe(pool: PagePool, over: Partial<MemoryProviderOps>): MemoryProviderOps {
    const real = pool.mpOps as MemoryProviderOps;
    pool.mpOps = { ...real, ...over };
    return real;
  }

  /** Every netmem is where somebody says it is. */
  check(): void {
    expect(netmemFault(this.kernel.netmems, this.kernel.pools.all())).toBeNull();
  }

  /** Netmems with the owner and ready: the page allocator has those that are left of `hostPages`. */
  get ready(): number {
    const { pages } = this.kernel;
    if (this.memory === null) return pages.limit - pages.allocated;
    return this.fixture?.givesUp ? this.memory.total - this.memory.owner.total : this.memory.owner.free;
  }
}

export function take(pool: PagePool, n: number): NetmemRef[] {
  return Array.from({ length: n }, () => pool.allocNetmem());
}

/** As many as there are. */
export function takeAll(pool: PagePool): NetmemRef[] {
  const refs: NetmemRef[] = [];
  for (let ref = pool.allocNetmem(); ref !== 0; ref = pool.allocNetmem()) refs.push(ref);
  return refs;
}
