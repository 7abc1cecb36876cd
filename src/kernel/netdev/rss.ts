import { RSS_INDIR_SIZE, RSS_KEY_SIZE } from '../../uapi/limits.ts';
import type { FlowKey } from '../stack/flow-key.ts';
import { flowHash } from './toeplitz.ts';

/** Receive side scaling of one netdev: Toeplitz key and indirection table. Entry i of the default table is i mod queues. */
export class Rss {
  readonly key = new Uint8Array(RSS_KEY_SIZE);
  readonly indir = new Uint32Array(RSS_INDIR_SIZE);
  /** The table was set by a user, and not put back since (IFF_RXFH_CONFIGURED). */
  configured = false;

  constructor(queues: number, random: () => number) {
    for (let i = 0; i < RSS_KEY_SIZE; i++) this.key[i] = random() & 0xff;
    this.#spread(queues);
  }

  #spread(queues: number): void {
    for (let i = 0; i < RSS_INDIR_SIZE; i++) this.indir[i] = i % queues;
  }

  /** A user's table, repeated to fill the device's; null puts the default one back. */
  configure(table: readonly number[] | null, queues: number): void {
    this.configured = table !== null;
    if (table === null) this.#spread(queues);
    else for (let i = 0; i < RSS_INDIR_SIZE; i++) this.indir[i] = table[i % table.length];
  }

  /** The number of RX queues changed: the default table follows it, a user's table stays. */
  resize(queues: number): void {
    if (!this.configured) this.#spread(queues);
  }

  /** Highest queue of the table if a user set it; 0 otherwise (ethtool_get_max_rxfh_channel()). */
  get highestConfigured(): number {
    return this.configured ? Math.max(...this.indir) : 0;
  }

  queueOf(flow: FlowKey): number {
    return this.indir[flowHash(this.key, flow) & (RSS_INDIR_SIZE - 1)];
  }
}
