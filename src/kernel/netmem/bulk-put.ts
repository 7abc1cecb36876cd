import type { NetmemRef, NetmemTable } from './netmem.ts';
import type { PagePool } from './page-pool.ts';
import type { PoolRegistry } from './pool-host.ts';
import { POOL_STAT } from './pool-statistics.ts';

/** Netmems of one pool that go to its ring under one lock (XDP_BULK_QUEUE_SIZE, include/net/xdp.h). */
export const BULK_MAX = 16;

const bulk = new Int32Array(BULK_MAX);

/**
 * Drops one reference of each of `count` netmems, of any pools, and recycles those without another (
 * page_pool_put_netmem_bulk(), net/core/page_pool.c, 6.18). Whether to recycle directly is decided once a pool; what goes
 * to a ring goes at once, and a ring that fills up on the way counts one `recycle-ring-full` for all that are left.
 *
 * @param refs used as scratch space
 * @param count at most {@link BULK_MAX}
 */
export function putNetmemBulk(netmems: NetmemTable, pools: PoolRegistry, refs: Int32Array, count: number): void {
  let left = 0;
  for (let i = 0; i < count; i++) {
    const ref = refs[i];
    if (--netmems.ppRef[ref] > 0) continue;
    netmems.ppRef[ref] = 1;
    refs[left++] = ref;
  }
  while (left > 0) {
    const pool = pools.byHandle(netmems.pool[refs[0]]);
    const direct = pool.napiLocal;
    let foreign = 0;
    let n = 0;
    for (let i = 0; i < left; i++) {
      const ref = refs[i];
      if (netmems.pool[ref] !== pool.handle) refs[foreign++] = ref;
      else if (pool.recycleDirect(ref, direct)) bulk[n++] = ref;
    }
    if (n > 0) putInRing(pool, n);
    pool.onReturn?.();
    left = foreign;
  }
}

function putInRing(pool: PagePool, n: number): void {
  let i = 0;
  while (i < n && pool.recycleInRing(bulk[i])) i++;
  pool.stats[POOL_STAT.RECYCLE_RING] += i;
  if (i === n) return;
  pool.stats[POOL_STAT.RECYCLE_RING_FULL]++;
  for (; i < n; i++) pool.ringFull(bulk[i] as NetmemRef);
}
