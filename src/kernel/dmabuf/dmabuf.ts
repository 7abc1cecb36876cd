import { PAGE_SHIFT, PAGE_SIZE } from '../../uapi/limits.ts';
import { fail } from '../error.ts';
import type { SharedMemory } from './memory.ts';

/** Who made the memory, and how its pages lie: what an importer sees as the entries of the scatter list. */
export type ExporterKind = 'system' | 'udmabuf';
export const EXPORTER_KINDS: readonly ExporterKind[] = ['system', 'udmabuf'];

/** Page orders the system heap tries, largest first (drivers/dma-buf/heaps/system_heap.c). */
const SYSTEM_HEAP_ORDERS = [8, 4, 0];

/**
 * Pages per entry of a fresh buffer's scatter list. The system heap allocates the largest of its orders that still fits.
 * A udmabuf has one entry a page on 6.12; later one for each contiguous run, which is all of it here, because the
 * simulated memory has no fragmentation of its own.
 */
export function defaultRuns(kind: ExporterKind, pages: number, entryPerPage: boolean): number[] {
  if (kind === 'udmabuf') return entryPerPage ? new Array<number>(pages).fill(1) : [pages];
  const runs: number[] = [];
  let left = pages;
  for (const order of SYSTEM_HEAP_ORDERS) {
    const size = 1 << order;
    for (; left >= size; left -= size) runs.push(size);
  }
  return runs;
}

/** DMA_BUF_IOCTL_SYNC flags (include/uapi/linux/dma-buf.h). */
export const DMA_BUF_SYNC_READ = 1 << 0;
export const DMA_BUF_SYNC_WRITE = 2 << 0;
export const DMA_BUF_SYNC_END = 1 << 2;
const DMA_BUF_SYNC_VALID = DMA_BUF_SYNC_READ | DMA_BUF_SYNC_WRITE | DMA_BUF_SYNC_END;

/**
 * Memory of fixed length behind an exporter. Knows who is attached, nothing of queues. Lives as long as somebody holds a
 * reference: the fds that name it and the bindings that import it.
 */
export class Dmabuf {
  readonly kind: ExporterKind;
  readonly memory: SharedMemory;
  /** Pages per contiguous run, in buffer order. */
  readonly runs: readonly number[];
  readonly name: string;
  attachments = 0;
  #refs = 1;

  constructor(kind: ExporterKind, memory: SharedMemory, runs: readonly number[], name = '') {
    if (memory.size <= 0 || memory.size % PAGE_SIZE !== 0) fail('EINVAL');
    let pages = 0;
    for (const n of runs) pages += n;
    if (pages !== memory.size >>> PAGE_SHIFT && pages !== memory.size / PAGE_SIZE) fail('EINVAL');
    this.kind = kind;
    this.memory = memory;
    this.runs = runs;
    this.name = name;
  }

  get size(): number {
    return this.memory.size;
  }

  get alive(): boolean {
    return this.#refs > 0;
  }

  get(): this {
    this.#refs++;
    return this;
  }

  put(): void {
    if (--this.#refs === 0) this.memory.release();
  }

  attach(): void {
    this.attachments++;
    this.get();
  }

  detach(): void {
    this.attachments--;
    this.put();
  }

  /**
   * DMA_BUF_IOCTL_SYNC's checks: flags outside the valid mask, or neither read nor write, are EINVAL. The simulated
   * memory is coherent, so a valid call has nothing left to do.
   */
  sync(flags: number): void {
    if ((flags & ~DMA_BUF_SYNC_VALID) !== 0 || (flags & (DMA_BUF_SYNC_READ | DMA_BUF_SYNC_WRITE)) === 0) fail('EINVAL');
  }
}
