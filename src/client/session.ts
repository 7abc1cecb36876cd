import { setMaxListeners } from 'node:events';
import type { Client as UndiciClient } from 'undici';
import { ERRNO } from '../uapi/errno.ts';
import type { DmabufGetDoReply } from '../ynl/generated/dmabuf.ts';
import type { NetdevBindRxDoReply } from '../ynl/generated/netdev.ts';
import { DmabufMapping } from './dmabuf-mapping.ts';
import { NetmemdError } from './error.ts';
import type { Message } from './message.ts';
import type { RecvBatch } from './recv-batch.ts';
import { type RecvmsgOptions, receiveBatches, receiveMessages } from './recvmsg-stream.ts';
import { type Attributes, type Event, Requester, type RequestOptions } from './requester.ts';
import type { TokenRange } from './token-ranges.ts';
import { TokenReturner, type TokenReturnerOptions } from './token-returner.ts';
import type { Stream, Transport } from './transport.ts';

export interface SessionOptions {
  /** Name for people. */
  name?: string;
  /** No CAP_NET_ADMIN: ops flagged admin-perm get EPERM. */
  unprivileged?: boolean;
  signal?: AbortSignal;
}

/** An fd of a session that is a netlink socket; what was bound on it is unbound when it is closed. */
export interface NetlinkSocket {
  readonly fd: number;
  do<Reply = Record<string, unknown>>(
    family: string,
    op: string,
    attrs?: Attributes,
    o?: RequestOptions,
  ): Promise<Reply>;
  dump<Reply = Record<string, unknown>>(
    family: string,
    op: string,
    attrs?: Attributes,
    o?: RequestOptions,
  ): Promise<Reply[]>;
  close(): Promise<void>;
}

/**
 * A simulated process. It lives as long as its hold stream: when this process dies, however it does, the daemon ends the
 * session as a process's exit ends everything it had. When the daemon ends it first, `signal` is aborted and with it whatever runs.
 */
export class Session {
  readonly id: string;
  /** Aborted when the session is over; the reason is a NetmemdError ESRCH when it was not {@link close} that ended it. */
  readonly signal: AbortSignal;
  readonly #requester: Requester;
  readonly #hold: Stream;
  readonly #tokens: UndiciClient;
  readonly #over = new AbortController();
  readonly #bindings = new Map<number, DmabufMapping>();
  readonly #mappings = new Set<DmabufMapping>();
  #closing = false;

  private constructor(id: string, requester: Requester, hold: Stream, tokens: UndiciClient) {
    this.id = id;
    this.signal = this.#over.signal;
    this.#requester = requester;
    this.#hold = hold;
    this.#tokens = tokens;
    // Every request in flight listens to it.
    setMaxListeners(0, this.signal);
    const lost = (): void => {
      // The hold stream ends with the session: when that was asked for it is no loss.
      if (this.#closing) return;
      this.#end(new NetmemdError('session', { errno: 'ESRCH', code: -ERRNO.ESRCH, detail: 'the session ended' }, 0));
    };
    hold.body.on('error', lost).on('end', lost).on('close', lost).resume();
  }

  /** Opens a session and holds it. @throws NetmemdError, errors of undici */
  static async open(transport: Transport, options: SessionOptions = {}): Promise<Session> {
    const { signal, ...attrs } = options;
    const { id } = await new Requester(transport).do<{ id: string }>('session', 'open', attrs, { signal });
    const requester = new Requester(transport, { 'netmemd-session': id });
    try {
      // Not with the caller's signal, which is for opening only.
      signal?.throwIfAborted();
      const hold = await requester.stream('/v1/session/hold', '*/*');
      return new Session(id, requester, hold, transport.connection());
    } catch (error) {
      await requester.do('session', 'close', { id }, {}).catch(() => {});
      throw error;
    }
  }

  /** One op. @throws NetmemdError, errors of undici, the signal's reason */
  do<Reply = Record<string, unknown>>(
    family: string,
    op: string,
    attrs: Attributes = {},
    o: RequestOptions = {},
  ): Promise<Reply> {
    return this.#requester.do<Reply>(family, op, attrs, { ...o, signal: this.#signal(o.signal) });
  }

  /** Every object an op dumps. @throws as {@link do} */
  dump<Reply = Record<string, unknown>>(
    family: string,
    op: string,
    attrs: Attributes = {},
    o: RequestOptions = {},
  ): Promise<Reply[]> {
    return this.#requester.dump<Reply>(family, op, attrs, { ...o, signal: this.#signal(o.signal) });
  }

  /** Messages of a multicast group. */
  events(family: string, group: string, o: { signal?: AbortSignal } = {}): AsyncGenerator<Event, void, void> {
    return this.#requester.events(family, group, this.#signal(o.signal));
  }

  /** One more netlink socket. @throws as {@link do} */
  async netlinkOpen(o: { fd?: number; signal?: AbortSignal } = {}): Promise<NetlinkSocket> {
    const attrs = o.fd === undefined ? {} : { fd: o.fd };
    const { fd } = await this.do<{ fd: number }>('session', 'netlink-open', attrs, { signal: o.signal });
    return {
      fd,
      do: (family, op, attrs, options) => this.do(family, op, attrs, { ...options, netlink: fd }),
      dump: (family, op, attrs, options) => this.dump(family, op, attrs, { ...options, netlink: fd }),
      close: async () => {
        await this.do('session', 'fd-close', { fd });
      },
    };
  }

  /**
   * Maps a dmabuf, read-write where the daemon permits it.
   *
   * @param which fd of a dmabuf of this session, or a path that `dmabuf/create` replied
   * @param o.runDirectory where this process sees the daemon's run directory, when that is elsewhere
   * @throws NotNetmemdMemoryError, KoffiUnavailableError; for an fd as {@link do}
   */
  async mapDmabuf(
    which: number | string,
    o: { readOnly?: boolean; runDirectory?: string } = {},
  ): Promise<DmabufMapping> {
    let path: string;
    let size: number | undefined;
    let offset: number | undefined;
    if (typeof which === 'string') {
      path = which;
    } else {
      const dmabuf = await this.do<DmabufGetDoReply>('dmabuf', 'get', { fd: which });
      path = dmabuf.path;
      size = Number(dmabuf.size);
      // A udmabuf made of a memfd may be a part of it.
      if (dmabuf.offset !== undefined) offset = Number(dmabuf.offset);
    }
    if (o.runDirectory !== undefined) path = `${o.runDirectory}/${path.slice(path.lastIndexOf('/') + 1)}`;
    const mapping = new DmabufMapping(path, { size, offset, readOnly: o.readOnly });
    this.#mappings.add(mapping);
    return mapping;
  }

  /** Says in which mapping the frags of a binding lie, so that messages come with `bytes`. */
  addBinding(dmabufId: number, mapping: DmabufMapping): void {
    this.#bindings.set(dmabufId, mapping);
  }

  /** netdev `bind-rx`, and {@link addBinding} for its id. @throws as {@link do} */
  async bindRx(attrs: Attributes, mapping: DmabufMapping, o: RequestOptions = {}): Promise<number> {
    const { id } = await this.do<NetdevBindRxDoReply>('netdev', 'bind-rx', attrs, o);
    this.addBinding(id, mapping);
    return id;
  }

  /**
   * The messages of a socket until its peer is done; the stream has a connection of its own. Frags stay the caller's until
   * their tokens are given back ({@link tokenReturner}).
   *
   * @throws NetmemdError: what recvmsg failed with, ECONNRESET when the stream broke off; the signal's reason
   */
  recvmsg(fd: number, options: RecvmsgOptions = {}): AsyncGenerator<Message, void, void> {
    return receiveMessages(this.#open, fd, { ...options, signal: this.#signal(options.signal) }, this.#bindings);
  }

  /** The same without an object per message: the batch that is given out is reused. */
  recvmsgBatches(fd: number, options: RecvmsgOptions = {}): AsyncGenerator<RecvBatch, void, void> {
    return receiveBatches(this.#open, fd, { ...options, signal: this.#signal(options.signal) });
  }

  /** Gives frags of a socket back, on a connection that nothing else waits on. */
  tokenReturner(fd: number, options: TokenReturnerOptions = {}): TokenReturner {
    const send = async (optval: TokenRange[]): Promise<number> => {
      const attrs = { fd, level: 'SOL_SOCKET', optname: 'SO_DEVMEM_DONTNEED', optval };
      const { ret } = await this.do<{ ret: number }>('socket', 'setsockopt', attrs, { via: this.#tokens });
      return ret;
    };
    return new TokenReturner(send, options);
  }

  /** Ends the session and unmaps its dmabufs. Safe to call twice. */
  async close(): Promise<void> {
    if (this.signal.aborted || this.#closing) return;
    this.#closing = true;
    try {
      await this.#requester.do('session', 'close', { id: this.id }, {});
    } finally {
      this.#end(new DOMException('the session was closed', 'AbortError'));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #open = (path: string, accept: string, signal?: AbortSignal): Promise<Stream> =>
    this.#requester.stream(path, accept, signal);

  #signal(signal: AbortSignal | undefined): AbortSignal {
    return signal === undefined ? this.signal : AbortSignal.any([signal, this.signal]);
  }

  #end(reason: Error): void {
    if (this.signal.aborted) return;
    this.#over.abort(reason);
    this.#hold.close();
    void this.#tokens.destroy();
    for (const mapping of this.#mappings) mapping.unmap();
    this.#mappings.clear();
    this.#bindings.clear();
  }
}
