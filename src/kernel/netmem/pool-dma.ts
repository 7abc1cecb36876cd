import type { DmaDevice } from '../driver/dma-device.ts';
import type { NetmemRef, NetmemTable } from './netmem.ts';
import { type PagePoolParams, PP_FLAG_DMA_MAP, PP_FLAG_DMA_SYNC_DEV } from './page-pool-params.ts';

/**
 * What a page pool asks the device for: pages are mapped when they come from the page allocator, synced for the device when
 * they are recycled, unmapped when they go (net/core/page_pool.c: page_pool_dma_map() and its like, 6.18).
 */
export class PoolDma {
  readonly dev: DmaDevice | null;
  /** PP_FLAG_DMA_MAP. */
  readonly maps: boolean;
  /** Recycled pages are synced. Providers of memory that the host does not touch switch it off. */
  sync: boolean;
  mapped = 0;
  unmapped = 0;
  synced = 0;
  readonly #netmems: NetmemTable;

  constructor(params: PagePoolParams, netmems: NetmemTable) {
    this.dev = params.dev ?? null;
    this.maps = (params.flags & PP_FLAG_DMA_MAP) !== 0;
    this.sync = (params.flags & PP_FLAG_DMA_SYNC_DEV) !== 0;
    this.#netmems = netmems;
  }

  /** Maps a fresh page, if the pool does that; a page that cannot be mapped is given up. For providers too. */
  map(ref: NetmemRef): boolean {
    if (!this.maps) return true;
    if (this.dev !== null && !this.dev.map()) {
      this.#netmems.putPage(ref);
      return false;
    }
    this.mapped++;
    if (this.sync) this.syncForDevice();
    return true;
  }

  /** Buffers are handed to the device again. */
  syncForDevice(count = 1): void {
    this.synced += count;
    if (this.dev !== null) this.dev.syncs += count;
  }

  /** A page goes back. A destroyed pool may have unmapped it before. */
  unmap(): void {
    if (this.mapped > this.unmapped) this.#count(1);
  }

  /** The pool is destroyed: nothing is synced any more. @param unmapAll what is still out is unmapped now */
  end(unmapAll: boolean): void {
    this.sync = false;
    if (unmapAll) this.#count(this.mapped - this.unmapped);
  }

  #count(pages: number): void {
    this.unmapped += pages;
    if (this.dev !== null) this.dev.unmaps += pages;
  }
}
