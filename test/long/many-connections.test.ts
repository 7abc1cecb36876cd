import { randomInt } from 'node:crypto';
import { expect, it } from 'vitest';
import { runLoad } from '../e2e/many-connections.ts';

it('50 connections over bound and unbound queues, 4 GiB through a sixteenth of it', async () => {
  const seed = Number(process.env.NETMEMD_SEED ?? randomInt(0, 2 ** 32));
  console.log(`seed ${seed}: NETMEMD_SEED=${seed} repeats the sizes, the data and the pauses`);
  const { seconds, frags, peakMib } = await runLoad({ connections: 50, total: 4 * 1024 ** 3, seed });
  console.log(`${seconds.toFixed(1)} s, ${frags} frags, daemon at most ${peakMib} MiB`);
  expect(frags).toBeGreaterThan(0);
});
