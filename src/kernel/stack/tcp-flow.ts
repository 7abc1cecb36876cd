import {
  IPV4_TCP_HEADER,
  IPV6_TCP_HEADER,
  TCP_FIN_TIMEOUT_MS,
  TCP_RTO_MAX_MS,
  TCP_RTO_MIN_MS,
} from '../../uapi/limits.ts';
import type { Timer } from '../clock.ts';
import type { RxRing } from '../driver/rx-ring.ts';
import type { Netdev } from '../netdev/netdev.ts';
import type { RxQueue } from '../netdev/rx-queue.ts';
import type { FlowKey } from './flow-key.ts';
import { SKB_FIN, SKB_FIN_ACK, SKB_RST } from './skb.ts';
import type { TcpSocket } from './tcp-socket.ts';

/** Link-layer header of a frame, counted in the device's byte statistics. */
const ETHERNET_HEADER = 14;

/** The far end of a flow, implemented by a wire. Calls are synchronous and must not re-enter {@link TcpFlow.deliver}. */
export interface PeerEvents {
  /** More can be delivered: the window opened, or buffers are there again. */
  onWindow(): void;
  /** {@link TcpFlow.peerRead} has bytes for the real peer. */
  onData(): void;
  /** The simulated socket ended its sending side; {@link TcpFlow.peerRead} has handed out everything. */
  onShutdown(): void;
  /** false: nothing that the simulated socket sends arrives. Its FIN is acknowledged by {@link TcpFlow.finAcked} when it does. */
  readonly reachable?: boolean;
  /** The simulated socket aborted the connection. */
  onReset(): void;
}

/**
 * `open`: the peer may send. `fin`: it sent FIN. `closed`: reset, or the socket is gone.
 */
export type TcpFlowState = 'open' | 'fin' | 'closed';

/** One TCP connection as its wire sees it: the remote peer of a simulated socket. */
export class TcpFlow {
  readonly id: number;
  readonly key: FlowKey;
  readonly netdev: Netdev;
  readonly peer: PeerEvents;
  readonly mss: number;
  /** Ethernet, IP and TCP header bytes of each of its frames. */
  readonly headerBytes: number;
  state: TcpFlowState = 'open';
  socket: TcpSocket | null = null;
  /** Stream offset of the next byte to send. */
  nextSeq = 0;
  /** Payload bytes with the device, not yet seen by TCP. */
  pendingBytes = 0;
  /** What those bytes will be charged to the socket; GRO can only make it less. */
  pendingTruesize = 0;
  /** State changes with the device, not yet seen by TCP. */
  pendingControl = 0;
  /** Segments sent again because the device had no buffer for them. */
  retransmits = 0;
  #queue: RxQueue | null = null;
  #steeredAt = -1;
  #held: 'no' | 'window' | 'buffers' | 'timer' = 'no';
  #rto = TCP_RTO_MIN_MS;
  #control = 0;
  #finWait2: Timer | null = null;

  constructor(id: number, key: FlowKey, netdev: Netdev, peer: PeerEvents) {
    this.id = id;
    this.key = key;
    this.netdev = netdev;
    this.peer = peer;
    const header = key.family === 4 ? IPV4_TCP_HEADER : IPV6_TCP_HEADER;
    this.mss = Math.max(1, netdev.mtu - header);
    this.headerBytes = header + ETHERNET_HEADER;
  }

  /** The RX queue its packets arrive on. */
  get queue(): RxQueue {
    return this.#steer();
  }

  /** Steering follows rules and RSS, but never while packets are under way: a flow's packets stay in order. */
  #steer(): RxQueue {
    if (this.#queue === null || (this.#steeredAt !== this.netdev.steeringGeneration && this.pendingBytes === 0)) {
      this.#queue = this.netdev.steer(this.key);
      this.#steeredAt = this.netdev.steeringGeneration;
    }
    return this.#queue;
  }

  /**
   * The peer sends bytes: cut into segments of at most the MSS, each written once into the buffers of the RX queue.
   *
   * @returns bytes taken. Short when the receive window is full or the device has no buffer: keep the rest and offer it
   *   again after {@link PeerEvents.onWindow}. Bytes for a closed flow are taken and lost, after a reset.
   */
  deliver(source: Uint8Array, offset: number, length: number): number {
    if (this.state !== 'open' || this.socket === null) {
      if (this.state === 'open') this.#abandon();
      return length;
    }
    const sock = this.socket;
    let done = 0;
    while (done < length) {
      if (sock.rmem + this.pendingTruesize >= sock.rcvbuf) {
        this.#held = 'window';
        break;
      }
      const ring = this.#steer().ring;
      if (ring === null) {
        this.netdev.holdFlow(this);
        this.#held = 'buffers';
        break;
      }
      if (!ring.accepts) {
        this.#hold(ring);
        break;
      }
      const size = Math.min(this.mss, length - done);
      if (!ring.receive(this, this.nextSeq, source, offset + done, size, done + size === length)) {
        this.retransmits++;
        this.#hold(ring);
        break;
      }
      this.#rto = TCP_RTO_MIN_MS;
      this.nextSeq += size;
      done += size;
    }
    return done;
  }

  /** One segment with a sequence number of the caller's choice. @returns whether the device had buffers for it */
  segment(seq: number, source: Uint8Array, offset: number, size: number, push: boolean): boolean {
    const ring = this.#steer().ring;
    return ring?.receive(this, seq, source, offset, size, push) ?? false;
  }

  #hold(ring: RxRing): void {
    if (this.#held === 'timer' || this.#held === 'buffers') return;
    if (ring.driver.params.refillsOnReturn || !ring.accepts) {
      this.#held = 'buffers';
      ring.stall(this);
      return;
    }
    this.#held = 'timer';
    this.netdev.kernel.clock.after(this.#rto, () => this.unstall());
    this.#rto = Math.min(this.#rto * 2, TCP_RTO_MAX_MS);
  }

  /** Buffers are there again, or it is time to try once more. */
  unstall(): void {
    if (this.#held === 'no') return;
    this.#held = 'no';
    if (this.#control !== 0 && this.#hasSocket()) this.#sendControl(this.#control);
    if (this.state === 'open') this.peer.onWindow();
  }

  /** The peer has more and waits for the receive window. */
  get windowClosed(): boolean {
    return this.#held === 'window';
  }

  /** The receive window opened. */
  windowOpened(): void {
    if (this.#held === 'window') this.unstall();
  }

  /** The peer ended its sending side. Call only after everything was taken by {@link deliver}. */
  fin(): void {
    if (this.state !== 'open') return;
    this.state = 'fin';
    this.#finWait2?.cancel();
    if (this.#hasSocket()) this.#sendControl(SKB_FIN);
  }

  /** The peer is gone without an orderly end. */
  reset(): void {
    if (this.state === 'closed') return;
    this.state = 'closed';
    this.#finWait2?.cancel();
    if (this.#hasSocket()) this.#sendControl(SKB_RST);
  }

  /** The peer acknowledged the FIN that the simulated socket sent. */
  finAcked(): void {
    if (this.#hasSocket()) this.#sendControl(SKB_FIN_ACK);
  }

  /**
   * The socket is closed and its FIN acknowledged, but the peer has not sent its own: it gets tcp_fin_timeout to do so,
   * then it is reset.
   */
  waitForFin(): void {
    if (this.state !== 'open') return;
    this.#finWait2 = this.netdev.kernel.clock.after(TCP_FIN_TIMEOUT_MS, () => {
      if (this.state === 'open') this.#abandon();
    });
  }

  /** Without a socket the flow may have given its id back: nothing may be queued under it any more. */
  #hasSocket(): boolean {
    if (this.socket !== null) return true;
    this.state = 'closed';
    return false;
  }

  #sendControl(flags: number): void {
    const ring = this.#steer().ring;
    if (ring === null) {
      this.#control |= flags;
      this.#held = 'buffers';
      this.netdev.holdFlow(this);
      return;
    }
    this.#control = 0;
    this.pendingControl++;
    ring.control(this, this.nextSeq, flags);
  }

  /** Data for a socket that is gone: the connection is reset. */
  #abandon(): void {
    this.state = 'closed';
    this.#finWait2?.cancel();
    this.peer.onReset();
    this.netdev.kernel.tcp.forget(this);
  }

  /** Takes up to `max` bytes that the simulated socket sent; null = none. */
  peerRead(max: number): Uint8Array | null {
    const bytes = this.socket?.takeSent(max) ?? null;
    if (bytes !== null) {
      this.netdev.txPackets += Math.ceil(bytes.length / this.mss);
      this.netdev.txBytes += bytes.length + Math.ceil(bytes.length / this.mss) * this.headerBytes;
    }
    return bytes;
  }

  /** The simulated socket will send nothing more and everything was read. */
  get sendClosed(): boolean {
    return this.socket === null || this.socket.sentAll;
  }
}
