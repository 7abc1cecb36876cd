/** Extended acknowledgement, keys spelled as pyynl prints them. */
export interface Extack {
  msg?: string;
  /** Path of the offending attribute. */
  'bad-attr'?: string;
  /** Name of the attribute that is missing. */
  'miss-type'?: string;
  /** Path of the nest in which it is missing. */
  'miss-nest'?: string;
  /** What the policy would have accepted. */
  policy?: Record<string, number | string>;
}

/** What a daemon answered instead of a reply. */
export class NetmemdError extends Error {
  override readonly name = 'NetmemdError';
  /** Name of the errno, e.g. `EINVAL`. */
  readonly errno: string;
  /** Negative errno number, as a system call returns it. */
  readonly code: number;
  readonly extack: Extack | undefined;
  /** HTTP status; 200 for an error inside a stream, 0 when the connection broke before there was one. */
  readonly status: number;

  constructor(
    what: string,
    problem: { errno: string; code: number; extack?: Extack; detail?: string },
    status: number,
  ) {
    const text = problem.extack?.msg ?? problem.detail;
    const attr = problem.extack?.['bad-attr'] ?? problem.extack?.['miss-type'];
    const where = attr === undefined ? '' : ` (${attr})`;
    super(`${what}: ${problem.errno}${text === undefined ? '' : `: ${text}`}${where}`);
    this.errno = problem.errno;
    this.code = problem.code;
    this.extack = problem.extack;
    this.status = status;
  }
}
