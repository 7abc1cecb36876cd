import { expect, it } from 'vitest';
import { runLoad } from './many-connections.ts';

it('50 connections over bound and unbound queues, 256 MiB through a sixteenth of it', async () => {
  const seed = Number(process.env.NETMEMD_SEED ?? 1);
  const { seconds, frags, peakMib } = await runLoad({ connections: 50, total: 256 << 20, seed });
  console.log(`seed ${seed}: ${seconds.toFixed(1)} s, ${frags} frags, daemon at most ${peakMib} MiB`);
  expect(frags).toBeGreaterThan(0);
}, 120_000);
