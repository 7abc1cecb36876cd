import { GRO_MAX_SIZE, MAX_GRO_SKBS, MAX_SKB_FRAGS } from '../../uapi/limits.ts';
import { SKB_PSH, SKB_UNREADABLE, type SkbRef, type SkbTable } from './skb.ts';

/**
 * Software GRO of one NAPI (net/core/gro.c, net/ipv4/tcp_offload.c; 6.18): merges segments of a flow that arrive in one poll
 * and follow each other into one skb of at most 64 KiB. Frags are appended to the last skb of the chain; when its 17 are
 * used up, or the segment has linear payload, the segment is chained by fragList. A short segment or PSH ends the merge.
 */
export class Gro {
  readonly #skbs: SkbTable;
  readonly #deliver: (skb: SkbRef) => void;
  readonly #held = new Int32Array(MAX_GRO_SKBS);
  /** Length of the first segment: longer ones are not merged, shorter ones end the merge. */
  readonly #mss = new Int32Array(MAX_GRO_SKBS);
  #count = 0;

  readonly #headTruesize: number;

  /** @param headTruesize what the head of a merged segment, which goes, had been charged */
  constructor(skbs: SkbTable, headTruesize: number, deliver: (skb: SkbRef) => void) {
    this.#skbs = skbs;
    this.#headTruesize = headTruesize;
    this.#deliver = deliver;
  }

  receive(skb: SkbRef): void {
    const s = this.#skbs;
    const flow = s.flow[skb];
    const len = s.len[skb];
    const push = (s.flags[skb] & SKB_PSH) !== 0;
    for (let i = 0; i < this.#count; i++) {
      const head = this.#held[i];
      if (s.flow[head] !== flow) continue;
      const fits =
        s.seq[head] + s.len[head] === s.seq[skb] &&
        len <= this.#mss[i] &&
        s.len[head] + len < GRO_MAX_SIZE &&
        ((s.flags[head] ^ s.flags[skb]) & SKB_UNREADABLE) === 0;
      if (!fits) {
        this.#flushOne(i);
        break;
      }
      const ends = len < this.#mss[i] || push;
      this.#merge(head, skb, len);
      if (ends) this.#flushOne(i);
      return;
    }
    if (push) {
      this.#deliver(skb);
      return;
    }
    if (this.#count === MAX_GRO_SKBS) this.#flushOne(0);
    this.#held[this.#count] = skb;
    this.#mss[this.#count] = len;
    this.#count++;
  }

  #merge(head: SkbRef, skb: SkbRef, len: number): void {
    const s = this.#skbs;
    const last = s.last[head];
    const frags = s.nrFrags[skb];
    if (s.headlen[skb] === 0 && s.nrFrags[last] + frags <= MAX_SKB_FRAGS) {
      for (let i = 0; i < frags; i++) {
        const at = skb * MAX_SKB_FRAGS + i;
        s.addFrag(last, s.fragRef[at], s.fragOffset[at], s.fragSize[at]);
      }
      if (last !== head) s.len[head] += len;
      s.truesize[head] += s.truesize[skb] - this.#headTruesize;
      s.releaseHead(skb);
      return;
    }
    if (last === head) s.fragList[head] = skb;
    else s.next[last] = skb;
    s.last[head] = skb;
    s.len[head] += len;
    s.truesize[head] += s.truesize[skb];
  }

  #flushOne(i: number): void {
    const skb = this.#held[i];
    this.#count--;
    for (let j = i; j < this.#count; j++) {
      this.#held[j] = this.#held[j + 1];
      this.#mss[j] = this.#mss[j + 1];
    }
    this.#deliver(skb);
  }

  /** Hands up what is held of one flow, so that a state change stays behind its data. */
  flushFlow(flow: number): void {
    for (let i = 0; i < this.#count; i++) {
      if (this.#skbs.flow[this.#held[i]] === flow) {
        this.#flushOne(i);
        return;
      }
    }
  }

  /** End of a poll. */
  flush(): void {
    while (this.#count > 0) this.#flushOne(0);
  }
}
