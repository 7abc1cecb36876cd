/**
 * The books of somebody who owns netmems: a binding, a zcrx area, a provider of pages. At every moment
 *
 * ```
 *  total = free + waiting + held + lent
 * ```
 */
export interface NetmemOwner {
  /** Shown in reports: kind and id. */
  readonly ownerName: string;
  readonly total: number;
  /** With the owner, ready to be lent. */
  readonly free: number;
  /** Back from a pool, kept until foreign references are gone (state `provider-waiting`). */
  readonly waiting: number;
  /** With user space or another outsider, and in no pool. */
  readonly held: number;
  /** In page pools: the sum of their inflight counts. */
  readonly lent: number;
}

/** @returns null, or what disagrees in the owner's books */
export function ownerFault(owner: NetmemOwner): string | null {
  const { total, free, waiting, held, lent } = owner;
  if (free < 0 || waiting < 0 || held < 0 || lent < 0 || free + waiting + held + lent !== total) {
    return `${owner.ownerName}: free ${free} + waiting ${waiting} + held ${held} + lent ${lent} is not ${total}`;
  }
  return null;
}
