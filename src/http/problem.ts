import { STATUS_CODES } from 'node:http';
import { type Extack, KernelError } from '../kernel/error.ts';
import { type CatalogueEntry, ERRORS, errorText, type Values } from '../kernel/error-catalogue.ts';
import { ERRNO, type ErrnoName } from '../uapi/errno.ts';

/**
 * Errors on the wire: RFC 9457 problem details with Linux's `errno`, `code` and `extack` as members. One table says which
 * HTTP status an errno becomes and what it is called; 5xx only where the fault or the lack is the daemon's. So EIO is 409 when the
 * simulated kernel or the host says it, and 500 as the errno of a bug.
 */

export const PROBLEM_TYPE = 'application/problem+json';

/** Status and title (strerror's text) of each errno. */
const ERRNO_TABLE: Record<ErrnoName, readonly [status: number, title: string]> = {
  EPERM: [403, 'Operation not permitted'],
  ENOENT: [404, 'No such file or directory'],
  ESRCH: [404, 'No such process'],
  EINTR: [409, 'Interrupted system call'],
  EIO: [409, 'Input/output error'],
  ENXIO: [404, 'No such device or address'],
  E2BIG: [400, 'Argument list too long'],
  EBADF: [404, 'Bad file descriptor'],
  EAGAIN: [409, 'Resource temporarily unavailable'],
  ENOMEM: [507, 'Cannot allocate memory'],
  EACCES: [403, 'Permission denied'],
  EFAULT: [400, 'Bad address'],
  EBUSY: [409, 'Device or resource busy'],
  EEXIST: [409, 'File exists'],
  EXDEV: [400, 'Invalid cross-device link'],
  ENODEV: [404, 'No such device'],
  EINVAL: [400, 'Invalid argument'],
  ENFILE: [507, 'Too many open files in system'],
  EMFILE: [409, 'Too many open files'],
  ENOTTY: [400, 'Inappropriate ioctl for device'],
  EFBIG: [400, 'File too large'],
  ENOSPC: [507, 'No space left on device'],
  EROFS: [403, 'Read-only file system'],
  EPIPE: [409, 'Broken pipe'],
  ERANGE: [400, 'Numerical result out of range'],
  ENAMETOOLONG: [400, 'File name too long'],
  ENODATA: [404, 'No data available'],
  EPROTO: [400, 'Protocol error'],
  EOVERFLOW: [400, 'Value too large for defined data type'],
  EBADFD: [404, 'File descriptor in bad state'],
  ENOTSOCK: [400, 'Socket operation on non-socket'],
  EDESTADDRREQ: [400, 'Destination address required'],
  EMSGSIZE: [400, 'Message too long'],
  ENOPROTOOPT: [400, 'Protocol not available'],
  EPROTONOSUPPORT: [400, 'Protocol not supported'],
  EOPNOTSUPP: [501, 'Operation not supported'],
  EADDRINUSE: [409, 'Address already in use'],
  EADDRNOTAVAIL: [409, 'Cannot assign requested address'],
  ENETDOWN: [409, 'Network is down'],
  ENETUNREACH: [409, 'Network is unreachable'],
  ECONNABORTED: [409, 'Software caused connection abort'],
  ECONNRESET: [409, 'Connection reset by peer'],
  ENOBUFS: [507, 'No buffer space available'],
  EISCONN: [409, 'Transport endpoint is already connected'],
  ENOTCONN: [409, 'Transport endpoint is not connected'],
  ETIMEDOUT: [504, 'Connection timed out'],
  ECONNREFUSED: [409, 'Connection refused'],
  EHOSTUNREACH: [409, 'No route to host'],
  EALREADY: [409, 'Operation already in progress'],
  EINPROGRESS: [409, 'Operation now in progress'],
  ECANCELED: [409, 'Operation canceled'],
  ETOOSMALL: [400, 'Unknown error 525'],
};

/** Body of an error response. */
export interface Problem {
  /** `urn:netmemd:errno:EINVAL`. */
  type: string;
  title: string;
  status: number;
  detail?: string;
  /** Name of the errno. */
  errno: ErrnoName;
  /** The errno negated, as a system call returns it. */
  code: number;
  extack?: Extack;
  /** Id of the request, as in the log and the `netmemd-request-id` header. */
  'request-id'?: string;
}

/** An error of the HTTP layer itself: one with a status and headers of its own. */
export class HttpError<Text extends string = string> extends KernelError {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    error: CatalogueEntry<Text>,
    headers: Readonly<Record<string, string>> = {},
    ...values: Values<Text>
  ) {
    super(error.errno, { msg: errorText(error, ...values) });
    this.status = status;
    this.headers = headers;
  }
}

/** Errors of Fastify, and of Node's HTTP parser, that are the client's mistake. */
const FOREIGN: Record<string, readonly [status: number, error: CatalogueEntry]> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [415, ERRORS.bodyType],
  FST_ERR_CTP_BODY_TOO_LARGE: [413, ERRORS.bodyTooLarge],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [400, ERRORS.bodyLength],
  FST_ERR_BAD_URL: [400, ERRORS.malformedUrl],
  FST_ERR_MAX_PARAM_LENGTH: [414, ERRORS.longUrlPart],
  HPE_HEADER_OVERFLOW: [431, ERRORS.headersTooLarge],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, ERRORS.chunkExtensions],
  ERR_HTTP_REQUEST_TIMEOUT: [408, ERRORS.requestTimeout],
};

/** An error as what to answer; null when it is a bug of ours, to be logged. */
function classify(
  error: unknown,
): { status: number; errno: ErrnoName; extack?: Extack; headers?: Readonly<Record<string, string>> } | null {
  if (error instanceof HttpError) return error;
  if (error instanceof KernelError) {
    return { status: ERRNO_TABLE[error.errno][0], errno: error.errno, extack: error.extack };
  }
  const { code, statusCode } = error as { code?: unknown; statusCode?: unknown };
  if (typeof code === 'string' && Object.hasOwn(FOREIGN, code)) {
    return new HttpError(...FOREIGN[code]);
  }
  if (typeof code === 'string' && code.startsWith('HPE_')) return new HttpError(400, ERRORS.notHttp);
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) {
    const phrase = STATUS_CODES[statusCode];
    if (phrase === undefined) return new HttpError(statusCode, ERRORS.badRequest);
    return new HttpError(statusCode, ERRORS.otherStatus, {}, phrase);
  }
  return null;
}

/** An error made ready to be sent. */
export interface ProblemResponse {
  readonly body: Problem;
  readonly headers: Readonly<Record<string, string>>;
  /** A fault of the daemon: its text is for the log, not for the client. */
  readonly internal: boolean;
}

/** Turns whatever was thrown into a problem document. */
export function toProblem(error: unknown, requestId?: string): ProblemResponse {
  const known = classify(error);
  const errno = known?.errno ?? ERRORS.internal.errno;
  const body: Problem = {
    type: `urn:netmemd:errno:${errno}`,
    title: ERRNO_TABLE[errno][1],
    status: known?.status ?? 500,
    errno,
    code: -ERRNO[errno],
  };
  const msg = known === null ? ERRORS.internal.msg : known.extack?.msg;
  if (msg !== undefined) body.detail = msg;
  if (known?.extack !== undefined) body.extack = known.extack;
  if (requestId !== undefined) body['request-id'] = requestId;
  return { body, headers: known?.headers ?? {}, internal: known === null };
}

/** Bytes of a whole HTTP/1.1 response, for a connection on which no request could be parsed. */
export function rawProblem(error: unknown): string {
  const { body, headers } = toProblem(error);
  const more = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const text = JSON.stringify(body);
  return (
    `HTTP/1.1 ${body.status} ${STATUS_CODES[body.status] ?? 'Error'}\r\nContent-Type: ${PROBLEM_TYPE}\r\n${more.join('')}` +
    `Content-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`
  );
}
