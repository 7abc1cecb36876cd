import { ERRNO, errnoName } from '../uapi/errno.ts';
import type { DmabufMapping } from './dmabuf-mapping.ts';
import { NetmemdError } from './error.ts';
import { type Message, readMessage } from './message.ts';
import { RecvBatch } from './recv-batch.ts';
import { RECVMSG_MEDIA_TYPE, RecvmsgParser } from './recvmsg-parser.ts';
import type { Stream } from './transport.ts';

export interface RecvmsgOptions {
  /** MSG_* of every call, default `['MSG_SOCK_DEVMEM']`. */
  flags?: readonly string[];
  /** Buffer length of a call, default 819200 as in ncdevmem. */
  len?: number;
  /** Control buffer of a call, default 80000 as in ncdevmem. */
  controllen?: number;
  signal?: AbortSignal;
}

/** Opens the binary stream at a path with query. */
export type OpenStream = (path: string, accept: string, signal?: AbortSignal) => Promise<Stream>;

/**
 * The messages of a socket until its peer is done.
 *
 * @throws NetmemdError: what a recvmsg failed with, ECONNRESET when the stream breaks off; the signal's reason
 */
export async function* receiveMessages(
  open: OpenStream,
  fd: number,
  options: RecvmsgOptions,
  bindings: ReadonlyMap<number, DmabufMapping>,
): AsyncGenerator<Message, void, void> {
  const parser = new RecvmsgParser();
  for await (const chunk of openChunks(open, fd, options)) {
    parser.push(chunk);
    while (parser.next()) {
      if (parser.len <= 0) return ended(parser);
      yield readMessage(parser, bindings);
    }
  }
  throw cutOff();
}

/** The same in columns, one step for all that came together; the batch is reused. Empty batches are not given out. */
export async function* receiveBatches(
  open: OpenStream,
  fd: number,
  options: RecvmsgOptions,
): AsyncGenerator<RecvBatch, void, void> {
  const parser = new RecvmsgParser();
  const batch = new RecvBatch();
  for await (const chunk of openChunks(open, fd, options)) {
    parser.push(chunk);
    batch.reset();
    let over = false;
    while (!over && parser.next()) {
      if (parser.len <= 0) over = true;
      else batch.append(parser);
    }
    if (batch.messages > 0) yield batch;
    if (over) return ended(parser);
  }
  throw cutOff();
}

async function* openChunks(open: OpenStream, fd: number, o: RecvmsgOptions): AsyncGenerator<Uint8Array, void, void> {
  const query = new URLSearchParams({ fd: String(fd) });
  for (const flag of o.flags ?? ['MSG_SOCK_DEVMEM']) query.append('flags', flag);
  if (o.len !== undefined) query.set('len', String(o.len));
  if (o.controllen !== undefined) query.set('controllen', String(o.controllen));
  const stream = await open(`/v1/socket/recvmsg?${query}`, RECVMSG_MEDIA_TYPE, o.signal);
  try {
    for await (const chunk of stream.body) yield chunk;
  } finally {
    stream.close();
  }
}

/** Returns at the end of the stream, throws what a failed recvmsg returned. */
function ended(parser: RecvmsgParser): void {
  if (parser.len === 0) return;
  let errno = `E${-parser.len}`;
  try {
    errno = errnoName(-parser.len);
  } catch {
    // A number newer than this client: shown as it came.
  }
  throw new NetmemdError('socket/recvmsg', { errno, code: parser.len }, 200);
}

function cutOff(): NetmemdError {
  const problem = { errno: 'ECONNRESET', code: -ERRNO.ECONNRESET, detail: 'the stream broke off' };
  return new NetmemdError('socket/recvmsg', problem, 0);
}
