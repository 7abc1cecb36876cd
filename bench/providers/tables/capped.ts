import type { CappedMemory } from '../memory/capped.ts';
import type { PoolCore } from '../pool-core.ts';
import type { ProviderOps } from '../provider-ops.ts';

const memory = (pool: PoolCore): CappedMemory => pool.memory as CappedMemory;

export const cappedOps: ProviderOps = {
  init: () => 0,
  destroy() {},
  allocNetmems: (pool) => memory(pool).take(pool),
  releaseNetmem: (pool) => memory(pool).give(),
  nlFill() {},
  uninstall() {},
};
