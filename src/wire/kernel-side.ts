import type { Netdev } from '../kernel/netdev/netdev.ts';
import type { FlowKey } from '../kernel/stack/flow-key.ts';
import type { PeerEvents, TcpFlow } from '../kernel/stack/tcp-flow.ts';
import type { TcpSocket } from '../kernel/stack/tcp-socket.ts';

/** What wires use of the kernel, and no more: tests put something else in its place. */
export interface WireKernel {
  readonly tcp: {
    accept(netdev: WireNetdev, key: FlowKey, peer: PeerEvents): WireFlow;
    attach(netdev: WireNetdev, key: FlowKey, peer: PeerEvents): { flow: WireFlow; socket: RelaySocket };
  };
}

export type WireNetdev = Pick<Netdev, 'ifindex' | 'mtu' | 'ipv4' | 'ipv6' | 'upstream'>;

/** The remote peer's end of a simulated connection. */
export type WireFlow = Pick<TcpFlow, 'deliver' | 'fin' | 'reset' | 'peerRead'>;

/** What a relayed connection needs of the simulated socket it feeds. */
export type RelaySocket = Pick<TcpSocket, 'rcvNxt' | 'copiedSeq' | 'atEnd' | 'waitQueue' | 'relay' | 'abort'>;
