/**
 * The only validator of operations: a request as YNL JSON in, decoded attributes out. Attributes are checked in message
 * order and the first offence wins, with errno, text and policy of Linux's strict validation (lib/nlattr.c, 6.18).
 * What only JSON can get wrong is EINVAL with a text of our own. Missing attributes are the handlers' matter: see requireAttr.
 */
import { fail, refuse } from '../kernel/error.ts';
import { ERRORS } from '../kernel/error-catalogue.ts';
import { type Range, rangeOf, typeRange } from './range.ts';
import {
  type Attribute,
  type AttributeSet,
  type Attrs,
  attributeSet,
  available,
  definition,
  entriesIn,
  type FamilySpec,
  findAttribute,
  findInherited,
  isFlags,
  type Mode,
  type OperationSpec,
  offers,
  type Release,
} from './spec.ts';
import { fromText } from './text-form.ts';

export type { Attrs } from './spec.ts';

/** Most repetitions of one attribute in a request; Linux's limit is the size of the message. */
export const MAX_ELEMENTS = 4096;
/** MAX_POLICY_RECURSION_DEPTH, lib/nlattr.c. */
export const MAX_DEPTH = 10;
const MAX_PATH_NAME = 64;

/**
 * Attributes of a request, decoded.
 * @throws KernelError EOPNOTSUPP (no such variant of the operation), EINVAL, ERANGE
 */
export function parseAttributes(
  family: FamilySpec,
  op: OperationSpec,
  mode: Mode,
  json: unknown,
  release: Release = '6.18',
): Attrs {
  const exchange = op[mode];
  if (exchange === undefined || !offers(op, mode, release)) fail('EOPNOTSUPP');
  const message = json === undefined ? {} : json;
  if (!isObject(message)) refuse(ERRORS.notAttributes);
  if (!available(exchange.request, release)) return Object.create(null);
  const set = attributeSet(family, op.attributeSet);
  return new Walk(family, release).message(set, exchange.request.attributes, message, '', 0);
}

/**
 * The same from a query string: dots reach into nests, a repeated key is multi-attr or a set of flags.
 * A stream's query holds the attributes of its do request, any other those of the dump.
 */
export function parseQuery(
  family: FamilySpec,
  op: OperationSpec,
  query: Iterable<readonly [string, string]>,
  release: Release = '6.18',
): Attrs {
  const root = attributeSet(family, op.attributeSet);
  const json: Attrs = Object.create(null);
  let count = 0;
  for (const [path, value] of query) {
    count += 1;
    if (count > MAX_ELEMENTS) refuse(ERRORS.tooManyElements, { 'bad-attr': pathOf('', path) });
    const names = path.split('.');
    if (names.length > MAX_DEPTH) refuse(ERRORS.nestedTooDeep);
    putQuery(family, root, json, names, value);
  }
  return parseAttributes(family, op, op.stream === undefined ? 'dump' : 'do', json, release);
}

/**
 * Refuses a request that lacks an attribute, the first missing in the order given.
 * @param nest path of the nest that was searched, such as `.queues`
 * @throws KernelError EINVAL with miss-type
 */
export function requireAttr(attrs: Attrs, names: readonly string[], nest?: string): void {
  for (const name of names) {
    if (attrs[name] === undefined) {
      fail('EINVAL', nest === undefined ? { 'miss-type': name } : { 'miss-type': name, 'miss-nest': nest });
    }
  }
}

class Walk {
  private readonly family: FamilySpec;
  private readonly release: Release;

  constructor(family: FamilySpec, release: Release) {
    this.family = family;
    this.release = release;
  }

  message(set: AttributeSet, names: readonly string[], json: Attrs, path: string, depth: number): Attrs {
    if (depth >= MAX_DEPTH) refuse(ERRORS.nestedTooDeep);
    const accepted = new Map<string, Attribute>();
    let maxType = 0;
    for (const name of names) {
      const attribute = findAttribute(set, name);
      if (attribute === undefined || !available(attribute, this.release)) continue;
      accepted.set(name, attribute);
      maxType = Math.max(maxType, attribute.value);
    }
    const attrs: Attrs = Object.create(null);
    for (const name of Object.keys(json)) {
      const attribute = accepted.get(name);
      if (attribute === undefined) {
        const known = findInherited(this.family, set, name);
        const unsupported = known !== undefined && known.value <= maxType;
        refuse(unsupported ? ERRORS.unsupportedAttribute : ERRORS.unknownAttribute, { 'bad-attr': pathOf(path, name) });
      }
      if (json[name] === undefined) continue;
      const value = this.attribute(attribute, json[name], pathOf(path, name), depth);
      if (value !== undefined) attrs[name] = value;
    }
    return attrs;
  }

  private attribute(attribute: Attribute, json: unknown, path: string, depth: number): unknown {
    if (attribute.scalar !== undefined && !isObject(json) && !Array.isArray(json)) {
      return integer(json, attribute.scalar, typeRange(attribute.scalar), path);
    }
    if (attribute.multiAttr !== true) return this.value(attribute, json, path, depth);
    if (!Array.isArray(json)) return [this.value(attribute, json, path, depth)];
    if (json.length > MAX_ELEMENTS) refuse(ERRORS.tooManyElements, { 'bad-attr': path });
    // Repeated zero times is not there.
    return json.length === 0 ? undefined : json.map((item) => this.value(attribute, item, path, depth));
  }

  private value(attribute: Attribute, json: unknown, path: string, depth: number): unknown {
    switch (attribute.type) {
      case 'nest': {
        if (!isObject(json)) refuse(ERRORS.notNest, { 'bad-attr': path });
        const set = attributeSet(this.family, attribute.nested as string);
        return this.message(set, Object.keys(set.attributes), json, path, depth + 1);
      }
      case 'flag':
        if (typeof json !== 'boolean') refuse(ERRORS.notFlag, { 'bad-attr': path });
        return json ? true : undefined;
      case 'string':
        return text(attribute, json, path);
      case 'binary':
        return binary(attribute, json, path);
      case 'pad':
      case 'unused':
        return refuse(ERRORS.unsupportedAttribute, { 'bad-attr': path });
      default:
        return isFlags(this.family, attribute) ? this.flags(attribute, json, path) : this.number(attribute, json, path);
    }
  }

  private number(attribute: Attribute, json: unknown, path: string): number {
    const range = rangeOf(this.family, attribute, this.release);
    if (attribute.enum === undefined) return integer(json, attribute.type, range, path);
    const entries = entriesIn(definition(this.family, attribute.enum), this.release);
    if (typeof json === 'string' && !isDecimal(json)) {
      if (!Object.hasOwn(entries, json)) refuse(ERRORS.noValueOfName, { 'bad-attr': path });
      return integer(entries[json], attribute.type, range, path);
    }
    const value = integer(json, attribute.type, range, path);
    // Checks of its own open an enum to other numbers.
    if (attribute.checks === undefined && !Object.values(entries).includes(value)) {
      refuse(ERRORS.noValueOfNumber, { 'bad-attr': path });
    }
    return value;
  }

  private flags(attribute: Attribute, json: unknown, path: string): number {
    const { entries } = definition(this.family, attribute.enum as string);
    const list = Array.isArray(json) ? json : [json];
    if (list.length > MAX_ELEMENTS) refuse(ERRORS.tooManyElements, { 'bad-attr': path });
    let bits = 0n;
    for (const item of list) {
      if (typeof item === 'string' && !isDecimal(item)) {
        if (!Object.hasOwn(entries, item)) refuse(ERRORS.noValueOfName, { 'bad-attr': path });
        bits |= 1n << BigInt(entries[item]);
      } else {
        bits |= BigInt(integer(item, attribute.type, typeRange(attribute.type), path));
      }
    }
    const all = Object.values(entries).reduce((mask, bit) => mask | (1n << BigInt(bit)), 0n);
    const mask = attribute.checks?.flagsMask === undefined ? all : BigInt(attribute.checks.flagsMask);
    if ((bits & ~mask) !== 0n) refuse(ERRORS.reservedBit, { 'bad-attr': path });
    return Number(bits);
  }
}

/** 64-bit attributes also come as decimal strings; none is ever rounded. */
function integer(json: unknown, type: Attribute['type'], range: Range, path: string): number {
  const wide = type === 'u64' || type === 's64' || type === 'uint' || type === 'sint';
  let value: bigint;
  if (typeof json === 'number' && Number.isInteger(json)) {
    if (!Number.isSafeInteger(json)) refuse(ERRORS.unsafeInteger, { 'bad-attr': path });
    value = BigInt(json);
  } else if (wide && typeof json === 'string' && isDecimal(json)) {
    value = BigInt(json);
  } else {
    return refuse(ERRORS.notInteger, { 'bad-attr': path });
  }
  if (value < range.min || value > range.max) {
    const policy = { type, 'min-value': jsonNumber(range.min), 'max-value': jsonNumber(range.max) };
    refuse(ERRORS.integerOutOfRange, { 'bad-attr': path, policy });
  }
  const number = Number(value);
  if (!Number.isSafeInteger(number)) refuse(ERRORS.unsafeInteger, { 'bad-attr': path });
  return number;
}

function text(attribute: Attribute, json: unknown, path: string): string {
  if (typeof json !== 'string') return refuse(ERRORS.notString, { 'bad-attr': path });
  if (json.includes('\0')) refuse(ERRORS.nulInString, { 'bad-attr': path });
  if (/\p{Surrogate}/u.test(json)) refuse(ERRORS.loneSurrogate, { 'bad-attr': path });
  const { minLen = 0, maxLen } = attribute.checks ?? {};
  const length = Buffer.byteLength(json);
  if (maxLen !== undefined && length > maxLen) {
    const policy = { type: 'nul-string', 'max-length': maxLen };
    refuse(ERRORS.stringTooLong, { 'bad-attr': path, policy });
  }
  if (length < minLen) {
    refuse(ERRORS.stringOutOfRange, { 'bad-attr': path, policy: { type: 'nul-string', 'min-length': minLen } });
  }
  return json;
}

function binary(attribute: Attribute, json: unknown, path: string): Uint8Array {
  const bytes = typeof json === 'string' ? fromText(json, attribute.displayHint ?? 'hex') : undefined;
  if (bytes === undefined) return refuse(ERRORS.notTextForm, { 'bad-attr': path });
  const { exactLen, minLen = exactLen ?? 0, maxLen = exactLen } = attribute.checks ?? {};
  if (bytes.length < minLen || (maxLen !== undefined && bytes.length > maxLen)) {
    const policy: Record<string, number | string> = { type: 'binary', 'min-length': minLen };
    if (maxLen !== undefined) policy['max-length'] = maxLen;
    refuse(ERRORS.binaryLength, { 'bad-attr': path, policy });
  }
  return bytes;
}

/** Puts one query parameter where its path leads; the policy finds what is wrong with it. */
function putQuery(family: FamilySpec, root: AttributeSet, json: Attrs, names: readonly string[], value: string): void {
  let set: AttributeSet | undefined = root;
  let target = json;
  let path = '';
  for (const name of names.slice(0, -1)) {
    path = pathOf(path, name);
    const attribute: Attribute | undefined = set && findAttribute(set, name);
    set = attribute?.nested === undefined ? undefined : attributeSet(family, attribute.nested);
    const last = names[names.length - 1];
    let nest: unknown = target[name];
    if (attribute?.multiAttr) {
      if (nest !== undefined && !Array.isArray(nest)) refuse(ERRORS.attributeAndNest, { 'bad-attr': path });
      const list: unknown[] = (nest as unknown[] | undefined) ?? (target[name] = []);
      const open = list[list.length - 1];
      // A key that is there already starts the next repetition.
      if (!isObject(open) || Object.hasOwn(open, last)) list.push(Object.create(null));
      nest = list[list.length - 1];
    } else if (nest === undefined) {
      nest = target[name] = Object.create(null);
    }
    if (!isObject(nest)) refuse(ERRORS.attributeAndNest, { 'bad-attr': path });
    target = nest;
  }
  const name = names[names.length - 1];
  const attribute = set && findAttribute(set, name);
  if (isObject(target[name])) refuse(ERRORS.attributeAndNest, { 'bad-attr': pathOf(path, name) });
  if (attribute === undefined) {
    target[name] = value;
  } else if (isFlags(family, attribute)) {
    target[name] = [
      ...((target[name] as unknown[]) ?? []),
      ...value.split(',').map((item) => queryValue(attribute, item)),
    ];
  } else if (attribute.multiAttr) {
    // Appending in place keeps many repetitions linear.
    const list: unknown[] = target[name] ?? (target[name] = []);
    list.push(queryValue(attribute, value));
  } else {
    target[name] = queryValue(attribute, value);
  }
}

function queryValue(attribute: Attribute, value: string): unknown {
  switch (attribute.type) {
    case 'string':
    case 'binary':
      return value;
    case 'flag':
      return value === '' || value === 'true' || value === '1'
        ? true
        : value === 'false' || value === '0'
          ? false
          : value;
    default: {
      if (!isDecimal(value)) return value;
      const number = Number(value);
      return Number.isSafeInteger(number) ? number : value;
    }
  }
}

function isDecimal(value: string): boolean {
  return /^-?\d{1,20}$/.test(value);
}

function isObject(value: unknown): value is Attrs {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function pathOf(path: string, name: string): string {
  return `${path}.${name.length > MAX_PATH_NAME ? `${name.slice(0, MAX_PATH_NAME)}...` : name}`;
}

function jsonNumber(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value.toString();
}
