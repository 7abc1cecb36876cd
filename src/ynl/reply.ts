import {
  type Attribute,
  type AttributeSet,
  type Attrs,
  attributeSet,
  definition,
  type FamilySpec,
  findAttribute,
  isFlags,
  type Mode,
  messageOperation,
  type OperationSpec,
} from './spec.ts';
import { toText } from './text-form.ts';

/** A reply or notification as YNL JSON. */
export type ReplyJson = { [name: string]: unknown };

/**
 * Turns what a handler returned into YNL JSON: numbers into names, bytes into text, numbers beyond 2^53 - 1 (bigint) into
 * decimal strings. null, the bare acknowledgement, stays null; undefined and false flags are left out.
 * Throws TypeError for anything the spec does not know: that is a bug of the handler.
 */
export function renderReply(family: FamilySpec, op: OperationSpec, mode: Mode | 'event', attrs: Attrs): ReplyJson;
export function renderReply(family: FamilySpec, op: OperationSpec, mode: Mode | 'event', attrs: null | undefined): null;
export function renderReply(
  family: FamilySpec,
  op: OperationSpec,
  mode: Mode | 'event',
  attrs: Attrs | null | undefined,
): ReplyJson | null;
export function renderReply(
  family: FamilySpec,
  op: OperationSpec,
  mode: Mode | 'event',
  attrs: Attrs | null | undefined,
): ReplyJson | null {
  if (attrs === null || attrs === undefined) return null;
  const source = messageOperation(family, op);
  const names =
    mode === 'event' ? (op.event ?? (source.do ?? source.dump)?.reply)?.attributes : op[mode]?.reply?.attributes;
  const set = attributeSet(family, source.attributeSet);
  const json: ReplyJson = {};
  for (const name of Object.keys(attrs)) {
    if (names === undefined || !names.includes(name)) {
      throw new TypeError(`${family.name} ${op.name} (${mode}) replies with ${name}, which its spec does not list`);
    }
    render(family, set, name, attrs[name], json);
  }
  return json;
}

function render(family: FamilySpec, set: AttributeSet, name: string, value: unknown, json: ReplyJson): void {
  if (value === undefined || value === null) return;
  const attribute = findAttribute(set, name);
  if (attribute === undefined) throw new TypeError(`${family.name} has no attribute ${name} there`);
  if (attribute.type === 'flag') {
    if (value === true) json[name] = true;
  } else if (attribute.multiAttr === true && Array.isArray(value)) {
    json[name] = value.map((item) => one(family, attribute, name, item));
  } else if (attribute.multiAttr === true && attribute.scalar === undefined) {
    throw new TypeError(`${family.name} attribute ${name} is repeated and must be an array`);
  } else {
    json[name] = one(family, attribute, name, value);
  }
}

function one(family: FamilySpec, attribute: Attribute, name: string, value: unknown): unknown {
  switch (attribute.type) {
    case 'nest': {
      if (attribute.scalar !== undefined && (typeof value === 'number' || typeof value === 'bigint'))
        return number(value, name);
      if (typeof value !== 'object' || value === null) throw new TypeError(`attribute ${name} must be an object`);
      const set = attributeSet(family, attribute.nested as string);
      const json: ReplyJson = {};
      for (const key of Object.keys(value)) render(family, set, key, (value as Attrs)[key], json);
      return json;
    }
    case 'string':
      if (typeof value !== 'string') throw new TypeError(`attribute ${name} must be a string`);
      return value;
    case 'binary':
      if (!(value instanceof Uint8Array)) throw new TypeError(`attribute ${name} must be bytes`);
      return toText(value, attribute.displayHint ?? 'hex');
    default:
      if (attribute.enum === undefined) return number(value, name);
      return isFlags(family, attribute)
        ? flagNames(family, attribute, value, name)
        : enumName(family, attribute, value, name);
  }
}

function number(value: unknown, name: string): number | string {
  if (typeof value === 'bigint') {
    const short = Number(value);
    return Number.isSafeInteger(short) ? short : value.toString();
  }
  if (typeof value === 'string' && /^-?\d+$/.test(value)) return number(BigInt(value), name);
  if (typeof value !== 'number' || !Number.isSafeInteger(value))
    throw new TypeError(`attribute ${name} must be an integer`);
  return value;
}

/** A number without a name stays a number, as in pyynl's --process-unknown. */
function enumName(family: FamilySpec, attribute: Attribute, value: unknown, name: string): string | number {
  const { entries } = definition(family, attribute.enum as string);
  if (typeof value === 'string' && Object.hasOwn(entries, value)) return value;
  const wanted = number(value, name);
  for (const entry of Object.keys(entries)) if (entries[entry] === wanted) return entry;
  return wanted as number;
}

/** Names of the set bits, lowest first; a bit without a name is its number. */
function flagNames(family: FamilySpec, attribute: Attribute, value: unknown, name: string): (string | number)[] {
  if (Array.isArray(value)) return value;
  const { entries } = definition(family, attribute.enum as string);
  const names = new Map(Object.entries(entries).map(([entry, bit]) => [bit, entry]));
  const out: (string | number)[] = [];
  let bits = BigInt(number(value, name));
  // A 32-bit result of JavaScript's own bit operators may come out negative.
  if (bits < 0n) bits = BigInt.asUintN(32, bits);
  for (let bit = 0; bits !== 0n; bit += 1, bits >>= 1n) if ((bits & 1n) !== 0n) out.push(names.get(bit) ?? bit);
  return out;
}
