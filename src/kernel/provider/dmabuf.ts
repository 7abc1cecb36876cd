import { ERRNO } from '../../uapi/errno.ts';
import type { DevmemBinding } from '../netdev/devmem-binding.ts';
import type { NetmemRef } from '../netmem/netmem.ts';
import type { PagePool } from '../netmem/page-pool.ts';
import type { MemoryProviderOps } from './memory-provider.ts';

/**
 * Devmem TCP's provider: net_iovs of a bound dmabuf, one for each slow allocation (net/core/devmem.c, 6.18 and, as
 * recorded, 7.3). `priv` is the {@link DevmemBinding}.
 */
export const dmabufProvider: MemoryProviderOps = Object.freeze({
  name: 'dmabuf',

  init(pool: PagePool): number {
    if (pool.mpPriv === null || pool.mpPriv === undefined) return -ERRNO.EINVAL;
    pool.dma.sync = false;
    if (pool.order !== 0) return -ERRNO.E2BIG;
    (pool.mpPriv as DevmemBinding).get();
    return 0;
  },

  destroy(pool: PagePool): void {
    (pool.mpPriv as DevmemBinding).put();
  },

  allocNetmems(pool: PagePool): NetmemRef {
    const ref = (pool.mpPriv as DevmemBinding).take();
    if (ref !== 0) pool.hold(ref);
    return ref;
  },

  releaseNetmem(pool: PagePool, netmem: NetmemRef): boolean {
    pool.netmems.pool[netmem] = 0;
    pool.netmems.ppRef[netmem] = 0;
    (pool.mpPriv as DevmemBinding).give(netmem);
    return false;
  },

  nlFill(priv, reply): number {
    reply.dmabuf = (priv as DevmemBinding).id;
    return 0;
  },

  uninstall(priv, rxq): void {
    const binding = priv as DevmemBinding;
    const at = binding.queues.indexOf(rxq);
    if (at >= 0) binding.queues.splice(at, 1);
    if (binding.queues.length === 0) binding.netdev = null;
  },
} satisfies MemoryProviderOps);
