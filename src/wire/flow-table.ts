import type { FlowKey } from '../kernel/stack/flow-key.ts';
import type { InterfaceAddress, IpAddress } from '../lab/address.ts';
import { isLoopback, neighbourAddress, parseAddress, unmapAddress } from '../lab/address.ts';
import type { WireNetdev } from './kernel-side.ts';

/** Neighbours tried for a source whose ports are taken. */
const NEIGHBOURS_MAX = 64;

/** The connections that wires hold, so that no two have the same addresses and ports on a netdev, and none is too many. */
export class FlowTable {
  readonly limit: number;
  readonly #keys = new Set<string>();

  constructor(limit: number) {
    this.limit = limit;
  }

  get size(): number {
    return this.#keys.size;
  }

  get full(): boolean {
    return this.#keys.size >= this.limit;
  }

  /**
   * The key under which a connection from `remote` (the host's view) enters `netdev`. Sources the netdev can know keep
   * their address. A loopback source, or one of a family that the netdev has no address of, becomes the netdev's first
   * neighbour (192.0.2.1/24: 192.0.2.2), or the next one whose port is free. The port is the real one. Null: the netdev
   * has no address, or the ports are taken.
   */
  claim(netdev: WireNetdev, remote: { address: string; port: number }, dport: number): FlowKey | null {
    const parsed = parseAddress(remote.address.replace(/%.*$/, ''));
    if (parsed === null) return null;
    const source = unmapAddress(parsed);
    const addresses = netdevAddresses(netdev);
    const own = addresses.find((a) => a.family === source.family) ?? addresses[0];
    if (own === undefined) return null;
    if (source.family === own.family && (!isLoopback(source) || isLoopback(own) || neighbourAddress(own, 0) === null)) {
      return this.#take(netdev, own, source, remote.port, dport);
    }
    for (let n = 0; n < NEIGHBOURS_MAX; n++) {
      const neighbour = neighbourAddress(own, n);
      if (neighbour === null) return null;
      const key = this.#take(netdev, own, neighbour, remote.port, dport);
      if (key !== null) return key;
    }
    return null;
  }

  /** As {@link claim} for a connection that the simulated host made: its addresses are given. False: taken. */
  add(netdev: WireNetdev, key: FlowKey): boolean {
    const id = flowId(netdev, key);
    if (this.#keys.has(id)) return false;
    this.#keys.add(id);
    return true;
  }

  remove(netdev: WireNetdev, key: FlowKey): void {
    this.#keys.delete(flowId(netdev, key));
  }

  #take(netdev: WireNetdev, own: InterfaceAddress, src: IpAddress, sport: number, dport: number): FlowKey | null {
    const key: FlowKey = { family: own.family, proto: 6, src: src.bytes, dst: own.bytes, sport, dport };
    return this.add(netdev, key) ? key : null;
  }
}

/** The addresses of a netdev, IPv4 first. */
export function netdevAddresses(netdev: WireNetdev): InterfaceAddress[] {
  const all: InterfaceAddress[] = [];
  if (netdev.ipv4 !== null) all.push({ family: 4, bytes: netdev.ipv4.address, prefix: netdev.ipv4.prefix });
  if (netdev.ipv6 !== null) all.push({ family: 6, bytes: netdev.ipv6.address, prefix: netdev.ipv6.prefix });
  return all;
}

function flowId(netdev: WireNetdev, key: FlowKey): string {
  return `${netdev.ifindex} ${key.src.join('.')} ${key.sport} ${key.dst.join('.')} ${key.dport}`;
}
