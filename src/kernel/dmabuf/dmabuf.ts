import { ERRNO } from '../../uapi/errno.ts';
import { PAGE_SIZE } from '../../uapi/limits.ts';
import { fail, failCode, refuse } from '../error.ts';
import { ERRORS } from '../error-catalogue.ts';
import { Attachment } from './attachment.ts';
import { deviceMemory } from './device-memory.ts';
import type { DynamicImporter } from './dynamic-importer.ts';
import type { Exporter, ExporterKind } from './exporter.ts';
import type { SharedMemory } from './memory.ts';
import type { DmabufMove } from './move.ts';
import { systemHeap } from './system-heap.ts';
import { udmabuf } from './udmabuf.ts';

export { EXPORTER_KINDS, type ExporterKind } from './exporter.ts';

/** Who makes memory, by name. */
export const EXPORTERS: Readonly<Record<ExporterKind, Exporter>> = Object.freeze({
  system: systemHeap,
  udmabuf,
  device: deviceMemory,
});

/** Pages per entry of a fresh buffer's scatter list. */
export function defaultRuns(kind: ExporterKind, pages: number, entryPerPage: boolean): number[] {
  return EXPORTERS[kind].runs(pages, entryPerPage);
}

/** DMA_BUF_IOCTL_SYNC flags (include/uapi/linux/dma-buf.h). */
export const DMA_BUF_SYNC_READ = 1 << 0;
export const DMA_BUF_SYNC_WRITE = 2 << 0;
export const DMA_BUF_SYNC_END = 1 << 2;
const DMA_BUF_SYNC_VALID = DMA_BUF_SYNC_READ | DMA_BUF_SYNC_WRITE | DMA_BUF_SYNC_END;

/** What a buffer refuses on demand: positive errno numbers, 0 for none. */
export interface DmabufFault {
  attach: number;
  map: number;
}

/**
 * Memory of fixed length behind an exporter. Knows who is attached, nothing of queues. Lives as long as somebody holds a
 * reference: the fds that name it and the attachments of those who import it.
 */
export class Dmabuf {
  readonly exporter: Exporter;
  readonly memory: SharedMemory;
  /** Pages per contiguous run, in buffer order. */
  readonly runs: readonly number[];
  readonly name: string;
  /** What the exporter remembers of this buffer. */
  readonly priv: unknown;
  readonly attachments = new Set<Attachment>();
  readonly fault: DmabufFault = { attach: 0, map: 0 };
  /** The move that waits for dynamic importers. */
  move: DmabufMove | null = null;
  /** Mappings made and undone, and changes of hands between host and devices, of all attachments there ever were. */
  maps = 0;
  unmaps = 0;
  syncs = 0;
  #refs = 1;

  constructor(kind: ExporterKind, memory: SharedMemory, runs: readonly number[], name = '', priv?: unknown) {
    if (memory.size <= 0 || memory.size % PAGE_SIZE !== 0) fail('EINVAL');
    let pages = 0;
    for (const n of runs) pages += n;
    if (pages !== memory.size / PAGE_SIZE) fail('EINVAL');
    this.exporter = EXPORTERS[kind];
    this.memory = memory;
    this.runs = runs;
    this.name = name;
    this.priv = priv ?? this.exporter.priv();
  }

  get kind(): ExporterKind {
    return this.exporter.kind;
  }

  get size(): number {
    return this.memory.size;
  }

  /** What is added to byte offsets told to user space: 0, or the device address of byte 0. */
  get virtualBase(): number {
    return this.exporter.virtualBase(this);
  }

  get revoked(): boolean {
    return this.exporter.revoked(this);
  }

  get alive(): boolean {
    return this.#refs > 0;
  }

  get(): this {
    this.#refs++;
    return this;
  }

  put(): void {
    if (--this.#refs > 0) return;
    this.exporter.release(this);
    this.memory.release();
  }

  /**
   * dma_buf_attach(), or dma_buf_dynamic_attach() where there is an importer to notify.
   *
   * @param device ifindex of the netdev
   * @returns the attachment, or the exporter's negative errno
   */
  attach(device: number, importer: DynamicImporter | null = null): Attachment | number {
    if (this.fault.attach !== 0) return -this.fault.attach;
    // Its memory has no place until the move is over.
    if (this.move !== null) return -ERRNO.EBUSY;
    const attachment = new Attachment(this, device, importer);
    const err = this.exporter.attach(this, attachment);
    if (err !== 0) return err;
    this.attachments.add(attachment);
    this.get();
    return attachment;
  }

  /**
   * DMA_BUF_IOCTL_SYNC (drivers/dma-buf/dma-buf.c, 6.18): flags outside the valid mask, or neither read nor write, are
   * EINVAL; then the exporter starts or ends an access of the host. Simulated memory is coherent: what is left to do is to count.
   *
   * @throws KernelError EINVAL
   */
  sync(flags: number): void {
    if ((flags & ~DMA_BUF_SYNC_VALID) !== 0 || (flags & (DMA_BUF_SYNC_READ | DMA_BUF_SYNC_WRITE)) === 0) fail('EINVAL');
    const { exporter } = this;
    const err = (flags & DMA_BUF_SYNC_END) !== 0 ? exporter.endCpuAccess(this) : exporter.beginCpuAccess(this);
    if (err !== 0) failCode(err);
  }

  /**
   * Refuses what takes the memory from under its importers.
   *
   * @throws KernelError EBUSY: attached; EOPNOTSUPP: memory that stays in place; ENODEV: revoked
   */
  requireMovable(allowDynamic: boolean): void {
    if (this.move !== null) refuse(ERRORS.dmabufMoving, { 'bad-attr': '.fd' });
    for (const { dynamic } of this.attachments) {
      if (!dynamic || !allowDynamic) refuse(ERRORS.dmabufPinned, { 'bad-attr': '.fd' });
    }
    if (!this.exporter.movable) refuse(ERRORS.notMovable, { 'bad-attr': '.fd' });
    if (this.revoked) refuse(ERRORS.memoryRevoked, { 'bad-attr': '.fd' });
  }

  /** Takes the memory away for good. @throws KernelError as {@link requireMovable} */
  revoke(): void {
    this.requireMovable(false);
    this.exporter.revoke(this);
  }
}
