import { BUFFERS } from '../kinds.ts';
import type { Exporter } from './exporter.ts';

/** Huge pages wrapped: contiguous, hence few entries; here one mapping for each 2 MiB. */
export const hugePageExporter: Exporter = {
  attach: () => BUFFERS,
  map: () => BUFFERS / 512,
};
