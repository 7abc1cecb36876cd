/** What stands behind a dmabuf: the operations that its importers' calls end in (of dma_buf_ops, those needed here). */
export interface Exporter {
  /** Takes and pins the memory; returns how many buffers it has. */
  attach(): number;
  /** Returns how many mappings for the device it took. */
  map(): number;
}
