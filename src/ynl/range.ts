import {
  type Attribute,
  type AttributeType,
  definition,
  entriesIn,
  type FamilySpec,
  isFlags,
  RELEASES,
  type Release,
} from './spec.ts';

/** Numbers an attribute accepts, both ends included. */
export interface Range {
  readonly min: bigint;
  readonly max: bigint;
}

const RANGES: { readonly [type: string]: Range } = {
  u8: { min: 0n, max: 255n },
  u16: { min: 0n, max: 65535n },
  u32: { min: 0n, max: 2n ** 32n - 1n },
  u64: { min: 0n, max: 2n ** 64n - 1n },
  uint: { min: 0n, max: 2n ** 64n - 1n },
  s8: { min: -128n, max: 127n },
  s16: { min: -32768n, max: 32767n },
  s32: { min: -(2n ** 31n), max: 2n ** 31n - 1n },
  s64: { min: -(2n ** 63n), max: 2n ** 63n - 1n },
  sint: { min: -(2n ** 63n), max: 2n ** 63n - 1n },
};

/** What fits into a number of that type. */
export function typeRange(type: AttributeType): Range {
  const range = RANGES[type];
  if (range === undefined) throw new TypeError(`${type} is no number`);
  return range;
}

/** The same narrowed by the checks of the attribute, or without any by the entries its enum has in that release. */
export function rangeOf(
  family: FamilySpec,
  attribute: Attribute,
  release: Release = RELEASES[RELEASES.length - 1],
): Range {
  const whole = typeRange(attribute.type);
  const { min, max } = attribute.checks ?? {};
  if (min === undefined && max === undefined && attribute.enum !== undefined && !isFlags(family, attribute)) {
    const values = Object.values(entriesIn(definition(family, attribute.enum), release));
    return { min: BigInt(Math.min(...values)), max: BigInt(Math.max(...values)) };
  }
  return { min: min === undefined ? whole.min : BigInt(min), max: max === undefined ? whole.max : BigInt(max) };
}
