import { CAP } from '../kinds.ts';
import type { Exporter } from './exporter.ts';

/** A cap as a dmabuf of that length: all of it is pinned from the start, and none of it comes back while it is bound. */
export const cappedExporter: Exporter = {
  attach: () => CAP,
  map: () => 1,
};
