export interface Spread {
  median: number;
  min: number;
  max: number;
}

export interface Ratio {
  /** Ours divided by theirs, per pair of rounds. */
  ratio: Spread;
  ours: Spread;
  theirs: Spread;
}

/** Rounds of each side that count. */
export const ROUNDS = 5;

export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return { median, min: sorted[0], max: sorted[sorted.length - 1] };
}

/** The p-th part of the values lies at or below the result. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * p) - 1)];
}

/** Pairs of rounds; who begins changes from pair to pair, so that neither side has the warmer machine. */
export async function alternate(
  ours: () => Promise<number>,
  theirs: () => Promise<number>,
  rounds = ROUNDS,
): Promise<Ratio> {
  const a: number[] = [];
  const b: number[] = [];
  for (let i = 0; i < rounds; i++) {
    if (i % 2 === 0) a.push(await ours());
    b.push(await theirs());
    if (i % 2 === 1) a.push(await ours());
  }
  return { ratio: spread(a.map((value, i) => value / b[i])), ours: spread(a), theirs: spread(b) };
}
