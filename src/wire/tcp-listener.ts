import { once } from 'node:events';
import net from 'node:net';
import { KernelError, refuse } from '../kernel/error.ts';
import { ERRORS } from '../kernel/error-catalogue.ts';
import type { FlowKey } from '../kernel/stack/flow-key.ts';
import type { Endpoint } from '../lab/address.ts';
import type { PublishedPort, PublishOptions, PublishStats, RelayTarget } from '../lab/wire-factory.ts';
import { hostErrno } from './host-error.ts';
import type { RelaySocket, WireNetdev } from './kernel-side.ts';
import { receiveInto } from './receive.ts';
import { resetConnection } from './reset.ts';
import { TcpPeer } from './tcp-peer.ts';
import { TcpRelay } from './tcp-relay.ts';
import type { WireContext } from './wire-context.ts';

type Options = PublishOptions<WireNetdev, RelaySocket>;

/**
 * A listening socket of the host whose connections become flows of a netdev. The host's handshake ends before the
 * simulated kernel is asked, so a sender that nobody listens for sees its connection open and then reset, where Linux
 * would refuse it.
 */
export class TcpListener implements PublishedPort {
  readonly stats: PublishStats = { accepted: 0, refused: 0, flows: 0 };
  readonly listen: Endpoint;
  readonly port: number;
  readonly #ctx: WireContext;
  readonly #options: Options;
  readonly #server: net.Server;
  readonly #open = new Set<{ abort(): void }>();
  readonly #onClose: () => void;
  #closed = false;

  /** Resolves once the host listens; refuses with the errno of its bind. */
  static async open(ctx: WireContext, o: Options, onClose: () => void): Promise<TcpListener> {
    const server = net.createServer({ pauseOnConnect: true, allowHalfOpen: true, noDelay: true });
    const host = o.listen.host === '*' ? undefined : o.listen.host;
    try {
      server.listen({ host, port: o.listen.port, exclusive: true });
      await once(server, 'listening');
    } catch (error) {
      const errno = hostErrno(error);
      const entry = errno === 'EHOSTUNREACH' ? ERRORS.hostListen : { ...ERRORS.hostListen, errno };
      refuse(entry, { 'bad-attr': '.listen' }, (error as Error).message);
    }
    return new TcpListener(ctx, o, server, onClose);
  }

  private constructor(ctx: WireContext, o: Options, server: net.Server, onClose: () => void) {
    this.#onClose = onClose;
    this.#ctx = ctx;
    this.#options = o;
    this.#server = server;
    const bound = server.address() as net.AddressInfo;
    this.listen = { host: bound.address, port: bound.port };
    this.port = o.port ?? bound.port;
    server.on('connection', (socket) => this.#accept(socket));
    // EMFILE and the like while accepting: the connection stays in the host's backlog.
    server.on('error', () => {});
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#server.close();
    this.#onClose();
    for (const connection of [...this.#open]) connection.abort();
  }

  #accept(accepted: net.Socket): void {
    const { remoteAddress: address, remotePort: port } = accepted;
    if (this.#closed || address === undefined || port === undefined || this.#ctx.flows.full) {
      this.#refuse(accepted);
      return;
    }
    const key = this.#ctx.flows.claim(this.#options.netdev, { address, port }, this.port);
    if (key === null) {
      this.#refuse(accepted);
      return;
    }
    try {
      if (this.#options.to === undefined) this.#join(accepted, key);
      else this.#relay(accepted, key, this.#options.to);
      this.stats.accepted++;
      this.stats.flows++;
    } catch (error) {
      this.#ctx.flows.remove(this.#options.netdev, key);
      this.#refuse(accepted);
      if (!(error instanceof KernelError)) throw error;
    }
  }

  #join(accepted: net.Socket, key: FlowKey): void {
    const peer: TcpPeer = new TcpPeer({
      loop: this.#ctx.loop,
      rest: this.#ctx.rest,
      hooks: { closed: () => this.#forget(peer, key) },
    });
    const flow = this.#ctx.kernel.tcp.accept(this.#options.netdev, key, peer);
    this.#open.add(peer);
    peer.join(flow, receiveInto(accepted, peer.received, this.#ctx.receive));
    peer.start();
  }

  #relay(accepted: net.Socket, key: FlowKey, to: RelayTarget<RelaySocket>): void {
    const relay: TcpRelay = new TcpRelay(this.#ctx, () => this.#forget(relay, key));
    this.#open.add(relay);
    try {
      relay.open(this.#options.netdev, key, accepted, to);
    } catch (error) {
      this.#open.delete(relay);
      throw error;
    }
  }

  #refuse(socket: net.Socket): void {
    this.stats.refused++;
    socket.on('error', () => {});
    resetConnection(socket);
  }

  #forget(connection: { abort(): void }, key: FlowKey): void {
    this.#open.delete(connection);
    this.#ctx.flows.remove(this.#options.netdev, key);
    this.stats.flows--;
  }
}
