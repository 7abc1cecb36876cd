import { expect, test } from 'vitest';
import { VirtualClock } from '../../src/kernel/clock.ts';
import { Kernel } from '../../src/kernel/kernel.ts';
import { PagePool } from '../../src/kernel/netmem/page-pool.ts';
import { KERNEL_RELEASES } from '../../src/kernel/profile.ts';
import { BINDABLE, runModel, seedOfRun } from '../model/receive-model.ts';

/** Shared by the releases and drivers. */
const COMMANDS = 1_000_000;
const seed = seedOfRun(1);
const each = Math.ceil(COMMANDS / (KERNEL_RELEASES.length * BINDABLE.length));

test.each(KERNEL_RELEASES.flatMap((release) => BINDABLE.map((driver) => [release, driver] as const)))(
  `a long random life on %s with %s (NETMEMD_SEED=${seed})`,
  (release, driver) => {
    const did = runModel(each * 1.1, 1000, seed, release, driver);
    expect(did.commands).toBeGreaterThan(each * 0.9);
  },
);

test('inflight is right on both sides of the wrap of its 32-bit counters', () => {
  const kernel = new Kernel({ clock: new VirtualClock() });
  const pool = new PagePool(kernel, { poolSize: 8, flags: 0, netdev: null, queueIdx: 0, napiId: 0 });
  const ref = kernel.pages.alloc();
  for (let i = 0; i < 2 ** 31 - 1; i++) pool.hold(ref);
  expect(pool.inflight).toBe(2 ** 31 - 1);
  pool.hold(ref);
  // Two's complement, as the kernel's s32 difference.
  expect(pool.inflight).toBe(-(2 ** 31));
  expect(pool.describe().inflight).toBe(0);
});
