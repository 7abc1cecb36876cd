import { fail, KernelError, refuse } from '../kernel/error.ts';
import { ERRORS } from '../kernel/error-catalogue.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { type LinkDefaults, linkDefaults, restoreLink } from '../kernel/netdev/link-defaults.ts';
import type { Netdev } from '../kernel/netdev/netdev.ts';
import type { TcpSocket } from '../kernel/stack/tcp-socket.ts';
import type { Session } from '../kernel/task/session.ts';
import { type Endpoint, parseEndpoint } from './address.ts';
import { NetmemHolds } from './netmem-holds.ts';
import { addNetdev, type NetdevConfig } from './topology.ts';
import type {
  Pktgen,
  PktgenOptions,
  PktgenStats,
  PublishedPort,
  RelayTarget,
  Upstream,
  WireFactory,
} from './wire-factory.ts';

export interface LabOptions {
  kernel: Kernel;
  wires: WireFactory<Netdev, TcpSocket>;
  /** The netdevs at start and after a reset. */
  topology: readonly NetdevConfig[];
}

/** A wire with the number that ops name it by. */
interface Plugged<W> {
  readonly id: number;
  readonly netdev: Netdev;
  readonly wire: W;
}

export interface PublishedEntry extends Plugged<PublishedPort> {
  /** The client's own listener, for relayed connections. */
  readonly connect: Endpoint | null;
}

export type UpstreamEntry = Plugged<Upstream>;
export type PktgenEntry = Plugged<Pktgen>;

export interface TcpPublishRequest {
  ifindex: number;
  /** `host:port` */
  listen: string;
  port?: number;
  to?: { connect: string };
}

export interface TcpUpstreamRequest {
  ifindex: number;
  /** `host:port` */
  to: string;
  port?: number;
}

export type PktgenRequest = Omit<PktgenOptions<Netdev>, 'netdev'> & { ifindex: number };

/**
 * The bench around the simulated kernel: its netdevs and what is plugged into them. Wires of all kinds share one row of
 * numbers, from 1.
 */
export class Lab {
  readonly kernel: Kernel;
  readonly holds: NetmemHolds;
  readonly #wires: WireFactory<Netdev, TcpSocket>;
  readonly #topology: readonly NetdevConfig[];
  readonly #publishes = new Map<number, PublishedEntry>();
  readonly #upstreams = new Map<number, UpstreamEntry>();
  readonly #pktgens = new Map<number, PktgenEntry>();
  /** Loopback devices of the start topology, which no reset can replace. */
  readonly #loopbacks = new Map<NetdevConfig, { netdev: Netdev; link: LinkDefaults }>();
  #nextId = 1;

  /** Builds the start topology. */
  constructor(o: LabOptions) {
    this.kernel = o.kernel;
    this.holds = new NetmemHolds(o.kernel);
    this.#wires = o.wires;
    this.#topology = o.topology;
    this.#build();
  }

  // ---- netdevs ----

  /** @param silent leaves telling group link to the caller @throws KernelError EEXIST, EINVAL, ERANGE */
  addNetdev(config: NetdevConfig, silent = false): Netdev {
    return addNetdev(this.kernel, config, silent);
  }

  /** Unplugs the netdev's wires, then removes it. @throws KernelError ENODEV; EOPNOTSUPP for loopback */
  delNetdev(ifindex: number): void {
    const netdev = this.#netdev(ifindex);
    if (netdev.loopback) fail('EOPNOTSUPP', { 'bad-attr': '.ifindex' });
    this.#unplug((entry) => entry.netdev === netdev);
    this.kernel.removeNetdev(netdev);
  }

  // ---- published ports ----

  /**
   * Opens a port of the host as a way into a netdev. `session` gets the sockets of relayed connections.
   *
   * @throws KernelError ENODEV, EINVAL, ENOSPC, and what the host's bind says (EADDRINUSE, EACCES, EADDRNOTAVAIL)
   */
  async tcpPublish(request: TcpPublishRequest, session: Session): Promise<PublishedEntry> {
    const netdev = this.#netdev(request.ifindex);
    const listen = endpoint(request.listen, '.listen');
    const connect = request.to === undefined ? null : peerEndpoint(request.to.connect, '.to.connect');
    port(request.port, '.port');
    const wire = await this.#wires.publish({
      netdev,
      listen,
      port: request.port,
      to: connect === null ? undefined : { connect, adopt: adoptInto(session) },
    });
    if (this.kernel.netdevs.get(netdev.ifindex) !== netdev) {
      // Removed, or the lab was reset, while the host opened the port.
      wire.close();
      fail('ENODEV', { 'bad-attr': '.ifindex' });
    }
    const entry = { id: this.#nextId++, netdev, wire, connect };
    this.#publishes.set(entry.id, entry);
    return entry;
  }

  /** Closes the port; its connections are reset. @throws KernelError ENOENT */
  tcpUnpublish(id: number): void {
    take(this.#publishes, id).wire.close();
  }

  /** In the order of their numbers. */
  publishes(): Iterable<PublishedEntry> {
    return this.#publishes.values();
  }

  // ---- upstreams ----

  /** Lets simulated sockets connect out of a netdev. @throws KernelError ENODEV, EINVAL, EEXIST */
  tcpUpstream(request: TcpUpstreamRequest): UpstreamEntry {
    const netdev = this.#netdev(request.ifindex);
    port(request.port, '.port');
    const wire = this.#wires.upstream({ netdev, to: peerEndpoint(request.to, '.to'), port: request.port });
    const entry = { id: this.#nextId++, netdev, wire };
    this.#upstreams.set(entry.id, entry);
    return entry;
  }

  /** @throws KernelError ENOENT */
  tcpUpstreamDel(id: number): void {
    take(this.#upstreams, id).wire.close();
  }

  upstreams(): Iterable<UpstreamEntry> {
    return this.#upstreams.values();
  }

  // ---- generators ----

  /** @throws KernelError ENODEV, EINVAL, ENOSPC; ECONNREFUSED when nobody listens on the port */
  pktgenStart(request: PktgenRequest): PktgenEntry {
    const { ifindex, ...options } = request;
    const netdev = this.#netdev(ifindex);
    port(options.dstPort, '.dst-port');
    const entry = { id: this.#nextId, netdev, wire: this.#wires.pktgen({ netdev, ...options }) };
    this.#nextId++;
    this.#pktgens.set(entry.id, entry);
    return entry;
  }

  /** Ends a generator's streams with a FIN; what it sent. @throws KernelError ENOENT */
  pktgenStop(id: number): PktgenStats {
    const { wire } = take(this.#pktgens, id);
    wire.stop();
    return wire.stats;
  }

  pktgens(): Iterable<PktgenEntry> {
    return this.#pktgens.values();
  }

  // ---- all of it ----

  /**
   * Back to the start: wires are unplugged, sessions end (the daemon's own loses what it holds and goes on), held netmems go
   * back, netdevs are replaced by those of the start topology; providers end with their queues.
   */
  reset(): void {
    this.close();
    for (const session of [...this.kernel.sessions.values()]) if (session !== this.kernel.initSession) session.close();
    this.kernel.initSession.fds.closeAll();
    this.kernel.initSession.netlink.close();
    this.kernel.initSession.setAffinity(0);
    this.kernel.deferred.flushAll();
    this.holds.releaseAll();
    for (const netdev of [...this.kernel.netdevs.list()].reverse())
      if (!netdev.loopback) this.kernel.removeNetdev(netdev);
    this.kernel.experiments.dynamicImporter = false;
    this.kernel.movePollingCpu(0);
    this.#nextId = 1;
    this.#build();
  }

  /** Unplugs every wire. */
  close(): void {
    this.#unplug(() => true);
  }

  #build(): void {
    for (const config of this.#topology) {
      const loopback = this.#loopbacks.get(config);
      if (loopback !== undefined) {
        restoreLink(loopback.netdev, loopback.link);
        continue;
      }
      const netdev = addNetdev(this.kernel, config);
      if (netdev.loopback) this.#loopbacks.set(config, { netdev, link: linkDefaults(netdev) });
    }
  }

  #unplug(which: (entry: Plugged<unknown>) => boolean): void {
    for (const map of [this.#publishes, this.#upstreams, this.#pktgens]) {
      for (const entry of [...map.values()]) {
        if (!which(entry)) continue;
        map.delete(entry.id);
        entry.wire.close();
      }
    }
  }

  #netdev(ifindex: number): Netdev {
    return this.kernel.netdevs.get(ifindex) ?? fail('ENODEV', { 'bad-attr': '.ifindex' });
  }
}

function take<T>(map: Map<number, T>, id: number): T {
  const entry = map.get(id) ?? fail('ENOENT', { 'bad-attr': '.id' });
  map.delete(id);
  return entry;
}

function endpoint(text: string, attr: string): Endpoint {
  return parseEndpoint(text) ?? refuse(ERRORS.notEndpoint, { 'bad-attr': attr }, text);
}

/** An endpoint to connect to: neither host nor port may be left open. */
function peerEndpoint(text: string, attr: string): Endpoint {
  const e = endpoint(text, attr);
  if (e.host === '*' || e.port === 0) refuse(ERRORS.openEndpoint, { 'bad-attr': attr });
  return e;
}

function port(n: number | undefined, attr: string): void {
  if (n !== undefined && (!Number.isInteger(n) || n < 1 || n > 65_535)) {
    refuse(ERRORS.portNumber, { 'bad-attr': attr });
  }
}

function adoptInto(session: Session): RelayTarget<TcpSocket>['adopt'] {
  return (socket) => {
    if (session.state === 'closed') throw new KernelError('ESRCH');
    const fd = session.fds.install(socket);
    return () => {
      // The client may have closed the fd, and something else may have its number.
      const now = session.fds.list().find(([n]) => n === fd);
      if (now?.[1] === socket) session.fds.close(fd);
    };
  };
}
