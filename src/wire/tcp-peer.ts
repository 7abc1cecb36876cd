import type net from 'node:net';
import type { PeerEvents } from '../kernel/stack/tcp-flow.ts';
import type { Loop, Reader } from '../loop.ts';
import type { BufferPool } from './buffer-pool.ts';
import { RECEIVE_BUFFER_SIZE } from './buffer-pool.ts';
import type { WireFlow } from './kernel-side.ts';
import { resetConnection } from './reset.ts';

/**
 * Bytes from the real peer to the simulated socket:
 *
 *   idle      not started
 *   reading   the real socket is read; also while it waits for the next turn's read budget
 *   stalled   the kernel took less than was read: the rest is in `#rest`, the real socket is not read, so that its
 *             sender is held back by TCP itself
 *   ended     the real peer's FIN was passed on
 *   closed    the connection is over
 */
type ReceiveState = 'idle' | 'reading' | 'stalled' | 'ended' | 'closed';

/** What else wants to know about a connection. */
export interface TcpPeerHooks {
  /** The real socket can be written again. */
  drain?(): void;
  /** The connection is over on both sides; called once. */
  closed(reset: boolean): void;
}

export interface TcpPeerOptions {
  loop: Loop;
  rest: BufferPool;
  hooks: TcpPeerHooks;
  /** The simulated socket's own shutdown ends the real peer's input. False where somebody else writes to it as well. */
  forwardShutdown?: boolean;
}

/** Joins a real TCP connection to a flow of the kernel, both ways, with back-pressure on each and nothing lost. */
export class TcpPeer implements PeerEvents {
  readonly #reader: Reader;
  readonly #pool: BufferPool;
  readonly #hooks: TcpPeerHooks;
  readonly #forwardShutdown: boolean;
  #flow: WireFlow | null = null;
  #socket: net.Socket | null = null;
  #receive: ReceiveState = 'idle';
  #rest: Uint8Array | null = null;
  #restOff = 0;
  #restEnd = 0;
  #finSeen = false;
  #shutdown = false;
  #ended = false;
  #blocked = false;
  #sending = false;

  constructor(o: TcpPeerOptions) {
    this.#reader = o.loop.addReader(() => this.#resume());
    this.#pool = o.rest;
    this.#hooks = o.hooks;
    this.#forwardShutdown = o.forwardShutdown ?? true;
  }

  /** For the receive callback of the socket that {@link join} gets. */
  readonly received = (buf: Uint8Array, len: number): boolean => {
    if (this.#flow === null || this.#receive !== 'reading') return false;
    const taken = this.#flow.deliver(buf, 0, len);
    const more = this.#reader.charge(len);
    // The kernel may have reset the flow in deliver().
    if (this.#flow === null) return false;
    if (taken < len) {
      // The buffer is everybody's: what was not taken moves out of it.
      this.#rest = this.#pool.take();
      this.#rest.set(buf.subarray(taken, len));
      this.#restOff = 0;
      this.#restEnd = len - taken;
      this.#receive = 'stalled';
      return false;
    }
    if (more && len < RECEIVE_BUFFER_SIZE) {
      // See receive.ts on partial reads.
      this.#reader.request();
      return false;
    }
    return more;
  };

  /** Takes over the connection: `socket` is paused, and paused it stays until {@link start}. */
  join(flow: WireFlow, socket: net.Socket): void {
    // The reason does not matter to TCP: 'close' follows and says that it was an error.
    socket.on('error', () => {});
    if (this.#receive === 'closed') {
      resetConnection(socket);
      return;
    }
    this.#flow = flow;
    this.#socket = socket;
    socket.on('end', () => this.#onEnd());
    socket.on('drain', () => {
      this.#blocked = false;
      this.#send();
      this.#hooks.drain?.();
    });
    socket.on('close', (hadError) => this.#onClose(hadError));
    if (socket.destroyed) this.#onClose(true);
  }

  /** Begins to read the real peer's bytes, and sends what the simulated socket has sent already. */
  start(): void {
    if (this.#receive !== 'idle') return;
    this.#receive = 'reading';
    this.#reader.request();
    this.#send();
  }

  /** Ends the connection at once: both sides see a reset. */
  abort(): void {
    const flow = this.#flow;
    this.#flow = null;
    flow?.reset();
    this.#resetSocket();
  }

  /** Whether the real peer takes more bytes now. */
  get writable(): boolean {
    return !this.#blocked;
  }

  /** Writes bytes that do not come from the simulated socket; false: wait for the `drain` hook. */
  write(bytes: Uint8Array): boolean {
    if (this.#socket === null || this.#ended) return true;
    if (!this.#socket.write(bytes)) this.#blocked = true;
    return !this.#blocked;
  }

  /** FIN to the real peer, behind what was written. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#socket?.end();
  }

  onWindow(): void {
    // Not here: the kernel is in the middle of something.
    if (this.#receive === 'stalled') this.#reader.request();
  }

  onData(): void {
    this.#send();
  }

  onShutdown(): void {
    this.#shutdown = true;
    this.#send();
  }

  onReset(): void {
    this.#flow = null;
    this.#resetSocket();
  }

  #resume(): void {
    if (this.#receive === 'stalled' && !this.#deliverRest()) return;
    if (this.#receive !== 'reading') return;
    if (this.#finSeen) this.#passFin();
    else this.#socket?.resume();
  }

  /** True when nothing is left of it. */
  #deliverRest(): boolean {
    if (this.#flow === null || this.#rest === null) return false;
    const taken = this.#flow.deliver(this.#rest, this.#restOff, this.#restEnd - this.#restOff);
    this.#restOff += taken;
    if (this.#flow === null || this.#restOff < this.#restEnd) return false;
    this.#dropRest();
    this.#receive = 'reading';
    return true;
  }

  #dropRest(): void {
    if (this.#rest === null) return;
    this.#pool.give(this.#rest);
    this.#rest = null;
  }

  #onEnd(): void {
    this.#finSeen = true;
    if (this.#receive === 'reading') this.#passFin();
  }

  #passFin(): void {
    this.#receive = 'ended';
    this.#flow?.fin();
    // The real socket may be gone since: it closes when both directions are shut down.
    if (this.#socket === null && this.#flow !== null) this.#close(!this.#ended);
  }

  #send(): void {
    // peerRead() tells of the shutdown while it hands out the last bytes: those go first.
    if (this.#sending || this.#receive === 'idle') return;
    this.#sending = true;
    while (!this.#blocked && this.#socket !== null && this.#flow !== null) {
      const bytes = this.#flow.peerRead(RECEIVE_BUFFER_SIZE);
      if (bytes === null) {
        if (this.#shutdown && this.#forwardShutdown) this.end();
        break;
      }
      if (!this.#socket.write(bytes)) this.#blocked = true;
    }
    this.#sending = false;
  }

  #onClose(hadError: boolean): void {
    this.#socket = null;
    // Both FINs went their way, or bytes in front of the peer's FIN still wait for room.
    if (!hadError && this.#ended && this.#receive === 'ended') this.#close(false);
    else if (hadError || !this.#finSeen || this.#receive !== 'stalled') this.#close(true);
  }

  #resetSocket(): void {
    if (this.#socket !== null) resetConnection(this.#socket);
    this.#close(true);
  }

  #close(reset: boolean): void {
    if (this.#receive === 'closed') return;
    this.#receive = 'closed';
    this.#reader.cancel();
    this.#dropRest();
    const flow = this.#flow;
    this.#flow = null;
    if (reset) flow?.reset();
    this.#hooks.closed(reset);
  }
}
