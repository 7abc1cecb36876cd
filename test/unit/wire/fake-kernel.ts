import { createHash, type Hash } from 'node:crypto';
import { KernelError } from '../../../src/kernel/error.ts';
import type { UpstreamRequest } from '../../../src/kernel/netdev/netdev.ts';
import type { FlowKey } from '../../../src/kernel/stack/flow-key.ts';
import type { PeerEvents, TcpFlow } from '../../../src/kernel/stack/tcp-flow.ts';
import { WaitQueue } from '../../../src/kernel/wait-queue.ts';
import { parseInterfaceAddress } from '../../../src/lab/address.ts';
import type { RelaySocket, WireFlow, WireKernel, WireNetdev } from '../../../src/wire/kernel-side.ts';

/** xorshift32: tests name their seed. */
export function random(seed: number): () => number {
  let x = seed >>> 0 || 1;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    x >>>= 0;
    return x;
  };
}

export function netdev(ifindex = 2, addresses = ['192.0.2.1/24', '2001:db8::1/64']): WireNetdev {
  const of = (family: number) => {
    const a = addresses.map((text) => parseInterfaceAddress(text)!).find((x) => x.family === family);
    return a === undefined ? null : { address: a.bytes, prefix: a.prefix };
  };
  return { ifindex, mtu: 9000, ipv4: of(4), ipv6: of(6), upstream: null };
}

/** A flow that takes what its `accept` function says, and checks that the wire keeps the rules of `TcpFlow`. */
export class FakeFlow implements WireFlow, RelaySocket {
  readonly key: FlowKey;
  readonly peer: PeerEvents;
  readonly hash: Hash = createHash('sha256');
  /** Bytes the next deliver calls may take; `Infinity` takes all. */
  room = Number.POSITIVE_INFINITY;
  /** Given by tests that choose per call. */
  choose: ((offered: number) => number) | null = null;
  keep: Buffer[] | null = null;
  bytes = 0;
  largest = 0;
  finished = false;
  wasReset = false;
  aborted = false;
  delivering = false;
  short = 0;
  relay: { address: string; port: number } | null = null;
  rcvNxt = 0;
  copiedSeq = 0;
  atEnd = false;
  #sendEnded = false;
  #outgoing: Uint8Array[] = [];
  readonly waitQueue = new WaitQueue();

  constructor(key: FlowKey, peer: PeerEvents) {
    this.key = key;
    this.peer = peer;
  }

  deliver(buf: Uint8Array, off: number, len: number): number {
    if (this.delivering) throw new Error('deliver() re-entered');
    if (this.finished || this.wasReset) throw new Error('deliver() after the end');
    if (len <= 0 || off + len > buf.length) throw new Error(`deliver(${off}, ${len}) of ${buf.length}`);
    this.delivering = true;
    const n = Math.min(len, this.choose === null ? this.room : this.choose(len));
    const part = buf.subarray(off, off + n);
    this.hash.update(part);
    this.keep?.push(Buffer.from(part));
    this.bytes += n;
    this.room -= n;
    this.largest = Math.max(this.largest, len);
    if (n < len) this.short++;
    this.delivering = false;
    return n;
  }

  fin(): void {
    if (this.finished) throw new Error('fin() twice');
    this.finished = true;
  }

  reset(): void {
    if (this.wasReset) throw new Error('reset() twice');
    this.wasReset = true;
  }

  /** The simulated side gives the connection up: its peer is reset at once. */
  abort(): void {
    this.aborted = true;
    this.peer.onReset();
  }

  /** What the simulated application sends. */
  send(bytes: Uint8Array): void {
    this.#outgoing.push(bytes);
    this.peer.onData();
  }

  /** The simulated application ends its sending side. */
  shutdown(): void {
    this.#sendEnded = true;
    if (this.#outgoing.length === 0) this.peer.onShutdown();
  }

  get unsent(): number {
    return this.#outgoing.reduce((n, b) => n + b.length, 0);
  }

  peerRead(max: number): Uint8Array | null {
    const head = this.#outgoing[0];
    if (head === undefined) return null;
    if (head.length <= max) this.#outgoing.shift();
    else this.#outgoing[0] = head.subarray(max);
    // As the kernel's socket does: the end is told with the last bytes.
    if (this.#sendEnded && this.#outgoing.length === 0) this.peer.onShutdown();
    return head.subarray(0, max);
  }

  open(room: number): void {
    this.room = room;
    this.peer.onWindow();
  }

  /** TCP takes what was delivered into the receive queue and wakes the socket. */
  arrive(): void {
    this.rcvNxt = this.bytes;
    if (this.finished || this.wasReset) this.atEnd = true;
    this.waitQueue.wake();
  }

  /** The simulated application reads up to `max` bytes. */
  read(max = Number.POSITIVE_INFINITY): void {
    this.copiedSeq = Math.min(this.rcvNxt, this.copiedSeq + max);
  }
}

/** A kernel with listeners on some ports, or on all. */
export class FakeKernel implements WireKernel {
  readonly flows: FakeFlow[] = [];
  readonly ports: Set<number> | null;
  onFlow: (flow: FakeFlow) => void = () => {};

  constructor(ports: number[] | null = null) {
    this.ports = ports === null ? null : new Set(ports);
  }

  readonly tcp = {
    accept: (_netdev: WireNetdev, key: FlowKey, peer: PeerEvents): FakeFlow => {
      if (this.ports !== null && !this.ports.has(key.dport)) throw new KernelError('ECONNREFUSED');
      return this.add(key, peer);
    },
    attach: (_netdev: WireNetdev, key: FlowKey, peer: PeerEvents) => {
      const flow = this.add(key, peer);
      return { flow, socket: flow };
    },
  };

  add(key: FlowKey, peer: PeerEvents): FakeFlow {
    const flow = new FakeFlow(key, peer);
    this.flows.push(flow);
    this.onFlow(flow);
    return flow;
  }

  /** A simulated connect to `addr:port` of the netdev's network. */
  connect(dev: WireNetdev, sport: number, dport = 50_000): Promise<FakeFlow> {
    return new Promise((resolve, reject) => {
      const key: FlowKey = {
        family: 4,
        proto: 6,
        src: Uint8Array.of(192, 0, 2, 9),
        dst: dev.ipv4!.address,
        sport,
        dport,
      };
      const request: UpstreamRequest = {
        key,
        established: (peer) => {
          const flow = this.add(key, peer);
          resolve(flow);
          return flow as unknown as TcpFlow;
        },
        refuse: (errno) => reject(new KernelError(errno)),
      };
      if (dev.upstream === null) reject(new KernelError('ECONNREFUSED'));
      else dev.upstream(request);
    });
  }
}

/** Polls a condition between turns of the event loop. */
export async function until(what: string, condition: () => boolean, ms = 10_000): Promise<void> {
  const end = performance.now() + ms;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`not within ${ms} ms: ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
