import { ERRNO, type ErrnoName } from '../uapi/errno.ts';

/** The errno of a failed call of Node's net module; name resolution failures become `EHOSTUNREACH`. */
export function hostErrno(error: unknown): ErrnoName {
  const e = error as { code?: unknown; errors?: unknown };
  // Several addresses tried, several errors: the last is what a sequential connect would report.
  if (Array.isArray(e.errors) && e.errors.length > 0) return hostErrno(e.errors[e.errors.length - 1]);
  const code = typeof e.code === 'string' ? e.code : '';
  if (Object.hasOwn(ERRNO, code)) return code as ErrnoName;
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_FAIL':
      return 'EHOSTUNREACH';
    case 'EAFNOSUPPORT':
      return 'EADDRNOTAVAIL';
    default:
      return 'EIO';
  }
}
