import { EPHEMERAL_PORT_FIRST, EPHEMERAL_PORT_LAST } from '../../uapi/limits.ts';
import { fail, refuse } from '../error.ts';
import { ERRORS } from '../error-catalogue.ts';
import type { Kernel } from '../kernel.ts';
import type { Netdev } from '../netdev/netdev.ts';
import { type FlowKey, sameBytes } from './flow-key.ts';
import { SKB_FIN, SKB_FIN_ACK, SKB_RST, type SkbRef } from './skb.ts';
import { type PeerEvents, TcpFlow } from './tcp-flow.ts';
import { TcpListener } from './tcp-listener.ts';
import { TcpSocket } from './tcp-socket.ts';

/** The TCP of the simulated host: listeners by port, flows by id, and where packets of a flow go. */
export class Tcp {
  readonly #kernel: Kernel;
  readonly #flows: (TcpFlow | undefined)[] = [undefined];
  readonly #freeIds: number[] = [];
  readonly #listeners = new Map<number, TcpListener[]>();
  readonly #localPorts = new Set<number>();
  /** Sockets that hold memory: open, or closed with something outstanding. */
  readonly sockets = new Set<TcpSocket>();
  /** Segments of flows that have no socket any more. */
  noSocketDrops = 0;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  // ---- control path ----

  /** @throws KernelError EADDRINUSE */
  listen(port: number, address: Uint8Array | null, backlog: number): TcpListener {
    const same = this.#listeners.get(port) ?? [];
    for (const other of same) {
      if (other.address === null || address === null || sameBytes(other.address, address)) fail('EADDRINUSE');
    }
    const listener = new TcpListener(port, address, backlog, (closed) => {
      const left = (this.#listeners.get(port) ?? []).filter((l) => l !== closed);
      if (left.length === 0) this.#listeners.delete(port);
      else this.#listeners.set(port, left);
    });
    this.#listeners.set(port, [...same, listener]);
    return listener;
  }

  /**
   * A SYN arrived from a wire. The new socket waits at its listener.
   *
   * @throws KernelError ECONNREFUSED when nobody listens or the backlog is full
   */
  accept(netdev: Netdev, key: FlowKey, peer: PeerEvents): TcpFlow {
    const listener = (this.#listeners.get(key.dport) ?? []).find(
      (l) => l.address === null || sameBytes(l.address, key.dst),
    );
    if (listener === undefined) fail('ECONNREFUSED');
    if (listener.full) {
      listener.overflows++;
      fail('ECONNREFUSED');
    }
    const { flow, socket } = this.attach(netdev, key, peer);
    listener.queue.push(socket);
    listener.waitQueue.wake();
    return flow;
  }

  /** An established connection without a listener: the caller puts the socket where it belongs. */
  attach(netdev: Netdev, key: FlowKey, peer: PeerEvents): { flow: TcpFlow; socket: TcpSocket } {
    const socket = new TcpSocket(this.#kernel);
    const flow = this.#newFlow(netdev, key, peer);
    socket.establish(flow);
    this.sockets.add(socket);
    return { flow, socket };
  }

  /**
   * connect(2): a socket in syn-sent with a local port of its own; the netdev's upstream wire establishes or refuses it.
   *
   * @param peer address to connect to, 4 or 16 bytes
   * @throws KernelError ECONNREFUSED (no upstream), EADDRNOTAVAIL (no address of that family, or no port is free)
   */
  connect(netdev: Netdev, peer: Uint8Array, port: number): TcpSocket {
    const family = peer.length === 4 ? 4 : 6;
    const own = (family === 4 ? netdev.ipv4 : netdev.ipv6) ?? refuse(ERRORS.noAddressOfFamily, { 'bad-attr': '.addr' });
    if (netdev.upstream === null) fail('ECONNREFUSED');
    const socket = new TcpSocket(this.#kernel);
    socket.localPort = this.#takePort();
    const key: FlowKey = { family, proto: 6, src: peer, dst: own.address, sport: port, dport: socket.localPort };
    socket.state = 'syn-sent';
    this.sockets.add(socket);
    netdev.upstream({
      key,
      established: (events) => {
        const flow = this.#newFlow(netdev, key, events);
        if (socket.state === 'syn-sent' && netdev.state === 'unregistered') socket.refuse('ENETUNREACH');
        if (socket.state === 'syn-sent') {
          socket.establish(flow);
        } else {
          flow.state = 'closed';
          events.onReset();
          this.forget(flow);
        }
        return flow;
      },
      refuse: (errno) => {
        if (socket.state === 'syn-sent') socket.refuse(errno);
      },
    });
    return socket;
  }

  /** A free local port, searched from a random one. */
  #takePort(): number {
    const ports = EPHEMERAL_PORT_LAST - EPHEMERAL_PORT_FIRST + 1;
    const start = this.#kernel.random() % ports;
    for (let i = 0; i < ports; i++) {
      const port = EPHEMERAL_PORT_FIRST + ((start + i) % ports);
      if (this.#localPorts.has(port)) continue;
      this.#localPorts.add(port);
      return port;
    }
    return fail('EADDRNOTAVAIL');
  }

  /** The connection of a socket is over: its local port is free again. */
  releasePort(socket: TcpSocket): void {
    this.#localPorts.delete(socket.localPort);
    socket.localPort = 0;
  }

  #newFlow(netdev: Netdev, key: FlowKey, peer: PeerEvents): TcpFlow {
    const id = this.#freeIds.pop() ?? this.#flows.length;
    const flow = new TcpFlow(id, key, netdev, peer);
    this.#flows[id] = flow;
    netdev.flows.add(flow);
    return flow;
  }

  /** A flow without socket whose packets are all through gives its id back. */
  forget(flow: TcpFlow): void {
    if (this.#flows[flow.id] !== flow) return;
    if (flow.pendingBytes > 0 || flow.pendingControl > 0) return;
    this.#flows[flow.id] = undefined;
    flow.netdev.flows.delete(flow);
    this.#freeIds.push(flow.id);
  }

  get flowCount(): number {
    return this.#flows.length - 1 - this.#freeIds.length;
  }

  // ---- data path, NAPI context ----

  receive(skb: SkbRef): void {
    const skbs = this.#kernel.skbs;
    const flow = this.#flows[skbs.flow[skb]] as TcpFlow;
    flow.pendingBytes -= skbs.len[skb];
    flow.pendingTruesize = flow.pendingBytes === 0 ? 0 : flow.pendingTruesize - skbs.truesize[skb];
    const sock = flow.socket;
    if (sock === null) {
      this.noSocketDrops++;
      skbs.release(skb);
      this.forget(flow);
      return;
    }
    sock.receive(skb);
  }

  receiveControl(skb: SkbRef): void {
    const skbs = this.#kernel.skbs;
    const flow = this.#flows[skbs.flow[skb]] as TcpFlow;
    const flags = skbs.flags[skb];
    skbs.release(skb);
    flow.pendingControl--;
    const sock = flow.socket;
    if (sock === null) {
      this.forget(flow);
      return;
    }
    if ((flags & SKB_FIN_ACK) !== 0) sock.receiveFinAck();
    if ((flags & SKB_FIN) !== 0) sock.receiveFin();
    if ((flags & SKB_RST) !== 0) sock.receiveReset();
  }
}
