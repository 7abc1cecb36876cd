import type { ErrnoName } from '../../uapi/errno.ts';
import { IFF_BROADCAST, IFF_LOOPBACK, IFF_MULTICAST } from '../../uapi/link.ts';
import { DmaDevice } from '../driver/dma-device.ts';
import { Driver } from '../driver/driver.ts';
import { type DriverOverrides, type DriverProfile, driverParams } from '../driver/driver-params.ts';
import type { Kernel } from '../kernel.ts';
import type { FlowKey } from '../stack/flow-key.ts';
import type { PeerEvents, TcpFlow } from '../stack/tcp-flow.ts';
import { Channels } from './channels.ts';
import { describeNetdev } from './describe-netdev.ts';
import { FlowRules } from './flow-rules.ts';
import { RingSettings } from './ring-settings.ts';
import { Rss } from './rss.ts';
import { RxQueue } from './rx-queue.ts';
import { Xdp } from './xdp.ts';
import { XskPools } from './xsk-pools.ts';

/** An address with its network; 4 or 16 bytes, network order. */
export interface InterfaceAddress {
  readonly address: Uint8Array;
  readonly prefix: number;
}

export interface NetdevParams {
  /** Default: the next number never used. */
  ifindex?: number;
  name: string;
  /** Loopback: no queue memory, no driver to speak of. */
  loopback?: boolean;
  rxQueues: number;
  txQueues: number;
  rx: number;
  tx?: number;
  mtu: number;
  ipv4?: InterfaceAddress | null;
  ipv6?: InterfaceAddress | null;
  driver?: DriverProfile;
  driverParams?: DriverOverrides;
  up?: boolean;
  /** Registered without a word in group link: whoever makes it tells when it is complete. */
  silent?: boolean;
}

/** A connection that a simulated socket asks for; the wire answers once, by one of the two functions. */
export interface UpstreamRequest {
  readonly key: FlowKey;
  established(peer: PeerEvents): TcpFlow;
  refuse(errno: ErrnoName): void;
}

export type NetdevState = 'registered' | 'unregistered';

/** Features that can be switched, by ethtool's names. */
export const NETDEV_FEATURES = ['rx-gro', 'rx-hashing', 'rx-ntuple-filter', 'rx-gro-hw'] as const;
export type NetdevFeature = (typeof NETDEV_FEATURES)[number];

/** A simulated network device: queues, steering, settings and its driver. */
export class Netdev {
  readonly kernel: Kernel;
  readonly ifindex: number;
  name: string;
  readonly loopback: boolean;
  mtu: number;
  /** Hardware address; that of broadcast frames. */
  address: Uint8Array;
  broadcast: Uint8Array;
  /** Flags that the state of the device does not follow from (IFF_*). */
  flags: number;
  readonly ipv4: InterfaceAddress | null;
  readonly ipv6: InterfaceAddress | null;
  readonly rxQueues: RxQueue[] = [];
  readonly channels: Channels;
  readonly xdp: Xdp;
  readonly xsk: XskPools;
  readonly rings: RingSettings;
  readonly rss: Rss;
  readonly rules = new FlowRules();
  readonly features: Set<NetdevFeature>;
  readonly fixedFeatures: ReadonlySet<NetdevFeature>;
  readonly driver: Driver;
  /** Flows whose far end is behind this device. */
  readonly flows = new Set<TcpFlow>();
  state: NetdevState = 'registered';
  up = false;
  /** Takes connections that simulated sockets open through this device. */
  upstream: ((request: UpstreamRequest) => void) | null = null;
  /** Changes whenever packets of a flow may have to go to another queue. */
  steeringGeneration = 0;
  /** Frames that simulated sockets sent, and their bytes with headers. */
  txPackets = 0;
  txBytes = 0;
  #held: TcpFlow[] = [];

  constructor(kernel: Kernel, ifindex: number, params: NetdevParams) {
    this.kernel = kernel;
    this.ifindex = ifindex;
    this.name = params.name;
    this.loopback = params.loopback ?? false;
    this.mtu = params.mtu;
    this.ipv4 = params.ipv4 ?? null;
    this.ipv6 = params.ipv6 ?? null;
    this.address = this.loopback
      ? new Uint8Array(6)
      : Uint8Array.of(2, 0, 0, 0, (ifindex >>> 8) & 0xff, ifindex & 0xff);
    this.broadcast = new Uint8Array(6).fill(this.loopback ? 0 : 0xff);
    this.flags = this.loopback ? IFF_LOOPBACK : IFF_BROADCAST | IFF_MULTICAST;
    const profile = params.driver ?? 'split-perfect';
    const drive = driverParams(profile, params.driverParams ?? {}, params.mtu);
    this.driver = new Driver(this, drive, {
      queueManagement:
        !this.loopback &&
        drive.managesQueues &&
        (drive.profile !== 'netdevsim' || kernel.profile.netdevsimQueueManagement),
      dmaDevice: this.loopback || !drive.dma ? null : new DmaDevice(this.name),
    });
    this.rings = new RingSettings(this, params.rx, params.tx ?? params.rx);
    this.rss = new Rss(params.rxQueues, kernel.random);
    this.features = new Set<NetdevFeature>(this.loopback ? [] : ['rx-hashing', 'rx-ntuple-filter']);
    if (drive.gro) this.features.add('rx-gro');
    if (drive.placement === 'aggregate') this.features.add('rx-gro-hw');
    this.fixedFeatures = new Set<NetdevFeature>(this.loopback ? NETDEV_FEATURES : ['rx-hashing', 'rx-gro-hw']);
    for (let i = 0; i < params.rxQueues; i++) {
      const napi = kernel.newNapi(!this.loopback);
      const queue = new RxQueue(this, i, napi);
      napi.queue = queue;
      this.rxQueues.push(queue);
    }
    this.channels = new Channels(this, this.rxQueues, params.txQueues);
    this.xdp = new Xdp(this);
    this.xsk = new XskPools(this);
  }

  get txQueues(): number {
    return this.channels.count.combined + this.channels.count.tx;
  }

  /** Tells group mgmt of family netdev. */
  announce(event: 'dev-add-ntf' | 'dev-del-ntf' | 'dev-change-ntf'): void {
    this.kernel.events.emit('netdev/mgmt', event, () => describeNetdev(this));
  }

  get hasProvider(): boolean {
    return this.rxQueues.some((q) => q.provider !== null);
  }

  /** No struct device stands behind it. */
  get virtual(): boolean {
    return this.loopback || this.driver.params.virtual;
  }

  /** Whether its NAPIs have ids that netlink knows. */
  get showsNapis(): boolean {
    const { napis } = this.driver.params;
    return !this.loopback && (napis === 'all' || (napis === 'gro' && this.features.has('rx-gro')));
  }

  get xdpRxMetadata(): number {
    return this.loopback ? 0 : this.driver.params.xdpRxMetadata;
  }

  /** Opens the device: memory for every queue, then all start. On failure nothing is left. */
  open(): void {
    if (this.up) return;
    if (!this.loopback) {
      const { napisAtOpen, napiConfigs } = this.driver.params;
      if (napisAtOpen && !(napiConfigs && this.kernel.profile.napiIdsPersist)) this.#renewNapis();
      const rings = this.driver.allocQueues(this.channels.allocated);
      this.channels.allocated.forEach((queue, i) => {
        this.driver.startQueue(queue, rings[i]);
      });
    }
    this.up = true;
    this.releaseHeld();
  }

  #renewNapis(): void {
    for (const queue of this.channels.allocated) {
      if (!queue.napi.enabled) continue;
      queue.napi.queue = null;
      queue.napi = this.kernel.newNapi(true);
    }
  }

  /** Closes the device; packets the queues hold go up first. */
  close(): void {
    if (!this.up) return;
    this.up = false;
    if (this.loopback) return;
    const rings = this.channels.allocated.map((queue) => this.driver.stopQueue(queue));
    for (const ring of rings) if (ring !== null) this.driver.freeQueueMemory(ring);
  }

  /** Applies a change that every queue's memory depends on. */
  recreateQueues(): void {
    if (!this.up) return;
    this.close();
    this.open();
  }

  /** RX queue of a flow: flow rules first, then RSS; some drivers go by port. */
  steer(key: FlowKey): RxQueue {
    if (this.driver.params.queueByPort) return this.rxQueues[key.dport % this.rxQueues.length];
    if (this.features.has('rx-ntuple-filter')) {
      const ruled = this.rules.queueOf(key);
      if (ruled >= 0) return this.rxQueues[ruled];
    }
    return this.rxQueues[this.rss.queueOf(key)];
  }

  /** Rules or RSS changed. Flows that a queue without buffers holds back may find some elsewhere. */
  steeringChanged(): void {
    this.steeringGeneration++;
    for (const { ring } of this.channels.allocated) ring?.releaseStalled();
  }

  /** Keeps a flow until its queue has memory again. */
  holdFlow(flow: TcpFlow): void {
    this.#held.push(flow);
  }

  /** Lets the kept flows try again. */
  releaseHeld(): void {
    const held = this.#held;
    this.#held = [];
    for (const flow of held) flow.unstall();
  }

  /** Turns a feature on or off. @returns whether that changed anything */
  setFeature(feature: NetdevFeature, on: boolean): boolean {
    if (this.features.has(feature) === on) return false;
    if (on) {
      this.features.add(feature);
    } else {
      this.features.delete(feature);
      if (feature === 'rx-ntuple-filter') this.rules.clear();
    }
    this.steeringChanged();
    return true;
  }
}
