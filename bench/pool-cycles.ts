import { Dmabuf, defaultRuns } from '../src/kernel/dmabuf/dmabuf.ts';
import { Kernel } from '../src/kernel/kernel.ts';
import { bindRx } from '../src/kernel/netdev/bind-rx.ts';
import { poolFault } from '../src/kernel/netmem/conservation.ts';
import type { NetmemRef } from '../src/kernel/netmem/netmem.ts';
import { PagePool } from '../src/kernel/netmem/page-pool.ts';
import {
  PP_FLAG_ALLOW_UNREADABLE_NETMEM,
  PP_FLAG_DMA_MAP,
  PP_FLAG_DMA_SYNC_DEV,
} from '../src/kernel/netmem/page-pool-params.ts';
import { HostClock } from '../src/loop.ts';
import { PAGE_SIZE } from '../src/uapi/limits.ts';

/** Which of a pool's stores netmems circulate through. */
export const POOL_MODES = ['cache', 'ring', 'slow'] as const;
export type PoolMode = (typeof POOL_MODES)[number];

/** Netmems taken at once: what a NAPI may poll. */
const BURST = 64;
/** What a burst took; on the stack in C. */
const taken = new Int32Array(BURST);
/** Pages of the dmabuf behind the pool. */
const PAGES = 4096;
/** Of the pool's ring; 1 leaves nothing but the slow path. */
const RING_SIZE: Record<PoolMode, number> = { cache: 1024, ring: 1024, slow: 1 };

/** One page pool over a bound dmabuf, the product's, and netmems that go round in it. */
export class PoolCycles {
  readonly pool: PagePool;
  readonly #kernel: Kernel;
  /** NAPI that gives netmems back: the pool's own recycles into the cache, process context (0) into the ring. */
  readonly #context: number;

  constructor(mode: PoolMode) {
    const kernel = new Kernel({ clock: new HostClock() });
    const netdev = kernel.addNetdev({
      name: 'eth0',
      rxQueues: 1,
      txQueues: 1,
      rx: 16,
      mtu: 1500,
      driver: 'split-perfect',
      up: true,
    });
    netdev.rings.set({ tcpDataSplit: 'enabled', hdsThresh: 0 });
    const size = PAGES * PAGE_SIZE;
    const memory = { bytes: new Uint8Array(size), size, path: '', release() {} };
    const session = kernel.openSession();
    const fd = session.fds.install(new Dmabuf('system', memory, defaultRuns('system', PAGES, false)));
    bindRx(kernel, session, session.netlink, netdev.ifindex, fd, [{ id: 0, type: 0 }]);
    const napiId = netdev.rxQueues[0].napi.id;
    this.#kernel = kernel;
    this.#context = mode === 'cache' ? napiId : 0;
    this.pool = new PagePool(kernel, {
      poolSize: RING_SIZE[mode],
      flags: PP_FLAG_DMA_MAP | PP_FLAG_DMA_SYNC_DEV | PP_FLAG_ALLOW_UNREADABLE_NETMEM,
      netdev,
      queueIdx: 0,
      napiId,
      maxLen: PAGE_SIZE,
    });
  }

  /** A NAPI poll takes a burst, its packets give it back, and the pool must add up; until `netmems` went round. */
  run(netmems: number): void {
    const { pool } = this;
    const kernel = this.#kernel;
    for (let done = 0; done < netmems; done += BURST) {
      for (let i = 0; i < BURST; i++) {
        const ref: NetmemRef = pool.allocNetmem();
        if (ref === 0) throw new Error('the pool is exhausted');
        taken[i] = ref;
      }
      kernel.napiContext = this.#context;
      for (let i = 0; i < BURST; i++) pool.put(taken[i]);
      kernel.napiContext = 0;
      const fault = poolFault(pool);
      if (fault !== null) throw new Error(fault);
    }
  }
}
