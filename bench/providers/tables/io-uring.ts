import type { IoUringMemory } from '../memory/io-uring.ts';
import type { PoolCore } from '../pool-core.ts';
import type { ProviderOps } from '../provider-ops.ts';

const memory = (pool: PoolCore): IoUringMemory => pool.memory as IoUringMemory;

export const ioUringOps: ProviderOps = {
  init(pool) {
    memory(pool).open(pool);
    return 0;
  },
  destroy: (pool) => memory(pool).close(),
  allocNetmems: (pool) => memory(pool).take(pool),
  releaseNetmem: (pool, ref) => memory(pool).give(ref),
  nlFill: (pool, reply) => memory(pool).describe(reply),
  uninstall: (pool) => memory(pool).forget(),
};
