import { expect, test } from 'vitest';
import { seedOfRun } from '../model/receive-model.ts';
import { runZcrx } from '../model/zcrx-model.ts';

const COMMANDS = 1_000_000;
const seed = seedOfRun(3);

test.each(['6.18', '7.3'] as const)(`a long random life of areas on %s (NETMEMD_SEED=${seed})`, (release) => {
  expect(runZcrx(COMMANDS * 0.55, 1000, seed, release).commands).toBeGreaterThan(COMMANDS * 0.45);
});
