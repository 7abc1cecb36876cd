import { U32_MAX } from '../../uapi/limits.ts';
import { KernelError } from '../error.ts';
import type { EventBus } from '../event-bus.ts';
import type { Netdev } from '../netdev/netdev.ts';
import type { PagePool } from './page-pool.ts';
import type { PoolRegistry } from './pool-host.ts';

/**
 * All pools: the handles stored in netmems, the ids user space sees (from 1, cyclic) and the notifications of the
 * `page-pool` group (net/core/page_pool_user.c).
 */
export class PagePools implements PoolRegistry {
  readonly #byHandle: (PagePool | undefined)[] = [undefined];
  readonly #freeHandles: number[] = [];
  readonly #byId = new Map<number, PagePool>();
  readonly #events: EventBus;
  readonly #orphans: PagePool[] = [];
  #nextId: number;
  providerPools = 0;

  /** @param firstId for tests of the wrap */
  constructor(events: EventBus, firstId = 1) {
    this.#events = events;
    this.#nextId = firstId;
  }

  byHandle(handle: number): PagePool {
    return this.#byHandle[handle] as PagePool;
  }

  /** Pool of that id, if netlink may show it. */
  visible(id: number): PagePool | undefined {
    const pool = this.#byId.get(id);
    return pool !== undefined && (pool.netdev !== null || pool.orphaned) ? pool : undefined;
  }

  /** Every pool that exists, oldest first. */
  all(): PagePool[] {
    return [...this.#byId.values()];
  }

  /** The pools that netlink lists under a netdev, newest first. Orphans are loopback's: those of the device that went last first. */
  under(netdev: Netdev): PagePool[] {
    const own = this.all().filter((pool) => pool.netdev === netdev);
    return netdev.loopback ? [...this.#orphans, ...own.reverse()] : own.reverse();
  }

  /** A netdev is unregistered: loopback takes over what is left of its pools, and each is announced, the newest first. */
  orphan(netdev: Netdev): void {
    const left = this.under(netdev);
    for (const pool of left) {
      pool.netdev = null;
      pool.orphaned = true;
      this.changed(pool);
    }
    this.#orphans.unshift(...left);
  }

  list(pool: PagePool): void {
    while (this.#byId.has(this.#nextId)) this.#advanceId();
    pool.id = this.#nextId;
    this.#advanceId();
    pool.handle = this.#freeHandles.pop() ?? this.#byHandle.length;
    this.#byHandle[pool.handle] = pool;
    this.#byId.set(pool.id, pool);
    this.#notify('page-pool-add-ntf', pool);
  }

  unlist(pool: PagePool): void {
    this.#notify('page-pool-del-ntf', pool);
    this.#byId.delete(pool.id);
    this.#byHandle[pool.handle] = undefined;
    if (pool.orphaned) this.#orphans.splice(this.#orphans.indexOf(pool), 1);
    this.#freeHandles.push(pool.handle);
  }

  changed(pool: PagePool): void {
    this.#notify('page-pool-change-ntf', pool);
  }

  #advanceId(): void {
    this.#nextId = this.#nextId === U32_MAX ? 1 : this.#nextId + 1;
  }

  #notify(name: string, pool: PagePool): void {
    if (pool.netdev === null && !pool.orphaned) return;
    try {
      this.#events.emit('netdev/page-pool', name, () => pool.describe());
    } catch (error) {
      // A provider that cannot describe itself: Linux gives the message up, and goes on.
      if (!(error instanceof KernelError)) throw error;
    }
  }
}
