import type { IncomingMessage, ServerResponse } from 'node:http';
import { refuse } from '../kernel/error.ts';
import { ERRORS } from '../kernel/error-catalogue.ts';

/** A response that lasts: how it is ended when the daemon stops. */
export interface OpenStream {
  end(): void;
}

/** Dead peers on streams are noticed by TCP keep-alive, first asked after this time. */
const KEEP_ALIVE_MS = 10_000;

/** All open streams, so that they can be counted, limited and ended. */
export class OpenStreams {
  readonly #limit: number;
  readonly #open = new Set<OpenStream>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  get count(): number {
    return this.#open.size;
  }

  /** @throws KernelError EMFILE when `limits.streams` are open. */
  reserve(): void {
    if (this.#open.size >= this.#limit) refuse(ERRORS.tooManyStreams);
  }

  /** Sends the headers at once and keeps the stream listed until its response is closed, then calls `closed`. */
  start(
    request: IncomingMessage,
    response: ServerResponse,
    headers: Record<string, string>,
    stream: OpenStream,
    closed: () => void,
  ): void {
    this.#open.add(stream);
    response.on('close', () => {
      this.#open.delete(stream);
      closed();
    });
    // The close event says all there is to say about a client that is gone.
    response.on('error', () => {});
    // A body that nobody reads would keep Node from reading on, and from seeing the connection end.
    request.resume();
    request.socket.setKeepAlive(true, KEEP_ALIVE_MS);
    request.socket.setNoDelay(true);
    response.writeHead(200, { ...headers, 'cache-control': 'no-store' });
    response.flushHeaders();
  }

  endAll(): void {
    for (const stream of [...this.#open]) stream.end();
  }
}
