import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** A connection of the host's network with all that came in. */
export class RealPeer {
  readonly socket: Socket;
  readonly #chunks: Buffer[] = [];
  /** Bytes received so far. */
  received = 0;
  /** The other side sent FIN. */
  ended = false;
  /** Code of the error that broke the connection. */
  error: string | null = null;
  closed = false;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk) => {
      this.#chunks.push(chunk);
      this.received += chunk.length;
    });
    socket.on('end', () => {
      this.ended = true;
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.error = error.code ?? error.message;
    });
    socket.on('close', () => {
      this.closed = true;
    });
  }

  /**
   * Connects to a published port; half-open connections stay open. A reset, which may be there before the connection is
   * seen to stand, shows in `error` and `closed`; rejects when the host refuses.
   */
  static async dial(port: number): Promise<RealPeer> {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const peer = new RealPeer(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', (error: NodeJS.ErrnoException) => (error.code === 'ECONNRESET' ? resolve() : reject(error)));
    });
    return peer;
  }

  get data(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  get text(): string {
    return this.data.toString('latin1');
  }
}

/** A server of the host's network that an upstream or a relay connects to. */
export async function listenReal(
  onConnection: (peer: RealPeer) => void = () => {},
): Promise<{ server: Server; port: number; peers: RealPeer[] }> {
  const peers: RealPeer[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const peer = new RealPeer(socket);
    peers.push(peer);
    onConnection(peer);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { server, port: address.port, peers };
}

/** Closes a server and cuts what is open on it. */
export function closeReal({ server, peers }: { server: Server; peers: RealPeer[] }): void {
  server.close();
  for (const peer of peers) peer.socket.destroy();
}
