import type net from 'node:net';
import type { FlowKey } from '../kernel/stack/flow-key.ts';
import type { Endpoint } from '../lab/address.ts';
import type { RelayTarget } from '../lab/wire-factory.ts';
import type { Reader } from '../loop.ts';
import { RECEIVE_BUFFER_SIZE } from './buffer-pool.ts';
import type { RelaySocket, WireNetdev } from './kernel-side.ts';
import { connectReceiving, receiveInto } from './receive.ts';
import { resetConnection } from './reset.ts';
import { TcpPeer } from './tcp-peer.ts';
import type { WireContext } from './wire-context.ts';

const DATA_WAITS = new Uint8Array(1);

/**
 * A connection for a client that keeps its own listener, accept and epoll. Payload of the real peer goes into the
 * simulated socket, which is put into the client's session; beside it the daemon connects to the client:
 *
 *   real peer --payload--> simulated socket (recvmsg, tokens)
 *   real peer <--bytes---- client's connection          relayed as they are
 *                          client's connection <--byte-- one when the simulated socket's queue is no longer empty
 *
 * A FIN passes on each way (to the client once the simulated socket has seen it, so that a recvmsg that follows ends the
 * stream), a reset of any of the three ends resets the others. The simulated socket knows the address
 * and port that the daemon connects from, so that the client can tell which fd its accepted connection belongs to.
 */
export class TcpRelay {
  readonly #ctx: WireContext;
  readonly #closed: () => void;
  readonly #waiter = { wake: () => this.#notify() };
  readonly #reader: Reader;
  #peer: TcpPeer | null = null;
  #client: net.Socket | null = null;
  #socket: RelaySocket | null = null;
  #timer: NodeJS.Timeout | null = null;
  /** Takes the socket back as long as the client has not been reached. */
  #release: (() => void) | null = null;
  /** Stream offset up to which data had come when the client was last told. */
  #told = 0;

  constructor(ctx: WireContext, closed: () => void) {
    this.#ctx = ctx;
    this.#closed = closed;
    this.#reader = ctx.loop.addReader(() => {
      if (this.#peer?.writable === true) this.#client?.resume();
    });
  }

  /** Registers the flow, then connects to the client; a failed connect resets the peer. */
  open(netdev: WireNetdev, key: FlowKey, accepted: net.Socket, to: RelayTarget<RelaySocket>): void {
    const peer = new TcpPeer({
      loop: this.#ctx.loop,
      rest: this.#ctx.rest,
      forwardShutdown: false,
      hooks: {
        drain: () => this.#reader.request(),
        // Before the socket is adopted there is nothing to close; open() tells its caller.
        closed: (reset) => {
          if (this.#peer !== null) this.#close(reset);
        },
      },
    });
    const { flow, socket } = this.#ctx.kernel.tcp.attach(netdev, key, peer);
    try {
      this.#release = to.adopt(socket);
    } catch (error) {
      socket.abort();
      throw error;
    }
    this.#peer = peer;
    this.#socket = socket;
    peer.join(flow, receiveInto(accepted, peer.received, this.#ctx.receive));
    if (this.#peer !== null) this.#connect(socket, peer, to.connect);
  }

  abort(): void {
    this.#peer?.abort();
  }

  #connect(socket: RelaySocket, peer: TcpPeer, to: Endpoint): void {
    const client = connectReceiving(to.host, to.port, (buf, len) => {
      // The buffer is everybody's, and the write may take its time.
      const room = peer.write(Buffer.from(buf.subarray(0, len)));
      if (!this.#reader.charge(len) || !room) return false;
      if (len === RECEIVE_BUFFER_SIZE) return true;
      this.#reader.request();
      return false;
    });
    this.#client = client;
    this.#timer = setTimeout(() => peer.abort(), this.#ctx.limits.connectMs);
    // The client may accept before this side sees 'connect'. The port is known as soon as connect(2) was called, which
    // comes right after this event.
    client.on('connectionAttempt', () => process.nextTick(() => this.#nameSocket(socket, client)));
    client.on('connect', () => {
      this.#stopTimer();
      this.#release = null;
      this.#nameSocket(socket, client);
      socket.waitQueue.add(this.#waiter);
      peer.start();
      this.#reader.request();
    });
    client.on('end', () => peer.end());
    client.on('error', () => {});
    client.on('close', (hadError) => {
      this.#client = null;
      if (hadError) peer.abort();
    });
  }

  #nameSocket(socket: RelaySocket, client: net.Socket): void {
    if (client.localAddress !== undefined && client.localPort !== undefined) {
      socket.relay = { address: client.localAddress, port: client.localPort };
    }
  }

  #notify(): void {
    const socket = this.#socket;
    const client = this.#client;
    if (socket === null || client === null || client.writableEnded) return;
    // The queue was empty since the client was told if all that had come then was read.
    if (socket.rcvNxt > socket.copiedSeq && socket.copiedSeq >= this.#told) {
      this.#told = socket.rcvNxt;
      // A byte that the client has not even received serves for this time, too.
      if (client.writableLength === 0) client.write(DATA_WAITS);
    }
    if (socket.atEnd) client.end();
  }

  #stopTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #close(reset: boolean): void {
    this.#stopTimer();
    this.#reader.cancel();
    this.#socket?.waitQueue.remove(this.#waiter);
    this.#peer = null;
    this.#socket = null;
    this.#release?.();
    this.#release = null;
    const client = this.#client;
    this.#client = null;
    if (client !== null && reset) {
      if (client.connecting) client.destroy();
      else resetConnection(client);
    } else client?.end();
    this.#closed();
  }
}
