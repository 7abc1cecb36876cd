import { MAX_TOKEN, MIN_NAPI_ID, U32_MAX, UDMABUF_SIZE_LIMIT } from '../uapi/limits.ts';
import { IFF_RUNNING, IFF_UP } from '../uapi/link.ts';
import type { Clock } from './clock.ts';
import { DeviceAddresses } from './dmabuf/device-memory.ts';
import { Napi, type NapiScheduler } from './driver/napi.ts';
import { SourceViews } from './driver/source-views.ts';
import { fail, refuse } from './error.ts';
import { ERRORS } from './error-catalogue.ts';
import { EventBus } from './event-bus.ts';
import type { DevmemBinding } from './netdev/devmem-binding.ts';
import { ALL_FLAGS, announceLink } from './netdev/link.ts';
import { Netdev, type NetdevParams } from './netdev/netdev.ts';
import { NetdevTable } from './netdev/netdev-table.ts';
import { conservationFault, poolFault } from './netmem/conservation.ts';
import { NetmemTable } from './netmem/netmem.ts';
import { PageAllocator } from './netmem/page-allocator.ts';
import type { PagePool } from './netmem/page-pool.ts';
import type { PoolHost } from './netmem/pool-host.ts';
import { PagePools } from './netmem/pool-registry.ts';
import { type KernelProfile, type KernelRelease, kernelProfile } from './profile.ts';
import type { MemoryProviderOps } from './provider/memory-provider.ts';
import { PROVIDERS } from './provider/registry.ts';
import { DeferredFrees } from './stack/deferred-free.ts';
import { SkbTable } from './stack/skb.ts';
import { Tcp } from './stack/tcp.ts';
import { Session, type SessionOptions } from './task/session.ts';

export type LogLevel = 'info' | 'warn' | 'error';

/** Everything the kernel core takes from outside. */
export interface KernelOptions {
  clock: Clock;
  release?: KernelRelease;
  /** u32 values; default: a fixed sequence. */
  random?: () => number;
  /** Called when NAPI work is pending: run {@link Kernel.runNapi} soon, outside the current call. */
  schedule?: () => void;
  log?: (level: LogLevel, event: string, fields: Record<string, unknown>) => void;
  /** Host pages that may be out at once. */
  hostPages?: number;
  /** NUMA nodes of the simulated machine; more come with {@link Kernel.movePollingCpu}. */
  numaNodes?: number;
  /** CPUs of the simulated machine. */
  cpus?: number;
  /** Open files of one session (RLIMIT_NOFILE). */
  fdsPerSession?: number;
  /** Bytes a session may pin (RLIMIT_MEMLOCK), unless it asks for another limit; default: no limit. */
  memlock?: number;
  /** CONFIG_PAGE_POOL_STATS: page pools tell their counters. Default: yes. */
  pagePoolStats?: boolean;
  /** Bytes of a udmabuf made from a memfd (udmabuf's size_limit_mb); default: Linux's 64 MiB. */
  udmabufLimit?: number;
  /** Sessions besides the daemon's own. */
  sessions?: number;
  netdevs?: number;
  /** Frag tokens that all sockets together may have outstanding. */
  tokens?: number;
}

/** Process id of the first kernel thread; those below are taken on any running machine. */
const FIRST_THREAD = 100;

/** CPUs of the simulated machine unless told otherwise. */
const DEFAULT_CPUS = 2;

/** The session of requests that name none; lives as long as the kernel. */
export const INIT_SESSION = 'init';

/** A xorshift32 sequence: the default random source, and the seeded one of the daemon. */
export function xorshift32(seed: number): () => number {
  let x = seed >>> 0 || 0x9e37_79b9;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    x >>>= 0;
    return x;
  };
}

/** Designs that no Linux has, to be tried out; all off in every release. */
export interface Experiments {
  /** bind-rx imports dynamically: bound memory may move. Read when a binding is made. */
  dynamicImporter: boolean;
}

/** The simulated kernel: pure, synchronous, deterministic. One thread owns it; an op runs to completion between two polls. */
export class Kernel implements PoolHost, NapiScheduler {
  readonly clock: Clock;
  readonly profile: KernelProfile;
  readonly providers: ReadonlySet<MemoryProviderOps> = new Set(PROVIDERS);
  numaNodes: number;
  /** Node of the CPU that polls. */
  numaNode = 0;
  readonly random: () => number;
  readonly events = new EventBus();
  readonly netmems = new NetmemTable();
  readonly pages: PageAllocator;
  readonly pools: PagePools;
  readonly skbs: SkbTable;
  readonly sources = new SourceViews();
  readonly tcp: Tcp;
  readonly cpus: number;
  /** skbs that wait for the CPU that received them. */
  readonly deferred: DeferredFrees;
  readonly netdevs = new NetdevTable();
  readonly deviceAddresses = new DeviceAddresses();
  readonly experiments: Experiments = { dynamicImporter: false };
  readonly udmabufLimit: number;
  /** Options the simulated kernel is built with, by YNL's names. */
  readonly buildOptions: ReadonlySet<string>;
  /** Bindings by id, while their netlink socket holds them. */
  readonly bindings = new Map<number, DevmemBinding>();
  readonly sessions = new Map<string, Session>();
  readonly initSession: Session;
  /** Violations of conservation found; each was logged as an error. */
  conservationFaults = 0;

  napiContext = 0;
  softirqCpu = 0;
  readonly #schedule: () => void;
  readonly #log: (level: LogLevel, event: string, fields: Record<string, unknown>) => void;
  readonly #fdsPerSession: number;
  readonly #memlock: number;
  readonly #maxSessions: number;
  readonly #maxNetdevs: number;
  readonly maxTokens: number;
  /** Frag tokens outstanding. */
  tokensHeld = 0;
  #runnable: Napi[] = [];
  #nextNapiId = MIN_NAPI_ID;
  #nextPid = FIRST_THREAD;
  #nextIfindex = 1;
  #nextBindingId = 1;
  #nextProgramId = 1;

  constructor(options: KernelOptions) {
    this.clock = options.clock;
    this.profile = kernelProfile(options.release ?? '6.18');
    this.random = options.random ?? xorshift32(1);
    this.#schedule = options.schedule ?? (() => {});
    this.#log = options.log ?? (() => {});
    this.#fdsPerSession = options.fdsPerSession ?? 1024;
    this.#memlock = options.memlock ?? Number.POSITIVE_INFINITY;
    this.buildOptions = new Set(options.pagePoolStats === false ? [] : ['page-pool-stats']);
    this.udmabufLimit = options.udmabufLimit ?? UDMABUF_SIZE_LIMIT;
    this.#maxSessions = options.sessions ?? 1024;
    this.#maxNetdevs = options.netdevs ?? 4096;
    this.numaNodes = options.numaNodes ?? 1;
    this.maxTokens = options.tokens ?? MAX_TOKEN;
    this.pools = new PagePools(this.events);
    this.pages = new PageAllocator(this.netmems, options.hostPages ?? 262_144);
    this.skbs = new SkbTable(this.netmems, this.pools);
    this.tcp = new Tcp(this);
    this.cpus = options.cpus ?? DEFAULT_CPUS;
    this.deferred = new DeferredFrees(this, this.cpus);
    this.initSession = new Session(this, INIT_SESSION, this.#fdsPerSession, {
      name: 'netmemd',
      memlock: this.#memlock,
    });
    this.sessions.set(INIT_SESSION, this.initSession);
  }

  log(level: LogLevel, event: string, fields: Record<string, unknown>): void {
    this.#log(level, event, fields);
  }

  // ---- netdevs ----

  /** Registers a netdev and opens it if asked. @throws KernelError EEXIST for a name or number that is taken */
  addNetdev(params: NetdevParams): Netdev {
    if (this.netdevs.list().length >= this.#maxNetdevs) {
      refuse(ERRORS.tooManyNetdevs);
    }
    if (this.netdevs.byName(params.name) !== undefined) fail('EEXIST', { 'bad-attr': '.name' });
    const ifindex = params.ifindex ?? this.#nextIfindex;
    if (this.netdevs.get(ifindex) !== undefined) fail('EEXIST', { 'bad-attr': '.ifindex' });
    const netdev = new Netdev(this, ifindex, params);
    this.#nextIfindex = Math.max(this.#nextIfindex, ifindex + 1);
    this.netdevs.add(netdev);
    netdev.announce('dev-add-ntf');
    if (params.silent !== true) announceLink(netdev, ALL_FLAGS);
    if (params.up === true) {
      try {
        netdev.open();
        if (params.silent !== true) announceLink(netdev, IFF_UP | IFF_RUNNING);
      } catch (err) {
        this.removeNetdev(netdev);
        throw err;
      }
    }
    return netdev;
  }

  /**
   * Unregisters: close, providers forget the device, notification, pools move to loopback. Flows behind it are reset.
   */
  removeNetdev(netdev: Netdev): void {
    if (netdev.loopback) fail('EOPNOTSUPP');
    for (const flow of [...netdev.flows]) {
      flow.socket?.receiveReset();
      if (flow.state !== 'closed') {
        flow.state = 'closed';
        flow.peer.onReset();
      }
    }
    if (netdev.up) {
      netdev.close();
      announceLink(netdev, IFF_UP | IFF_RUNNING);
    }
    netdev.state = 'unregistered';
    netdev.xdp.uninstall();
    netdev.xsk.clear();
    for (const queue of netdev.rxQueues) {
      queue.provider?.ops.uninstall(queue.provider.priv, queue);
    }
    this.netdevs.delete(netdev);
    netdev.announce('dev-del-ntf');
    announceLink(netdev, ALL_FLAGS, 'dellink-ntf');
    this.pools.orphan(netdev);
  }

  /** @param registered false for a device without NAPIs of its own: the id is 0, as nothing may show it */
  newNapi(registered: boolean): Napi {
    return new Napi(registered ? this.#nextNapiId++ : 0, this, this.skbs, this.tcp, this.profile.smallSkbTruesize);
  }

  /** Number of a new kernel thread. */
  nextPid(): number {
    return this.#nextPid++;
  }

  nextProgramId(): number {
    return this.#nextProgramId++;
  }

  nextBindingId(): number {
    let id = this.#nextBindingId;
    while (this.bindings.has(id)) id = id === U32_MAX ? 1 : id + 1;
    this.#nextBindingId = id === U32_MAX ? 1 : id + 1;
    return id;
  }

  // ---- sessions ----

  /** @throws KernelError ENFILE */
  openSession(options: SessionOptions = {}): Session {
    if (this.sessions.size > this.#maxSessions) refuse(ERRORS.tooManySessions);
    let id: string;
    do {
      id = `${this.random().toString(16).padStart(8, '0')}${this.random().toString(16).padStart(8, '0')}`;
    } while (this.sessions.has(id));
    const session = new Session(this, id, this.#fdsPerSession, {
      ...options,
      memlock: options.memlock ?? this.#memlock,
    });
    this.sessions.set(id, session);
    return session;
  }

  // ---- NAPI ----

  /** Moves the CPU that polls to another NUMA node: what its pools have in their rings on the old one is waived. */
  movePollingCpu(node: number): void {
    this.numaNode = node;
    this.numaNodes = Math.max(this.numaNodes, node + 1);
  }

  scheduleNapi(napi: Napi): void {
    this.#runnable.push(napi);
    if (this.#runnable.length === 1) this.#schedule();
  }

  /** A CPU is to run its receive softirq though no NAPI may have work. */
  raiseSoftirq(): void {
    if (this.#runnable.length === 0) this.#schedule();
  }

  kickDeferredFrees(): void {
    this.deferred.kickAll();
  }

  /**
   * net_rx_action: polls every scheduled NAPI once, budget 64 each, on one CPU. Before each poll the CPU frees the skbs that
   * others left to it.
   *
   * @returns whether work is left
   */
  runNapi(cpu = 0): boolean {
    this.softirqCpu = cpu;
    this.deferred.runKicked();
    const runnable = this.#runnable;
    this.#runnable = [];
    for (let i = 0; i < runnable.length; i++) {
      this.deferred.flush(cpu);
      this.#poll(runnable[i]);
    }
    this.softirqCpu = 0;
    return this.#runnable.length > 0;
  }

  #poll(napi: Napi): void {
    napi.scheduled = false;
    this.napiContext = napi.id;
    const more = napi.poll();
    this.napiContext = 0;
    if (more && !napi.scheduled) {
      napi.scheduled = true;
      this.#runnable.push(napi);
    }
    const ring = napi.queue?.ring ?? null;
    if (ring === null) return;
    this.check(ring.pool);
    if (ring.headPool !== null) this.check(ring.headPool);
  }

  /** Polls a NAPI until it has nothing left; for stopping its queue. */
  drainNapi(napi: Napi): void {
    this.napiContext = napi.id;
    while (napi.poll());
    this.napiContext = 0;
  }

  get napiPending(): boolean {
    return this.#runnable.length > 0 || this.deferred.kicked;
  }

  /** Checks a pool's sums; constant time. */
  check(pool: PagePool): void {
    const fault = poolFault(pool);
    if (fault !== null) this.#reportFault(pool, fault);
  }

  /** A sum that does not add up is never mended: it is told, loudly and once a pool, with what the pool did before. */
  #reportFault(pool: PagePool, fault: string): void {
    this.conservationFaults++;
    if (pool.faulty) return;
    pool.faulty = true;
    const history = pool.history.entries();
    this.log('error', 'conservation-violation', { pool: pool.id, fault, history });
    this.events.emit('lab/faults', 'conservation-ntf', () => {
      const msg: Record<string, unknown> = { id: pool.id };
      if (pool.netdev !== null) msg.ifindex = pool.netdev.ifindex;
      msg.queue = pool.params.queueIdx;
      if (pool.mpOps !== null) msg.provider = pool.mpOps.name;
      return { ...msg, inflight: pool.inflight, fault, history };
    });
  }

  /** Checks every sum: pools, owners, and what owners lent against what pools have. @throws Error naming what is wrong */
  assertConservation(): void {
    const fault = conservationFault(this.netmems, this.pools.all());
    if (fault !== null) throw new Error(fault);
  }
}
