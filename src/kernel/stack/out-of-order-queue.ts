import type { SkbRef, SkbTable } from './skb.ts';

/** Segments that arrived ahead of their turn, by stream offset (Linux: tcp_sock.out_of_order_queue). */
export class OutOfOrderQueue {
  readonly #skbs: SkbTable;
  head: SkbRef = 0;

  constructor(skbs: SkbTable) {
    this.#skbs = skbs;
  }

  /** @returns false for a segment that is there already; the caller keeps it */
  insert(skb: SkbRef): boolean {
    const skbs = this.#skbs;
    let before = 0;
    let at = this.head;
    while (at !== 0 && skbs.seq[at] < skbs.seq[skb]) {
      before = at;
      at = skbs.next[at];
    }
    if (at !== 0 && skbs.seq[at] === skbs.seq[skb] && skbs.len[at] >= skbs.len[skb]) return false;
    skbs.next[skb] = at;
    if (before === 0) this.head = skb;
    else skbs.next[before] = skb;
    return true;
  }

  /** Takes the first segment when it does not start beyond `offset`; 0 = none. */
  takeUpTo(offset: number): SkbRef {
    const skb = this.head;
    if (skb === 0 || this.#skbs.seq[skb] > offset) return 0;
    this.head = this.#skbs.next[skb];
    return skb;
  }
}
