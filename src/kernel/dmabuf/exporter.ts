import type { Attachment } from './attachment.ts';
import type { Dmabuf } from './dmabuf.ts';

export const EXPORTER_KINDS = ['system', 'udmabuf', 'device'] as const;
export type ExporterKind = (typeof EXPORTER_KINDS)[number];

/**
 * What stands behind a dmabuf, after Linux's struct dma_buf_ops (include/linux/dma-buf.h, 6.18): a table for each kind of
 * memory; what one buffer needs to remember is in {@link Dmabuf.priv}. Errors are negative errno numbers.
 */
export interface Exporter {
  readonly kind: ExporterKind;
  /** The memory can be put somewhere else ({@link place}) or taken away ({@link revoke}) while nobody is attached. */
  readonly movable: boolean;
  /** State of a buffer made without one. */
  priv(): unknown;
  /**
   * Pages per entry of the scatter list, in buffer order.
   *
   * @param entryPerPage the release makes one entry of each page where there is a choice
   */
  runs(pages: number, entryPerPage: boolean): number[];
  /** A device wants to import the buffer. Non-zero: it may not. */
  attach(dmabuf: Dmabuf, attachment: Attachment): number;
  /** The importer wants addresses. Non-zero: there are none. */
  map(attachment: Attachment): number;
  beginCpuAccess(dmabuf: Dmabuf): number;
  endCpuAccess(dmabuf: Dmabuf): number;
  /** What importers add to byte offsets: 0, or the device address of byte 0. */
  virtualBase(dmabuf: Dmabuf): number;
  /** Puts byte 0 at another device address. Movable memory only. */
  place(dmabuf: Dmabuf, virtualBase: number): void;
  /** Takes the memory away for good: every later attach and map fails. Movable memory only. */
  revoke(dmabuf: Dmabuf): void;
  revoked(dmabuf: Dmabuf): boolean;
  /** The last reference to the buffer is gone; its memory goes after this. */
  release(dmabuf: Dmabuf): void;
}

/** For exporters of host memory: it lies at offset 0, stays there, and is nobody's to take away. */
export const STAYS_IN_PLACE = {
  movable: false,
  virtualBase: (): number => 0,
  place(): never {
    throw new Error('memory that cannot move');
  },
  revoke(): never {
    throw new Error('memory that cannot be revoked');
  },
  revoked: (): boolean => false,
} as const;
