import { RSS_INDIR_SIZE, RSS_KEY_SIZE } from '../../uapi/limits.ts';
import type { FlowKey } from '../stack/flow-key.ts';
import { flowHash } from './toeplitz.ts';

/** Receive side scaling of one netdev: Toeplitz key and indirection table. Entry i of the default table is i mod queues. */
export class Rss {
  readonly key = new Uint8Array(RSS_KEY_SIZE);
  readonly indir = new Uint32Array(RSS_INDIR_SIZE);

  constructor(queues: number, random: () => number) {
    for (let i = 0; i < RSS_KEY_SIZE; i++) this.key[i] = random() & 0xff;
    for (let i = 0; i < RSS_INDIR_SIZE; i++) this.indir[i] = i % queues;
  }

  queueOf(flow: FlowKey): number {
    return this.indir[flowHash(this.key, flow) & (RSS_INDIR_SIZE - 1)];
  }
}
