import type { IoUringMemory } from '../memory/io-uring.ts';
import type { PoolCore, Reply } from '../pool-core.ts';

/** A pool for this kind alone, around its own copy of the core. */
export function ioUringPool(Core: typeof PoolCore): new (...args: ConstructorParameters<typeof PoolCore>) => PoolCore {
  return class extends Core {
    protected override openOwner(): void {
      (this.memory as IoUringMemory).open(this);
    }

    protected override closeOwner(): void {
      (this.memory as IoUringMemory).close();
    }

    protected override takeFromOwner(): number {
      return (this.memory as IoUringMemory).take(this);
    }

    protected override giveToOwner(ref: number): boolean {
      return (this.memory as IoUringMemory).give(ref);
    }

    override describe(reply: Reply): void {
      (this.memory as IoUringMemory).describe(reply);
    }

    override forgetQueue(): void {
      (this.memory as IoUringMemory).forget();
    }
  };
}
