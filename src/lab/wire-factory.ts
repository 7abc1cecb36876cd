import type { Endpoint } from './address.ts';

/** Something that carries a netdev's traffic. */
export interface Wire {
  /** Unplugs it: no new connection, the present ones are reset. Idempotent. */
  close(): void;
}

/** A real listening port of the host whose connections enter a netdev. */
export interface PublishedPort extends Wire {
  /** Where the host listens, with the port it chose. */
  readonly listen: Endpoint;
  /** Destination port on the simulated side. */
  readonly port: number;
  readonly stats: PublishStats;
}

export interface PublishStats {
  /** Connections that became flows. */
  accepted: number;
  /** Connections that were reset because nobody listened, or a limit was reached. */
  refused: number;
  /** Flows there are now. */
  flows: number;
}

export interface RelayTarget<S> {
  connect: Endpoint;
  /**
   * Puts the socket of a new connection where the client finds it (an fd of its session), and returns what takes it back
   * when the client cannot be reached. A refusal (`EMFILE`, the session ended) resets the connection.
   */
  adopt(socket: S): () => void;
}

export interface PublishOptions<N, S> {
  netdev: N;
  listen: Endpoint;
  /** Destination port on the simulated side; default: the port of `listen`. */
  port?: number;
  /** Connect to the client's own listener instead of waking a simulated one. */
  to?: RelayTarget<S>;
}

/** The way out of a netdev: connections of its simulated sockets become connections of the host. */
export interface Upstream extends Wire {
  readonly to: Endpoint;
  /** Destination port that is meant; null: any. */
  readonly port: number | null;
}

export interface UpstreamOptions<N> {
  netdev: N;
  to: Endpoint;
  port?: number;
}

export interface PktgenOptions<N> {
  netdev: N;
  dstPort: number;
  /** Payload bytes of a segment. Default: the netdev's MSS. */
  size?: number;
  /** Payload bytes in all, over all flows; default: no end. */
  bytes?: number;
  /** Payload bytes a second; default: as fast as it goes. */
  rate?: number;
  /** Connections that share the bytes; default 1. */
  flows?: number;
}

export interface PktgenStats {
  packets: number;
  bytes: number;
  /** Times a flow took less than it was offered. */
  stalls: number;
  /** All bytes were sent, or every flow is gone. */
  done: boolean;
}

/** A generator of TCP traffic. */
export interface Pktgen extends Wire {
  readonly stats: PktgenStats;
  /** Ends its streams where they are, with a FIN, and closes. */
  stop(): void;
}

/**
 * Makes wires. The lab is pure and cannot open sockets; the daemon hands it the implementation. Refusals are
 * `KernelError`s: `EADDRINUSE`, `EADDRNOTAVAIL` and `EACCES` of the host's bind, `ENOSPC` when there are too many.
 */
export interface WireFactory<N, S> {
  publish(o: PublishOptions<N, S>): Promise<PublishedPort>;
  upstream(o: UpstreamOptions<N>): Upstream;
  pktgen(o: PktgenOptions<N>): Pktgen;
}
