import { fail } from '../kernel/error.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { type Mode, type OperationSpec, offers } from '../ynl/spec.ts';

/**
 * What Linux asks before it looks at any attribute (genl_family_rcv_msg(), net/netlink/genetlink.c, 6.18): whether there is such
 * an operation, then who wants it. One that the kernel lacks is therefore EOPNOTSUPP even to those who could not use it.
 *
 * @throws KernelError EOPNOTSUPP, EPERM
 */
export function requireAdmission(
  kernel: Pick<Kernel, 'profile' | 'buildOptions'>,
  op: OperationSpec,
  mode: Mode,
  admin: boolean,
): void {
  if (!offers(op, mode, kernel.profile.release)) fail('EOPNOTSUPP');
  if (op.configCond !== undefined && !kernel.buildOptions.has(op.configCond)) fail('EOPNOTSUPP');
  if (op.flags?.includes('admin-perm') && !admin) fail('EPERM');
}
