import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Msghdr } from '../kernel/stack/msghdr.ts';
import type { WaitQueue } from '../kernel/wait-queue.ts';
import type { Loop, Pull } from '../loop.ts';
import { ERRNO, errnoName } from '../uapi/errno.ts';
import { MSG_DONTWAIT } from '../uapi/socket.ts';
import { NDJSON_TYPE, RECVMSG_TYPE, SSE_TYPE } from './accept.ts';
import { messageJson } from './message-json.ts';
import type { OpenStreams } from './open-streams.ts';

/** A socket as the stream sees it. */
export interface RecvmsgSource {
  readonly waitQueue: WaitQueue;
  /** Bytes received (0: end of the stream), or a negative errno. */
  recvmsg(msg: Msghdr, len: number, controllen: number, flags: number, cpu: number): number;
  /** Unread bytes. */
  inq(): number;
  /** Nothing more will arrive. */
  readonly atEnd: boolean;
}

export const RECVMSG_TYPES = [NDJSON_TYPE, SSE_TYPE, RECVMSG_TYPE] as const;
export type RecvmsgType = (typeof RECVMSG_TYPES)[number];

/** Messages are collected up to this size before they are written. */
const BATCH = 65_536;
/** Messages of one pull; the loop decides when the next one comes. */
const MESSAGES_PER_PULL = 32;
/**
 * While data keeps coming the stream waits for more of it, turn by turn, up to so much and so long: each write wakes the
 * client, which on a busy machine costs more than what is in it.
 */
const GATHER_BYTES = 1 << 20;
const GATHER_TURNS = 16;
/** u32 length, u32 msg_flags, u32 msg_controllen, u32 data length. */
const HEADER = 16;

/** Puts messages into what one write takes. */
interface Encoder {
  message(msg: Msghdr, len: number): void;
  /** The entry with len 0 that says that the peer has closed. */
  end(): void;
  error(errno: number): void;
  /** Bytes, or about as many characters, that wait. */
  readonly pending: number;
  /** Writes what waits; false: wait for drain. */
  flush(response: ServerResponse): boolean;
}

/**
 * `application/vnd.netmemd.recvmsg`, little-endian, nothing padded:
 *
 * ```
 *  0        4           8              12            16               16 + controllen C
 *  +--------+-----------+--------------+-------------+------------------+-----------+
 *  | length | msg_flags | controllen C | data length | control, C bytes | data      |
 *  +--------+-----------+--------------+-------------+------------------+-----------+
 * ```
 * length is what recvmsg returned: payload in frags and linear bytes together, 0 at the end of the stream, a negative
 * errno (two's complement) for an error; the other fields are 0 then. Control bytes as in src/uapi/cmsg.ts.
 */
class BinaryEncoder implements Encoder {
  /** Buffers that no write uses. */
  #free: Buffer<ArrayBufferLike>[] = [];
  #buffer: Buffer<ArrayBufferLike> = Buffer.allocUnsafeSlow(BATCH);
  #used = 0;
  /** Buffers that were filled before the current one. */
  #full: { buffer: Buffer<ArrayBufferLike>; used: number }[] = [];
  #fullBytes = 0;

  get pending(): number {
    return this.#fullBytes + this.#used;
  }

  message(msg: Msghdr, len: number): void {
    const total = HEADER + msg.controllen + msg.iovLen;
    this.#room(total);
    const b = this.#buffer;
    const at = this.#used;
    this.#header(len, msg.flags, msg.controllen, msg.iovLen);
    if (msg.controllen > 0) b.set(msg.control.subarray(0, msg.controllen), at + HEADER);
    if (msg.iovLen > 0) b.set(msg.iov.subarray(0, msg.iovLen), at + HEADER + msg.controllen);
    this.#used = at + total;
  }

  end(): void {
    this.error(0);
  }

  error(errno: number): void {
    this.#room(HEADER);
    this.#header(-errno >>> 0, 0, 0, 0);
    this.#used += HEADER;
  }

  #header(len: number, flags: number, controllen: number, length: number): void {
    const b = this.#buffer;
    const at = this.#used;
    b.writeUInt32LE(len, at);
    b.writeUInt32LE(flags >>> 0, at + 4);
    b.writeUInt32LE(controllen, at + 8);
    b.writeUInt32LE(length, at + 12);
  }

  #room(bytes: number): void {
    if (this.#used + bytes <= this.#buffer.length) return;
    if (this.#used > 0) {
      this.#full.push({ buffer: this.#buffer, used: this.#used });
      this.#fullBytes += this.#used;
    }
    this.#used = 0;
    this.#buffer = bytes > BATCH ? Buffer.allocUnsafeSlow(bytes) : (this.#free.pop() ?? Buffer.allocUnsafeSlow(BATCH));
  }

  flush(response: ServerResponse): boolean {
    if (this.#used > 0) this.#full.push({ buffer: this.#buffer, used: this.#used });
    else if (this.#full.length === 0) return true;
    const full = this.#full;
    this.#full = [];
    this.#fullBytes = 0;
    let more = true;
    response.cork();
    for (const { buffer, used } of full) {
      more = response.write(buffer.subarray(0, used), () => {
        // Kept for the next batches; those of oversized messages go.
        if (buffer.length === BATCH && this.#free.length < 4) this.#free.push(buffer);
      });
    }
    response.uncork();
    if (this.#used > 0) {
      this.#used = 0;
      this.#buffer = this.#free.pop() ?? Buffer.allocUnsafeSlow(BATCH);
    }
    return more;
  }
}

/** One JSON object a message, as lines or as server-sent events. */
class TextEncoder implements Encoder {
  readonly #before: string;
  readonly #after: string;
  #text = '';

  constructor(before: string, after: string) {
    this.#before = before;
    this.#after = after;
  }

  get pending(): number {
    return this.#text.length;
  }

  message(msg: Msghdr, len: number): void {
    this.#add(messageJson(len, msg.flags, msg.control, msg.controllen, msg.iov.subarray(0, msg.iovLen)));
  }

  end(): void {
    this.#add('{"len":0,"flags":[],"cmsgs":[],"data":""}');
  }

  error(errno: number): void {
    this.#add(`{"errno":"${errnoName(errno)}","code":${-errno}}`);
  }

  #add(json: string): void {
    this.#text += this.#before + json + this.#after;
  }

  flush(response: ServerResponse): boolean {
    if (this.#text === '') return true;
    const text = this.#text;
    this.#text = '';
    return response.write(text, 'latin1');
  }
}

function makeEncoder(type: RecvmsgType): Encoder {
  switch (type) {
    case RECVMSG_TYPE:
      return new BinaryEncoder();
    case SSE_TYPE:
      return new TextEncoder('data: ', '\n\n');
    case NDJSON_TYPE:
      return new TextEncoder('', '\n');
  }
}

/** What the stream is asked for, and where it gets it. */
export interface RecvmsgStreamOptions {
  readonly type: RecvmsgType;
  readonly source: RecvmsgSource;
  /** Does the fd still name the source? Each recvmsg call looks it up again. */
  isOpen(): boolean;
  /** CPU that the calling session runs on. */
  cpu(): number;
  readonly len: number;
  readonly controllen: number;
  readonly flags: number;
  readonly loop: Pick<Loop, 'addPull'>;
  readonly streams: OpenStreams;
  /** Used only while a message is being received: all streams share one. */
  readonly msg: Msghdr;
  /** Calls `fn` when the calling session ends; gives back how to forget it. */
  onSessionEnd(fn: () => void): () => void;
  /** The response is closed. */
  closed(): void;
}

/**
 * A loop of recvmsg calls, run by the daemon's loop while the response takes bytes: a slow reader leaves the data in the
 * socket, whose receive buffer then holds the sender back. Nothing is received ahead of what one write takes, so the
 * tokens of at most one batch are under way to a client that vanishes.
 */
export class RecvmsgStream {
  readonly #o: RecvmsgStreamOptions;
  readonly #response: ServerResponse;
  readonly #encoder: Encoder;
  readonly #pull: Pull;
  readonly #waiter: { wake(): void };
  #state: 'open' | 'draining' | 'ended' = 'open';
  #gathered = 0;
  #gatherTurns = 0;

  constructor(request: IncomingMessage, response: ServerResponse, options: RecvmsgStreamOptions) {
    this.#o = options;
    this.#response = response;
    this.#encoder = makeEncoder(options.type);
    this.#pull = options.loop.addPull(() => this.#run());
    this.#waiter = {
      wake: () => {
        if (this.#state === 'open') this.#pull.wake();
      },
    };
    const { waitQueue } = options.source;
    waitQueue.add(this.#waiter);
    const forgetSession = options.onSessionEnd(() => this.#finish(ERRNO.EBADF));
    options.streams.start(request, response, { 'content-type': options.type }, { end: () => this.#stop() }, () => {
      this.#state = 'ended';
      this.#pull.cancel();
      waitQueue.remove(this.#waiter);
      forgetSession();
      options.closed();
    });
    response.on('drain', () => {
      if (this.#state !== 'draining') return;
      this.#state = 'open';
      this.#pull.wake();
    });
    this.#pull.wake();
  }

  /** One pull; true: there is more to receive and the response takes it. */
  #run(): boolean {
    if (this.#state !== 'open') return false;
    const { source, msg, len, controllen, flags } = this.#o;
    if (this.#gathers()) {
      this.#pull.wakeLater();
      return false;
    }
    const encoder = this.#encoder;
    let more = true;
    for (let n = 0; n < MESSAGES_PER_PULL && encoder.pending < BATCH; n++) {
      const ret = this.#o.isOpen() ? source.recvmsg(msg, len, controllen, flags, this.#o.cpu()) : -ERRNO.EBADF;
      if (ret === -ERRNO.EAGAIN && (flags & MSG_DONTWAIT) === 0) {
        more = false;
        break;
      }
      if (ret <= 0) {
        this.#finish(-ret);
        return false;
      }
      encoder.message(msg, ret);
    }
    if (encoder.flush(this.#response)) return more;
    this.#state = 'draining';
    return false;
  }

  /** Whether more came since the last turn, so that it pays to wait for another one. */
  #gathers(): boolean {
    const { source, flags } = this.#o;
    const inq = source.inq();
    const grew = inq > this.#gathered;
    if (
      grew &&
      inq < GATHER_BYTES &&
      this.#gatherTurns < GATHER_TURNS &&
      !source.atEnd &&
      (flags & MSG_DONTWAIT) === 0
    ) {
      this.#gathered = inq;
      this.#gatherTurns++;
      return true;
    }
    this.#gathered = 0;
    this.#gatherTurns = 0;
    return false;
  }

  /** Writes the last entry: the peer's end (errno 0) or an error. */
  #finish(errno: number): void {
    if (this.#state === 'ended') return;
    if (errno === 0) this.#encoder.end();
    else this.#encoder.error(errno);
    this.#stop();
  }

  #stop(): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    this.#encoder.flush(this.#response);
    this.#response.end();
  }
}
