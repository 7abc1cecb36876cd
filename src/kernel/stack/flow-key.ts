/** Who talks to whom, seen from the simulated netdev: `src` is the remote peer, `dst` the netdev's own address. */
export interface FlowKey {
  readonly family: 4 | 6;
  /** IPPROTO_TCP 6, IPPROTO_UDP 17. */
  readonly proto: 6 | 17;
  /** 4 or 16 bytes, network order. */
  readonly src: Uint8Array;
  readonly dst: Uint8Array;
  readonly sport: number;
  readonly dport: number;
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
