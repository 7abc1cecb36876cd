import { MAX_TOKEN, MIN_NAPI_ID, U32_MAX } from '../uapi/limits.ts';
import type { Clock } from './clock.ts';
import { Napi, type NapiScheduler } from './driver/napi.ts';
import { SourceViews } from './driver/source-views.ts';
import { fail, refuse } from './error.ts';
import { ERRORS } from './error-catalogue.ts';
import { EventBus } from './event-bus.ts';
import type { DevmemBinding } from './netdev/devmem-binding.ts';
import { Netdev, type NetdevParams } from './netdev/netdev.ts';
import { NetdevTable } from './netdev/netdev-table.ts';
import { NetmemTable } from './netmem/netmem.ts';
import { PageAllocator } from './netmem/page-allocator.ts';
import type { PagePool, PoolHost } from './netmem/page-pool.ts';
import { PagePools } from './netmem/pool-registry.ts';
import { type KernelProfile, type KernelRelease, kernelProfile } from './profile.ts';
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
  /** Open files of one session (RLIMIT_NOFILE). */
  fdsPerSession?: number;
  /** Sessions besides the daemon's own. */
  sessions?: number;
  netdevs?: number;
  /** Frag tokens that all sockets together may have outstanding. */
  tokens?: number;
}

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

/** The simulated kernel: pure, synchronous, deterministic. One thread owns it; an op runs to completion between two polls. */
export class Kernel implements PoolHost, NapiScheduler {
  readonly clock: Clock;
  readonly profile: KernelProfile;
  readonly random: () => number;
  readonly events = new EventBus();
  readonly netmems = new NetmemTable();
  readonly pages: PageAllocator;
  readonly pools: PagePools;
  readonly skbs: SkbTable;
  readonly sources = new SourceViews();
  readonly tcp: Tcp;
  readonly netdevs = new NetdevTable();
  /** Bindings by id, while their netlink socket holds them. */
  readonly bindings = new Map<number, DevmemBinding>();
  readonly sessions = new Map<string, Session>();
  readonly initSession: Session;
  /** Violations of conservation found; each was logged as an error. */
  conservationFaults = 0;

  napiContext = 0;
  readonly #schedule: () => void;
  readonly #log: (level: LogLevel, event: string, fields: Record<string, unknown>) => void;
  readonly #fdsPerSession: number;
  readonly #maxSessions: number;
  readonly #maxNetdevs: number;
  readonly maxTokens: number;
  /** Frag tokens outstanding. */
  tokensHeld = 0;
  #runnable: Napi[] = [];
  #nextNapiId = MIN_NAPI_ID;
  #nextIfindex = 1;
  #nextBindingId = 1;

  constructor(options: KernelOptions) {
    this.clock = options.clock;
    this.profile = kernelProfile(options.release ?? '6.18');
    this.random = options.random ?? xorshift32(1);
    this.#schedule = options.schedule ?? (() => {});
    this.#log = options.log ?? (() => {});
    this.#fdsPerSession = options.fdsPerSession ?? 1024;
    this.#maxSessions = options.sessions ?? 1024;
    this.#maxNetdevs = options.netdevs ?? 4096;
    this.maxTokens = options.tokens ?? MAX_TOKEN;
    this.pools = new PagePools(this.events);
    this.pages = new PageAllocator(this.netmems, options.hostPages ?? 262_144);
    this.skbs = new SkbTable(this.netmems, this.pools);
    this.tcp = new Tcp(this);
    this.initSession = new Session(this, INIT_SESSION, this.#fdsPerSession, { name: 'netmemd' });
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
    this.events.emit('netdev/mgmt', 'dev-add-ntf', () => describeNetdev(netdev));
    if (params.up === true) {
      try {
        netdev.open();
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
    netdev.close();
    netdev.state = 'unregistered';
    for (const queue of netdev.rxQueues) {
      queue.provider?.ops.uninstall(queue.provider.priv, queue);
    }
    this.netdevs.delete(netdev);
    this.events.emit('netdev/mgmt', 'dev-del-ntf', () => describeNetdev(netdev));
    for (const pool of this.pools.all()) {
      if (pool.netdev !== netdev) continue;
      pool.netdev = null;
      pool.orphaned = true;
      this.pools.changed(pool);
    }
  }

  /** @param registered false for a device without NAPIs of its own: the id is 0, as nothing may show it */
  newNapi(registered: boolean): Napi {
    return new Napi(registered ? this.#nextNapiId++ : 0, this, this.skbs, this.tcp, this.profile.smallSkbTruesize);
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
    const session = new Session(this, id, this.#fdsPerSession, options);
    this.sessions.set(id, session);
    return session;
  }

  // ---- NAPI ----

  scheduleNapi(napi: Napi): void {
    this.#runnable.push(napi);
    if (this.#runnable.length === 1) this.#schedule();
  }

  /** Polls every scheduled NAPI once, budget 64 each. @returns whether work is left */
  runNapi(): boolean {
    const runnable = this.#runnable;
    this.#runnable = [];
    for (let i = 0; i < runnable.length; i++) this.#poll(runnable[i]);
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
    this.#check(ring.pool);
    if (ring.headPool !== null) this.#check(ring.headPool);
  }

  /** Polls a NAPI until it has nothing left; for stopping its queue. */
  drainNapi(napi: Napi): void {
    this.napiContext = napi.id;
    while (napi.poll());
    this.napiContext = 0;
  }

  get napiPending(): boolean {
    return this.#runnable.length > 0;
  }

  #check(pool: PagePool): void {
    const fault = pool.conservationFault();
    if (fault === null) return;
    this.conservationFaults++;
    this.log('error', 'conservation-violation', { pool: pool.id, fault });
  }

  /** Checks every pool's sums. @throws Error naming the first pool that does not add up */
  assertConservation(): void {
    for (const pool of this.pools.all()) {
      const fault = pool.conservationFault();
      if (fault !== null) throw new Error(`page pool ${pool.id}: ${fault}`);
    }
  }
}

/** Attributes of dev-get and the device notifications. */
export function describeNetdev(netdev: Netdev): Record<string, unknown> {
  return { ifindex: netdev.ifindex, 'xdp-features': 0, 'xdp-rx-metadata-features': 0, 'xsk-features': 0 };
}
