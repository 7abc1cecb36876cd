import fc from 'fast-check';
import { expect, test } from 'vitest';
import { COMMANDS, seedOfRun, World } from './receive-model.ts';

const seed = seedOfRun(4711);

/** Hash over notifications, log lines, recvmsg results and control messages of one kernel. */
function trace(salt: number): number {
  const [list] = fc.sample(fc.commands(COMMANDS, { maxCommands: 4000, size: 'max' }), {
    seed: seed + salt,
    numRuns: 1,
  });
  const world = new World('6.18', 'split-perfect');
  fc.modelRun(() => ({ model: {}, real: world }), list);
  world.settle();
  expect(world.coverage.frags).toBeGreaterThan(0);
  return world.trace;
}

test(`same seed, same clock, same inputs: same events and bytes (NETMEMD_SEED=${seed})`, () => {
  expect(trace(0)).toBe(trace(0));
});

test('other inputs leave another trace', () => {
  expect(trace(0)).not.toBe(trace(1));
});
