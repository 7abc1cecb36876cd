/**
 * What a YNL spec (schemas/*.yaml, genetlink layout) becomes: plain data in src/ynl/generated, made by scripts/generate.ts.
 * Routes, policies, schemas, OpenAPI and netmemctl all come from it.
 */

/** Kernel releases a profile can stand for, oldest first. */
export const RELEASES = ['6.12', '6.18', '7.3'] as const;
export type Release = (typeof RELEASES)[number];

/** Build options of the kernel that operations depend on, by YNL's names. */
export const BUILD_OPTIONS = ['page-pool-stats'] as const;
export type BuildOption = (typeof BUILD_OPTIONS)[number];

export type IntType = 'u8' | 'u16' | 'u32' | 'u64' | 's8' | 's16' | 's32' | 's64' | 'uint' | 'sint';
export type AttributeType = IntType | 'unused' | 'pad' | 'flag' | 'binary' | 'string' | 'nest';

/** First and last release that has a thing; absent means from the start, or up to now. */
export interface Lifetime {
  readonly since?: Release;
  readonly until?: Release;
}

export interface Checks {
  /** Decimal string where the number is no safe integer. */
  readonly min?: number | string;
  readonly max?: number | string;
  readonly minLen?: number;
  readonly maxLen?: number;
  readonly exactLen?: number;
  /** Bits that may be set. */
  readonly flagsMask?: number;
}

export interface Attribute extends Lifetime {
  /** Its number; 0 for a member of the fixed header. */
  readonly value: number;
  /** A member of the fixed header, which stands among the attributes as in pyynl. */
  readonly header?: true;
  readonly type: AttributeType;
  readonly doc?: string;
  /** Name of the definition whose names stand for numbers. */
  readonly enum?: string;
  /** The numbers of an enum are bit numbers here. */
  readonly enumAsFlags?: true;
  readonly multiAttr?: true;
  /** Attribute set inside a nest. */
  readonly nested?: string;
  /** A plain number of this type may stand in place of the nest. */
  readonly scalar?: IntType;
  /** Text form of a binary: hex is the default. */
  readonly displayHint?: 'hex' | 'mac' | 'ipv4-or-v6' | 'base64';
  readonly checks?: Checks;
}

export interface AttributeSet {
  readonly doc?: string;
  readonly subsetOf?: string;
  /** Inherited definitions of a subset are filled in. */
  readonly attributes: { readonly [name: string]: Attribute };
}

export interface Definition {
  readonly type: 'enum' | 'flags';
  readonly doc?: string;
  /** Value of each entry; for flags the number of the bit. */
  readonly entries: { readonly [name: string]: number };
  readonly docs?: { readonly [name: string]: string };
  /** First release of entries that came later than the others. */
  readonly since?: { readonly [name: string]: Release };
}

/** Attributes an operation accepts. With `since`, earlier releases have no policy and look at nothing. */
export interface Request {
  readonly attributes: readonly string[];
  readonly since?: Release;
}

export interface ReplySpec {
  readonly attributes: readonly string[];
  /** Those of them that no reply lacks. */
  readonly always?: readonly string[];
}

export interface Exchange {
  readonly request: Request;
  readonly reply?: ReplySpec;
}

export interface OperationSpec extends Lifetime {
  readonly name: string;
  readonly value: number;
  readonly doc: string;
  readonly attributeSet: string;
  readonly flags?: readonly 'admin-perm'[];
  readonly do?: Exchange;
  readonly dump?: Exchange;
  /** A notification whose message is the do reply of this operation. */
  readonly notify?: string;
  /** A notification with a message of its own. */
  readonly event?: { readonly attributes: readonly string[] };
  readonly mcgrp?: string;
  /** Option that the kernel must be built with; without it there is no such operation. */
  readonly configCond?: BuildOption;
  /** Waits for data: EAGAIN is for the caller to retry. */
  readonly blocking?: true;
  /** GET makes a stream of it. */
  readonly stream?: 'recvmsg' | 'hold';
  /** Linux has nothing like it. */
  readonly extension?: true;
}

export interface FamilySpec {
  readonly name: string;
  readonly version: number;
  readonly doc: string;
  readonly definitions: { readonly [name: string]: Definition };
  readonly attributeSets: { readonly [name: string]: AttributeSet };
  readonly operations: readonly OperationSpec[];
  readonly mcastGroups: readonly string[];
}

export type Mode = 'do' | 'dump';

/** Decoded attributes: enums and flags as numbers, binaries as bytes, nests as objects, multi-attr as arrays. */
// biome-ignore lint/suspicious/noExplicitAny: the shape depends on the operation; generated interfaces name it
export type Attrs = Record<string, any>;

export function available(thing: Lifetime, release: Release): boolean {
  const at = RELEASES.indexOf(release);
  if (thing.since !== undefined && at < RELEASES.indexOf(thing.since)) return false;
  return thing.until === undefined || at <= RELEASES.indexOf(thing.until);
}

const opIndex = new WeakMap<FamilySpec, Map<string, OperationSpec>>();

/** The operation or notification of that name, if the family has it. */
export function findOperation(family: FamilySpec, name: string): OperationSpec | undefined {
  let index = opIndex.get(family);
  if (index === undefined) {
    index = new Map(family.operations.map((op) => [op.name, op]));
    opIndex.set(family, index);
  }
  return index.get(name);
}

/** Whether the operation can be asked that way in that release. */
export function offers(op: OperationSpec, mode: Mode, release: Release): boolean {
  return op[mode] !== undefined && available(op, release);
}

export function attributeSet(family: FamilySpec, name: string): AttributeSet {
  const set = Object.hasOwn(family.attributeSets, name) ? family.attributeSets[name] : undefined;
  if (set === undefined) throw new TypeError(`family ${family.name} has no attribute set ${name}`);
  return set;
}

/** The attribute of that name, looked up in the set itself. */
export function findAttribute(set: AttributeSet, name: string): Attribute | undefined {
  return Object.hasOwn(set.attributes, name) ? set.attributes[name] : undefined;
}

/** The same, looked up in the set a subset takes its numbers from too. */
export function findInherited(family: FamilySpec, set: AttributeSet, name: string): Attribute | undefined {
  return (
    findAttribute(set, name) ??
    (set.subsetOf === undefined ? undefined : findInherited(family, attributeSet(family, set.subsetOf), name))
  );
}

export function definition(family: FamilySpec, name: string): Definition {
  const found = Object.hasOwn(family.definitions, name) ? family.definitions[name] : undefined;
  if (found === undefined) throw new TypeError(`family ${family.name} has no definition ${name}`);
  return found;
}

/** Entries of a definition that a release has. */
export function entriesIn(found: Definition, release: Release): Definition['entries'] {
  const { entries, since } = found;
  if (since === undefined) return entries;
  return Object.fromEntries(
    Object.entries(entries).filter(
      ([name]) => !Object.hasOwn(since, name) || available({ since: since[name] }, release),
    ),
  );
}

/** Whether the numbers of the attribute are sets of bits. */
export function isFlags(family: FamilySpec, attribute: Attribute): boolean {
  if (attribute.enum === undefined) return false;
  return attribute.enumAsFlags === true || definition(family, attribute.enum).type === 'flags';
}

/** OperationSpec whose attributes a message of `op` carries: a notification speaks for another one. */
export function messageOperation(family: FamilySpec, op: OperationSpec): OperationSpec {
  if (op.notify === undefined) return op;
  const source = findOperation(family, op.notify);
  if (source === undefined)
    throw new TypeError(`${family.name} ${op.name} notifies of ${op.notify}, which does not exist`);
  return source;
}
