import { expect, test } from 'vitest';
import { requireAdmission } from '../../../src/family/admission.ts';
import { VirtualClock } from '../../../src/kernel/clock.ts';
import { Kernel } from '../../../src/kernel/kernel.ts';
import type { KernelRelease } from '../../../src/kernel/profile.ts';
import { findFamily } from '../../../src/ynl/generated/index.ts';
import { findOperation, type Mode } from '../../../src/ynl/spec.ts';
import { refusal } from '../kernel/rig.ts';

const family = findFamily('netdev')!;

function admit(name: string, mode: Mode, release: KernelRelease, admin: boolean, pagePoolStats?: boolean): string {
  const kernel = new Kernel({ clock: new VirtualClock(), release, pagePoolStats });
  const attempt = () => requireAdmission(kernel, findOperation(family, name)!, mode, admin);
  try {
    attempt();
    return 'yes';
  } catch {
    const { errno, extack } = refusal(attempt);
    expect(extack).toBeUndefined();
    return errno;
  }
}

test.each([
  ['bind-rx', 'do', '6.12', false, 'EPERM'],
  ['bind-rx', 'do', '6.12', true, 'yes'],
  ['bind-rx', 'dump', '6.18', false, 'EOPNOTSUPP'],
  ['qstats-get', 'do', '6.18', true, 'EOPNOTSUPP'],
  ['dev-get', 'dump', '6.18', false, 'yes'],
  ['bind-tx', 'do', '6.12', true, 'EOPNOTSUPP'],
  ['bind-tx', 'do', '6.18', false, 'yes'],
  ['napi-set', 'do', '6.12', false, 'EOPNOTSUPP'],
  ['napi-set', 'do', '6.18', false, 'EPERM'],
  ['queue-create', 'do', '6.18', false, 'EOPNOTSUPP'],
  ['queue-create', 'do', '7.3', false, 'EPERM'],
  ['queue-create', 'do', '7.3', true, 'yes'],
  ['dev-add-ntf', 'do', '6.18', true, 'EOPNOTSUPP'],
] as const)('%s %s on %s, admin %s: %s', (op, mode, release, admin, answer) => {
  expect(admit(op, mode, release, admin)).toBe(answer);
});

test('an operation that the kernel was built without is not there', () => {
  expect(admit('page-pool-stats-get', 'do', '6.18', true)).toBe('yes');
  expect(admit('page-pool-stats-get', 'do', '6.18', true, false)).toBe('EOPNOTSUPP');
  expect(admit('page-pool-stats-get', 'dump', '6.18', true, false)).toBe('EOPNOTSUPP');
  expect(admit('page-pool-get', 'dump', '6.18', true, false)).toBe('yes');
});
