import { type Attributes, type Event, Requester, type RequestOptions } from './requester.ts';
import { Session, type SessionOptions } from './session.ts';
import { type ConnectOptions, Transport } from './transport.ts';

/**
 * A daemon. Requests made here run in the daemon's own session, whose objects live as long as the daemon; a receiver wants a
 * {@link session}.
 */
export class Client {
  readonly #transport: Transport;
  readonly #requester: Requester;

  constructor(options: ConnectOptions = {}) {
    this.#transport = new Transport(options);
    this.#requester = new Requester(this.#transport);
  }

  /** One op. @throws NetmemdError, errors of undici when there is no daemon, the signal's reason */
  do<Reply = Record<string, unknown>>(
    family: string,
    op: string,
    attrs: Attributes = {},
    o: RequestOptions = {},
  ): Promise<Reply> {
    return this.#requester.do<Reply>(family, op, attrs, o);
  }

  /** Every object an op dumps. @throws as {@link do} */
  dump<Reply = Record<string, unknown>>(
    family: string,
    op: string,
    attrs: Attributes = {},
    o: RequestOptions = {},
  ): Promise<Reply[]> {
    return this.#requester.dump<Reply>(family, op, attrs, o);
  }

  /** Messages of a multicast group. */
  events(family: string, group: string, o: { signal?: AbortSignal } = {}): AsyncGenerator<Event, void, void> {
    return this.#requester.events(family, group, o.signal);
  }

  /** A simulated process of one's own. @throws as {@link do} */
  session(options: SessionOptions = {}): Promise<Session> {
    return Session.open(this.#transport, options);
  }

  /** Drops the connections; sessions must be closed before. */
  close(): Promise<void> {
    return this.#transport.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** Names a daemon; the first request connects. */
export function connect(options: ConnectOptions = {}): Client {
  return new Client(options);
}
