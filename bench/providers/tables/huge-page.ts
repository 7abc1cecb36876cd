import type { HugePageMemory } from '../memory/huge-page.ts';
import type { PoolCore } from '../pool-core.ts';
import type { ProviderOps } from '../provider-ops.ts';

const memory = (pool: PoolCore): HugePageMemory => pool.memory as HugePageMemory;

export const hugePageOps: ProviderOps = {
  init: () => 0,
  destroy() {},
  allocNetmems: (pool) => memory(pool).take(pool),
  releaseNetmem: (pool, ref) => memory(pool).give(ref),
  nlFill() {},
  uninstall() {},
};
