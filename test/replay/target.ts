/** What recvmsg() left in the caller's msghdr; `ret` is bytes or a negative errno number. */
export interface ReceivedMessage {
  readonly ret: number;
  readonly flags: number;
  readonly controllen: number;
  /** The control bytes as Linux x86-64 lays them out; `controllen` of them count on success. */
  readonly control: Uint8Array;
  /** The iov: linear or ordinary bytes, from its start. */
  readonly iov: Uint8Array;
}

export interface Notification {
  readonly name: string;
  readonly msg: Readonly<Record<string, unknown>>;
}

export interface TargetDmabuf {
  readonly bytes: Uint8Array;
  readonly fd: number;
}

export interface TargetSocket {
  /**
   * One segment of the peer's stream, through the driver. Nothing is polled yet.
   *
   * @param push the sender had no more to send (PSH)
   * @param cpu the CPU that receives it
   * @returns truesize of the skb; 0 when the driver had no buffer and dropped it
   */
  segment(at: number, payload: Uint8Array, push: boolean, cpu: number): number;
  recvmsg(length: number, controlLength: number, flags: number, cpu: number): ReceivedMessage;
  /** Result of setsockopt(SO_DEVMEM_DONTNEED). */
  dontneed(ranges: readonly (readonly [number, number])[]): number;
  inq(): number;
  close(): void;
  /** The peer closes its side. */
  peerClose(): void;
}

export interface TargetNetlink {
  /** bind-rx; the binding's id. */
  bindRx(dmabuf: TargetDmabuf, queues: readonly number[]): number;
  close(): void;
}

/**
 * What a replay drives: one netdev `dp0` with four RX queues and the recorded driver's placement policy, in a kernel whose
 * clock stands still unless told otherwise.
 */
export interface ReplayTarget {
  /** Clock, in milliseconds. */
  advance(ms: number): void;
  /** Runs NAPI on a CPU until nothing is pending. */
  poll(cpu: number): void;
  /** The link to the peers goes down, or up again: what was sent meanwhile arrives then. */
  setLink(up: boolean): void;
  createDmabuf(chunks: readonly number[]): TargetDmabuf;
  openNetlink(): TargetNetlink;
  connect(queue: number): TargetSocket;
  /** page-pool-get; null = ENOENT. */
  poolGet(id: number): Readonly<Record<string, unknown>> | null;
  /** page-pool-stats-get without its `info`. */
  poolStats(id: number): Readonly<Record<string, number>>;
  /** queue-get of the queues that show a dmabuf. */
  boundQueues(): readonly Readonly<Record<string, unknown>>[];
  /** page-pool notifications since the last call. */
  notifications(): Notification[];
  /** Segments that found no buffer. */
  dropped(): number;
  /** Anything the kernel's own accounting finds wrong; null = all sums agree. */
  conservationFault(): string | null;
}
