import { ERRNO } from '../../uapi/errno.ts';
import type { DmaDevice } from '../driver/dma-device.ts';

/** The memory behind a zcrx area; it comes from outside, with whatever pins and charges it. */
export interface AreaMemory {
  /** A whole number of pages. */
  readonly bytes: Uint8Array;
  /** The kernel may write it: false for the memory of a dma-buf, into which nothing is ever copied. */
  readonly kernelWritable: boolean;
  /** Makes all of it reachable for the device, once. @returns 0 or a negative errno */
  map(dev: DmaDevice): number;
  unmap(dev: DmaDevice): void;
  /** The area is gone: unpins, takes charges back, drops references. */
  release(): void;
}

/** Pages of the client, pinned for as long as the area lives and mapped in one go (io_uring/zcrx.c: io_import_umem()). */
export class PinnedMemory implements AreaMemory {
  readonly bytes: Uint8Array;
  readonly kernelWritable = true;
  readonly #unpin: () => void;

  /** @param unpin lets the pages go and takes their charge off the account */
  constructor(bytes: Uint8Array, unpin: () => void) {
    this.bytes = bytes;
    this.#unpin = unpin;
  }

  map(dev: DmaDevice): number {
    return dev.map() ? 0 : -ERRNO.EIO;
  }

  unmap(dev: DmaDevice): void {
    dev.unmaps++;
  }

  release(): void {
    this.#unpin();
  }
}
