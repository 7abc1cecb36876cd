import { once } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type Spread, spread } from '../rounds.ts';
import { DESIGNS, type DesignName } from './design.ts';
import { LIVE } from './kinds.ts';
import type { TimingTask } from './timing-worker.ts';
import type { WorkloadName } from './workload.ts';

const TIMED: readonly WorkloadName[] = ['in order', 'slow client', 'restart'];
const FRAGS = 100_000;
const WARM_UP = 3;

export interface Timed {
  design: DesignName;
  live: number;
  workload: WorkloadName;
  /** Nanoseconds of JavaScript for one frag: allocated, delivered, checked, returned. */
  ns: Spread;
  /** To design 1 in the same round. */
  ratio: Spread;
}

/** One thread for each design; a round runs every design once, and each round begins with another one. */
async function timeLive(live: number, rounds: number): Promise<Timed[]> {
  const workers = DESIGNS.map((design) => {
    const workerData: TimingTask = { design, live, workloads: TIMED, bulkDmabuf: false };
    return new Worker(new URL(`./timing-worker${extname(import.meta.url)}`, import.meta.url), { workerData });
  });
  const ask = async (i: number, workload: WorkloadName): Promise<number> => {
    workers[i].postMessage({ workload, frags: FRAGS });
    return (await once(workers[i], 'message'))[0] as number;
  };
  const results: Timed[] = [];
  try {
    for (const workload of TIMED) {
      const ns = DESIGNS.map((): number[] => []);
      for (let round = -WARM_UP; round < rounds; round++) {
        for (let k = 0; k < DESIGNS.length; k++) {
          const i = (k + round + WARM_UP) % DESIGNS.length;
          const measured = await ask(i, workload);
          if (round >= 0) ns[i].push(measured);
        }
      }
      DESIGNS.forEach((design, i) => {
        const ratio = spread(ns[i].map((value, round) => value / ns[0][round]));
        results.push({ design, live, workload, ns: spread(ns[i]), ratio });
      });
    }
    for (const worker of workers) {
      const exited = once(worker, 'exit');
      worker.postMessage({ workload: null, frags: 0 });
      await exited;
    }
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  return results;
}

export async function timing(rounds = 11): Promise<Timed[]> {
  const all: Timed[] = [];
  for (const live of LIVE) all.push(...(await timeLive(live, rounds)));
  return all;
}
