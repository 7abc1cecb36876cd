/** Times one design with so many kinds live, in a thread of its own: its code meets no other design's objects. */
import { extname } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import type { DesignName } from './design.ts';
import { KIND_NAMES } from './kinds.ts';
import type { PoolCore } from './pool-core.ts';
import { Run, type WorkloadName } from './workload.ts';

export interface TimingTask {
  design: DesignName;
  live: number;
  workloads: readonly WorkloadName[];
  bulkDmabuf: boolean;
}

const { design, live, workloads, bulkDmabuf } = workerData as TimingTask;
const copies: (typeof PoolCore)[] = [];
if (design === 'second-pool') {
  for (const name of KIND_NAMES) {
    const url = new URL(`./pool-core${extname(import.meta.url)}?copy=${name}`, import.meta.url);
    copies.push(((await import(url.href)) as { PoolCore: typeof PoolCore }).PoolCore);
  }
}
const kinds = KIND_NAMES.map((_, kind) => kind).slice(0, live);
const runs = new Map(workloads.map((w) => [w, new Run(w, design, kinds, { bulkDmabuf, copies })]));

parentPort?.on('message', ({ workload, frags }: { workload: WorkloadName | null; frags: number }) => {
  if (workload === null) {
    for (const run of runs.values()) run.close();
    parentPort?.close();
    return;
  }
  const run = runs.get(workload) as Run;
  const each = Math.ceil(frags / live);
  const before = performance.now();
  run.deliver(each);
  parentPort?.postMessage(((performance.now() - before) * 1e6) / (each * live));
});
