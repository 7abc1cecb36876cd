import { type TObject, type TSchema, Type } from '@sinclair/typebox';
import { rangeOf, typeRange } from './range.ts';
import {
  type Attribute,
  type AttributeSet,
  attributeSet,
  definition,
  type FamilySpec,
  findAttribute,
  isFlags,
  type Mode,
  messageOperation,
  type OperationSpec,
} from './spec.ts';

/** Requests take more forms of a value than replies give. */
export type Direction = 'request' | 'reply';

/** How a nest is written: in place, or as a reference to a named schema. */
export type NestSchema = (family: FamilySpec, set: string, direction: Direction) => TSchema;

const DECIMAL = '^-?[0-9]{1,20}$';
const HINT_PATTERN = {
  hex: '^([0-9a-fA-F]{2})*$',
  mac: '^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}$',
  'ipv4-or-v6': '^[0-9a-fA-F:.]{2,45}$',
  base64: '^[A-Za-z0-9+/]*={0,2}$',
} as const;

const cache = new WeakMap<OperationSpec, Map<string, TObject>>();

function cached(op: OperationSpec, key: string, make: () => TObject): TObject {
  let schemas = cache.get(op);
  if (schemas === undefined) cache.set(op, (schemas = new Map()));
  let schema = schemas.get(key);
  if (schema === undefined) schemas.set(key, (schema = make()));
  return schema;
}

/** Schema of an operation's request; undefined when it has no such variant. Nests are in place. */
export function requestSchema(family: FamilySpec, op: OperationSpec, mode: Mode): TObject | undefined {
  const exchange = op[mode];
  if (exchange === undefined) return undefined;
  return cached(op, `${mode} request`, () =>
    messageSchema(family, op, exchange.request.attributes, [], 'request', inPlace),
  );
}

/** Schema of one reply message, or of a notification's; undefined when the operation only acknowledges. */
export function replySchema(family: FamilySpec, op: OperationSpec, mode: Mode | 'event'): TObject | undefined {
  const reply = replyAttributes(family, op, mode);
  if (reply === undefined) return undefined;
  return cached(op, `${mode} reply`, () =>
    messageSchema(family, messageOperation(family, op), reply.attributes, reply.always ?? [], 'reply', inPlace),
  );
}

/** Attribute names of a reply, or of a notification's message. */
export function replyAttributes(
  family: FamilySpec,
  op: OperationSpec,
  mode: Mode | 'event',
): { readonly attributes: readonly string[]; readonly always?: readonly string[] } | undefined {
  if (mode !== 'event') return op[mode]?.reply;
  if (op.event !== undefined) return op.event;
  const source = messageOperation(family, op);
  return source === op ? undefined : (source.do ?? source.dump)?.reply;
}

/** Schema of a message made of some attributes of an operation's set. */
export function messageSchema(
  family: FamilySpec,
  op: OperationSpec,
  names: readonly string[],
  always: readonly string[],
  direction: Direction,
  nest: NestSchema,
): TObject {
  return objectSchema(family, attributeSet(family, op.attributeSet), names, always, direction, nest);
}

/** Schema of a whole attribute set, as it appears inside a nest. */
export function setSchema(family: FamilySpec, name: string, direction: Direction, nest: NestSchema): TObject {
  const set = attributeSet(family, name);
  const names = Object.keys(set.attributes).filter((key) => !['pad', 'unused'].includes(set.attributes[key].type));
  return objectSchema(family, set, names, [], direction, nest);
}

const inPlace: NestSchema = (family, set, direction) => setSchema(family, set, direction, inPlace);

function objectSchema(
  family: FamilySpec,
  set: AttributeSet,
  names: readonly string[],
  always: readonly string[],
  direction: Direction,
  nest: NestSchema,
): TObject {
  const properties: Record<string, TSchema> = {};
  for (const name of names) {
    const attribute = findAttribute(set, name);
    if (attribute === undefined) throw new TypeError(`${family.name} has no attribute ${name} there`);
    const schema = attributeSchema(family, attribute, direction, nest);
    properties[name] = always.includes(name) ? schema : Type.Optional(schema);
  }
  return Type.Object(properties, {
    additionalProperties: false,
    ...(set.doc === undefined ? {} : { description: set.doc }),
  });
}

/** Schema of one attribute's JSON value. */
export function attributeSchema(
  family: FamilySpec,
  attribute: Attribute,
  direction: Direction,
  nest: NestSchema,
): TSchema {
  const single = valueSchema(family, attribute, direction, nest);
  const forms: TSchema[] = attribute.multiAttr === true ? [Type.Array(single)] : [single];
  if (attribute.multiAttr === true && direction === 'request') forms.push(single);
  if (attribute.scalar !== undefined) forms.push(integerSchema(attribute.scalar));
  const schema = forms.length === 1 ? forms[0] : Type.Union(forms);
  const limits = [
    attribute.since && `since Linux ${attribute.since}`,
    attribute.until && `up to Linux ${attribute.until}`,
  ];
  const lifetime = limits.filter(Boolean).join(', ');
  const description = lifetime === '' ? attribute.doc : `${attribute.doc ?? ''} (${lifetime})`;
  return description === undefined ? schema : described(schema, description);
}

/** A reference stands alone in a schema, so its description goes around it. */
function described(schema: TSchema, description: string): TSchema {
  return '$ref' in schema ? Type.Unsafe({ allOf: [schema], description }) : { ...schema, description };
}

function valueSchema(family: FamilySpec, attribute: Attribute, direction: Direction, nest: NestSchema): TSchema {
  switch (attribute.type) {
    case 'nest':
      return nest(family, attribute.nested as string, direction);
    case 'flag':
      return direction === 'reply' ? Type.Literal(true) : Type.Boolean();
    case 'string': {
      const { minLen, maxLen } = attribute.checks ?? {};
      return Type.String({
        ...(minLen === undefined ? {} : { minLength: minLen }),
        ...(maxLen === undefined ? {} : { maxLength: maxLen }),
      });
    }
    case 'binary':
      return Type.String({ pattern: HINT_PATTERN[attribute.displayHint ?? 'hex'] });
    default:
      return numberSchema(family, attribute, direction);
  }
}

function numberSchema(family: FamilySpec, attribute: Attribute, direction: Direction): TSchema {
  const range = direction === 'request' ? rangeOf(family, attribute) : typeRange(attribute.type);
  const plain = integerSchema(attribute.type, range);
  if (attribute.enum === undefined) return plain;
  const names = Type.Union(Object.keys(definition(family, attribute.enum).entries).map((name) => Type.Literal(name)));
  if (!isFlags(family, attribute)) return Type.Union([names, Type.Integer()]);
  const list = Type.Array(Type.Union([names, Type.Integer({ minimum: 0 })]));
  return direction === 'reply' ? list : Type.Union([names, list, Type.Integer({ minimum: 0 })]);
}

/** 64-bit numbers also travel as decimal strings. */
function integerSchema(type: Attribute['type'], range = typeRange(type)): TSchema {
  const limit = (value: bigint): number =>
    Math.max(Math.min(Number(value), Number.MAX_SAFE_INTEGER), Number.MIN_SAFE_INTEGER);
  const plain = Type.Integer({ minimum: limit(range.min), maximum: limit(range.max) });
  return ['u64', 's64', 'uint', 'sint'].includes(type) ? Type.Union([plain, Type.String({ pattern: DECIMAL })]) : plain;
}
