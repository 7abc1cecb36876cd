import type { Dmabuf } from './dmabuf.ts';
import { type Exporter, STAYS_IN_PLACE } from './exporter.ts';

/** Page orders the heap tries, largest first. */
const ORDERS = [8, 4, 0];

/** Every device that has a mapping gives the memory up, or gets it back. */
function syncMapped(dmabuf: Dmabuf): number {
  for (const attachment of dmabuf.attachments) if (attachment.mapped) attachment.countSync();
  return 0;
}

/** Pages of the system heap: the largest of its orders that still fits, again and again (drivers/dma-buf/heaps/system_heap.c, 6.18). */
export const systemHeap: Exporter = Object.freeze<Exporter>({
  ...STAYS_IN_PLACE,
  kind: 'system',
  priv: () => null,
  runs(pages) {
    const runs: number[] = [];
    let left = pages;
    for (const order of ORDERS) {
      const size = 1 << order;
      for (; left >= size; left -= size) runs.push(size);
    }
    return runs;
  },
  attach: () => 0,
  map: () => 0,
  beginCpuAccess: syncMapped,
  endCpuAccess: syncMapped,
  release() {},
});
