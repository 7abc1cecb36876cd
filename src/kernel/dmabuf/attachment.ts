import type { NetmemOwner } from '../netmem/owner.ts';
import type { Dmabuf } from './dmabuf.ts';
import type { DynamicImporter } from './dynamic-importer.ts';

export type AttachmentState = 'attached' | 'mapped' | 'detached';

/**
 * A device that imports a dmabuf (struct dma_buf_attachment). Holds a reference to the buffer until it is detached.
 *
 * ```
 *  Dmabuf.attach() -> attached -- map() --> mapped -- unmap() --> attached -- detach() --> detached
 * ```
 * Static (without an importer to notify, as Linux's devmem): the memory must stay where it is from attach to detach.
 */
export class Attachment {
  readonly dmabuf: Dmabuf;
  /** ifindex of the netdev that imports. */
  readonly device: number;
  /** Who is told when the memory has to move; null: nobody, it is a static attachment. */
  readonly importer: DynamicImporter | null;
  /** Whose net_iovs stand for the memory; set by the binding. */
  importedBy: NetmemOwner | null = null;
  maps = 0;
  unmaps = 0;
  /** Times the memory changed hands between this device and the host. */
  syncs = 0;
  #detached = false;

  /** Not for use outside of {@link Dmabuf.attach}. */
  constructor(dmabuf: Dmabuf, device: number, importer: DynamicImporter | null) {
    this.dmabuf = dmabuf;
    this.device = device;
    this.importer = importer;
  }

  get dynamic(): boolean {
    return this.importer !== null;
  }

  get mapped(): boolean {
    return this.maps > this.unmaps;
  }

  get state(): AttachmentState {
    if (this.#detached) return 'detached';
    return this.mapped ? 'mapped' : 'attached';
  }

  /** dma_buf_map_attachment(). @returns 0, or the exporter's negative errno */
  map(): number {
    const { dmabuf } = this;
    const err = dmabuf.fault.map !== 0 ? -dmabuf.fault.map : dmabuf.exporter.map(this);
    if (err !== 0) return err;
    this.maps++;
    dmabuf.maps++;
    return 0;
  }

  unmap(): void {
    this.unmaps++;
    this.dmabuf.unmaps++;
  }

  countSync(): void {
    this.syncs++;
    this.dmabuf.syncs++;
  }

  /** dma_buf_detach(). Mappings are gone before. */
  detach(): void {
    if (this.#detached || this.mapped)
      throw new Error(`attachment of netdev ${this.device} detached while ${this.state}`);
    this.#detached = true;
    this.dmabuf.attachments.delete(this);
    this.dmabuf.put();
  }
}
