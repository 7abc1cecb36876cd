/** Role: the page pool in JavaScript, in a process that does nothing else. */
import { PoolCycles, type PoolMode } from './pool-cycles.ts';
import { serve } from './worker.ts';

let cycles: PoolCycles | undefined;

serve({
  /** Nanoseconds a netmem: allocation and recycling together. */
  round({ mode, netmems }: { mode: PoolMode; netmems: number }): number {
    cycles ??= new PoolCycles(mode);
    const started = performance.now();
    cycles.run(netmems);
    return ((performance.now() - started) * 1e6) / netmems;
  },
});
