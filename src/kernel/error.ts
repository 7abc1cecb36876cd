import { ERRNO, type ErrnoName, errnoName } from '../uapi/errno.ts';
import { type CatalogueEntry, errorText, type Values } from './error-catalogue.ts';

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

/** An extended acknowledgement without the text, which only the catalogue has. */
export type Details = Omit<Extack, 'msg'>;

/** What to throw to refuse a request with an error of the catalogue, its placeholders filled with `values`. */
export function refusal<Text extends string>(
  error: CatalogueEntry<Text>,
  details?: Details,
  ...values: Values<Text>
): KernelError {
  return new KernelError(error.errno, { msg: errorText(error, ...values), ...details });
}

/** Refuses the current request with an error of the catalogue. */
export function refuse<Text extends string>(
  error: CatalogueEntry<Text>,
  details?: Details,
  ...values: Values<Text>
): never {
  throw refusal(error, details, ...values);
}

/** The same where the text is the catalogue's and the errno somebody else's: an exporter's, the host's. */
export function refuseAs<Text extends string>(
  errno: ErrnoName,
  error: CatalogueEntry<Text>,
  details?: Details,
  ...values: Values<Text>
): never {
  throw refusal({ ...error, errno }, details, ...values);
}

/** Refuses the current request with an errno for which there is no text. */
export function fail(errno: ErrnoName, details?: Details): never {
  throw new KernelError(errno, details);
}

/** Refuses the current request with what a per-packet function returned: a negative errno. */
export function failCode(code: number, details?: Details): never {
  throw new KernelError(errnoName(-code), details);
}
