import type { SharedMemoryFactory } from '../kernel/dmabuf/memory.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { NetlinkSocket } from '../kernel/task/netlink-socket.ts';
import type { Session } from '../kernel/task/session.ts';
import type { WaitQueue } from '../kernel/wait-queue.ts';
import type { Lab } from '../lab/lab.ts';
import type { Attrs } from '../ynl/spec.ts';

export type { Lab } from '../lab/lab.ts';

/** Who asks, and what the answer is taken from. */
export interface RequestContext {
  readonly kernel: Kernel;
  readonly lab: Lab;
  readonly memory: SharedMemoryFactory;
  readonly session: Session;
  /** The netlink socket the request came through: bindings belong to it. */
  readonly netlink: NetlinkSocket;
  /** Has CAP_NET_ADMIN. */
  readonly admin: boolean;
}

/** Reply attributes; null = acknowledged without data. */
export type Reply = Attrs | null;

/** One operation: attributes in, model call, attributes out. */
export interface OpHandler {
  do?(ctx: RequestContext, attrs: Attrs): Reply | Promise<Reply>;
  dump?(ctx: RequestContext, attrs: Attrs): Iterable<Attrs>;
  /** Where an operation that refused with EAGAIN waits; undefined: it must not. */
  waitQueue?(ctx: RequestContext, attrs: Attrs): WaitQueue | undefined;
  /** The wait is over without a result: gives up what the operation had begun. */
  abandon?(ctx: RequestContext, attrs: Attrs): void;
}

/** A family's operations by name. */
export type FamilyHandlers = Readonly<Record<string, OpHandler>>;
