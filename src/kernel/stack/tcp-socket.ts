import { ERRNO, type ErrnoName } from '../../uapi/errno.ts';
import {
  MAX_DONTNEED_FRAGS,
  MAX_DONTNEED_TOKENS,
  MAX_SKB_FRAGS,
  RMEM_MAX,
  SOCK_MIN_RCVBUF,
  SOCK_MIN_SNDBUF,
  TCP_RMEM_DEFAULT,
  TCP_RMEM_MAX,
  TCP_WMEM_DEFAULT,
  WMEM_MAX,
} from '../../uapi/limits.ts';
import { fail } from '../error.ts';
import type { Kernel } from '../kernel.ts';
import { NETMEM_STATE, type NetmemRef } from '../netmem/netmem.ts';
import { WaitQueue } from '../wait-queue.ts';
import { tryCoalesce } from './coalesce.ts';
import type { Msghdr } from './msghdr.ts';
import { OutOfOrderQueue } from './out-of-order-queue.ts';
import { tcpRecvmsg } from './recvmsg.ts';
import { SendQueue } from './send-queue.ts';
import type { SkbRef } from './skb.ts';
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
  readonly #ofo: OutOfOrderQueue;
  /** Next stream offset expected, and next one to be read. */
  rcvNxt = 0;
  copiedSeq = 0;
  /** Truesize of what is queued, against the limit. */
  rmem = 0;
  rcvbuf = TCP_RMEM_MAX;
  /** SO_RCVBUF was set: the limit no longer tunes itself. */
  #rcvbufLocked = false;
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
  readonly #sendQueue = new SendQueue();
  sndbuf = TCP_WMEM_DEFAULT;
  #sendShutdown = false;
  #shutdownTold = false;
  #rcvShutdown = false;
  /** No fd names it any more. */
  #orphan = false;
  /** Local port taken for connect(2); 0 = none. */
  localPort = 0;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
    this.#ofo = new OutOfOrderQueue(kernel.skbs);
  }

  // ---- receive side, called by TCP ----

  /** Queues a segment of this flow, in NAPI context. */
  receive(skb: SkbRef): void {
    const skbs = this.kernel.skbs;
    const seq = skbs.seq[skb];
    const end = seq + skbs.len[skb];
    if (this.state === 'close' || this.#orphan || (this.#rcvShutdown && this.#sendShutdown)) {
      // Nobody will ever read it: the peer is told.
      skbs.release(skb);
      if (this.state !== 'close') this.#abort();
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
      this.ofoSegments++;
      if (!this.#ofo.insert(skb)) {
        this.duplicates++;
        this.#discard(skb);
      }
      return;
    }
    this.#queue(skb, end);
    if (this.#ofo.head !== 0) this.#takeOutOfOrder();
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
    if (tail !== 0) {
      const saved = tryCoalesce(skbs, tail, skb, this.kernel.profile.smallSkbTruesize);
      if (saved >= 0) {
        this.rmem -= saved;
        return;
      }
    }
    skbs.next[skb] = 0;
    if (tail === 0) this.queueHead = skb;
    else skbs.next[tail] = skb;
    this.#queueTail = skb;
  }

  /** Queues what had arrived early and is due now. */
  #takeOutOfOrder(): void {
    const skbs = this.kernel.skbs;
    for (let skb = this.#ofo.takeUpTo(this.rcvNxt); skb !== 0; skb = this.#ofo.takeUpTo(this.rcvNxt)) {
      const end = skbs.seq[skb] + skbs.len[skb];
      if (end > this.rcvNxt) this.#queue(skb, end);
      else this.#discard(skb);
    }
  }

  /** Frees a segment that was charged. */
  #discard(skb: SkbRef): void {
    this.rmem -= this.kernel.skbs.truesize[skb];
    this.kernel.skbs.release(skb);
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
  }

  /** Our FIN was acknowledged. */
  receiveFinAck(): void {
    if (this.state === 'fin-wait1') {
      this.state = 'fin-wait2';
      if (this.#orphan) this.#leaveFinWait2();
    } else if (this.state === 'closing' || this.state === 'last-ack') {
      this.#done();
    }
  }

  /** An orphan's peer has a while to send its FIN; the socket itself goes now. */
  #leaveFinWait2(): void {
    this.flow?.waitForFin();
    this.#done();
  }

  // ---- reading ----

  /** Unread bytes. */
  inq(): number {
    return this.rcvNxt - this.copiedSeq;
  }

  /** What TCP_INQ tells: the FIN counts as a byte, and a stream that ended is never at 0. */
  inqHint(): number {
    return this.inq() + (this.#finSeen ? 1 : 0);
  }

  get readable(): boolean {
    return this.hasRead(this.rcvlowat);
  }

  /** Whether a read that wants `target` bytes need not wait: they are there, or no more can come until it reads. */
  hasRead(target: number): boolean {
    return (
      this.inq() >= target ||
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
   * @param cpu the CPU that the caller runs on
   * @returns bytes, 0 at the end of the stream, or a negative errno (see {@link tcpRecvmsg})
   */
  recvmsg(msg: Msghdr, len: number, controllen: number, flags: number, cpu = 0): number {
    return tcpRecvmsg(this, msg, len, controllen, flags, cpu);
  }

  /** What a read that found nothing reports: 0 = end of stream. Takes a pending error. */
  takeReadError(): number {
    // A stream that ended has ended, whatever came behind the FIN; SO_ERROR and send still tell.
    if (this.#finSeen) return 0;
    if (this.#error !== null) return -this.takeError();
    if (this.#rcvShutdown) return 0;
    if (this.state === 'close') return 0;
    if (this.state === 'syn-sent') return -ERRNO.ENOTCONN;
    return -ERRNO.EAGAIN;
  }

  /** Frees the first packet of the queue after it was read on `cpu` (tcp_eat_recv_skb()). */
  eat(skb: SkbRef, cpu = 0): void {
    const { skbs, deferred } = this.kernel;
    this.queueHead = skbs.next[skb];
    if (this.queueHead === 0) this.#queueTail = 0;
    this.rmem -= skbs.truesize[skb];
    deferred.attempt(skb, cpu);
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
    const { netmems, pools, deferred } = this.kernel;
    const pool = pools.byHandle(netmems.pool[ref]);
    this.kernel.tokensHeld--;
    if (--netmems.users[ref] === 0 && netmems.ppRef[ref] > 1) pool.move(ref, deferred.stateOf(ref));
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
    const room = this.sndbuf - this.#sendQueue.bytes;
    if (room <= 0) return -ERRNO.EAGAIN;
    const taken = bytes.length <= room ? bytes : bytes.subarray(0, room);
    this.#sendQueue.push(taken);
    if (taken.length > 0) this.flow.peer.onData();
    return taken.length;
  }

  /** Bytes waiting for the peer. */
  get outq(): number {
    return this.#sendQueue.bytes;
  }

  get sentAll(): boolean {
    return this.#sendShutdown && this.#sendQueue.bytes === 0;
  }

  /** Hands queued bytes to the wire. */
  takeSent(max: number): Uint8Array | null {
    const taken = this.#sendQueue.take(max);
    if (taken === null) return null;
    if (this.#sendQueue.bytes === 0 && this.#sendShutdown) this.#tellShutdown();
    this.waitQueue.wake();
    return taken;
  }

  #tellShutdown(): void {
    const flow = this.flow;
    if (this.#shutdownTold || flow === null) return;
    this.#shutdownTold = true;
    flow.peer.onShutdown();
    if (flow.peer.reachable !== false) flow.finAcked();
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
    if (this.#sendQueue.bytes === 0) this.#tellShutdown();
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
    else if (this.state === 'fin-wait2') this.#leaveFinWait2();
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
    this.#sendQueue.clear();
    if (this.localPort !== 0) this.kernel.tcp.releasePort(this);
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
    for (let skb = this.queueHead; skb !== 0; ) {
      const next = skbs.next[skb];
      this.#discard(skb);
      skb = next;
    }
    for (let skb = this.#ofo.takeUpTo(Infinity); skb !== 0; skb = this.#ofo.takeUpTo(Infinity)) this.#discard(skb);
    this.queueHead = 0;
    this.#queueTail = 0;
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

  /** SO_RCVBUF: the value is read as unsigned, cut to rmem_max and doubled. */
  setRcvbuf(bytes: number): void {
    this.rcvbuf = Math.max(SOCK_MIN_RCVBUF, Math.min(bytes >>> 0, RMEM_MAX) * 2);
    this.#rcvbufLocked = true;
    this.afterRead();
  }

  /** What getsockopt tells: the start of the range that tunes itself, until it is set. */
  get rcvbufOption(): number {
    return this.#rcvbufLocked ? this.rcvbuf : TCP_RMEM_DEFAULT;
  }

  /** SO_SNDBUF, as SO_RCVBUF with wmem_max. */
  setSndbuf(bytes: number): void {
    this.sndbuf = Math.max(SOCK_MIN_SNDBUF, Math.min(bytes >>> 0, WMEM_MAX) * 2);
  }

  /** SO_RCVLOWAT: 0 is 1, negative is as much as can be; at most half of what the receive buffer may become. */
  setRcvlowat(bytes: number): void {
    const most = (this.#rcvbufLocked ? this.rcvbuf : TCP_RMEM_MAX) >> 1;
    this.rcvlowat = bytes < 0 ? most : Math.max(1, Math.min(bytes, most));
    if (this.readable) this.waitQueue.wake();
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
