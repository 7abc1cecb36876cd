import { MAX_SKB_FRAGS } from '../../uapi/limits.ts';
import {
  FRAG_PAGE_HEAD,
  SKB_HEAD_FRAG,
  SKB_STRUCT_TRUESIZE,
  SKB_UNREADABLE,
  type SkbRef,
  type SkbTable,
} from './skb.ts';

/**
 * skb_try_coalesce() (net/core/skbuff.c, 6.18) for unreadable packets: the frags of `from` move to `to` when they follow it
 * and fit. A linear part in a page becomes a page frag between net_iovs, which no devmem read gets past.
 *
 * @param smallTruesize what the smallest head is charged
 * @returns the truesize that is no longer charged, or -1 when the two stay apart
 */
export function tryCoalesce(skbs: SkbTable, to: SkbRef, from: SkbRef, smallTruesize: number): number {
  if ((skbs.flags[from] & SKB_UNREADABLE) === 0 || (skbs.flags[to] & SKB_UNREADABLE) === 0) return -1;
  if (skbs.fragList[to] !== 0 || skbs.fragList[from] !== 0) return -1;
  if (skbs.seq[to] + skbs.len[to] !== skbs.seq[from]) return -1;
  const head = skbs.headlen[from];
  let frags = skbs.nrFrags[to] + skbs.nrFrags[from];
  if (head > 0) {
    frags++;
    if ((skbs.flags[from] & SKB_HEAD_FRAG) === 0) return -1;
  }
  if (frags > MAX_SKB_FRAGS) return -1;
  if (head > 0) skbs.addFrag(to, FRAG_PAGE_HEAD, 0, head);
  const first = from * MAX_SKB_FRAGS;
  for (let i = 0; i < skbs.nrFrags[from]; i++) {
    skbs.addFrag(to, skbs.fragRef[first + i], skbs.fragOffset[first + i], skbs.fragSize[first + i]);
  }
  const saved = head > 0 ? SKB_STRUCT_TRUESIZE : smallTruesize;
  skbs.truesize[to] += skbs.truesize[from] - saved;
  skbs.releaseHead(from);
  return saved;
}
