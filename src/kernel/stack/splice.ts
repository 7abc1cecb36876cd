import { ERRNO } from '../../uapi/errno.ts';
import { MAX_SKB_FRAGS, PAGE_SIZE } from '../../uapi/limits.ts';
import type { Pipe } from '../task/pipe.ts';
import { SKB_UNREADABLE, type SkbRef } from './skb.ts';
import type { TcpSocket } from './tcp-socket.ts';

/**
 * splice() from a TCP socket into a pipe (fs/splice.c, net/ipv4/tcp.c: tcp_splice_read(), net/core/skbuff.c:
 * skb_splice_bits(); 6.18). Frags move by reference: the pipe takes a reference to the page, then the packet goes and its
 * pool meets a page that somebody else still looks at. Linear bytes are copied. Never waits.
 *
 * Frags that the host cannot read do not move, and end the call. A blocking call that got nothing then returns 0, which
 * looks like the end of the stream (recorded on 6.12 and 7.3).
 *
 * @param nonblock the socket is O_NONBLOCK
 * @param cpu the CPU that the caller runs on
 * @returns bytes moved; 0 at the end of the stream, or before unreadable data; -EAGAIN: nothing there, or the pipe is
 *   full; or the pending error
 */
export function tcpSpliceRead(sock: TcpSocket, pipe: Pipe, len: number, nonblock: boolean, cpu = 0): number {
  if (pipe.full) return -ERRNO.EAGAIN;
  const { skbs } = sock.kernel;
  let left = Math.min(len, pipe.room);
  let spliced = 0;
  let skb = sock.queueHead;
  while (left > 0 && skb !== 0) {
    const offset = sock.copiedSeq - skbs.seq[skb];
    const next = skbs.next[skb];
    if (offset < skbs.len[skb]) {
      const used = spliceSkb(sock, pipe, skb, offset, Math.min(left, skbs.len[skb] - offset));
      if (used === 0) break;
      sock.copiedSeq += used;
      spliced += used;
      left -= used;
      if (offset + used < skbs.len[skb]) continue;
    }
    sock.eat(skb, cpu);
    skb = next;
  }
  if (spliced > 0) {
    sock.afterRead();
    return spliced;
  }
  const error = sock.takeReadError();
  if (error !== -ERRNO.EAGAIN) return error;
  return skb !== 0 && !nonblock ? 0 : error;
}

/** Moves up to `size` bytes of one packet, from `offset` on: linear part, frags, chained packets. @returns bytes moved */
function spliceSkb(sock: TcpSocket, pipe: Pipe, skb: SkbRef, offset: number, size: number): number {
  const { skbs } = sock.kernel;
  let moved = 0;
  // Only what this packet added is joined, as the kernel joins inside one call.
  let joins = false;
  for (let part = skb; part !== 0; part = part === skb ? skbs.fragList[skb] : skbs.next[part]) {
    const head = skbs.headlen[part];
    while (offset < head && moved < size) {
      const n = Math.min(head - offset, size - moved, PAGE_SIZE);
      if (!pipe.addBytes(skbs.linear[part] as Uint8Array, offset, n)) return moved;
      offset += n;
      moved += n;
      joins = false;
    }
    if ((skbs.flags[part] & SKB_UNREADABLE) !== 0) return moved;
    offset -= Math.min(head, offset);
    const end = part * MAX_SKB_FRAGS + skbs.nrFrags[part];
    for (let at = part * MAX_SKB_FRAGS; at < end && moved < size; at++) {
      const fragSize = skbs.fragSize[at];
      if (offset >= fragSize) {
        offset -= fragSize;
        continue;
      }
      const n = Math.min(fragSize - offset, size - moved);
      const ref = skbs.fragRef[at];
      const from = skbs.fragOffset[at] + offset;
      if (joins && pipe.continues(ref, from)) pipe.grow(n);
      else if (!pipe.addPage(ref, from, n)) return moved;
      joins = true;
      moved += n;
      offset = 0;
    }
    if (moved === size) return moved;
  }
  return moved;
}
