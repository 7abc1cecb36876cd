import { ERRNO } from '../../uapi/errno.ts';
import { MAX_SKB_FRAGS, PAGE_SIZE } from '../../uapi/limits.ts';
import {
  MSG_DONTWAIT,
  MSG_PEEK,
  MSG_SOCK_DEVMEM,
  MSG_TRUNC,
  MSG_WAITALL,
  SCM_DEVMEM_DMABUF,
  SCM_DEVMEM_LINEAR,
  SOL_TCP,
  TCP_CM_INQ,
} from '../../uapi/socket.ts';
import { NETMEM_KIND, NETMEM_STATE } from '../netmem/netmem.ts';
import type { Msghdr } from './msghdr.ts';
import { FRAG_PAGE_HEAD, SKB_UNREADABLE, type SkbRef } from './skb.ts';
import type { TcpSocket } from './tcp-socket.ts';

/** No unit of data was taken from the queue yet. */
const NOTHING = -1;

/**
 * One recvmsg() on a TCP socket, as a function of (socket, length, control length, flags); net/ipv4/tcp.c,
 * tcp_recvmsg_locked() and tcp_recvmsg_dmabuf(), 6.18. Never waits: with less to read than SO_RCVLOWAT or MSG_WAITALL ask
 * for it takes nothing and is -EAGAIN, unless MSG_DONTWAIT takes what is there.
 *
 * @returns bytes received (0 at the end of the stream), or a negative errno: -EFAULT for frags without MSG_SOCK_DEVMEM
 *   (they stay queued), -ETOOSMALL for a control buffer without room for one control message, -ENODEV for frags that are
 *   no devmem, -ECONNRESET, -ENOTCONN
 */
export function tcpRecvmsg(
  sock: TcpSocket,
  msg: Msghdr,
  len: number,
  controllen: number,
  flags: number,
  cpu = 0,
): number {
  msg.begin(controllen);
  if ((flags & MSG_DONTWAIT) === 0 && !sock.hasRead((flags & MSG_WAITALL) !== 0 ? len : Math.min(sock.rcvlowat, len))) {
    msg.controllen = controllen;
    return -ERRNO.EAGAIN;
  }
  const skbs = sock.kernel.skbs;
  const now = sock.kernel.clock.now();
  const peek = (flags & MSG_PEEK) !== 0;
  let seq = sock.copiedSeq;
  let copied = 0;
  let error = 0;
  let lastKind = NOTHING;
  let skb = sock.queueHead;
  do {
    while (skb !== 0 && seq - skbs.seq[skb] >= skbs.len[skb]) skb = skbs.next[skb];
    if (skb === 0) {
      if (copied === 0) error = sock.takeReadError();
      break;
    }
    const offset = seq - skbs.seq[skb];
    let used = Math.min(len, skbs.len[skb] - offset);
    const unreadable = skbs.flags[skb] & SKB_UNREADABLE;
    if ((flags & MSG_TRUNC) === 0) {
      if (lastKind !== NOTHING && lastKind !== unreadable) break;
      if (unreadable === 0) {
        copyReadable(sock, skb, offset, msg, used);
      } else if ((flags & MSG_SOCK_DEVMEM) === 0) {
        error = -ERRNO.EFAULT;
        break;
      } else {
        const got = recvmsgDmabuf(sock, skb, offset, msg, used, now);
        if (got < 0) {
          error = got;
          break;
        }
        used = got;
      }
    }
    lastKind = unreadable;
    seq += used;
    copied += used;
    len -= used;
    if (!peek) sock.copiedSeq = seq;
    if (seq - skbs.seq[skb] < skbs.len[skb]) {
      if (used === 0) break;
      continue;
    }
    const next = skbs.next[skb];
    if (!peek) sock.eat(skb, cpu);
    skb = next;
  } while (len > 0);

  if (copied === 0 && error !== 0) {
    msg.controllen = controllen;
    return error;
  }
  if (sock.inqEnabled) msg.putInt(SOL_TCP, TCP_CM_INQ, sock.inqHint());
  if (!peek) sock.afterRead();
  return copied;
}

/** Copies `size` payload bytes from `offset` on: linear part, frags, chained skbs. */
function copyReadable(sock: TcpSocket, skb: SkbRef, offset: number, msg: Msghdr, size: number): void {
  const { skbs, netmems } = sock.kernel;
  for (let part = skb; size > 0 && part !== 0; part = part === skb ? skbs.fragList[skb] : skbs.next[part]) {
    const head = skbs.headlen[part];
    if (offset < head) {
      const n = Math.min(size, head - offset);
      msg.copy(skbs.linear[part] as Uint8Array, offset, n);
      offset += n;
      size -= n;
    }
    offset -= head;
    const end = part * MAX_SKB_FRAGS + skbs.nrFrags[part];
    for (let at = part * MAX_SKB_FRAGS; at < end && size > 0; at++) {
      const fragSize = skbs.fragSize[at];
      if (offset < fragSize) {
        const n = Math.min(size, fragSize - offset);
        const ref = skbs.fragRef[at];
        const area = netmems.areaOf(ref);
        msg.copy(area.memory(), (ref - area.base) * PAGE_SIZE + skbs.fragOffset[at] + offset, n);
        offset += n;
        size -= n;
      }
      offset -= fragSize;
    }
  }
}

/** Delivers unreadable data of one packet as control messages; at most `remaining` payload bytes. */
function recvmsgDmabuf(
  sock: TcpSocket,
  skb: SkbRef,
  offset: number,
  msg: Msghdr,
  remaining: number,
  now: number,
): number {
  const { skbs, netmems, pools } = sock.kernel;
  let sent = 0;
  let part = skb;
  do {
    if ((skbs.flags[part] & SKB_UNREADABLE) === 0) return sent > 0 ? sent : -ERRNO.ENODEV;
    let start = skbs.headlen[part];
    if (offset < start) {
      const n = Math.min(start - offset, remaining);
      const before = msg.iovLen;
      msg.copy(skbs.linear[part] as Uint8Array, offset, n);
      if (!msg.putDevmem(SCM_DEVMEM_LINEAR, 0, n, 0, 0)) {
        msg.iovLen = before;
        return sent > 0 ? sent : -ERRNO.ETOOSMALL;
      }
      offset += n;
      remaining -= n;
      sent += n;
      if (remaining === 0) return sent;
    }
    const last = part * MAX_SKB_FRAGS + skbs.nrFrags[part];
    for (let at = part * MAX_SKB_FRAGS; at < last; at++) {
      const ref = skbs.fragRef[at];
      if (ref === FRAG_PAGE_HEAD) return sent > 0 ? sent : -ERRNO.ENODEV;
      const area = netmems.areas[netmems.area[ref]];
      if (area.kind !== NETMEM_KIND.DMABUF) return sent > 0 ? sent : -ERRNO.ENODEV;
      const end = start + skbs.fragSize[at];
      if (offset < end) {
        const n = Math.min(end - offset, remaining);
        const fragOffset = area.virtualBase + (ref - area.base) * PAGE_SIZE + skbs.fragOffset[at] + offset - start;
        if (sock.kernel.tokensHeld >= sock.kernel.maxTokens) return sent > 0 ? sent : -ERRNO.ENOMEM;
        const token = sock.tokens.add(ref, fragOffset, n, now);
        if (token < 0) return sent > 0 ? sent : -ERRNO.EBUSY;
        if (!msg.putDevmem(SCM_DEVMEM_DMABUF, fragOffset, n, token, area.bindingId)) {
          sock.tokens.remove(token);
          return sent > 0 ? sent : -ERRNO.ETOOSMALL;
        }
        sock.kernel.tokensHeld++;
        netmems.ppRef[ref]++;
        if (netmems.users[ref]++ === 0) pools.byHandle(netmems.pool[ref]).move(ref, NETMEM_STATE.USER);
        offset += n;
        remaining -= n;
        sent += n;
        if (remaining === 0) return sent;
      }
      start = end;
    }
    offset -= start;
    part = part === skb ? skbs.fragList[skb] : skbs.next[part];
  } while (part !== 0);
  return remaining > 0 && sent === 0 ? -ERRNO.EFAULT : sent;
}
