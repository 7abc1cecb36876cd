import { fail, refuse } from '../kernel/error.ts';
import { ERRORS } from '../kernel/error-catalogue.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Netdev } from '../kernel/netdev/netdev.ts';
import type { NetmemRef } from '../kernel/netmem/netmem.ts';
import type { PagePool } from '../kernel/netmem/page-pool.ts';

interface NetmemHold {
  readonly refs: readonly NetmemRef[];
  /** Page references are held, not netmems of a pool. */
  readonly foreign: boolean;
}

/**
 * Netmems that the lab keeps for itself, by id: many, of any queue, and more than one hold a queue, where netdevsim's pp_hold
 * keeps one. Two ways to keep one:
 *
 * ```
 *  plain     pool -> lab                    inflight keeps counting it; release puts it, in process context
 *  foreign   page reference + 1, pool put   the pool lets go (recycle_released_refcnt); release drops the reference
 * ```
 * A hold lasts beyond its queue's memory and its device: pools stay detached, or orphaned, until it is released.
 */
export class NetmemHolds {
  readonly #kernel: Kernel;
  readonly #holds = new Map<number, NetmemHold>();
  #nextId = 1;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  get size(): number {
    return this.#holds.size;
  }

  /**
   * All of `count` or none.
   *
   * @returns the hold's id
   * @throws KernelError ERANGE no such queue, ENETDOWN, ENOMEM (the pool has not as many), EOPNOTSUPP (foreign references to
   *   net_iovs)
   */
  hold(netdev: Netdev, queue: number, count: number, foreign: boolean): number {
    if (queue >= netdev.rxQueues.length) refuse(ERRORS.queueOutOfRange, { 'bad-attr': '.queue' });
    const ring = netdev.up ? netdev.rxQueues[queue].ring : null;
    if (ring === null) fail('ENETDOWN');
    const { pool } = ring;
    const refs: NetmemRef[] = [];
    while (refs.length < count) {
      const ref = pool.allocNetmem();
      if (ref === 0) break;
      refs.push(ref);
      if (foreign && this.#kernel.netmems.areaOf(ref).unreadable) {
        this.#put(pool, refs);
        refuse(ERRORS.noPageReferences, { 'bad-attr': '.foreign' });
      }
    }
    if (refs.length < count) {
      this.#put(pool, refs);
      fail('ENOMEM');
    }
    if (foreign) {
      for (const ref of refs) this.#kernel.netmems.getPage(ref);
      this.#put(pool, refs);
    }
    const id = this.#nextId++;
    this.#holds.set(id, { refs, foreign });
    return id;
  }

  #put(pool: PagePool, refs: readonly NetmemRef[]): void {
    for (const ref of refs) pool.put(ref);
  }

  /** @throws KernelError ENOENT */
  release(id: number): void {
    const { refs, foreign } = this.#holds.get(id) ?? fail('ENOENT', { 'bad-attr': '.id' });
    this.#holds.delete(id);
    const { netmems, pools } = this.#kernel;
    for (const ref of refs) {
      if (foreign) netmems.putPage(ref);
      else pools.byHandle(netmems.pool[ref]).put(ref);
    }
  }

  releaseAll(): void {
    for (const id of [...this.#holds.keys()]) this.release(id);
    this.#nextId = 1;
  }
}
