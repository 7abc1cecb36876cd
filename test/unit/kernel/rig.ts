import { VirtualClock } from '../../../src/kernel/clock.ts';
import { Dmabuf, defaultRuns, type ExporterKind } from '../../../src/kernel/dmabuf/dmabuf.ts';
import type { DriverOverrides, DriverProfile } from '../../../src/kernel/driver/driver-params.ts';
import { type Extack, KernelError } from '../../../src/kernel/error.ts';
import { Kernel } from '../../../src/kernel/kernel.ts';
import { bindRx } from '../../../src/kernel/netdev/bind-rx.ts';
import type { DevmemBinding } from '../../../src/kernel/netdev/devmem-binding.ts';
import type { Netdev } from '../../../src/kernel/netdev/netdev.ts';
import type { PagePool } from '../../../src/kernel/netmem/page-pool.ts';
import { POOL_STAT_NAMES } from '../../../src/kernel/netmem/pool-statistics.ts';
import type { KernelRelease } from '../../../src/kernel/profile.ts';
import type { MemoryProviderOps } from '../../../src/kernel/provider/memory-provider.ts';
import type { FlowKey } from '../../../src/kernel/stack/flow-key.ts';
import { Msghdr } from '../../../src/kernel/stack/msghdr.ts';
import type { TcpFlow } from '../../../src/kernel/stack/tcp-flow.ts';
import type { TcpSocket } from '../../../src/kernel/stack/tcp-socket.ts';
import type { NetlinkSocket } from '../../../src/kernel/task/netlink-socket.ts';
import type { Session } from '../../../src/kernel/task/session.ts';
import { type Cmsg, decodeCmsgs } from '../../../src/uapi/cmsg.ts';
import { errnoName } from '../../../src/uapi/errno.ts';
import { PAGE_SIZE, RX_CLS_LOC_ANY } from '../../../src/uapi/limits.ts';
import { MSG_SOCK_DEVMEM } from '../../../src/uapi/socket.ts';

export interface RigOptions {
  release?: KernelRelease;
  driver?: DriverProfile;
  driverParams?: DriverOverrides;
  rxQueues?: number;
  /** Default: 2. */
  txQueues?: number;
  rx?: number;
  mtu?: number;
  up?: boolean;
  hostPages?: number;
  random?: () => number;
  numaNodes?: number;
}

/** A far end that writes down what it was told. */
export class RecordingPeer {
  readonly calls: string[] = [];
  onWindow = (): void => void this.calls.push('window');
  onData = (): void => void this.calls.push('data');
  onShutdown = (): void => void this.calls.push('shutdown');
  /** Set false: what the socket sends gets lost. */
  reachable = true;
  onReset = (): void => void this.calls.push('reset');
}

export interface Received {
  ret: number;
  flags: number;
  controllen: number;
  cmsgs: Cmsg[];
  data: Uint8Array;
}

/** One connection, with its two ends and a reusable message. */
export interface Connection {
  flow: TcpFlow;
  socket: TcpSocket;
  peer: RecordingPeer;
}

export interface RigDmabuf {
  fd: number;
  dmabuf: Dmabuf;
  bytes: Uint8Array;
  released: boolean;
}

/** A kernel on a virtual clock with `lo` and one netdev, and what tests do with them. */
export class Rig {
  readonly clock = new VirtualClock(5000);
  readonly kernel: Kernel;
  readonly netdev: Netdev;
  readonly session: Session;
  readonly log: { level: string; event: string; fields: Record<string, unknown> }[] = [];
  /** Page pool notifications, `add 3`, `change 3`, `del 3`. */
  readonly notes: string[] = [];
  readonly messages: Record<string, unknown>[] = [];
  readonly msg = new Msghdr();
  #connections = 0;

  constructor(o: RigOptions = {}) {
    this.kernel = new Kernel({
      clock: this.clock,
      release: o.release,
      random: o.random,
      numaNodes: o.numaNodes,
      hostPages: o.hostPages,
      log: (level, event, fields) => this.log.push({ level, event, fields }),
    });
    this.kernel.addNetdev({ name: 'lo', loopback: true, rxQueues: 1, txQueues: 1, rx: 0, mtu: 65_536, up: true });
    this.netdev = this.kernel.addNetdev({
      name: 'eth0',
      rxQueues: o.rxQueues ?? 2,
      txQueues: o.txQueues ?? 2,
      rx: o.rx ?? 16,
      mtu: o.mtu ?? 1500,
      ipv4: { address: Uint8Array.of(192, 0, 2, 1), prefix: 24 },
      driver: o.driver ?? 'split-perfect',
      driverParams: o.driverParams,
      up: o.up ?? true,
    });
    this.session = this.kernel.openSession();
    this.kernel.events.subscribe('netdev/page-pool', (name, msg) => {
      this.notes.push(`${name.split('-')[2]} ${msg.id}`);
      this.messages.push({ name, ...msg });
    });
  }

  dmabuf(pages: number, runs?: readonly number[], kind: ExporterKind = 'udmabuf'): RigDmabuf {
    const bytes = new Uint8Array(pages * PAGE_SIZE);
    const made: RigDmabuf = { fd: -1, dmabuf: undefined as unknown as Dmabuf, bytes, released: false };
    const release = (): void => {
      if (made.released) throw new Error('memory released twice');
      made.released = true;
    };
    const memory = { bytes, size: bytes.length, path: '', release };
    made.dmabuf = new Dmabuf(kind, memory, runs ?? defaultRuns(kind, pages, false));
    made.fd = this.session.fds.install(made.dmabuf);
    return made;
  }

  /** Lets a test's own table pass for one that was built in. */
  builtIn<P extends { ops: MemoryProviderOps }>(provider: P): P {
    (this.kernel.providers as Set<MemoryProviderOps>).add(provider.ops);
    return provider;
  }

  split(): this {
    this.netdev.rings.set({ tcpDataSplit: 'enabled', hdsThresh: 0 });
    return this;
  }

  bind(fd: number, queues: readonly number[], netlink: NetlinkSocket = this.session.netlink): DevmemBinding {
    const attrs = queues.map((id) => ({ id, type: 0 }));
    const id = bindRx(this.kernel, this.session, netlink, this.netdev.ifindex, fd, attrs);
    return this.kernel.bindings.get(id) as DevmemBinding;
  }

  /** Split on, a fresh dmabuf of `pages` bound to queue 0. */
  bound(pages: number, runs?: readonly number[]): { binding: DevmemBinding; dmabuf: RigDmabuf; pool: PagePool } {
    this.split();
    const dmabuf = this.dmabuf(pages, runs);
    const binding = this.bind(dmabuf.fd, [0]);
    return { binding, dmabuf, pool: this.pool(0) };
  }

  pool(queue: number): PagePool {
    const ring = this.netdev.rxQueues[queue].ring;
    if (ring === null) throw new Error(`queue ${queue} has no ring`);
    return ring.pool;
  }

  key(dport: number, sport = 40_000): FlowKey {
    const src = Uint8Array.of(192, 0, 2, 2);
    return { family: 4, proto: 6, src, dst: Uint8Array.of(192, 0, 2, 1), sport, dport };
  }

  steer(dport: number, queue: number): number {
    const location = this.netdev.rules.insert({
      location: RX_CLS_LOC_ANY,
      flowType: 'tcp4',
      srcIp: null,
      srcIpMask: null,
      dstIp: null,
      dstIpMask: null,
      srcPort: null,
      srcPortMask: 0xffff,
      dstPort: dport,
      dstPortMask: 0xffff,
      queue,
    });
    this.netdev.steeringChanged();
    return location;
  }

  /** An established connection whose packets arrive on `queue`. */
  connect(queue = 0): Connection {
    const n = this.#connections++;
    const queues = this.netdev.rxQueues.length;
    const dport = queues * (1000 + n) + queue;
    if (!this.netdev.driver.params.queueByPort) this.steer(dport, queue);
    const peer = new RecordingPeer();
    const { flow, socket } = this.kernel.tcp.attach(this.netdev, this.key(dport, 40_000 + n), peer);
    return { flow, socket, peer };
  }

  poll(): void {
    while (this.kernel.runNapi());
  }

  /** Delivers bytes and polls until the stack has them. @returns bytes taken */
  send(to: Connection, bytes: Uint8Array | number): number {
    const source = typeof bytes === 'number' ? pattern(bytes) : bytes;
    const n = to.flow.deliver(source, 0, source.length);
    this.poll();
    return n;
  }

  recv(socket: TcpSocket, len = 819_200, controllen = 80_000, flags = MSG_SOCK_DEVMEM, cpu = 0): Received {
    const { msg } = this;
    const ret = socket.recvmsg(msg, len, controllen, flags, cpu);
    return {
      ret,
      flags: msg.flags,
      controllen: msg.controllen,
      cmsgs: ret < 0 ? [] : decodeCmsgs(msg.control, msg.controllen),
      data: msg.iov.slice(0, msg.iovLen),
    };
  }

  events(): string[] {
    return this.notes.splice(0);
  }
}

/** `n` bytes, i -> i mod 251. */
export function pattern(n: number, from = 0): Uint8Array {
  const bytes = new Uint8Array(n);
  for (let i = 0; i < n; i++) bytes[i] = (from + i) % 251;
  return bytes;
}

/** Statistics of a pool that are not 0. */
export function stats(pool: PagePool): Record<string, number> {
  const out: Record<string, number> = {};
  POOL_STAT_NAMES.forEach((name, i) => {
    if (pool.stats[i] !== 0) out[name] = pool.stats[i];
  });
  return out;
}

/** How a refused call was refused: errno and extended ack. */
export function refusal(fn: () => unknown): { errno: string; extack?: Extack } {
  try {
    fn();
  } catch (err) {
    if (!(err instanceof KernelError)) throw err;
    return err.extack === undefined ? { errno: err.errno } : { errno: err.errno, extack: err.extack };
  }
  throw new Error('the call was not refused');
}

/** Name of a negative return value; the value itself when it is none. */
export function named(ret: number): string | number {
  return ret < 0 ? errnoName(-ret) : ret;
}

/** Tokens of the frags in a message. */
export function tokens(received: Received): number[] {
  return received.cmsgs.filter((c) => c.fragToken !== 0 || c.dmabufId !== 0).map((c) => c.fragToken);
}
