import { setTimeout as wait } from 'node:timers/promises';
import { DaemonProcess } from './daemon-process.ts';
import { type Figure, measurement } from './figure.ts';
import { ROUNDS, spread } from './rounds.ts';

/** What the start allocated and dropped is given back by then. */
const SETTLE_MS = 1000;
const MIB = 1 << 20;

/** How soon a daemon serves, and what one costs that nobody uses. */
export async function startUp(): Promise<Figure[]> {
  const ready: number[] = [];
  const resident: number[] = [];
  for (let i = 0; i < ROUNDS; i++) {
    const daemon = await DaemonProcess.start();
    try {
      ready.push(daemon.readyMs);
      await wait(SETTLE_MS);
      resident.push(daemon.residentBytes / MIB);
    } finally {
      await daemon.stop();
    }
  }
  return [
    measurement({ name: 'ready_ms', what: 'exec to the first 200 of /readyz', unit: 'ms' }, spread(ready), {
      max: 400,
    }),
    measurement({ name: 'idle_rss_mib', what: 'resident memory after a second', unit: 'MiB' }, spread(resident), {
      max: 100,
    }),
  ];
}
