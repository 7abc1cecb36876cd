import { U32_MAX } from '../../uapi/limits.ts';
import type { EventBus } from '../event-bus.ts';
import type { PagePool, PoolRegistry } from './page-pool.ts';

/**
 * All pools: the handles stored in netmems, the ids user space sees (from 1, cyclic) and the notifications of the
 * `page-pool` group (net/core/page_pool_user.c).
 */
export class PagePools implements PoolRegistry {
  readonly #byHandle: (PagePool | undefined)[] = [undefined];
  readonly #freeHandles: number[] = [];
  readonly #byId = new Map<number, PagePool>();
  readonly #events: EventBus;
  #nextId = 1;

  constructor(events: EventBus) {
    this.#events = events;
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
    this.#events.emit('netdev/page-pool', name, () => pool.describe());
  }
}
