import { ioUringProvider } from './io-uring.ts';
import type { MemoryProviderOps } from './memory-provider.ts';

/**
 * io_uring memory wrapped into a dma-buf as a whole: the buffer owns, pins and maps the bulk of it
 * (io-uring/dmabuf-memory.ts); refill ring, user references and all six operations stay io_uring's. What dma-buf areas do since
 * 6.16. `priv` is the ifq.
 */
export const wrapBulkProvider: MemoryProviderOps = Object.freeze({ ...ioUringProvider, name: 'wrap-bulk' });
