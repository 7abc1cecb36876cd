import { COUNT } from './counts.ts';
import { cappedExporter } from './exporters/capped.ts';
import type { Exporter } from './exporters/exporter.ts';
import { hugePageExporter } from './exporters/huge-page.ts';
import { ioUringExporter } from './exporters/io-uring.ts';
import { systemExporter } from './exporters/system.ts';
import { KIND } from './kinds.ts';
import type { DmabufMemory } from './memory/dmabuf.ts';
import { PoolCore, type Reply } from './pool-core.ts';

export const EXPORTERS: Readonly<Record<number, Exporter>> = {
  [KIND.DMABUF]: systemExporter,
  [KIND.IO_URING]: ioUringExporter,
  [KIND.CAPPED]: cappedExporter,
  [KIND.HUGE_PAGE]: hugePageExporter,
};

/** Design 4: the pool knows pages and dmabufs, and everything that is not pages comes wrapped. */
export class DmabufPool extends PoolCore {
  protected wrapped(): boolean {
    this.counts[COUNT.KIND_TEST]++;
    return this.kind !== KIND.PAGES;
  }

  protected override openOwner(): void {
    if (this.wrapped()) (this.memory as DmabufMemory).open(this);
  }

  protected override closeOwner(): void {
    if (this.wrapped()) (this.memory as DmabufMemory).close();
  }

  protected override takeFromOwner(): number {
    return this.wrapped() ? (this.memory as DmabufMemory).take(this) : this.machine.pages.take(this);
  }

  protected override giveToOwner(ref: number): boolean {
    return this.wrapped() ? (this.memory as DmabufMemory).give(ref) : this.machine.pages.give();
  }

  override describe(reply: Reply): void {
    if (this.wrapped()) (this.memory as DmabufMemory).describe(reply);
  }

  override forgetQueue(): void {
    if (this.wrapped()) (this.memory as DmabufMemory).forget();
  }
}
