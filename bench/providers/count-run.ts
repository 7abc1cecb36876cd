import { POOL_STAT_NAMES } from '../../src/kernel/netmem/pool-statistics.ts';
import { COUNT, COUNT_NAMES } from './counts.ts';
import type { DesignName } from './design.ts';
import { KIND_NAMES } from './kinds.ts';
import { Run, type WorkloadName } from './workload.ts';

/** Frags that each queue delivers while counting. */
export const COUNTED_FRAGS = 32_768;

/** What one run counted. */
export interface Counted {
  design: DesignName;
  workload: WorkloadName;
  kinds: readonly string[];
  bulkDmabuf: boolean;
  frags: number;
  counts: Record<string, number>;
  /** The pools' statistics, of all pools there were. */
  statistics: Record<string, number>;
}

/** Runs a workload from a fresh machine, from the first allocation on; ends it, and checks that nothing is lost. */
export function countRun(
  workload: WorkloadName,
  design: DesignName,
  kinds: readonly number[],
  bulkDmabuf = false,
): Counted {
  const run = new Run(workload, design, kinds, { bulkDmabuf });
  run.deliver(COUNTED_FRAGS);
  const frags = run.machine.counts[COUNT.DELIVERED];
  if (frags !== COUNTED_FRAGS * kinds.length) throw new Error(`${design}: delivered ${frags}`);
  const counts: Record<string, number> = {};
  COUNT_NAMES.forEach((name, i) => {
    counts[name] = run.machine.counts[i];
  });
  const statistics: Record<string, number> = {};
  POOL_STAT_NAMES.forEach((name, i) => {
    statistics[name] = run.machine.stats.reduce((sum, stats) => sum + stats[i], 0);
  });
  if (counts.refused !== 0) throw new Error(`${design}: an honest client was not believed`);
  run.close();
  return { design, workload, kinds: kinds.map((k) => KIND_NAMES[k]), bulkDmabuf, frags, counts, statistics };
}
