import { expect, test } from 'vitest';
import { VirtualClock } from '../../../../src/kernel/clock.ts';
import { Kernel } from '../../../../src/kernel/kernel.ts';
import { Memlock } from '../../../../src/kernel/task/memlock.ts';
import { named } from '../rig.ts';

test('charges up to the limit, and not beyond', () => {
  const account = new Memlock(10_000);
  expect([account.charge(6000), account.charge(4000), account.locked]).toEqual([0, 0, 10_000]);
  expect([named(account.charge(1)), account.locked]).toEqual(['ENOMEM', 10_000]);
  account.uncharge(4000);
  expect([account.charge(4000), account.locked]).toEqual([0, 10_000]);
});

test('without a limit there is none', () => {
  const account = new Memlock();
  expect([account.charge(2 ** 52), account.limit]).toEqual([0, Number.POSITIVE_INFINITY]);
});

test('0 is a limit: nothing', () => {
  expect(named(new Memlock(0).charge(4096))).toBe('ENOMEM');
});

test('more cannot be paid back than was charged', () => {
  const account = new Memlock();
  account.charge(4096);
  expect(() => account.uncharge(8192)).toThrow('8192 bytes unpinned, 4096 were pinned');
});

test("a session's limit is its own, or else the kernel's", () => {
  const kernel = new Kernel({ clock: new VirtualClock(), memlock: 8192 });
  const limits = [kernel.initSession, kernel.openSession(), kernel.openSession({ memlock: 1 })];
  expect(limits.map((session) => session.memlock.limit)).toEqual([8192, 8192, 1]);
  expect(new Kernel({ clock: new VirtualClock() }).openSession().memlock.limit).toBe(Number.POSITIVE_INFINITY);
});
