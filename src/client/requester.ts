import type { Dispatcher } from 'undici';
import { toQuery } from './query.ts';
import type { Transport } from './transport.ts';

/** Attributes of a request as YNL JSON. The generated types (`...DoRequest`) say which an op has. */
export type Attributes = object;

export interface RequestOptions {
  signal?: AbortSignal;
  /** fd of a netlink socket of the session to send the request on; default: the session's implicit one. */
  netlink?: number;
  /** undici dispatcher to use instead of the shared connections. */
  via?: Dispatcher;
}

/** A multicast message. */
export interface Event {
  name: string;
  msg: Record<string, unknown>;
}

/** Requests with a fixed set of headers. */
export class Requester {
  readonly #transport: Transport;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(transport: Transport, headers: Readonly<Record<string, string>> = {}) {
    this.#transport = transport;
    this.#headers = headers;
  }

  /** @throws NetmemdError, errors of undici, the signal's reason */
  do<Reply>(family: string, op: string, attrs: Attributes, options: RequestOptions): Promise<Reply> {
    const { signal, via } = options;
    const headers = this.#requestHeaders(options);
    return this.#transport.request('POST', `/v1/${family}/${op}`, {
      headers,
      body: attrs,
      signal,
      via,
    }) as Promise<Reply>;
  }

  /** @throws NetmemdError, errors of undici, the signal's reason */
  dump<Reply>(family: string, op: string, attrs: Attributes, options: RequestOptions): Promise<Reply[]> {
    const { signal, via } = options;
    const headers = this.#requestHeaders(options);
    const path = `/v1/${family}/${op}${toQuery(attrs as Record<string, unknown>)}`;
    return this.#transport.request('GET', path, { headers, signal, via }) as Promise<Reply[]>;
  }

  stream(path: string, accept: string, signal?: AbortSignal) {
    return this.#transport.stream(path, { accept, headers: { ...this.#headers }, signal });
  }

  /** Messages of a multicast group, from the moment of the first step on. */
  async *events(family: string, group: string, signal?: AbortSignal): AsyncGenerator<Event, void, void> {
    const path = `/v1/${family}/events${toQuery({ group })}`;
    const stream = await this.stream(path, 'application/x-ndjson', signal);
    try {
      const decoder = new TextDecoder();
      let rest = '';
      for await (const chunk of stream.body) {
        const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) if (line !== '') yield JSON.parse(line) as Event;
      }
    } finally {
      stream.close();
    }
  }

  #requestHeaders(options: RequestOptions): Record<string, string> {
    if (options.netlink === undefined) return { ...this.#headers };
    return { ...this.#headers, 'netmemd-netlink': String(options.netlink) };
  }
}
