import { COUNT } from './counts.ts';
import { KIND } from './kinds.ts';
import type { CappedMemory } from './memory/capped.ts';
import type { DmabufMemory } from './memory/dmabuf.ts';
import type { HugePageMemory } from './memory/huge-page.ts';
import type { IoUringMemory } from './memory/io-uring.ts';
import { PoolCore, type Reply } from './pool-core.ts';

/** Design 2: the pool knows every kind of memory, and asks which one it has in the few places where that matters. */
export class BranchesPool extends PoolCore {
  protected asked(): number {
    this.counts[COUNT.KIND_TEST]++;
    return this.kind;
  }

  protected override openOwner(): void {
    const kind = this.asked();
    if (kind === KIND.DMABUF) (this.memory as DmabufMemory).open(this);
    else if (kind === KIND.IO_URING) (this.memory as IoUringMemory).open(this);
  }

  protected override closeOwner(): void {
    const kind = this.asked();
    if (kind === KIND.DMABUF) (this.memory as DmabufMemory).close();
    else if (kind === KIND.IO_URING) (this.memory as IoUringMemory).close();
  }

  protected override takeFromOwner(): number {
    const kind = this.asked();
    if (kind === KIND.DMABUF) return (this.memory as DmabufMemory).take(this);
    if (kind === KIND.IO_URING) return (this.memory as IoUringMemory).take(this);
    if (kind === KIND.CAPPED) return (this.memory as CappedMemory).take(this);
    if (kind === KIND.HUGE_PAGE) return (this.memory as HugePageMemory).take(this);
    return this.machine.pages.take(this);
  }

  protected override giveToOwner(ref: number): boolean {
    const kind = this.asked();
    if (kind === KIND.DMABUF) return (this.memory as DmabufMemory).give(ref);
    if (kind === KIND.IO_URING) return (this.memory as IoUringMemory).give(ref);
    if (kind === KIND.CAPPED) return (this.memory as CappedMemory).give();
    if (kind === KIND.HUGE_PAGE) return (this.memory as HugePageMemory).give(ref);
    return this.machine.pages.give();
  }

  override describe(reply: Reply): void {
    const kind = this.asked();
    if (kind === KIND.DMABUF) (this.memory as DmabufMemory).describe(reply);
    else if (kind === KIND.IO_URING) (this.memory as IoUringMemory).describe(reply);
  }

  override forgetQueue(): void {
    const kind = this.asked();
    if (kind === KIND.DMABUF) (this.memory as DmabufMemory).forget();
    else if (kind === KIND.IO_URING) (this.memory as IoUringMemory).forget();
  }
}
