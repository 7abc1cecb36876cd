import type { DmabufMemory } from '../memory/dmabuf.ts';
import type { PoolCore, Reply } from '../pool-core.ts';

/** A pool for this kind alone, around its own copy of the core. */
export function dmabufPool(Core: typeof PoolCore): new (...args: ConstructorParameters<typeof PoolCore>) => PoolCore {
  return class extends Core {
    protected override openOwner(): void {
      (this.memory as DmabufMemory).open(this);
    }

    protected override closeOwner(): void {
      (this.memory as DmabufMemory).close();
    }

    protected override takeFromOwner(): number {
      return (this.memory as DmabufMemory).take(this);
    }

    protected override giveToOwner(ref: number): boolean {
      return (this.memory as DmabufMemory).give(ref);
    }

    override describe(reply: Reply): void {
      (this.memory as DmabufMemory).describe(reply);
    }

    override forgetQueue(): void {
      (this.memory as DmabufMemory).forget();
    }
  };
}
