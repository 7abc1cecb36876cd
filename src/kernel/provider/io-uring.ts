import { ERRNO } from '../../uapi/errno.ts';
import { PAGE_SHIFT } from '../../uapi/limits.ts';
import type { ZcrxIfq } from '../io-uring/ifq.ts';
import type { NetmemRef } from '../netmem/netmem.ts';
import type { PagePool } from '../netmem/page-pool.ts';
import { PP_FLAG_DMA_MAP } from '../netmem/page-pool-params.ts';
import type { MemoryProviderOps } from './memory-provider.ts';

/**
 * io_uring's provider: net_iovs of a zcrx area, which the user gives back through the refill ring (io_uring/zcrx.c, 6.18;
 * 7.3 as recorded). `priv` is the {@link ZcrxIfq}.
 */
export const ioUringProvider: MemoryProviderOps = Object.freeze({
  name: 'io-uring',

  init(pool: PagePool): number {
    const ifq = pool.mpPriv as ZcrxIfq | null;
    if (ifq === null || ifq === undefined) return -ERRNO.EINVAL;
    if (ifq.dev === null || ifq.dev !== pool.dma.dev) return -ERRNO.EINVAL;
    if ((pool.params.flags & PP_FLAG_DMA_MAP) === 0) return -ERRNO.EOPNOTSUPP;
    if (PAGE_SHIFT + pool.order !== ifq.area.niovShift) return ifq.kernel.profile.zcrx.orderMismatch;
    if ((pool.params.dmaDir ?? 'from-device') !== 'from-device') return -ERRNO.EOPNOTSUPP;
    const err = ifq.area.map(ifq.dev);
    if (err !== 0) return err;
    ifq.get();
    pool.owner = ifq.area;
    return 0;
  },

  destroy(pool: PagePool): void {
    (pool.mpPriv as ZcrxIfq).put();
  },

  /** Returned buffers first, the free list only when there is none; the last one found is the first to be used. */
  allocNetmems(pool: PagePool): NetmemRef {
    const ifq = pool.mpPriv as ZcrxIfq;
    let n = ifq.pull(pool);
    if (n === 0) n = ifq.area.refill(pool);
    if (pool.dma.sync) pool.dma.syncForDevice(n);
    return pool.cachePop();
  },

  releaseNetmem(pool: PagePool, netmem: NetmemRef): boolean {
    (pool.mpPriv as ZcrxIfq).area.release(netmem);
    return false;
  },

  nlFill(priv, reply): number {
    const { area, kernel } = priv as ZcrxIfq;
    reply['io-uring'] = kernel.profile.zcrx.tellsRxBufLen ? { 'rx-buf-len': 2 ** area.niovShift } : {};
    return 0;
  },

  uninstall(priv, rxq): void {
    (priv as ZcrxIfq).uninstall(rxq);
  },
} satisfies MemoryProviderOps);
