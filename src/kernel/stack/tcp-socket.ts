import { ERRNO, type ErrnoName } from '../../uapi/errno.ts';
import {
  MAX_DONTNEED_FRAGS,
  MAX_DONTNEED_TOKENS,
  MAX_SKB_FRAGS,
  RMEM_MAX,
  SOCK_MIN_RCVBUF,
  TCP_RMEM_MAX,
  TCP_WMEM_DEFAULT,
} from '../../uapi/limits.ts';
import { fail } from '../error.ts';
import type { Kernel } from '../kernel.ts';
import { NETMEM_STATE, type NetmemRef } from '../netmem/netmem.ts';
import { WaitQueue } from '../wait-queue.ts';
import type { Msghdr } from './msghdr.ts';
import { tcpRecvmsg } from './recvmsg.ts';
import { FRAG_PAGE_HEAD, SKB_HEAD_FRAG, SKB_STRUCT_TRUESIZE, SKB_UNREADABLE, type SkbRef } from './skb.ts';
import type { TcpFlow } from './tcp-flow.ts';
import { TokenTable } from './token-table.ts';

/** Linux's names of the states a simulated connection passes through. */
export type TcpState =
  | 'syn-sent'
  | 'established'
  | 'close-wait'
  | 'fin-wait1'
  | 'fin-wait2'
  | 'last-ack'
  | 'closing'
  | 'close';

/** What a returned-token list asks for: ids [start, start + count). */
export interface TokenRange {
  start: number;
  count: number;
}

/**
 * A TCP socket of the simulated host: receive queue in sequence, tokens, and bytes on their way to the peer
 * (net/ipv4/tcp*.c, 6.18).
 *
 * ```
 *   copiedSeq                rcvNxt
 *      v                       v
 *   [ queueHead skb | skb | skb ]   [ ofo skb ] ...     skbs ordered by stream offset
 * ```
 */
export class TcpSocket {
  readonly kernel: Kernel;
  readonly waitQueue = new WaitQueue();
  readonly tokens = new TokenTable();
  flow: TcpFlow | null = null;
  state: TcpState = 'established';
  queueHead: SkbRef = 0;
  #queueTail: SkbRef = 0;
  #ofoHead: SkbRef = 0;
  /** Next stream offset expected, and next one to be read. */
  rcvNxt = 0;
  copiedSeq = 0;
  /** Truesize of what is queued, against the limit. */
  rmem = 0;
  rcvbuf = TCP_RMEM_MAX;
  rcvlowat = 1;
  inqEnabled = false;
  /** Pending error (sk_err), reported once. */
  #error: ErrnoName | null = null;
  #finSeen = false;
  /** Segments refused because the queue was over its limit (TcpExtTCPRcvQDrop), and those that came again. */
  rcvqDrops = 0;
  duplicates = 0;
  ofoSegments = 0;
  /** Where a relayed connection of a published port reaches the client's own listener. */
  relay: { address: string; port: number } | null = null;
  #sendQueue: Uint8Array[] = [];
  #sendBytes = 0;
  sndbuf = TCP_WMEM_DEFAULT;
  #sendShutdown = false;
  #shutdownTold = false;
  #rcvShutdown = false;
  /** No fd names it any more. */
  #orphan = false;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  // ---- receive side, called by TCP ----

  /** Queues a segment of this flow, in NAPI context. */
  receive(skb: SkbRef): void {
    const skbs = this.kernel.skbs;
    const seq = skbs.seq[skb];
    const end = seq + skbs.len[skb];
    if (this.state === 'close' || this.#rcvShutdown || this.#orphan) {
      skbs.release(skb);
      if (this.#orphan) this.#abort();
      return;
    }
    if (end <= this.rcvNxt) {
      this.duplicates++;
      skbs.release(skb);
      return;
    }
    // What the flow took was inside the window it then had; nobody would send it again.
    if (this.rmem >= this.rcvbuf && end > (this.flow as TcpFlow).nextSeq) {
      this.rcvqDrops++;
      skbs.release(skb);
      return;
    }
    this.#charge(skb);
    if (seq > this.rcvNxt) {
      this.#queueOutOfOrder(skb);
      return;
    }
    this.#queue(skb, end);
    if (this.#ofoHead !== 0) this.#takeOutOfOrder();
    if (this.readable) this.waitQueue.wake();
  }

  #charge(skb: SkbRef): void {
    const { skbs, netmems, pools } = this.kernel;
    this.rmem += skbs.truesize[skb];
    for (let part = skb; part !== 0; part = part === skb ? skbs.fragList[skb] : skbs.next[part]) {
      const end = part * MAX_SKB_FRAGS + skbs.nrFrags[part];
      for (let at = part * MAX_SKB_FRAGS; at < end; at++) {
        const ref = skbs.fragRef[at];
        if (netmems.users[ref] === 0) pools.byHandle(netmems.pool[ref]).move(ref, NETMEM_STATE.SOCKET);
      }
    }
  }

  #queue(skb: SkbRef, end: number): void {
    const skbs = this.kernel.skbs;
    this.rcvNxt = end;
    const tail = this.#queueTail;
    if (tail !== 0 && this.#coalesce(tail, skb)) return;
    skbs.next[skb] = 0;
    if (tail === 0) this.queueHead = skb;
    else skbs.next[tail] = skb;
    this.#queueTail = skb;
  }

  /** skb_try_coalesce(): the frags of `from` move to the tail of the queue when they fit. */
  #coalesce(to: SkbRef, from: SkbRef): boolean {
    const skbs = this.kernel.skbs;
    if ((skbs.flags[from] & SKB_UNREADABLE) === 0 || (skbs.flags[to] & SKB_UNREADABLE) === 0) return false;
    if (skbs.fragList[to] !== 0 || skbs.fragList[from] !== 0) return false;
    if (skbs.seq[to] + skbs.len[to] !== skbs.seq[from] || skbs.headRef[from] !== 0) return false;
    const head = skbs.headlen[from];
    let frags = skbs.nrFrags[to] + skbs.nrFrags[from];
    const base = head > 0 ? SKB_STRUCT_TRUESIZE : this.kernel.profile.smallSkbTruesize;
    if (head > 0) {
      frags++;
      if ((skbs.flags[from] & SKB_HEAD_FRAG) === 0) return false;
    }
    if (frags > MAX_SKB_FRAGS) return false;
    if (head > 0) skbs.addFrag(to, FRAG_PAGE_HEAD, 0, head);
    const first = from * MAX_SKB_FRAGS;
    for (let i = 0; i < skbs.nrFrags[from]; i++) {
      skbs.addFrag(to, skbs.fragRef[first + i], skbs.fragOffset[first + i], skbs.fragSize[first + i]);
    }
    skbs.truesize[to] += skbs.truesize[from] - base;
    this.rmem -= base;
    skbs.releaseHead(from);
    return true;
  }

  #queueOutOfOrder(skb: SkbRef): void {
    const skbs = this.kernel.skbs;
    this.ofoSegments++;
    let before = 0;
    let at = this.#ofoHead;
    while (at !== 0 && skbs.seq[at] < skbs.seq[skb]) {
      before = at;
      at = skbs.next[at];
    }
    if (at !== 0 && skbs.seq[at] === skbs.seq[skb] && skbs.len[at] >= skbs.len[skb]) {
      this.duplicates++;
      this.rmem -= skbs.truesize[skb];
      skbs.release(skb);
      return;
    }
    skbs.next[skb] = at;
    if (before === 0) this.#ofoHead = skb;
    else skbs.next[before] = skb;
  }

  #takeOutOfOrder(): void {
    const skbs = this.kernel.skbs;
    while (this.#ofoHead !== 0 && skbs.seq[this.#ofoHead] <= this.rcvNxt) {
      const skb = this.#ofoHead;
      this.#ofoHead = skbs.next[skb];
      const end = skbs.seq[skb] + skbs.len[skb];
      if (end <= this.rcvNxt) {
        this.rmem -= skbs.truesize[skb];
        skbs.release(skb);
      } else {
        this.#queue(skb, end);
      }
    }
  }

  /** The peer sent FIN, behind all its data. */
  receiveFin(): void {
    this.#finSeen = true;
    if (this.state === 'established') this.state = 'close-wait';
    else if (this.state === 'fin-wait2') this.#done();
    else if (this.state === 'fin-wait1') this.state = 'closing';
    this.waitQueue.wake();
  }

  /** The peer reset the connection: what is queued stays readable, then the error shows. */
  receiveReset(): void {
    if (this.state === 'close') return;
    this.#error = this.state === 'close-wait' ? 'EPIPE' : 'ECONNRESET';
    this.#done();
    this.waitQueue.wake();
  }

  /** Our FIN was acknowledged. */
  receiveFinAck(): void {
    if (this.state === 'fin-wait1') {
      this.state = 'fin-wait2';
      // An orphan waits for the peer's FIN in a time-wait stub; the socket itself goes now.
      if (this.#orphan) this.#done();
    } else if (this.state === 'closing' || this.state === 'last-ack') {
      this.#done();
    }
  }

  // ---- reading ----

  /** Unread bytes. */
  inq(): number {
    return this.rcvNxt - this.copiedSeq;
  }

  get readable(): boolean {
    return (
      this.inq() >= Math.min(this.rcvlowat, Math.max(1, this.rcvbuf >> 1)) ||
      this.atEnd ||
      this.rmem >= this.rcvbuf ||
      (this.flow?.windowClosed === true && this.inq() > 0)
    );
  }

  /** Nothing more will arrive. */
  get atEnd(): boolean {
    return this.#finSeen || this.#rcvShutdown || this.#error !== null || this.state === 'close';
  }

  /**
   * Receives into `msg`.
   *
   * @param len bytes wanted (frags count, though they take no room)
   * @param controllen bytes of control buffer offered
   * @param flags MSG_*
   * @returns bytes, 0 at the end of the stream, or a negative errno (see {@link tcpRecvmsg})
   */
  recvmsg(msg: Msghdr, len: number, controllen: number, flags: number): number {
    return tcpRecvmsg(this, msg, len, controllen, flags);
  }

  /** What a read that found nothing reports: 0 = end of stream. Takes a pending error. */
  takeReadError(): number {
    // A stream that ended has ended, whatever came behind the FIN; SO_ERROR and send still tell.
    if (this.#finSeen) return 0;
    if (this.#error !== null) return -this.takeError();
    if (this.#rcvShutdown) return 0;
    if (this.state === 'close') return this.#hadReset ? 0 : -ERRNO.ENOTCONN;
    if (this.state === 'syn-sent') return -ERRNO.ENOTCONN;
    return -ERRNO.EAGAIN;
  }

  #hadReset = false;

  /** Frees the first packet of the queue after it was read. */
  eat(skb: SkbRef): void {
    const skbs = this.kernel.skbs;
    this.queueHead = skbs.next[skb];
    if (this.queueHead === 0) this.#queueTail = 0;
    this.rmem -= skbs.truesize[skb];
    skbs.release(skb);
  }

  /** Opens the window again when enough room is there; called after each read. */
  afterRead(): void {
    if (this.rmem <= this.rcvbuf >> 1) this.flow?.windowOpened();
  }

  // ---- tokens ----

  /**
   * SO_DEVMEM_DONTNEED: gives frags back. Ids are charged against a budget of 1024 before they are looked up; unknown ones
   * are skipped in silence, and the budget ends the call in silence.
   *
   * @returns how many frags were freed
   * @throws KernelError EINVAL for more than 128 ranges
   */
  devmemDontneed(ranges: readonly TokenRange[]): number {
    if (ranges.length === 0 || ranges.length > MAX_DONTNEED_TOKENS) fail('EINVAL');
    let budget = MAX_DONTNEED_FRAGS;
    let freed = 0;
    for (const range of ranges) {
      for (let i = 0; i < range.count; i++) {
        if (budget-- === 0) return freed;
        const ref = this.tokens.remove((range.start + i) >>> 0);
        if (ref === 0) continue;
        this.#putUser(ref);
        freed++;
      }
    }
    return freed;
  }

  #putUser(ref: NetmemRef): void {
    const { netmems, pools } = this.kernel;
    const pool = pools.byHandle(netmems.pool[ref]);
    if (--netmems.users[ref] === 0 && netmems.ppRef[ref] > 1) pool.move(ref, NETMEM_STATE.SOCKET);
    pool.put(ref);
  }

  // ---- sending ----

  /**
   * Queues bytes for the peer; the array is kept.
   *
   * @returns bytes taken, or -EAGAIN (the peer does not read), -EPIPE, -ENOTCONN, or the pending error
   */
  send(bytes: Uint8Array): number {
    if (this.#error !== null) return -this.takeError();
    if (this.#sendShutdown || this.state === 'close') return -ERRNO.EPIPE;
    if (this.state === 'syn-sent' || this.flow === null) return -ERRNO.ENOTCONN;
    const room = this.sndbuf - this.#sendBytes;
    if (room <= 0) return -ERRNO.EAGAIN;
    const taken = bytes.length <= room ? bytes : bytes.subarray(0, room);
    if (taken.length > 0) {
      this.#sendQueue.push(taken);
      this.#sendBytes += taken.length;
      this.flow.peer.onData();
    }
    return taken.length;
  }

  /** Bytes waiting for the peer. */
  get outq(): number {
    return this.#sendBytes;
  }

  get sentAll(): boolean {
    return this.#sendShutdown && this.#sendBytes === 0;
  }

  /** Hands queued bytes to the wire. */
  takeSent(max: number): Uint8Array | null {
    const first = this.#sendQueue[0];
    if (first === undefined) return null;
    let taken = first;
    if (first.length > max) {
      taken = first.subarray(0, max);
      this.#sendQueue[0] = first.subarray(max);
    } else {
      this.#sendQueue.shift();
    }
    this.#sendBytes -= taken.length;
    if (this.#sendBytes === 0 && this.#sendShutdown) this.#tellShutdown();
    this.waitQueue.wake();
    return taken;
  }

  #tellShutdown(): void {
    const flow = this.flow;
    if (this.#shutdownTold || flow === null) return;
    this.#shutdownTold = true;
    flow.peer.onShutdown();
    flow.finAcked();
  }

  /** shutdown(2). @throws KernelError ENOTCONN, EINVAL */
  shutdown(how: 'rd' | 'wr' | 'rdwr'): void {
    if (this.state === 'close' || this.state === 'syn-sent') fail('ENOTCONN');
    if (how !== 'wr') {
      this.#rcvShutdown = true;
      this.waitQueue.wake();
    }
    if (how !== 'rd') this.#sendFin();
  }

  #sendFin(): void {
    if (this.#sendShutdown) return;
    this.#sendShutdown = true;
    if (this.state === 'established') this.state = 'fin-wait1';
    else if (this.state === 'close-wait') this.state = 'last-ack';
    if (this.#sendBytes === 0) this.#tellShutdown();
  }

  // ---- end ----

  /**
   * The last fd is gone. Unread data resets the connection; otherwise FIN follows what is still to be sent, and the socket
   * with its tokens goes when that is acknowledged.
   */
  close(): void {
    if (this.#orphan) return;
    this.#orphan = true;
    const unread = this.inq() > 0;
    this.#purgeQueue();
    if (this.state === 'close') this.#destroy();
    else if (unread || this.state === 'syn-sent') this.#abort();
    else if (this.state === 'fin-wait2') this.#done();
    else this.#sendFin();
  }

  /** Resets the connection and destroys the socket now. */
  abort(): void {
    this.#orphan = true;
    this.#abort();
  }

  #abort(): void {
    const flow = this.flow;
    if (flow !== null && flow.state !== 'closed') {
      flow.state = 'closed';
      flow.peer.onReset();
    }
    this.#done();
  }

  /** The connection is over (tcp_done()). */
  #done(): void {
    this.state = 'close';
    this.#hadReset = true;
    this.#sendQueue = [];
    this.#sendBytes = 0;
    const flow = this.flow;
    if (flow !== null) {
      flow.socket = null;
      this.kernel.tcp.forget(flow);
    }
    if (this.#orphan) this.#destroy();
    this.waitQueue.wake();
  }

  #purgeQueue(): void {
    const skbs = this.kernel.skbs;
    for (const first of [this.queueHead, this.#ofoHead]) {
      for (let skb = first; skb !== 0; ) {
        const next = skbs.next[skb];
        this.rmem -= skbs.truesize[skb];
        skbs.release(skb);
        skb = next;
      }
    }
    this.queueHead = 0;
    this.#queueTail = 0;
    this.#ofoHead = 0;
    this.copiedSeq = this.rcvNxt;
  }

  /** sk_destruct: every token's reference goes, then what is queued. */
  #destroy(): void {
    const { tokens } = this;
    for (let token = 0; token < tokens.ref.length && tokens.count > 0; token++) {
      const ref = tokens.remove(token);
      if (ref !== 0) this.#putUser(ref);
    }
    this.#purgeQueue();
    this.kernel.tcp.sockets.delete(this);
  }

  // ---- options ----

  /** SO_RCVBUF doubles the value, within rmem_max. */
  setRcvbuf(bytes: number): void {
    this.rcvbuf = Math.max(SOCK_MIN_RCVBUF, Math.min(bytes, RMEM_MAX) * 2);
  }

  /** SO_ERROR: reads and clears the pending error. */
  takeError(): number {
    const code = this.#error === null ? 0 : ERRNO[this.#error];
    this.#error = null;
    return code;
  }

  /** Connection set-up by connect(2) failed. */
  refuse(errno: ErrnoName): void {
    this.#error = errno;
    this.#done();
  }

  /** The connection asked for by connect(2) stands. */
  establish(flow: TcpFlow): void {
    this.flow = flow;
    flow.socket = this;
    this.state = 'established';
    this.waitQueue.wake();
  }
}
