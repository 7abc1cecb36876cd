import { COUNT } from './counts.ts';
import { KIND } from './kinds.ts';
import { PoolCore, type Reply } from './pool-core.ts';
import type { ProviderOps } from './provider-ops.ts';
import { cappedOps } from './tables/capped.ts';
import { dmabufOps } from './tables/dmabuf.ts';
import { hugePageOps } from './tables/huge-page.ts';
import { ioUringOps } from './tables/io-uring.ts';

/** Whoever is not in this list cannot be plugged in. */
const REGISTRY: Readonly<Record<number, ProviderOps | undefined>> = Object.freeze({
  [KIND.DMABUF]: dmabufOps,
  [KIND.IO_URING]: ioUringOps,
  [KIND.CAPPED]: cappedOps,
  [KIND.HUGE_PAGE]: hugePageOps,
});

/** Design 1: the pool calls whatever the queue names, through a table of six operations. */
export class HooksPool extends PoolCore {
  declare ops: ProviderOps | null;

  protected provided(): ProviderOps | null {
    this.counts[COUNT.KIND_TEST]++;
    if (this.ops !== null) this.counts[COUNT.INDIRECT]++;
    return this.ops;
  }

  protected override openOwner(): void {
    this.ops = REGISTRY[this.kind] ?? null;
    this.provided()?.init(this);
  }

  protected override closeOwner(): void {
    this.provided()?.destroy(this);
  }

  protected override takeFromOwner(): number {
    const ops = this.provided();
    return ops === null ? this.machine.pages.take(this) : ops.allocNetmems(this);
  }

  protected override giveToOwner(ref: number): boolean {
    const ops = this.provided();
    return ops === null ? this.machine.pages.give() : ops.releaseNetmem(this, ref);
  }

  override describe(reply: Reply): void {
    this.provided()?.nlFill(this, reply);
  }

  override forgetQueue(): void {
    this.provided()?.uninstall(this);
  }
}
