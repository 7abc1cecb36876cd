import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** Requests that may wait on one connection behind the one that is being answered. */
const MAX_WAITING = 64;

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** One connection: what is being answered, and what waits, in the order in which it came. */
interface Line {
  current: Exchange | null;
  /** The request that was answered last. */
  last: IncomingMessage | null;
  readonly waiting: Exchange[];
  /** How the connection ends when nothing is left to be answered. */
  end: (() => void) | null;
}

/**
 * Serves the requests of a connection one after the other: a pipelined one is not looked at before the response ahead of it
 * is out. Node parses ahead, and tells a response of the end of its connection only once its turn to be sent has come: a request
 * that ran earlier would outlive its client, and an answer that is ready earlier lies in memory for as long as the client
 * does not read.
 *
 * A client that sends more ahead than may wait is cut off. What waits when the connection ends is forgotten.
 */
export class InTurn {
  readonly #handle: RequestListener;
  readonly #lines = new WeakMap<Duplex, Line>();

  constructor(handle: RequestListener) {
    this.#handle = handle;
  }

  /** Listener of `request` and `checkExpectation`. */
  readonly accept = (request: IncomingMessage, response: ServerResponse): void => {
    const { socket } = request;
    let line = this.#lines.get(socket);
    if (line === undefined) {
      line = { current: null, last: null, waiting: [], end: null };
      this.#lines.set(socket, line);
    }
    if (line.current === null) this.#run(line, { request, response });
    else if (line.waiting.length < MAX_WAITING && fitsItsBuffer(request)) line.waiting.push({ request, response });
    else socket.destroy();
  };

  /**
   * Something came that is no request. Calls `end`, which may write to the connection and ends it: at once, or after the answers
   * that are due. A response that is on its way, and may go on for long, is cut off instead.
   *
   * @param end `answered`: it came within a request that was answered already, so that nothing more is to be said
   */
  end(socket: Duplex, end: (answered: boolean) => void): void {
    const line = this.#lines.get(socket);
    if (line === undefined) end(false);
    else if (line.current === null) end(line.last?.complete === false);
    else if (line.current.response.headersSent) socket.destroy();
    // A request that is still on its way in is itself what went wrong: nobody else answers it.
    else if (!line.current.request.complete) end(false);
    else line.end ??= () => end(false);
  }

  #run(line: Line, exchange: Exchange): void {
    line.current = exchange;
    exchange.response.once('close', () => this.#next(line));
    this.#handle(exchange.request, exchange.response);
  }

  #next(line: Line): void {
    line.last = line.current?.request ?? null;
    line.current = null;
    const next = line.waiting.shift();
    // Behind a fault the rest of a request that is not all there will not come.
    if (next === undefined || (line.end !== null && !next.request.complete)) line.end?.();
    else if (next.request.socket.writable) this.#run(line, next);
    else line.waiting.length = 0;
  }
}

/**
 * Nobody reads the body of a request that waits. Once its buffer is full Node stops reading the connection, and would not
 * see it end.
 */
function fitsItsBuffer(request: IncomingMessage): boolean {
  if (request.headers['transfer-encoding'] !== undefined) return false;
  return Number(request.headers['content-length'] ?? 0) < request.readableHighWaterMark;
}
