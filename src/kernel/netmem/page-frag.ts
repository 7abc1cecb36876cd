import { PAGE_SIZE } from '../../uapi/limits.ts';
import { NETMEM_STATE, type NetmemRef } from './netmem.ts';
import type { PagePool } from './page-pool.ts';
import { POOL_STAT } from './pool-statistics.ts';

/** The fragment allocator's bias: references it holds on its current page, given back less the fragments handed out. */
const FRAG_BIAS = 2 ** 30;

/**
 * The fragment allocator of a page pool (net/core/page_pool.c, 6.18): several users share one page.
 *
 * ```
 *  page   [ fragment | fragment | fragment |      free       ]
 *         0                                ^ #offset          PAGE_SIZE << order
 *  pp_ref_count = BIAS - references dropped by users; when the page is full BIAS - #users go at once
 * ```
 */
export class PageFrag {
  readonly #pool: PagePool;
  #ref: NetmemRef = 0;
  #offset = 0;
  #users = 0;

  constructor(pool: PagePool) {
    this.#pool = pool;
  }

  /**
   * A buffer of `size` bytes (page_pool_alloc_netmem()): requests of more than half a page get a whole one, others a
   * fragment; the last fragment of a page is charged with what is left of it (not on 6.12).
   */
  alloc(size: number): NetmemRef {
    const max = PAGE_SIZE << this.#pool.order;
    if (size * 2 > max) {
      this.#pool.fragOffset = 0;
      this.#pool.fragTruesize = max;
      return this.#pool.allocNetmem();
    }
    const ref = this.allocFrag(size);
    if (ref !== 0 && this.#pool.host.profile.lastFragTakesRest && this.#offset + size > max) {
      this.#pool.fragTruesize = max - this.#pool.fragOffset;
      this.#offset = max;
    }
    return ref;
  }

  /**
   * A part of a page, shared with other users of it (page_pool_alloc_frag_netmem()); more than a page is refused with a
   * warning. Sizes are not rounded up: dma_get_cache_alignment() is 1 on x86-64, where caches are coherent with DMA.
   */
  allocFrag(size: number): NetmemRef {
    const max = PAGE_SIZE << this.#pool.order;
    if (size > max) {
      this.#pool.host.log('warn', 'page-pool-frag-too-large', { id: this.#pool.id, size });
      return 0;
    }
    this.#pool.fragTruesize = size;
    let ref = this.#ref;
    let reset = ref === 0;
    if (ref !== 0 && this.#offset + size > max) {
      ref = this.#drain(ref);
      reset = true;
      if (ref !== 0) {
        this.#pool.stats[POOL_STAT.RECYCLE_CACHED]++;
        this.#pool.stats[POOL_STAT.ALLOC_FAST]++;
      }
    }
    if (ref === 0) {
      ref = this.#pool.allocNetmem();
      this.#ref = ref;
      if (ref === 0) return 0;
    }
    if (reset) {
      this.#ref = ref;
      this.#users = 0;
      this.#offset = 0;
      this.#pool.netmems.ppRef[ref] = FRAG_BIAS;
    }
    this.#users++;
    this.#pool.fragOffset = this.#offset;
    this.#offset += size;
    return ref;
  }

  /** Ends the current fragment page; returns it for reuse when nobody else holds it, 0 otherwise. */
  #drain(ref: NetmemRef): NetmemRef {
    if (!this.#end(ref)) return 0;
    if (this.#pool.netmems.pageRef[ref] !== 1) {
      this.#pool.returnNetmem(ref);
      return 0;
    }
    if (this.#pool.dma.sync) this.#pool.dma.syncForDevice();
    this.#pool.move(ref, NETMEM_STATE.POSTED);
    return ref;
  }

  free(): void {
    const ref = this.#ref;
    if (ref !== 0 && this.#end(ref)) this.#pool.returnNetmem(ref);
  }

  /** Gives back the references kept for fragments that were not made. true: no fragment is left in use. */
  #end(ref: NetmemRef): boolean {
    const { ppRef } = this.#pool.netmems;
    this.#ref = 0;
    ppRef[ref] -= FRAG_BIAS - this.#users;
    this.#users = 0;
    if (ppRef[ref] > 0) return false;
    ppRef[ref] = 1;
    return true;
  }
}
