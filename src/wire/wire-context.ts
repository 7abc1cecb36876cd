import type { Loop } from '../loop.ts';
import { BufferPool } from './buffer-pool.ts';
import { FlowTable } from './flow-table.ts';
import type { WireKernel } from './kernel-side.ts';
import type { ReceiveOptions } from './receive.ts';

/** The daemon's limits on wires. */
export interface WireLimits {
  /** Published ports at once. Default 256. */
  publishes: number;
  /** Connections at once over all wires. Default 4096. */
  flows: number;
  /** Traffic generators at once. Default 64. */
  generators: number;
  /** Milliseconds a connection to the host's side may take. Default 10 000. */
  connectMs: number;
}

export interface WireOptions extends ReceiveOptions {
  loop: Loop;
  kernel: WireKernel;
  limits?: Partial<WireLimits>;
}

/** What all wires of a daemon share. */
export class WireContext {
  readonly loop: Loop;
  readonly kernel: WireKernel;
  readonly limits: WireLimits;
  readonly flows: FlowTable;
  /** What stalled flows could not take. */
  readonly rest = new BufferPool();
  readonly receive: ReceiveOptions;

  constructor(o: WireOptions) {
    this.loop = o.loop;
    this.kernel = o.kernel;
    this.limits = { publishes: 256, flows: 4096, generators: 64, connectMs: 10_000, ...o.limits };
    this.flows = new FlowTable(this.limits.flows);
    this.receive = { dataEvents: o.dataEvents };
  }
}
