import { SOMAXCONN } from '../../uapi/limits.ts';
import { WaitQueue } from '../wait-queue.ts';
import type { TcpSocket } from './tcp-socket.ts';

/** A listening socket: established connections wait in `queue` until they are accepted. */
export class TcpListener {
  readonly port: number;
  /** Bound address, 4 or 16 bytes; null = any. */
  readonly address: Uint8Array | null;
  readonly backlog: number;
  readonly waitQueue = new WaitQueue();
  readonly queue: TcpSocket[] = [];
  /** Connections refused because the backlog was full (TcpExtListenOverflows). */
  overflows = 0;
  readonly #onClose: (listener: TcpListener) => void;

  constructor(port: number, address: Uint8Array | null, backlog: number, onClose: (listener: TcpListener) => void) {
    this.port = port;
    this.address = address;
    this.backlog = Math.min(Math.max(0, backlog), SOMAXCONN);
    this.#onClose = onClose;
  }

  /** Room for one more connection: Linux admits backlog + 1. */
  get full(): boolean {
    return this.queue.length > this.backlog;
  }

  /** Stops listening; connections nobody accepted are reset. */
  close(): void {
    this.#onClose(this);
    for (const sock of this.queue.splice(0)) sock.abort();
    this.waitQueue.wake();
  }
}
