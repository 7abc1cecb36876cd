import { MAX_FLOW_RULES, RX_CLS_LOC_ANY, RX_CLS_LOC_FIRST, RX_CLS_LOC_LAST } from '../../uapi/limits.ts';
import { fail } from '../error.ts';
import type { FlowKey } from '../stack/flow-key.ts';

/** Flow types of ethtool's rx classification that steer here (include/uapi/linux/ethtool.h). */
export const FLOW_TYPES = ['tcp4', 'udp4', 'tcp6', 'udp6', 'ip4', 'ip6'] as const;
export type FlowType = (typeof FLOW_TYPES)[number];

/** A match: fields that are null match everything; masks are as long as their field. */
export interface FlowRule {
  location: number;
  readonly flowType: FlowType;
  readonly srcIp: Uint8Array | null;
  readonly srcIpMask: Uint8Array | null;
  readonly dstIp: Uint8Array | null;
  readonly dstIpMask: Uint8Array | null;
  readonly srcPort: number | null;
  readonly srcPortMask: number;
  readonly dstPort: number | null;
  readonly dstPortMask: number;
  /** RX queue. */
  readonly queue: number;
}

function addressMatches(want: Uint8Array | null, mask: Uint8Array | null, have: Uint8Array): boolean {
  if (want === null) return true;
  for (let i = 0; i < have.length; i++) {
    const m = mask === null ? 0xff : mask[i];
    if (((want[i] ^ have[i]) & m) !== 0) return false;
  }
  return true;
}

function ruleMatches(rule: FlowRule, key: FlowKey): boolean {
  const type = rule.flowType;
  if ((key.family === 4) !== type.endsWith('4')) return false;
  if (type.startsWith('tcp') && key.proto !== 6) return false;
  if (type.startsWith('udp') && key.proto !== 17) return false;
  if (!addressMatches(rule.srcIp, rule.srcIpMask, key.src)) return false;
  if (!addressMatches(rule.dstIp, rule.dstIpMask, key.dst)) return false;
  if (rule.srcPort !== null && ((rule.srcPort ^ key.sport) & rule.srcPortMask) !== 0) return false;
  return rule.dstPort === null || ((rule.dstPort ^ key.dport) & rule.dstPortMask) === 0;
}

/** The ntuple rules of a netdev. The lowest location that matches wins; rules beat RSS. */
export class FlowRules {
  /** Ascending by location. */
  #rules: FlowRule[] = [];

  get size(): number {
    return this.#rules.length;
  }

  /** Highest queue that a rule names; 0 without rules. */
  get highestQueue(): number {
    return this.#rules.reduce((highest, rule) => Math.max(highest, rule.queue), 0);
  }

  list(): readonly FlowRule[] {
    return this.#rules;
  }

  get(location: number): FlowRule {
    return this.#rules.find((r) => r.location === location) ?? fail('ENOENT', { 'bad-attr': '.location' });
  }

  /**
   * Inserts a rule; one at the same location is replaced. The special locations pick a free one: FIRST the lowest, LAST and
   * ANY the highest.
   *
   * @returns the location
   * @throws KernelError EINVAL (no such location), ENOSPC (table full)
   */
  insert(rule: FlowRule): number {
    const location = this.#place(rule.location);
    const placed = { ...rule, location };
    this.#rules = [...this.#rules.filter((r) => r.location !== location), placed].sort(
      (a, b) => a.location - b.location,
    );
    return location;
  }

  #place(location: number): number {
    if (location < MAX_FLOW_RULES) return location;
    const taken = new Set(this.#rules.map((r) => r.location));
    if (location === RX_CLS_LOC_FIRST) {
      for (let i = 0; i < MAX_FLOW_RULES; i++) if (!taken.has(i)) return i;
      fail('ENOSPC');
    }
    if (location === RX_CLS_LOC_ANY || location === RX_CLS_LOC_LAST) {
      for (let i = MAX_FLOW_RULES - 1; i >= 0; i--) if (!taken.has(i)) return i;
      fail('ENOSPC');
    }
    return fail('EINVAL', { 'bad-attr': '.location' });
  }

  remove(location: number): void {
    this.get(location);
    this.#rules = this.#rules.filter((r) => r.location !== location);
  }

  clear(): void {
    this.#rules = [];
  }

  /** Queue of the first rule that matches; -1 = none. */
  queueOf(key: FlowKey): number {
    for (const rule of this.#rules) if (ruleMatches(rule, key)) return rule.queue;
    return -1;
  }
}
