/** Role: the page pool in JavaScript, in a process that does nothing else. */
import { PoolCycles, type PoolMode } from './pool-cycles.ts';
import { serve } from './worker.ts';

const cycles = new Map<PoolMode, PoolCycles>();

serve({
  /** Nanoseconds a netmem: allocation and recycling together. */
  round({ mode, netmems }: { mode: PoolMode; netmems: number }): number {
    let one = cycles.get(mode);
    if (one === undefined) cycles.set(mode, (one = new PoolCycles(mode)));
    const started = performance.now();
    one.run(netmems);
    return ((performance.now() - started) * 1e6) / netmems;
  },
});
