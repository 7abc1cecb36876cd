import { VirtualClock } from '../../src/kernel/clock.ts';
import { Dmabuf } from '../../src/kernel/dmabuf/dmabuf.ts';
import { Kernel } from '../../src/kernel/kernel.ts';
import { bindRx } from '../../src/kernel/netdev/bind-rx.ts';
import type { Netdev } from '../../src/kernel/netdev/netdev.ts';
import { netmemFault } from '../../src/kernel/netmem/conservation.ts';
import { POOL_STAT } from '../../src/kernel/netmem/pool-statistics.ts';
import type { FlowKey } from '../../src/kernel/stack/flow-key.ts';
import { Msghdr } from '../../src/kernel/stack/msghdr.ts';
import type { SkbRef } from '../../src/kernel/stack/skb.ts';
import type { PeerEvents, TcpFlow } from '../../src/kernel/stack/tcp-flow.ts';
import { PAGE_SIZE } from '../../src/uapi/limits.ts';
import type { Scenario } from './recording.ts';
import type {
  Notification,
  ReceivedMessage,
  ReplayTarget,
  TargetDmabuf,
  TargetNetlink,
  TargetSocket,
} from './target.ts';

const RX_QUEUES = 4;
/** Multiple of the number of queues: port + queue steers to that queue. */
const FIRST_PORT = 5200;

/** A peer that does nothing by itself: the recording says what arrives when. */
class SilentPeer implements PeerEvents {
  reachable = true;
  /** A FIN got lost on the link. */
  finLost = false;
  onWindow(): void {}
  onData(): void {}
  onReset(): void {}
  onShutdown(): void {
    this.finLost = !this.reachable;
  }
}

/** netmemd's kernel core under a recording: one `netdevsim-dma` device, opened with the scenario's parameters. */
export class KernelTarget implements ReplayTarget {
  readonly #clock = new VirtualClock(1000);
  readonly #kernel: Kernel;
  readonly #netdev: Netdev;
  readonly #udmabuf: boolean;
  readonly #msg = new Msghdr();
  #notifications: Notification[] = [];
  /** The packet that was built last. */
  #lastSkb: SkbRef = 0;
  readonly #flows: { flow: TcpFlow; peer: SilentPeer }[] = [];
  #linkUp = true;

  constructor(scenario: Scenario, kernel: '7.3.4' | '6.12.107') {
    const { driver } = scenario;
    this.#udmabuf = scenario.dmabuf.kind === 'udmabuf';
    this.#kernel = new Kernel({ clock: this.#clock, release: kernel === '7.3.4' ? '7.3' : '6.12' });
    this.#kernel.addNetdev({ name: 'lo', loopback: true, rxQueues: 1, txQueues: 1, rx: 0, mtu: 65536, up: true });
    this.#netdev = this.#kernel.addNetdev({
      name: 'dp0',
      rxQueues: RX_QUEUES,
      txQueues: RX_QUEUES,
      rx: 512,
      mtu: scenario.mtu,
      ipv4: { address: Uint8Array.of(192, 0, 2, 1), prefix: 24 },
      driver: 'netdevsim-dma',
      driverParams: {
        mode: driver.mode,
        post: driver.post,
        lin: driver.lin,
        'lin-mod': driver.lin_mod,
        gro: driver.gro === 1,
        chunk: driver.chunk,
      },
      up: true,
    });
    this.#netdev.rings.set({ tcpDataSplit: 'enabled', hdsThresh: 0 });
    const { skbs } = this.#kernel;
    const alloc = skbs.alloc.bind(skbs);
    skbs.alloc = (flow, seq, flags) => {
      this.#lastSkb = alloc(flow, seq, flags);
      return this.#lastSkb;
    };
    // Pools made so far belong to the set-up: the recording starts with the first bind.
    this.#kernel.events.subscribe('netdev/page-pool', (name, msg) => {
      this.#notifications.push({ name, msg: { ...msg } });
    });
  }

  advance(ms: number): void {
    this.#clock.advance(ms);
    this.poll(0);
  }

  poll(cpu: number): void {
    while (this.#kernel.runNapi(cpu));
  }

  setLink(up: boolean): void {
    this.#linkUp = up;
    for (const { flow, peer } of this.#flows) {
      peer.reachable = up;
      if (up && peer.finLost) flow.finAcked();
    }
    this.poll(0);
  }

  createDmabuf(chunks: readonly number[]): TargetDmabuf {
    const bytes = new Uint8Array(chunks.reduce((sum, pages) => sum + pages, 0) * PAGE_SIZE);
    const memory = { bytes, size: bytes.length, path: '', release() {} };
    const dmabuf = new Dmabuf(this.#udmabuf ? 'udmabuf' : 'system', memory, chunks);
    const fd = this.#kernel.initSession.fds.install(dmabuf);
    return { bytes, fd };
  }

  openNetlink(): TargetNetlink {
    const session = this.#kernel.openSession({ name: `netlink-${this.#kernel.sessions.size}` });
    const init = this.#kernel.initSession;
    return {
      bindRx: (dmabuf, queues) =>
        bindRx(
          this.#kernel,
          init,
          session.netlink,
          this.#netdev.ifindex,
          dmabuf.fd,
          queues.map((id) => ({ id, type: 0 })),
        ),
      close: () => session.close(),
    };
  }

  connect(queue: number): TargetSocket {
    const kernel = this.#kernel;
    const msg = this.#msg;
    const n = this.#flows.length;
    const peer = new SilentPeer();
    peer.reachable = this.#linkUp;
    const key: FlowKey = {
      family: 4,
      proto: 6,
      src: Uint8Array.of(192, 0, 2, 2),
      dst: Uint8Array.of(192, 0, 2, 1),
      sport: 40_000 + n,
      dport: FIRST_PORT + n * RX_QUEUES + queue,
    };
    const { flow, socket } = kernel.tcp.attach(this.#netdev, key, peer);
    this.#flows.push({ flow, peer });
    return {
      segment: (at: number, payload: Uint8Array, push: boolean, cpu: number): number => {
        kernel.softirqCpu = cpu;
        const taken = flow.segment(at, payload, 0, payload.length, push);
        kernel.softirqCpu = 0;
        return taken ? kernel.skbs.truesize[this.#lastSkb] : 0;
      },
      recvmsg: (length: number, controlLength: number, flags: number, cpu: number): ReceivedMessage => {
        const ret = socket.recvmsg(msg, length, controlLength, flags, cpu);
        return {
          ret,
          flags: msg.flags,
          controllen: msg.controllen,
          control: msg.control.slice(0, msg.controllen),
          iov: msg.iov.slice(0, msg.iovLen),
        };
      },
      dontneed: (ranges) => socket.devmemDontneed(ranges.map(([start, count]) => ({ start, count }))),
      inq: () => socket.inq(),
      close: () => socket.close(),
      peerClose: () => flow.fin(),
    };
  }

  poolGet(id: number): Readonly<Record<string, unknown>> | null {
    return this.#kernel.pools.visible(id)?.describe() ?? null;
  }

  poolStats(id: number): Readonly<Record<string, number>> {
    const pool = this.#kernel.pools.visible(id);
    const shown: Record<string, number> = {};
    for (const [name, at] of Object.entries(POOL_STAT)) {
      const value = pool?.stats[at] ?? 0;
      if (value !== 0) shown[name.toLowerCase().replaceAll('_', '-')] = value;
    }
    return shown;
  }

  boundQueues(): readonly Readonly<Record<string, unknown>>[] {
    const shown: Record<string, unknown>[] = [];
    for (const queue of this.#netdev.rxQueues) {
      if (queue.provider === null) continue;
      const entry: Record<string, unknown> = { id: queue.index, type: 'rx', 'napi-id': queue.napi.id };
      queue.provider.ops.nlFill(queue.provider.priv, entry, queue);
      shown.push(entry);
    }
    return shown;
  }

  notifications(): Notification[] {
    const taken = this.#notifications;
    this.#notifications = [];
    return taken;
  }

  dropped(): number {
    return this.#netdev.rxQueues.reduce((sum, queue) => sum + queue.dropOverruns, 0);
  }

  conservationFault(): string | null {
    return netmemFault(this.#kernel.netmems, this.#kernel.pools.all());
  }
}
