import { expect, test } from 'vitest';
import { VirtualClock } from '../../src/kernel/clock.ts';
import { Kernel } from '../../src/kernel/kernel.ts';
import { PagePool } from '../../src/kernel/netmem/page-pool.ts';
import { LIVES, runPools } from '../model/page-pool-life.ts';
import { seedOfRun } from '../model/receive-model.ts';

/** Shared by the kinds of memory and the releases. */
const COMMANDS = 1_000_000;
const seed = seedOfRun(1);
const each = Math.ceil(COMMANDS / LIVES.length);

test.each(LIVES)(`long random lives of pools of %s on %s (NETMEMD_SEED=${seed})`, (kind, release) => {
  const { did, failure } = runPools(each, 1000, seed, kind, release);
  if (failure !== null) throw new Error(failure);
  expect(did.commands).toBeGreaterThan(each);
});

test('inflight is right while both of its 32-bit counters pass their sign bit', () => {
  const kernel = new Kernel({ clock: new VirtualClock() });
  const pool = new PagePool(kernel, { poolSize: 8, flags: 0, netdev: null, queueIdx: 0, napiId: 0 });
  // Three stay out, one comes and goes.
  for (let i = 0; i < 3; i++) pool.hold(kernel.pages.alloc());
  const ref = kernel.pages.alloc();
  const { pageRef } = kernel.netmems;
  const until = 2 ** 31 + 2;
  for (let i = 0; i < until; i++) {
    pool.hold(ref);
    if (i >= 2 ** 31 - 6 && pool.inflight !== 4) throw new Error(`inflight is ${pool.inflight} after ${i}`);
    pageRef[ref] = 2;
    pool.returnNetmem(ref);
    if (i >= 2 ** 31 - 6 && pool.inflight !== 3) throw new Error(`inflight is ${pool.inflight} after ${i}`);
  }
  expect(pool.inflight).toBe(3);
});
