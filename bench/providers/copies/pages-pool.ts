import type { Pages } from '../memory/pages.ts';
import type { PoolCore, Reply } from '../pool-core.ts';

/** A pool for this kind alone, around its own copy of the core. */
export function pagesPool(Core: typeof PoolCore): new (...args: ConstructorParameters<typeof PoolCore>) => PoolCore {
  return class extends Core {
    protected override openOwner(): void {}

    protected override closeOwner(): void {}

    protected override takeFromOwner(): number {
      return (this.memory as Pages).take(this);
    }

    protected override giveToOwner(): boolean {
      return (this.memory as Pages).give();
    }

    override describe(_reply: Reply): void {}

    override forgetQueue(): void {}
  };
}
