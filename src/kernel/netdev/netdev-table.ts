import type { Netdev } from './netdev.ts';

/** Netdevs by ifindex and by name. */
export class NetdevTable {
  readonly #byIndex = new Map<number, Netdev>();
  #sorted: Netdev[] = [];

  get(ifindex: number): Netdev | undefined {
    return this.#byIndex.get(ifindex);
  }

  byName(name: string): Netdev | undefined {
    return this.#sorted.find((netdev) => netdev.name === name);
  }

  /** Ascending by ifindex. */
  list(): readonly Netdev[] {
    return this.#sorted;
  }

  add(netdev: Netdev): void {
    this.#byIndex.set(netdev.ifindex, netdev);
    this.#sorted = [...this.#byIndex.values()].sort((a, b) => a.ifindex - b.ifindex);
  }

  delete(netdev: Netdev): void {
    this.#byIndex.delete(netdev.ifindex);
    this.#sorted = this.#sorted.filter((other) => other !== netdev);
  }
}
