import type { Readable } from 'node:stream';
import { Client, type Dispatcher, Pool } from 'undici';
import { ERRNO } from '../uapi/errno.ts';
import { type Extack, NetmemdError } from './error.ts';

export interface ConnectOptions {
  /** Default `http://127.0.0.1:8420`. */
  url?: string;
  /** The daemon's Unix socket; `url` then only gives the Host header. */
  socketPath?: string;
  /** Bearer token, when the daemon asks for one. */
  token?: string;
}

/** A streamed response on a connection of its own. */
export interface Stream {
  body: Readable;
  /** Drops the connection. */
  close(): void;
}

const DEFAULT_URL = 'http://127.0.0.1:8420';

/** HTTP to one daemon: requests on a pool of kept connections, every stream on a connection of its own. */
export class Transport {
  readonly #origin: string;
  readonly #socket: { socketPath?: string };
  readonly #headers: Record<string, string>;
  readonly #pool: Pool;

  constructor(options: ConnectOptions = {}) {
    const url = new URL(options.url ?? (options.socketPath === undefined ? DEFAULT_URL : 'http://localhost'));
    this.#origin = url.origin;
    this.#socket = options.socketPath === undefined ? {} : { socketPath: options.socketPath };
    this.#headers = options.token === undefined ? {} : { authorization: `Bearer ${options.token}` };
    // Ops may block as long as the caller lets them: no timeout of the transport's own.
    this.#pool = new Pool(this.#origin, { ...this.#socket, headersTimeout: 0, bodyTimeout: 0 });
  }

  /** A dispatcher of one kept connection, for requests that must not wait behind others. The caller closes it. */
  connection(): Client {
    return new Client(this.#origin, { ...this.#socket, headersTimeout: 0, bodyTimeout: 0 });
  }

  /** The reply's JSON, null for an op without reply. @throws NetmemdError; errors of undici when there is no daemon; the signal's reason */
  async request(
    method: 'GET' | 'POST',
    path: string,
    o: { headers?: Record<string, string>; body?: unknown; signal?: AbortSignal; via?: Dispatcher } = {},
  ): Promise<unknown> {
    const response = await (o.via ?? this.#pool).request({
      method,
      path,
      headers: {
        ...this.#headers,
        ...o.headers,
        accept: 'application/json',
        ...(o.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: o.body === undefined ? undefined : JSON.stringify(o.body),
      signal: o.signal,
    });
    const text = await response.body.text();
    if (response.statusCode >= 400) throw problemError(`${method} ${path}`, text, response.statusCode);
    if (text === '') return null;
    try {
      return JSON.parse(text);
    } catch {
      throw protocolError(`${method} ${path}`, 'the reply is not JSON', response.statusCode);
    }
  }

  /** Opens a stream; resolves with its headers. @throws as {@link request} */
  async stream(
    path: string,
    o: { accept: string; headers?: Record<string, string>; signal?: AbortSignal },
  ): Promise<Stream> {
    const client = this.connection();
    try {
      const response = await client.request({
        method: 'GET',
        path,
        headers: { ...this.#headers, ...o.headers, accept: o.accept },
        signal: o.signal,
      });
      if (response.statusCode >= 400) {
        throw problemError(`GET ${path}`, await response.body.text(), response.statusCode);
      }
      const close = (): void => {
        // undici reports the end we asked for as an error of the body.
        response.body.on('error', () => {});
        response.body.destroy();
        void client.destroy();
      };
      return { body: response.body, close };
    } catch (error) {
      void client.destroy();
      throw error;
    }
  }

  /** Drops every kept connection. */
  async close(): Promise<void> {
    await this.#pool.destroy();
  }
}

/** An answer that breaks the protocol: not a daemon, or a proxy in between. */
export function protocolError(what: string, detail: string, status: number): NetmemdError {
  return new NetmemdError(what, { errno: 'EPROTO', code: -ERRNO.EPROTO, detail }, status);
}

function problemError(what: string, text: string, status: number): NetmemdError {
  let problem: { errno?: unknown; code?: unknown; extack?: Extack; detail?: string };
  try {
    problem = JSON.parse(text);
  } catch {
    return protocolError(what, `status ${status} without a problem document`, status);
  }
  const { errno, code, extack, detail } = problem ?? {};
  if (typeof errno !== 'string' || typeof code !== 'number') {
    return protocolError(what, detail ?? `status ${status} without an errno`, status);
  }
  return new NetmemdError(what, { errno, code, extack, detail }, status);
}
