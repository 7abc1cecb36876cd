import type net from 'node:net';
import { KernelError } from '../kernel/error.ts';
import type { UpstreamRequest } from '../kernel/netdev/netdev.ts';
import type { Endpoint } from '../lab/address.ts';
import type { Upstream, UpstreamOptions } from '../lab/wire-factory.ts';
import type { ErrnoName } from '../uapi/errno.ts';
import { hostErrno } from './host-error.ts';
import type { WireNetdev } from './kernel-side.ts';
import { connectReceiving } from './receive.ts';
import { resetConnection } from './reset.ts';
import { TcpPeer } from './tcp-peer.ts';
import type { WireContext } from './wire-context.ts';

/** What connect(2) reports; anything else the host's network says means that the peer cannot be reached. */
const CONNECT_ERRNOS: ReadonlySet<ErrnoName> = new Set(['ECONNREFUSED', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH']);

/** The way out of a netdev for connections that its simulated sockets make: the host connects to a fixed endpoint. */
export class TcpUpstream implements Upstream {
  readonly netdev: WireNetdev;
  readonly to: Endpoint;
  readonly port: number | null;
  readonly #ctx: WireContext;
  readonly #onClose: (upstream: TcpUpstream) => void;
  readonly #open = new Set<{ abort(): void }>();
  #closed = false;

  constructor(ctx: WireContext, o: UpstreamOptions<WireNetdev>, onClose: (upstream: TcpUpstream) => void) {
    this.#ctx = ctx;
    this.netdev = o.netdev;
    this.to = o.to;
    this.port = o.port ?? null;
    this.#onClose = onClose;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#onClose(this);
    for (const connection of [...this.#open]) connection.abort();
  }

  /** Answers a simulated connect: dials, then tells the kernel. */
  dial(request: UpstreamRequest): void {
    const { flows, limits, loop, rest } = this.#ctx;
    const { netdev } = this;
    if (flows.full) {
      request.refuse('EHOSTUNREACH');
      return;
    }
    if (!flows.add(netdev, request.key)) {
      request.refuse('EADDRNOTAVAIL');
      return;
    }
    const forget = (connection: { abort(): void }) => {
      this.#open.delete(connection);
      flows.remove(netdev, request.key);
    };
    const peer: TcpPeer = new TcpPeer({ loop, rest, hooks: { closed: () => forget(peer) } });
    const socket = connectReceiving(this.to.host, this.to.port, peer.received);
    const giveUp = (errno: ErrnoName) => {
      clearTimeout(timer);
      socket.off('connect', connected);
      socket.off('error', failed);
      socket.on('error', () => {});
      forget(dialling);
      socket.destroy();
      request.refuse(errno);
    };
    const failed = (error: Error) => {
      const errno = hostErrno(error);
      giveUp(CONNECT_ERRNOS.has(errno) ? errno : 'EHOSTUNREACH');
    };
    const connected = () => {
      clearTimeout(timer);
      socket.off('error', failed);
      this.#open.delete(dialling);
      this.#open.add(peer);
      this.#establish(request, peer, socket, () => forget(peer));
    };
    const dialling = { abort: () => giveUp('ECONNREFUSED') };
    const timer = setTimeout(() => giveUp('ETIMEDOUT'), limits.connectMs);
    this.#open.add(dialling);
    socket.once('connect', connected);
    socket.once('error', failed);
  }

  #establish(request: UpstreamRequest, peer: TcpPeer, socket: net.Socket, forget: () => void): void {
    try {
      peer.join(request.established(peer), socket);
      peer.start();
    } catch (error) {
      // Whoever wanted the connection is gone.
      forget();
      socket.on('error', () => {});
      resetConnection(socket);
      if (!(error instanceof KernelError)) throw error;
    }
  }
}
