import type { Kernel } from '../kernel.ts';
import { NETMEM_STATE, type NetmemRef, type NetmemTable } from '../netmem/netmem.ts';
import type { PoolRegistry } from '../netmem/pool-host.ts';
import type { DeferredFrees } from '../stack/deferred-free.ts';

/**
 * How many completions name each buffer of an area and were not answered by a return (io_uring/zcrx.c: user_refs), beside
 * the page pool's own count:
 *
 * ```
 *  pp_ref_count  =  driver, skb frags  +  user references      (a buffer lent for a copy: just the 1 of its loan)
 * ```
 * A buffer can be used again when pp_ref_count is 0. The user can give it back while an skb holds it, and an skb can go
 * while the user holds it.
 */
export class UserReferences {
  readonly #netmems: NetmemTable;
  readonly #pools: PoolRegistry;
  readonly #deferred: DeferredFrees;
  readonly #base: NetmemRef;
  readonly #counts: Int32Array;
  /** Milliseconds at which a reference came back last; -1 = never. */
  readonly #returnedAt: Float64Array;
  /** References that user space holds. */
  outstanding = 0;

  constructor(kernel: Kernel, base: NetmemRef, count: number) {
    this.#netmems = kernel.netmems;
    this.#pools = kernel.pools;
    this.#deferred = kernel.deferred;
    this.#base = base;
    this.#counts = new Int32Array(count);
    this.#returnedAt = new Float64Array(count).fill(-1);
  }

  of(ref: NetmemRef): number {
    return this.#counts[ref - this.#base];
  }

  returnedAt(ref: NetmemRef): number {
    return this.#returnedAt[ref - this.#base];
  }

  /** One more completion names the buffer. */
  take(ref: NetmemRef): void {
    this.#counts[ref - this.#base]++;
    this.outstanding++;
    const { users, pool } = this.#netmems;
    if (users[ref]++ > 0) return;
    if (pool[ref] === 0) this.#netmems.state[ref] = NETMEM_STATE.USER;
    else this.#pools.byHandle(pool[ref]).move(ref, NETMEM_STATE.USER);
  }

  /** The user gives `n` references back at `now`. false, and nothing happens, when it holds fewer. */
  drop(ref: NetmemRef, n: number, now: number): boolean {
    const i = ref - this.#base;
    if (this.#counts[i] < n) return false;
    this.#counts[i] -= n;
    this.#returnedAt[i] = now;
    this.outstanding -= n;
    this.#netmems.users[ref] -= n;
    return true;
  }

  /**
   * Drops the page pool's references that went with `n` user references. true: those were the last; the count is 1 again,
   * as that of a netmem which its pool is about to take back.
   */
  unref(ref: NetmemRef, n: number): boolean {
    const { ppRef, pool, users } = this.#netmems;
    if (ppRef[ref] === n) {
      ppRef[ref] = 1;
      return true;
    }
    ppRef[ref] -= n;
    if (users[ref] === 0) this.#pools.byHandle(pool[ref]).move(ref, this.#deferred.stateOf(ref));
    return false;
  }

  /** Takes all references back from user space at `now`; `lastGone` is called for each buffer that nobody else holds. */
  scrub(now: number, lastGone: (ref: NetmemRef) => void): void {
    for (let i = 0; i < this.#counts.length && this.outstanding > 0; i++) {
      const n = this.#counts[i];
      if (n === 0) continue;
      const ref = this.#base + i;
      this.drop(ref, n, now);
      if (this.unref(ref, n)) lastGone(ref);
    }
  }
}
