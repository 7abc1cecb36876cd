import type { HugePageMemory } from '../memory/huge-page.ts';
import type { PoolCore, Reply } from '../pool-core.ts';

/** A pool for this kind alone, around its own copy of the core. */
export function hugePagePool(Core: typeof PoolCore): new (...args: ConstructorParameters<typeof PoolCore>) => PoolCore {
  return class extends Core {
    protected override openOwner(): void {}

    protected override closeOwner(): void {}

    protected override takeFromOwner(): number {
      return (this.memory as HugePageMemory).take(this);
    }

    protected override giveToOwner(ref: number): boolean {
      return (this.memory as HugePageMemory).give(ref);
    }

    override describe(_reply: Reply): void {}

    override forgetQueue(): void {}
  };
}
