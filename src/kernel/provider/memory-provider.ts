import type { RxQueue } from '../netdev/rx-queue.ts';
import type { NetmemRef } from '../netmem/netmem.ts';
import type { PagePool } from '../netmem/page-pool.ts';

/** What a provider adds to the netlink description of its queue or pool. */
export interface ProviderReply {
  dmabuf?: number;
  /** Empty up to 6.18; with the buffer size on 7.3. */
  'io-uring'?: { 'rx-buf-len'?: number };
}

/**
 * The six operations of a memory provider, after Linux's memory_provider_ops (include/net/page_pool/memory_provider.h,
 * 6.15 and later). Errors are negative errno numbers. The core alone installs a table: pool creation takes
 * (netdev, queue index) and reads the queue's parameters.
 */
export interface MemoryProviderOps {
  readonly name: string;
  /** Pool creation, before the pool is listed. Takes the provider's reference. Non-zero: creation fails, destroy is not called. */
  init(pool: PagePool): number;
  /** The pool is gone: inflight reached 0, it is unlisted. Drops the reference. */
  destroy(pool: PagePool): void;
  /**
   * Cache and ring are empty. Returns one netmem or 0; may push up to 128 more into the empty cache. For each one given the
   * provider calls {@link PagePool.hold}, which sets pool and reference 1 and raises the hold counter.
   */
  allocNetmems(pool: PagePool): NetmemRef;
  /** The pool lets go of a netmem, before the release counter rises. true: the core clears it and drops the page reference. */
  releaseNetmem(pool: PagePool, netmem: NetmemRef): boolean;
  /** Describes the provider in queue-get (rxq given) and page-pool-get (null). Non-zero: the message is given up, EMSGSIZE. */
  nlFill(priv: unknown, reply: ProviderReply, rxq: RxQueue | null): number;
  /** The netdev goes away and takes the queue with it: forget the device. The queue is not restarted. */
  uninstall(priv: unknown, rxq: RxQueue): void;
}

/** What a queue holds while memory of a provider is installed on it (Linux: struct pp_memory_provider_params). */
export interface ProviderParams {
  readonly ops: MemoryProviderOps;
  readonly priv: unknown;
}
