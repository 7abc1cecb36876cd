import { dmabufProvider } from './dmabuf.ts';
import type { MemoryProviderOps } from './memory-provider.ts';

/**
 * The counter-proposal to io_uring's own operations: below the page pool there is only a bound dma-buf with its rules, and
 * io_uring is the one that frees. It keeps an additional reference to each buffer it has delivered and puts it from the
 * client's submission (io-uring/final-free.ts); the pool reads no ring of the client. Never merged into Linux. `priv` is the
 * binding of the dma-buf.
 */
export const wrapFinalFreeProvider: MemoryProviderOps = Object.freeze({ ...dmabufProvider, name: 'wrap-final-free' });
