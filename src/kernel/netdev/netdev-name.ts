import { IFNAMSIZ } from '../../uapi/link.ts';
import { fail } from '../error.ts';
import type { NetdevTable } from './netdev-table.ts';

/** Bytes that isspace() finds, no-break space of Latin-1 among them, and those that mean something in paths and addresses. */
const FORBIDDEN: ReadonlySet<number> = new Set([9, 10, 11, 12, 13, 0x20, 0x2f, 0x3a, 0xa0]);

const bytesOf = (name: string): Uint8Array => new TextEncoder().encode(name);

/** dev_valid_name() (net/core/dev.c, 6.18): 1 to 15 bytes, not `.` or `..`, no `/`, `:` or space. */
export function validName(name: string): boolean {
  const bytes = bytesOf(name);
  if (bytes.length === 0 || bytes.length >= IFNAMSIZ || name === '.' || name === '..') return false;
  return !bytes.some((byte) => FORBIDDEN.has(byte));
}

/**
 * dev_prep_valid_name() (net/core/dev.c, 6.18): the name itself, or the first free one of a pattern such as `eth%d`.
 *
 * @throws KernelError EINVAL; EEXIST for a name that is taken; ENFILE when every number of a pattern is taken
 */
export function prepareName(netdevs: NetdevTable, wanted: string): string {
  if (!validName(wanted)) fail('EINVAL', { 'bad-attr': '.ifname' });
  const at = wanted.indexOf('%');
  if (at < 0) {
    if (netdevs.byName(wanted) !== undefined) fail('EEXIST', { 'bad-attr': '.ifname' });
    return wanted;
  }
  if (wanted[at + 1] !== 'd' || wanted.includes('%', at + 2)) fail('EINVAL', { 'bad-attr': '.ifname' });
  for (let i = 0; i <= netdevs.list().length; i++) {
    const name = wanted.replace('%d', String(i));
    if (bytesOf(name).length < IFNAMSIZ && netdevs.byName(name) === undefined) return name;
  }
  return fail('ENFILE', { 'bad-attr': '.ifname' });
}
