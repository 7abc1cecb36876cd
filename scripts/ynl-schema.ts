import type {
  Attribute,
  AttributeSet,
  AttributeType,
  Checks,
  Definition,
  Exchange,
  FamilySpec,
  IntType,
  OperationSpec,
  ReplySpec,
  Request,
} from '../src/ynl/spec.ts';
import { BUILD_OPTIONS, type BuildOption, RELEASES, type Release } from '../src/ynl/spec.ts';

/** Limits a spec may name instead of spelling them. */
const SYMBOLIC: { readonly [name: string]: number | string } = {
  'u8-max': 255,
  'u16-max': 65535,
  'u32-max': 4294967295,
  'u64-max': '18446744073709551615',
  's32-min': -2147483648,
  's32-max': 2147483647,
};
const TYPES = 'unused pad flag binary string nest uint sint u8 u16 u32 u64 s8 s16 s32 s64'.split(' ');
const INT_TYPES = TYPES.slice(6);
const HINTS = ['hex', 'mac', 'ipv4-or-v6', 'base64'];
const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
/** Entries of socket definitions keep the names of their C constants. */
const ENTRY_NAME = /^([a-z0-9]+(-[a-z0-9]+)*|[A-Z][A-Z0-9_]*)$/;

type Yaml = Record<string, unknown>;

/** Checks a parsed YAML document and turns it into spec data, subsets filled in. */
export function readSpec(file: string, document: unknown): FamilySpec {
  const wrong = (where: string, what: string): never => {
    throw new Error(`${file}: ${where}: ${what}`);
  };
  const object = (value: unknown, where: string, keys: string): Yaml => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return wrong(where, 'must be a mapping');
    for (const key of Object.keys(value)) if (!keys.split(' ').includes(key)) wrong(where, `unknown key ${key}`);
    return value as Yaml;
  };
  const list = (value: unknown, where: string): unknown[] =>
    Array.isArray(value) ? value : wrong(where, 'must be a list');
  const text = (value: unknown, where: string): string =>
    typeof value === 'string' && value !== '' ? value : wrong(where, 'must be a text');
  const name = (value: unknown, where: string, pattern = NAME): string => {
    const found = text(value, where);
    return pattern.test(found) ? found : wrong(where, `${found} is no valid name`);
  };
  const oneOf = <T extends string>(value: unknown, where: string, allowed: readonly string[]): T =>
    allowed.includes(value as string)
      ? (value as T)
      : wrong(where, `${String(value)} is none of ${allowed.join(', ')}`);
  const number = (value: unknown, where: string): number =>
    Number.isSafeInteger(value) ? (value as number) : wrong(where, 'must be an integer');
  const limit = (value: unknown, where: string): number | string =>
    typeof value === 'string' && Object.hasOwn(SYMBOLIC, value) ? SYMBOLIC[value] : number(value, where);
  const yes = (value: unknown, where: string): true => (value === true ? true : wrong(where, 'must be true or absent'));
  const release = (value: unknown, where: string): Release => oneOf<Release>(value, where, RELEASES);
  const put = (target: Record<string, unknown>, key: string, value: unknown): void => {
    if (Object.hasOwn(target, key)) wrong(key, 'is there twice');
    target[key] = value;
  };

  const root = object(document, 'document', 'name version doc definitions attribute-sets operations mcast-groups');
  const definitions: Record<string, Definition> = {};
  for (const item of list(root.definitions ?? [], 'definitions')) {
    const def = object(item, 'definition', 'name type doc value-start entries');
    const where = `definition ${name(def.name, 'definition name')}`;
    const type = oneOf<'enum' | 'flags'>(def.type, where, ['enum', 'flags']);
    const entries: Record<string, number> = {};
    const docs: Record<string, string> = {};
    const since: Record<string, Release> = {};
    let next = def['value-start'] === undefined ? 0 : number(def['value-start'], where);
    for (const raw of list(def.entries, where)) {
      const entry = typeof raw === 'string' ? { name: raw } : object(raw, where, 'name value doc since');
      const entryName = name(entry.name, where, ENTRY_NAME);
      if ('value' in entry) next = number(entry.value, where);
      if (type === 'flags' && (next < 0 || next > 31)) wrong(where, `bit ${next} is outside 0 to 31`);
      put(entries, entryName, next);
      if ('since' in entry) since[entryName] = release(entry.since, where);
      if ('doc' in entry) docs[entryName] = text(entry.doc, where);
      next += 1;
    }
    put(definitions, def.name as string, {
      type,
      ...(def.doc === undefined ? {} : { doc: text(def.doc, where) }),
      entries,
      ...(Object.keys(docs).length === 0 ? {} : { docs }),
      ...(Object.keys(since).length === 0 ? {} : { since }),
    });
  }

  const checks = (value: unknown, where: string): Checks => {
    const raw = object(value, where, 'min max min-len max-len exact-len flags-mask');
    return {
      ...(raw.min === undefined ? {} : { min: limit(raw.min, where) }),
      ...(raw.max === undefined ? {} : { max: limit(raw.max, where) }),
      ...(raw['min-len'] === undefined ? {} : { minLen: number(raw['min-len'], where) }),
      ...(raw['max-len'] === undefined ? {} : { maxLen: number(raw['max-len'], where) }),
      ...(raw['exact-len'] === undefined ? {} : { exactLen: number(raw['exact-len'], where) }),
      ...(raw['flags-mask'] === undefined ? {} : { flagsMask: number(raw['flags-mask'], where) }),
    };
  };
  const attribute = (raw: Yaml, value: number, parent: Attribute | undefined, where: string): Attribute => {
    const type = raw.type === undefined ? parent?.type : oneOf<AttributeType>(raw.type, where, TYPES);
    const own: Attribute = {
      ...parent,
      value,
      type: type ?? wrong(where, 'has no type'),
      ...(raw.doc === undefined ? {} : { doc: text(raw.doc, where) }),
      ...(raw.enum === undefined ? {} : { enum: name(raw.enum, where) }),
      ...(raw['enum-as-flags'] === undefined ? {} : { enumAsFlags: yes(raw['enum-as-flags'], where) }),
      ...(raw['multi-attr'] === undefined ? {} : { multiAttr: yes(raw['multi-attr'], where) }),
      ...(raw['nested-attributes'] === undefined ? {} : { nested: name(raw['nested-attributes'], where) }),
      ...(raw.scalar === undefined ? {} : { scalar: oneOf<IntType>(raw.scalar, where, INT_TYPES) }),
      ...(raw['display-hint'] === undefined ? {} : { displayHint: oneOf(raw['display-hint'], where, HINTS) }),
      ...(raw.checks === undefined ? {} : { checks: checks(raw.checks, where) }),
      ...(raw.since === undefined ? {} : { since: release(raw.since, where) }),
      ...(raw.until === undefined ? {} : { until: release(raw.until, where) }),
    };
    if (own.enum !== undefined && !Object.hasOwn(definitions, own.enum)) wrong(where, `no definition ${own.enum}`);
    if (own.enum !== undefined && !INT_TYPES.includes(own.type)) wrong(where, 'only a number can have an enum');
    if ((own.nested === undefined) === (own.type === 'nest')) wrong(where, 'nest and nested-attributes go together');
    if (own.scalar !== undefined && own.type !== 'nest') wrong(where, 'only a nest can have a scalar');
    if (own.displayHint !== undefined && own.type !== 'binary') wrong(where, 'only a binary can have a display hint');
    if (own.doc === undefined && own.type !== 'pad' && own.type !== 'unused') wrong(where, 'has no doc');
    return own;
  };
  const attributeSets: Record<string, AttributeSet> = {};
  for (const item of list(root['attribute-sets'], 'attribute-sets')) {
    const set = object(item, 'attribute set', 'name doc subset-of attributes');
    const where = `attribute set ${name(set.name, 'attribute set name')}`;
    const subsetOf = set['subset-of'] === undefined ? undefined : name(set['subset-of'], where);
    const parents = subsetOf === undefined ? undefined : attributeSets[subsetOf]?.attributes;
    if (subsetOf !== undefined && parents === undefined) wrong(where, `no set ${subsetOf} above it`);
    const attributes: Record<string, Attribute> = {};
    const values = new Set<number>();
    let next = 1;
    for (const raw of list(set.attributes, where)) {
      const attr = object(
        raw,
        where,
        'name type value doc enum enum-as-flags multi-attr nested-attributes scalar display-hint checks since until header',
      );
      const attrName = name(attr.name, where);
      const at = `${where}, ${attrName}`;
      const parent = parents?.[attrName];
      if (parents !== undefined && parent === undefined) wrong(at, `is not in ${subsetOf}`);
      if (parent !== undefined && attr.value !== undefined) wrong(at, 'a subset takes its numbers from the set');
      if (attr.header !== undefined) {
        if (parents !== undefined || attr.value !== undefined) wrong(at, 'a member of the header has no number');
        put(attributes, attrName, { ...attribute(attr, 0, undefined, at), header: yes(attr.header, at) });
        continue;
      }
      if (attr.value !== undefined) next = number(attr.value, at);
      const value = parent?.value ?? next;
      if (values.has(value)) wrong(at, `number ${value} is taken`);
      values.add(value);
      put(attributes, attrName, attribute(attr, value, parent, at));
      next = value + 1;
    }
    put(attributeSets, set.name as string, {
      ...(set.doc === undefined ? {} : { doc: text(set.doc, where) }),
      ...(subsetOf === undefined ? {} : { subsetOf }),
      attributes,
    });
  }
  for (const [setName, set] of Object.entries(attributeSets)) {
    for (const [attrName, attr] of Object.entries(set.attributes)) {
      if (attr.nested !== undefined && !Object.hasOwn(attributeSets, attr.nested)) {
        wrong(`attribute set ${setName}, ${attrName}`, `no attribute set ${attr.nested}`);
      }
    }
  }

  const operationsRoot = object(root.operations, 'operations', 'enum-model list');
  const directional = operationsRoot['enum-model'] !== undefined;
  if (directional) oneOf(operationsRoot['enum-model'], 'enum-model', ['directional']);
  const operations: OperationSpec[] = [];
  const taken = new Map<string, string>();
  let nextValue = 1;
  for (const item of list(operationsRoot.list, 'operations')) {
    const op = object(
      item,
      'operation',
      'name value doc attribute-set flags config-cond do dump notify event mcgrp blocking stream extension since until',
    );
    const opName = name(op.name, 'operation name');
    const where = `operation ${opName}`;
    const named = operations.find((other) => other.name === op.notify);
    if (op.notify !== undefined && named === undefined) wrong(where, `no operation ${String(op.notify)} above it`);
    const setName = op.notify === undefined ? name(op['attribute-set'], where) : (named as OperationSpec).attributeSet;
    const set = attributeSets[setName] ?? wrong(where, `no attribute set ${setName}`);
    const names = (value: unknown, at: string): string[] =>
      list(value, at).map((raw) =>
        Object.hasOwn(set.attributes, String(raw)) ? String(raw) : wrong(at, `no attribute ${String(raw)}`),
      );
    const request = (value: unknown, at: string): Request => {
      const raw = object(value, at, 'attributes since');
      return {
        attributes: names(raw.attributes, at),
        ...(raw.since === undefined ? {} : { since: release(raw.since, at) }),
      };
    };
    const reply = (value: unknown, at: string): ReplySpec => {
      const raw = object(value, at, 'attributes always');
      const attributes = names(raw.attributes, at);
      const always = raw.always === undefined ? undefined : names(raw.always, at);
      for (const missing of always?.filter((one) => !attributes.includes(one)) ?? [])
        wrong(at, `${missing} is not in the reply`);
      return { attributes, ...(always === undefined ? {} : { always }) };
    };
    const exchange = (value: unknown, at: string): Exchange => {
      const raw = object(value, at, 'request reply');
      return {
        request: request(raw.request, `${at} request`),
        ...(raw.reply === undefined ? {} : { reply: reply(raw.reply, `${at} reply`) }),
      };
    };
    if (op.value !== undefined) nextValue = number(op.value, where);
    const callable = op.do !== undefined || op.dump !== undefined;
    if (callable === (op.notify !== undefined || op.event !== undefined))
      wrong(where, 'must be a request or a notification');
    if (!callable && op.mcgrp === undefined) wrong(where, 'a notification needs a mcgrp');
    const key = `${directional && !callable ? 'from' : 'to'} ${nextValue}`;
    if (taken.has(key)) wrong(where, `number ${nextValue} belongs to ${taken.get(key)}`);
    taken.set(key, opName);
    if (operations.some((other) => other.name === opName)) wrong(where, 'is there twice');
    operations.push({
      name: opName,
      value: nextValue,
      doc: text(op.doc, where),
      attributeSet: setName,
      ...(op.flags === undefined
        ? {}
        : { flags: list(op.flags, where).map((raw) => oneOf<'admin-perm'>(raw, where, ['admin-perm'])) }),
      ...(op.do === undefined ? {} : { do: exchange(op.do, `${where} do`) }),
      ...(op.dump === undefined ? {} : { dump: exchange(op.dump, `${where} dump`) }),
      ...(op.notify === undefined ? {} : { notify: name(op.notify, where) }),
      ...(op.event === undefined
        ? {}
        : { event: { attributes: names(object(op.event, where, 'attributes').attributes, where) } }),
      ...(op.mcgrp === undefined ? {} : { mcgrp: name(op.mcgrp, where) }),
      ...(op['config-cond'] === undefined
        ? {}
        : { configCond: oneOf<BuildOption>(op['config-cond'], where, BUILD_OPTIONS) }),
      ...(op.blocking === undefined ? {} : { blocking: yes(op.blocking, where) }),
      ...(op.stream === undefined ? {} : { stream: oneOf<'recvmsg' | 'hold'>(op.stream, where, ['recvmsg', 'hold']) }),
      ...(op.extension === undefined ? {} : { extension: yes(op.extension, where) }),
      ...(op.since === undefined ? {} : { since: release(op.since, where) }),
      ...(op.until === undefined ? {} : { until: release(op.until, where) }),
    });
    nextValue += 1;
  }
  const groups =
    root['mcast-groups'] === undefined
      ? []
      : list(object(root['mcast-groups'], 'mcast-groups', 'list').list, 'mcast-groups');
  const mcastGroups = groups.map((raw) => name(object(raw, 'mcast group', 'name').name, 'mcast group'));
  for (const op of operations) {
    if (op.mcgrp !== undefined && !mcastGroups.includes(op.mcgrp))
      wrong(`operation ${op.name}`, `no group ${op.mcgrp}`);
  }
  return {
    name: name(root.name, 'name'),
    version: number(root.version, 'version'),
    doc: text(root.doc, 'doc'),
    definitions,
    attributeSets,
    operations,
    mcastGroups,
  };
}
