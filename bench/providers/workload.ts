import { type DesignName, type DesignOptions, makeDesign } from './design.ts';
import { Machine } from './machine.ts';
import { STATE } from './netmems.ts';
import { Queue } from './queue.ts';
import { Random } from './random.ts';

export const WORKLOADS = [
  'in order',
  'shuffled',
  'slow client',
  'one by one',
  'restart',
  'foreign references',
] as const;
export type WorkloadName = (typeof WORKLOADS)[number];

/** Packets of one NAPI poll. */
const BURST = 64;
/** Buffers that a client keeps before it begins to return some, and how many it returns then. */
const WINDOW = 512;
const BATCH = 256;
/** Frags of a queue between two restarts. */
const RESTART_EVERY = 4096;
/** One frag in so many is spliced somewhere else, and stays there until so many others are. */
const FOREIGN_EVERY = 32;
const FOREIGN_KEPT = 64;

/** Queues of several kinds on one machine under one design, driven by a script. */
export class Run {
  readonly machine = new Machine();
  readonly queues: readonly Queue[];
  readonly #random = new Random(0x5eed);
  readonly #name: WorkloadName;

  constructor(workload: WorkloadName, design: DesignName, kinds: readonly number[], options: DesignOptions) {
    this.#name = workload;
    const made = makeDesign(design, this.machine, options);
    this.queues = kinds.map((kind) => new Queue(this.machine, made, kind));
  }

  /** Delivers `frags` more on every queue; the queues take turns. */
  deliver(frags: number): void {
    const { queues } = this;
    const target = queues[0].delivered + frags;
    for (let left = queues.length, idle = 0; left > 0; ) {
      left = 0;
      for (let i = 0; i < queues.length; i++) {
        const queue = queues[i];
        const before = queue.delivered;
        if (before < target) {
          left++;
          this.#turn(queue, Math.min(BURST, target - before));
          idle = queue.delivered === before ? idle + 1 : 0;
          if (idle > 1000) throw new Error(`${this.#name}: nothing moves any more`);
        }
      }
    }
  }

  #turn(queue: Queue, frags: number): void {
    const before = queue.delivered;
    queue.receive(frags);
    switch (this.#name) {
      case 'shuffled':
        if (queue.held >= WINDOW) queue.giveBack(BATCH, this.#random, false);
        return;
      case 'slow client':
        if (queue.held >= queue.patience) queue.giveBack(BURST, null, false);
        return;
      case 'one by one':
        if (queue.held >= WINDOW) queue.giveBack(BURST, null, true);
        return;
      case 'restart':
        if (crossed(before, queue.delivered, RESTART_EVERY)) queue.restart();
        break;
      case 'foreign references':
        if (crossed(before, queue.delivered, FOREIGN_EVERY)) queue.takeForeign();
        queue.dropForeign(FOREIGN_KEPT);
        break;
    }
    if (queue.held >= WINDOW) queue.giveBack(BATCH, null, false);
    queue.settle();
  }

  /** Ends all queues. Throws unless every netmem is back with its owner. */
  close(): void {
    this.machine.assertConservation();
    for (const queue of this.queues) queue.close();
    this.machine.assertConservation();
    const { state, rows } = this.machine.netmems;
    for (let ref = 1; ref <= rows; ref++) if (state[ref] !== STATE.FREE) throw new Error(`netmem ${ref} is lost`);
  }
}

function crossed(before: number, after: number, step: number): boolean {
  return Math.floor(before / step) !== Math.floor(after / step);
}
