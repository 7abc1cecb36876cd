import type { Ratio, Spread } from './rounds.ts';

/** One printed and recorded result. */
export interface Figure {
  name: string;
  /** What is compared, or measured. */
  what: string;
  /** MTU of the netdev the traffic went through. */
  mtu?: number;
  unit: string;
  /** Of comparisons: ours to theirs. */
  ratio?: Spread;
  ours?: Spread;
  theirs?: Spread;
  /** Of plain measurements. */
  value?: Spread;
  /** What is aimed at; `min` and `max` are of the median. */
  target?: { min?: number; max?: number };
  /** Whether the target is met. */
  met?: boolean;
  /** Why there is nothing to compare with. */
  skipped?: string;
}

export type Target = NonNullable<Figure['target']>;

function judge(median: number, target: Target): boolean {
  return median >= (target.min ?? Number.NEGATIVE_INFINITY) && median <= (target.max ?? Number.POSITIVE_INFINITY);
}

export function comparison(
  about: { name: string; what: string; mtu?: number; unit: string },
  measured: Ratio,
  target?: Target,
): Figure {
  return { ...about, ...measured, ...(target && { target, met: judge(measured.ratio.median, target) }) };
}

export function measurement(
  about: { name: string; what: string; mtu?: number; unit: string },
  value: Spread,
  target?: Target,
): Figure {
  return { ...about, value, ...(target && { target, met: judge(value.median, target) }) };
}

const number = (n: number): string => (Math.abs(n) >= 100 ? n.toFixed(0) : n.toPrecision(3));
const range = (s: Spread, unit: string): string => `${number(s.median)} ${unit} (${number(s.min)} .. ${number(s.max)})`;

/** A few lines for people. */
export function render(figure: Figure): string {
  const { name, what, mtu, unit, ratio, ours, theirs, value, target, met, skipped } = figure;
  const lines = [`${name}${mtu === undefined ? '' : `, MTU ${mtu}`}: ${what}`];
  if (ratio !== undefined) lines.push(`  ratio   ${range(ratio, 'x')}`);
  if (ours !== undefined) lines.push(`  netmemd ${range(ours, unit)}`);
  if (theirs !== undefined) lines.push(`  other   ${range(theirs, unit)}`);
  if (value !== undefined) lines.push(`  ${range(value, unit)}`);
  if (skipped !== undefined) lines.push(`  comparison skipped: ${skipped}`);
  if (target?.min !== undefined) lines.push(`  target  at least ${target.min}: ${met ? 'met' : 'missed'}`);
  if (target?.max !== undefined) lines.push(`  target  at most ${target.max}: ${met ? 'met' : 'missed'}`);
  return lines.join('\n');
}
