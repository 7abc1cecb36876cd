import { ERRNO, type ErrnoName, errnoName } from '../uapi/errno.ts';

/** Extended acknowledgement of a refused request, keys spelled as pyynl prints them. */
export interface Extack {
  msg?: string;
  /** Path of the offending attribute, `.attr` or `.nest.attr`. */
  'bad-attr'?: string;
  /** Name of the attribute that is missing. */
  'miss-type'?: string;
  /** Path of the nest in which it is missing; absent at top level. */
  'miss-nest'?: string;
  /** What the policy would have accepted. */
  policy?: Record<string, number | string>;
}

/** A request the kernel model refuses. Only control paths throw; per-packet code returns negative errno numbers. */
export class KernelError extends Error {
  override readonly name = 'KernelError';
  readonly errno: ErrnoName;
  /** Negative, as in the return value of a system call. */
  readonly code: number;
  readonly extack: Extack | undefined;

  constructor(errno: ErrnoName, extack?: Extack) {
    super(extack?.msg ?? errno);
    this.errno = errno;
    this.code = -ERRNO[errno];
    this.extack = extack;
  }
}

/** Refuses the current request. */
export function fail(errno: ErrnoName, extack?: Extack): never {
  throw new KernelError(errno, extack);
}

/** Refuses the current request with what a per-packet function returned: a negative errno. */
export function failCode(code: number, extack?: Extack): never {
  throw new KernelError(errnoName(-code), extack);
}
