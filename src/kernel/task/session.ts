import type { Timer } from '../clock.ts';
import { fail } from '../error.ts';
import type { Kernel } from '../kernel.ts';
import { WaitQueue } from '../wait-queue.ts';
import { FdTable } from './fd-table.ts';
import { Memlock } from './memlock.ts';
import { NetlinkSocket } from './netlink-socket.ts';

/** What a session may be opened with. */
export interface SessionOptions {
  name?: string;
  /** Milliseconds without a request or an open stream after which the session ends; 0 = never. */
  leaseMs?: number;
  /** Has CAP_NET_ADMIN. */
  admin?: boolean;
  /** Bytes it may pin (RLIMIT_MEMLOCK); default: no limit. */
  memlock?: number;
  /** CPU it runs on; default 0, where NAPIs are polled. */
  cpu?: number;
}

export type SessionState = 'open' | 'closed';

/** A simulated process: its fd table, netlink sockets and account of pinned memory. Its end is a process's exit. */
export class Session {
  readonly kernel: Kernel;
  readonly id: string;
  readonly name: string;
  readonly leaseMs: number;
  readonly admin: boolean;
  /** CPU it runs on. */
  cpu = 0;
  /** Streams open for it; while there is one the lease does not run out. */
  connections = 0;
  readonly fds: FdTable;
  readonly memlock: Memlock;
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
    this.setAffinity(options.cpu ?? 0);
    this.fds = new FdTable(fdLimit);
    this.memlock = new Memlock(options.memlock);
    this.netlink = new NetlinkSocket(kernel);
    this.openedAt = kernel.clock.now();
    this.#lastUse = this.openedAt;
    if (this.leaseMs > 0) this.#armLease(this.leaseMs);
  }

  /** sched_setaffinity(2) with a mask of one CPU. @throws KernelError EINVAL when the machine has no such CPU */
  setAffinity(cpu: number): void {
    if (cpu >= this.kernel.cpus) fail('EINVAL', { 'bad-attr': '.cpu' });
    this.cpu = cpu;
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
