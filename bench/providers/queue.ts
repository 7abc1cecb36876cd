import { COUNT } from './counts.ts';
import type { Backing, Design } from './design.ts';
import { CAP, KIND } from './kinds.ts';
import type { Machine } from './machine.ts';
import type { PoolCore } from './pool-core.ts';
import type { Random } from './random.ts';

const SLOTS = 4096;
const MASK = SLOTS - 1;

/**
 * One RX queue: its pool, the driver, and the client that reads what arrives.
 *
 * ```
 *   held:  [ gone ][ oldest ][ ... ][ newest ][ gone ]      name, netmem and sequence number, in columns
 *                     head                tail
 * ```
 */
export class Queue {
  readonly machine: Machine;
  readonly kind: number;
  readonly #design: Design;
  readonly #backing: Backing;
  pool: PoolCore;
  readonly #names = new Int32Array(SLOTS);
  readonly #refs = new Int32Array(SLOTS);
  readonly #seqs = new Int32Array(SLOTS);
  #head = 0;
  #tail = 0;
  readonly #detached: PoolCore[] = [];
  /** Foreign page references, oldest first. */
  readonly #foreign = new Int32Array(SLOTS);
  #foreignHead = 0;
  #foreignTail = 0;
  delivered = 0;

  constructor(machine: Machine, design: Design, kind: number) {
    this.machine = machine;
    this.kind = kind;
    this.#design = design;
    this.#backing = design.back(kind);
    this.pool = design.pool(kind, this.#backing.memory);
  }

  get held(): number {
    return (this.#tail - this.#head) | 0;
  }

  /** How many buffers a slow client of this queue keeps: 7/8 of what it can have. */
  get patience(): number {
    return this.kind === KIND.CAPPED ? (CAP * 7) / 8 : 1792;
  }

  /** The NIC fills up to `frags` buffers and the client receives them. Fewer when the pool has no more. */
  receive(frags: number): void {
    const { front } = this.#design;
    const { counts, netmems } = this.machine;
    const { returns } = this.#backing;
    returns.receive(frags);
    for (let i = 0; i < frags; i++) {
      const ref = front.alloc(this.pool);
      if (ref === 0) return;
      netmems.payload[ref] = ++this.delivered;
      const at = this.#tail & MASK;
      this.#names[at] = returns.handOut(ref);
      this.#refs[at] = ref;
      this.#seqs[at] = this.delivered;
      this.#tail = (this.#tail + 1) | 0;
      counts[COUNT.DELIVERED]++;
    }
  }

  /** The client is done with its oldest `frags` buffers. `random`: with any that it holds. `alone`: tells of each at once. */
  giveBack(frags: number, random: Random | null, alone: boolean): void {
    const { counts, netmems } = this.machine;
    const { returns } = this.#backing;
    for (let i = 0; i < frags; i++) {
      const at = this.#head & MASK;
      if (random !== null) this.#swap(at, (this.#head + random.below(this.held)) & MASK);
      const ref = this.#refs[at];
      if (netmems.payload[ref] !== this.#seqs[at]) throw new Error('a buffer changed while the client held it');
      this.#head = (this.#head + 1) | 0;
      counts[COUNT.RETURNED]++;
      returns.giveBack(this.#names[at]);
      if (alone) returns.flush();
    }
    returns.flush();
  }

  /** As giveBack, by a client that does not look: for one that also returns what is not its own. */
  giveBackUnread(frags: number): void {
    for (let i = 0; i < frags; i++) this.#backing.returns.giveBack(this.#names[this.#head++ & MASK]);
    this.#backing.returns.flush();
  }

  #swap(a: number, b: number): void {
    for (const column of [this.#names, this.#refs, this.#seqs]) {
      const value = column[a];
      column[a] = column[b];
      column[b] = value;
    }
  }

  /** Somebody takes a page reference on the newest frag, as a splice does. Net_iovs have none to take. */
  takeForeign(): void {
    const { netmems } = this.machine;
    if (!this.#backing.pages || this.held === 0) return;
    const ref = this.#refs[(this.#tail - 1) & MASK];
    netmems.pageRef[ref]++;
    this.#foreign[this.#foreignTail++ & MASK] = ref;
  }

  /** Foreign references go, but for the newest `keep`. */
  dropForeign(keep: number): void {
    while (this.#foreignTail - this.#foreignHead > keep)
      this.machine.dropForeign(this.#foreign[this.#foreignHead++ & MASK]);
  }

  /** The queue is restarted: a new pool, while buffers of the old one are still out. */
  restart(): void {
    const old = this.pool;
    this.pool = this.#design.pool(this.kind, this.#backing.memory);
    old.destroy();
    if (!old.gone) this.#detached.push(old);
  }

  /** The detached pools' retry. */
  settle(): void {
    for (let i = this.#detached.length - 1; i >= 0; i--) if (this.#detached[i].retry()) this.#detached.splice(i, 1);
  }

  /** The client goes, then the queue: everything is back with its owner. */
  close(): void {
    this.giveBack(this.held, null, false);
    this.#backing.returns.close();
    this.dropForeign(0);
    this.pool.destroy();
    this.settle();
    if (!this.pool.gone || this.#detached.length > 0) throw new Error('a pool did not end');
  }
}
