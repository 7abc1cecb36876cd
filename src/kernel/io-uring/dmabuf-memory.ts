import type { Attachment } from '../dmabuf/attachment.ts';
import type { Dmabuf } from '../dmabuf/dmabuf.ts';
import type { AreaMemory } from './area-memory.ts';

/**
 * Memory of an area that lies in a dma-buf (io_uring/zcrx.c: io_import_dmabuf(), 6.16 and later): attached and mapped once,
 * when it is imported. The buffer pins and counts its memory itself, so nobody is charged; nothing can be copied into it.
 */
export class DmabufMemory implements AreaMemory {
  readonly kernelWritable = false;
  readonly #attachment: Attachment;

  private constructor(attachment: Attachment) {
    this.#attachment = attachment;
  }

  /**
   * @param device ifindex of the netdev that will write it
   * @returns the memory, or the exporter's negative errno
   */
  static import(dmabuf: Dmabuf, device: number): DmabufMemory | number {
    const attachment = dmabuf.attach(device);
    if (typeof attachment === 'number') return attachment;
    const err = attachment.map();
    if (err === 0) return new DmabufMemory(attachment);
    attachment.detach();
    return err;
  }

  get bytes(): Uint8Array {
    return this.#attachment.dmabuf.memory.bytes;
  }

  /** Its addresses are known since the import. */
  map(): number {
    return 0;
  }

  unmap(): void {}

  release(): void {
    this.#attachment.unmap();
    this.#attachment.detach();
  }
}
