import type { PoolCore, Reply } from './pool-core.ts';

/** Design 1's interface: Linux's six operations. */
export interface ProviderOps {
  init(pool: PoolCore): number;
  destroy(pool: PoolCore): void;
  allocNetmems(pool: PoolCore): number;
  releaseNetmem(pool: PoolCore, ref: number): boolean;
  nlFill(pool: PoolCore, reply: Reply): void;
  uninstall(pool: PoolCore): void;
}
