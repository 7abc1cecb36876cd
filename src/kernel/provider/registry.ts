import { cappedProvider } from './capped.ts';
import { deviceVaProvider } from './device-va.ts';
import { dmabufProvider } from './dmabuf.ts';
import { hugePageProvider } from './huge-page.ts';
import { ioUringProvider } from './io-uring.ts';
import type { MemoryProviderOps } from './memory-provider.ts';
import { wrapBulkProvider } from './wrap-bulk.ts';
import { wrapFinalFreeProvider } from './wrap-final-free.ts';

/**
 * Every memory provider there is. The list is fixed at build: pool creation refuses a table that is not in it with EFAULT,
 * as Linux refuses one that does not lie in its read-only data.
 */
export const PROVIDERS: readonly MemoryProviderOps[] = Object.freeze([
  dmabufProvider,
  deviceVaProvider,
  cappedProvider,
  hugePageProvider,
  ioUringProvider,
  wrapBulkProvider,
  wrapFinalFreeProvider,
]);
