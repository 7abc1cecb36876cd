import { ERRORS } from '../kernel/error-catalogue.ts';
import { HttpError } from './problem.ts';

/**
 * Request bodies. JSON.parse is used as it is: it is not recursive, a `__proto__` key becomes an own property (an unknown
 * attribute, refused by name by the policy), and the last of two equal keys wins, as the last of two equal attributes
 * does on netlink.
 */

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** JSON strings, cut out before numbers are looked at. */
const STRING = /"(?:[^"\\]|\\.)*"/gs;
/** A number with a fraction or an exponent. */
const NOT_PLAIN = /-?\d+(?:\.\d+(?:[eE][+-]?\d+)?|[eE][+-]?\d+)/g;

/** Parses a body as the attributes of a request. @throws HttpError EINVAL */
export function parseBody(body: Uint8Array): Record<string, unknown> {
  let text: string;
  try {
    text = utf8.decode(body);
  } catch {
    throw new HttpError(400, ERRORS.bodyNotUtf8);
  }
  if (text.trim() === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw notJson(error);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new HttpError(400, ERRORS.bodyNotObject);
  }
  refuseRounded(text);
  return value as Record<string, unknown>;
}

/** With where parsing stopped; the rest of V8's message quotes the body. */
function notJson(error: unknown): HttpError {
  const position = /position (\d+)/.exec((error as Error).message)?.[1];
  return position === undefined
    ? new HttpError(400, ERRORS.bodyNotJson)
    : new HttpError(400, ERRORS.bodyNotJsonAt, {}, position);
}

/** A literal such as 1.00000000000000001 would silently become an integer that nobody wrote. */
function refuseRounded(text: string): void {
  if (!/\d[.eE]/.test(text)) return;
  for (const [literal] of text.replace(STRING, '""').matchAll(NOT_PLAIN)) {
    const [mantissa, exponent = '0'] = literal.toLowerCase().split('e');
    const fraction = (mantissa.split('.')[1] ?? '').replace(/0+$/, '');
    if (Number.isInteger(Number(literal)) && fraction.length > Number(exponent)) {
      throw new HttpError(400, ERRORS.roundedNumber, {}, literal.slice(0, 40));
    }
  }
}
