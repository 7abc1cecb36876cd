import { NETMEM_STATE, NETMEM_STATE_NAMES, NETMEM_STATES, type NetmemTable } from './netmem.ts';
import { type NetmemOwner, ownerFault } from './owner.ts';
import type { PagePool } from './page-pool.ts';

// A constant of the module's own, which V8 folds into the code.
const STATE = NETMEM_STATE;

/**
 * One pool: its stores and what is out against inflight, what packets, sockets and users have against what is out, and its
 * owner's books. Constant time: cheap enough to run after every poll.
 *
 * @returns null, or what disagrees
 */
export function poolFault(pool: PagePool): string | null {
  const { inState, out, owner } = pool;
  // All is well but for a bug of netmemd: one look at each sum, and names only for what is wrong.
  const stack = inState[STATE.STACK];
  const socket = inState[STATE.SOCKET];
  const user = inState[STATE.USER];
  const refill = inState[STATE.REFILL];
  const beyond = stack + socket + user + refill;
  if ((stack | socket | user | refill) < 0) {
    const state = inState.findIndex((n) => n < 0);
    return `state ${NETMEM_STATE_NAMES[state]} counts ${inState[state]}`;
  }
  if (beyond > out) return `${beyond} netmems are in packets, sockets and with users, ${out} are out`;
  if (pool.cacheCount + pool.ring.count + out !== pool.inflight) {
    return `cache ${pool.cacheCount} + ring ${pool.ring.count} + out ${out} is not inflight, which is ${pool.inflight}`;
  }
  if (pool.strayPuts > 0) return `${pool.strayPuts} references were dropped that nobody had`;
  return owner === null ? null : ownerFault(owner);
}

/**
 * Every sum there is, in time proportional to the pools: each pool's states against its inflight count, each owner's
 * books, and what owners lent against what their pools have.
 *
 * @returns null, or what disagrees first
 */
export function conservationFault(netmems: NetmemTable, pools: readonly PagePool[]): string | null {
  const lent = new Map<NetmemOwner, number>();
  for (const pool of pools) {
    const fault = poolFault(pool);
    if (fault !== null) return `page pool ${pool.id}: ${fault}`;
    if (pool.owner !== null) lent.set(pool.owner, (lent.get(pool.owner) ?? 0) + pool.inflight);
  }
  for (const owner of netmems.owners) {
    const fault = ownerFault(owner);
    if (fault !== null) return fault;
    const out = lent.get(owner) ?? 0;
    if (out !== owner.lent) return `${owner.ownerName}: lent ${owner.lent}, its pools have ${out}`;
  }
  return null;
}

/**
 * Looks at every single netmem: that its state is one of its pool's or its owner's, and that the pools' counts are the
 * number of netmems that say so. For tests; time proportional to the memory.
 *
 * @returns null, or what disagrees first
 */
export function netmemFault(netmems: NetmemTable, pools: readonly PagePool[]): string | null {
  const sums = conservationFault(netmems, pools);
  if (sums !== null) return sums;
  const byHandle = new Map(pools.map((pool) => [pool.handle, pool]));
  const counted = new Map(pools.map((pool) => [pool, new Int32Array(NETMEM_STATES)]));
  for (const area of netmems.areas) {
    for (let ref = area.base; ref < area.base + area.count; ref++) {
      const state = netmems.state[ref];
      const handle = netmems.pool[ref];
      if (handle === 0) {
        if (state === NETMEM_STATE.WAITING && netmems.pageRef[ref] < 1) return `netmem ${ref}: waits, its page is free`;
        if (state === NETMEM_STATE.FREE || state === NETMEM_STATE.WAITING || state === NETMEM_STATE.USER) continue;
        return `netmem ${ref}: ${NETMEM_STATE_NAMES[state]} without a pool`;
      }
      const pool = byHandle.get(handle);
      if (pool === undefined) return `netmem ${ref}: in a pool that is gone`;
      if (netmems.ppRef[ref] < 1) return `netmem ${ref}: in page pool ${pool.id} without a reference`;
      if (netmems.pageRef[ref] < 1) return `netmem ${ref}: in page pool ${pool.id}, its page is free`;
      (counted.get(pool) as Int32Array)[state]++;
    }
  }
  for (const [pool, states] of counted) {
    for (let state = 0; state < NETMEM_STATES; state++) {
      const count = pool.countIn(state);
      if (states[state] === count) continue;
      return `page pool ${pool.id}: ${states[state]} netmems are ${NETMEM_STATE_NAMES[state]}, it counts ${count}`;
    }
  }
  return null;
}
