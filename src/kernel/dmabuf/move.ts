import { WaitQueue } from '../wait-queue.ts';
import type { Dmabuf } from './dmabuf.ts';

export type MoveState = 'waiting' | 'done' | 'cancelled';

/**
 * A dmabuf on its way to another place. Without importers it is a matter of one step; dynamic importers are told and waited
 * for. Until {@link commit} nothing has changed but that they lend nothing, and {@link cancel} ends that.
 */
export class DmabufMove {
  readonly dmabuf: Dmabuf;
  /** Device address byte 0 goes to. */
  readonly virtualBase: number;
  /** Woken when an importer's last net_iov is back. */
  readonly fence = new WaitQueue();
  state: MoveState = 'waiting';

  /** @throws KernelError EBUSY: a static importer, or another move; EOPNOTSUPP, ENODEV; what a queue's restart refuses */
  constructor(dmabuf: Dmabuf, virtualBase: number) {
    dmabuf.requireMovable(true);
    this.dmabuf = dmabuf.get();
    this.virtualBase = virtualBase;
    dmabuf.move = this;
    try {
      for (const { importer } of dmabuf.attachments) importer?.moveNotify(this.fence);
    } catch (error) {
      this.cancel();
      throw error;
    }
  }

  /** Every importer has all of its net_iovs back. */
  get fenced(): boolean {
    for (const { importer } of this.dmabuf.attachments) if (importer?.fenced === false) return false;
    return true;
  }

  /**
   * Moves the memory and lets the importers go on. Each of them has its new mapping before the old ones go: if one is
   * refused, everything is as it was.
   *
   * @returns 0, or the negative errno with which a mapping was refused
   */
  commit(): number {
    const { dmabuf, virtualBase } = this;
    const { exporter } = dmabuf;
    const before = dmabuf.virtualBase;
    exporter.place(dmabuf, virtualBase);
    const mapped = [];
    for (const attachment of dmabuf.attachments) {
      const err = attachment.map();
      if (err === 0) {
        mapped.push(attachment);
        continue;
      }
      for (const other of mapped) other.unmap();
      exporter.place(dmabuf, before);
      this.cancel();
      return err;
    }
    for (const attachment of mapped) attachment.unmap();
    this.#end('done');
    return 0;
  }

  /** Gives the move up: the memory stays, the importers go on. Safe to call at any time. */
  cancel(): void {
    this.#end('cancelled');
  }

  #end(state: 'done' | 'cancelled'): void {
    if (this.state !== 'waiting') return;
    this.state = state;
    this.dmabuf.move = null;
    for (const { importer } of this.dmabuf.attachments) importer?.resume();
    this.dmabuf.put();
  }
}
