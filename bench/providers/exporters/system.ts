import { BUFFERS } from '../kinds.ts';
import type { Exporter } from './exporter.ts';

/** An ordinary dmabuf: memory of its own, one mapping. */
export const systemExporter: Exporter = {
  attach: () => BUFFERS,
  map: () => 1,
};
