import { MAX_SKB_FRAGS } from '../../uapi/limits.ts';
import type { Kernel } from '../kernel.ts';
import { NETMEM_STATE, type NetmemRef } from '../netmem/netmem.ts';
import type { SkbRef } from './skb.ts';

/**
 * skbs that were read on another CPU than the one that received them: they are freed there, later
 * (skb_attempt_defer_free(), net/core/skbuff.c; skb_defer_free_flush(), net/core/dev.c; 6.12 to 7.3).
 *
 * ```
 *   reader on CPU r eats an skb of CPU n
 *     r = n, or the list of n is full  -> freed now, in the reader's context
 *     else  head[n] -> skb -> skb ...     the newest first
 *             |
 *             +-- next net_rx_action on n: before each NAPI's poll
 *             +-- an IPI at half of net.core.skb_defer_max: a softirq on n that polls nothing
 * ```
 * Until then the skb holds its netmems, state `stack`, though everybody has read them and gave them back. A CPU without
 * traffic keeps them for ever: its page pool stays detached.
 */
export class DeferredFrees {
  readonly #kernel: Kernel;
  readonly #head: Int32Array;
  readonly #count: Int32Array;
  /** CPUs that were asked for a softirq. */
  readonly #kicked: Uint8Array;
  #anyKicked = false;
  /** skbs that a list takes, and how many are on it when one more asks for a softirq. */
  readonly #room: number;
  readonly #kickAt: number;
  /** References that listed skbs have on each netmem. */
  #references = new Uint16Array(0);

  constructor(kernel: Kernel, cpus: number) {
    this.#kernel = kernel;
    this.#head = new Int32Array(cpus);
    this.#count = new Int32Array(cpus);
    this.#kicked = new Uint8Array(cpus);
    const { skbDeferMax, skbDeferCountsFirst } = kernel.profile;
    this.#room = skbDeferCountsFirst ? skbDeferMax - 1 : skbDeferMax;
    this.#kickAt = skbDeferMax >> 1;
  }

  /** skbs on the list of a CPU. */
  count(cpu: number): number {
    return this.#count[cpu];
  }

  /** Where a netmem is that no user has any more and an skb still holds: in a listed one, or in a socket's queue. */
  stateOf(ref: NetmemRef): number {
    return ref < this.#references.length && this.#references[ref] > 0 ? NETMEM_STATE.STACK : NETMEM_STATE.SOCKET;
  }

  /** A CPU was asked for a softirq and has not had it yet. */
  get kicked(): boolean {
    return this.#anyKicked;
  }

  /** Frees an skb that was read on `cpu`, now or on the CPU that received it. */
  attempt(skb: SkbRef, cpu: number): void {
    const { skbs } = this.#kernel;
    const home = skbs.cpu[skb];
    if (home === cpu || this.#count[home] >= this.#room) {
      skbs.release(skb);
      return;
    }
    this.#mark(skb, 1);
    skbs.next[skb] = this.#head[home];
    this.#head[home] = skb;
    if (this.#count[home]++ === this.#kickAt) this.#kick(home);
  }

  #kick(cpu: number): void {
    this.#kicked[cpu] = 1;
    this.#anyKicked = true;
    this.#kernel.raiseSoftirq();
  }

  /** Asks every CPU for a softirq, as some releases do when a detached pool finds netmems missing. */
  kickAll(): void {
    for (let cpu = 0; cpu < this.#head.length; cpu++) if (this.#head[cpu] !== 0) this.#kick(cpu);
  }

  /** The softirqs that were asked for. */
  runKicked(): void {
    if (!this.#anyKicked) return;
    this.#anyKicked = false;
    for (let cpu = 0; cpu < this.#kicked.length; cpu++) {
      if (this.#kicked[cpu] === 0) continue;
      this.#kicked[cpu] = 0;
      this.flush(cpu);
    }
  }

  /** Frees what is on a CPU's list, in its softirq context. */
  flush(cpu: number): void {
    let skb = this.#head[cpu];
    if (skb === 0) return;
    const kernel = this.#kernel;
    const { skbs } = kernel;
    this.#head[cpu] = 0;
    this.#count[cpu] = 0;
    const before = kernel.napiContext;
    while (skb !== 0) {
      const next = skbs.next[skb];
      this.#mark(skb, -1);
      kernel.napiContext = this.#localNapi(skb, cpu);
      skbs.release(skb);
      skb = next;
    }
    kernel.napiContext = before;
  }

  /** Empties all lists: the machine starts anew. */
  flushAll(): void {
    for (let cpu = 0; cpu < this.#head.length; cpu++) this.flush(cpu);
  }

  /** The NAPI of the skb's pool if `cpu` has it scheduled just now, so that direct recycling is allowed; else 0. */
  #localNapi(skb: SkbRef, cpu: number): number {
    const { skbs, netmems, pools, softirqCpu } = this.#kernel;
    if (cpu !== softirqCpu) return 0;
    const end = skb * MAX_SKB_FRAGS + skbs.nrFrags[skb];
    for (let at = skb * MAX_SKB_FRAGS; at < end; at++) {
      const ref = skbs.fragRef[at];
      if (ref <= 0) continue;
      const pool = pools.byHandle(netmems.pool[ref]);
      const napi = pool.netdev?.rxQueues[pool.params.queueIdx]?.napi;
      return napi?.scheduled && napi.id === pool.napiId ? napi.id : 0;
    }
    return 0;
  }

  /** Counts an skb's references, and says where its netmems are now if no user has them. */
  #mark(skb: SkbRef, by: 1 | -1): void {
    const { skbs, netmems, pools } = this.#kernel;
    if (this.#references.length < netmems.ppRef.length) {
      const grown = new Uint16Array(netmems.ppRef.length);
      grown.set(this.#references);
      this.#references = grown;
    }
    for (let part = skb; part !== 0; part = part === skb ? skbs.fragList[skb] : skbs.next[part]) {
      const end = part * MAX_SKB_FRAGS + skbs.nrFrags[part];
      for (let at = part * MAX_SKB_FRAGS; at < end; at++) {
        const ref = skbs.fragRef[at];
        if (ref <= 0) continue;
        this.#references[ref] += by;
        if (by > 0 && netmems.users[ref] === 0) pools.byHandle(netmems.pool[ref]).move(ref, NETMEM_STATE.STACK);
      }
    }
  }
}
