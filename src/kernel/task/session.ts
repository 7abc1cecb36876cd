import type { Timer } from '../clock.ts';
import type { Kernel } from '../kernel.ts';
import { WaitQueue } from '../wait-queue.ts';
import { FdTable } from './fd-table.ts';
import { NetlinkSocket } from './netlink-socket.ts';

/** What a session may be opened with. */
export interface SessionOptions {
  name?: string;
  /** Milliseconds without a request or an open stream after which the session ends; 0 = never. */
  leaseMs?: number;
  /** Has CAP_NET_ADMIN. */
  admin?: boolean;
}

export type SessionState = 'open' | 'closed';

/** A simulated process: its fd table and netlink sockets. Its end is a process's exit. */
export class Session {
  readonly kernel: Kernel;
  readonly id: string;
  readonly name: string;
  readonly leaseMs: number;
  readonly admin: boolean;
  /** Streams open for it; while there is one the lease does not run out. */
  connections = 0;
  readonly fds: FdTable;
  /** The netlink socket of requests that name no other. */
  readonly netlink: NetlinkSocket;
  readonly openedAt: number;
  /** Woken when the session ends. */
  readonly waitQueue = new WaitQueue();
  state: SessionState = 'open';
  readonly #onClose = new Set<() => void>();
  #lastUse: number;
  #lease: Timer | null = null;

  constructor(kernel: Kernel, id: string, fdLimit: number, options: SessionOptions) {
    this.kernel = kernel;
    this.id = id;
    this.name = options.name ?? '';
    this.leaseMs = options.leaseMs ?? 0;
    this.admin = options.admin ?? true;
    this.fds = new FdTable(fdLimit);
    this.netlink = new NetlinkSocket(kernel);
    this.openedAt = kernel.clock.now();
    this.#lastUse = this.openedAt;
    if (this.leaseMs > 0) this.#armLease(this.leaseMs);
  }

  /** A request ran in the session: its lease starts anew. */
  touch(): void {
    this.#lastUse = this.kernel.clock.now();
  }

  #armLease(ms: number): void {
    this.#lease = this.kernel.clock.after(ms, () => {
      const idle = this.connections > 0 ? 0 : this.kernel.clock.now() - this.#lastUse;
      if (idle >= this.leaseMs) this.close();
      else this.#armLease(this.leaseMs - idle);
    });
  }

  /** Runs `fn` when the session ends. @returns a function that takes that back */
  onClose(fn: () => void): () => void {
    this.#onClose.add(fn);
    return () => {
      this.#onClose.delete(fn);
    };
  }

  /** Exit: fds in ascending order, then the implicit netlink socket. */
  close(): void {
    if (this.state === 'closed') return;
    this.state = 'closed';
    this.#lease?.cancel();
    this.fds.closeAll();
    this.netlink.close();
    this.kernel.sessions.delete(this.id);
    for (const fn of [...this.#onClose]) fn();
    this.waitQueue.wake();
  }
}
