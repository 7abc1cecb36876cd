import { ERRORS } from '../kernel/error-catalogue.ts';
import { HttpError } from './problem.ts';

/** Media types of streams and dumps. */
export const JSON_TYPE = 'application/json';
export const NDJSON_TYPE = 'application/x-ndjson';
export const SSE_TYPE = 'text/event-stream';
export const RECVMSG_TYPE = 'application/vnd.netmemd.recvmsg';

/**
 * Picks from `offered` (best first) what an Accept header likes most (RFC 9110, 12.5.1). Without the header: the first.
 * @throws HttpError 406 when none is acceptable.
 */
export function negotiate<const T extends string>(accept: string | undefined, offered: readonly T[]): T {
  if (accept === undefined || accept.trim() === '') return offered[0];
  const ranges = accept.split(',').map((range) => {
    const [type, ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const q = parameters.find((p) => p.startsWith('q='));
    return { type, q: q === undefined ? 1 : Number(q.slice(2)) || 0 };
  });
  let best: T | undefined;
  let bestQ = 0;
  for (const type of offered) {
    const wild = `${type.slice(0, type.indexOf('/'))}/*`;
    const range =
      ranges.find((r) => r.type === type) ??
      ranges.find((r) => r.type === wild) ??
      ranges.find((r) => r.type === '*/*');
    if (range !== undefined && range.q > bestQ) {
      best = type;
      bestQ = range.q;
    }
  }
  if (best === undefined) throw new HttpError(406, ERRORS.notAcceptable, {}, offered.join(', '));
  return best;
}
