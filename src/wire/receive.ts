import net from 'node:net';
import { RECEIVE_BUFFER_SIZE } from './buffer-pool.ts';

/**
 * Takes `len` bytes at the start of `buf`, which is overwritten once the call returned. False stops reading: nothing
 * more comes until `socket.resume()`.
 *
 * Stop after every partial read (`len` below the buffer's size) and resume in a later turn: when the peer has reset the
 * connection behind its last bytes, libuv takes a partial read that came with POLLHUP for the end of the stream
 * (uv__stream_io) and a cut-off stream would end like a whole one. A read of its own gets the ECONNRESET.
 */
export type OnBytes = (buf: Uint8Array, len: number) => boolean;

/**
 * The buffer that every connection reads into. It can be one for all since libuv's read and the callback are one step:
 * no other read comes between them. For the same reason no callback may keep it, not even by handing Node another one:
 * the other sockets go on reading into the one they were given (each asks for a new one only after its next read).
 */
const shared = new Uint8Array(RECEIVE_BUFFER_SIZE);

/** What of Node's internals the wrapping touches. */
interface SocketInternals {
  _handle: object | null;
  /** Whose connection count the socket is in. */
  _server?: unknown;
  server?: unknown;
}

export interface ReceiveOptions {
  /** Read by 'data' events though wrapping would work; for tests and measurements. */
  dataEvents?: boolean;
}

/**
 * Makes an accepted connection (of a server with `pauseOnConnect` and `allowHalfOpen`) read into the shared buffer, and
 * returns the socket to use from now on, paused. Node has `onread` for sockets that connect only, so the handle moves to
 * a new socket; where that does not work 'data' events do the same, slower, and without the care for partial reads
 * (Node reads ahead of them).
 */
export function receiveInto(accepted: net.Socket, onBytes: OnBytes, o: ReceiveOptions = {}): net.Socket {
  const old = accepted as unknown as SocketInternals;
  const handle = old._handle;
  if (o.dataEvents !== true && handle !== null && typeof handle === 'object' && 'useUserBuffer' in handle) {
    const options: net.SocketConstructorOpts & { handle: object; onread: net.OnReadOpts } = {
      handle,
      allowHalfOpen: true,
      onread: { buffer: shared, callback: (n, buf) => onBytes(buf, n) },
    };
    const socket = new net.Socket(options);
    const wrapped = socket as unknown as SocketInternals;
    if (wrapped._handle === handle) {
      // The constructor starts to read; nothing can have arrived before this turn of the event loop ends.
      socket.pause();
      wrapped._server = old._server;
      wrapped.server = old.server;
      old._server = null;
      old.server = null;
      old._handle = null;
      return socket;
    }
  }
  accepted.on('data', (chunk: Buffer) => {
    for (let off = 0; off < chunk.length; off += RECEIVE_BUFFER_SIZE) {
      const part =
        off === 0 && chunk.length <= RECEIVE_BUFFER_SIZE ? chunk : chunk.subarray(off, off + RECEIVE_BUFFER_SIZE);
      if (onBytes(part, part.length)) continue;
      accepted.pause();
      // The rest of a large chunk goes back to the front of the stream.
      if (off + part.length < chunk.length) accepted.unshift(chunk.subarray(off + part.length));
      return;
    }
  });
  accepted.pause();
  return accepted;
}

/** Connects to `host:port` with a socket that reads into the shared buffer; paused, also when it is connected. */
export function connectReceiving(host: string, port: number, onBytes: OnBytes): net.Socket {
  const socket = net.connect({
    host,
    port,
    allowHalfOpen: true,
    noDelay: true,
    // One attempt at a time: the port of a relay's connection must be the one that is used in the end.
    autoSelectFamily: false,
    onread: { buffer: shared, callback: (n, buf) => onBytes(buf, n) },
  });
  socket.pause();
  return socket;
}
