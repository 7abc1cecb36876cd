import { describe, expect, test } from 'vitest';
import { type FlowRule, FlowRules } from '../../../../src/kernel/netdev/flow-rules.ts';
import type { FlowKey } from '../../../../src/kernel/stack/flow-key.ts';
import { RX_CLS_LOC_ANY, RX_CLS_LOC_FIRST, RX_CLS_LOC_LAST } from '../../../../src/uapi/limits.ts';
import { Rig, refusal } from '../rig.ts';

const rule = (over: Partial<FlowRule> = {}): FlowRule => ({
  location: RX_CLS_LOC_ANY,
  flowType: 'tcp4',
  srcIp: null,
  srcIpMask: null,
  dstIp: null,
  dstIpMask: null,
  srcPort: null,
  srcPortMask: 0xffff,
  dstPort: null,
  dstPortMask: 0xffff,
  queue: 1,
  ...over,
});

const KEY: FlowKey = {
  family: 4,
  proto: 6,
  src: Uint8Array.of(198, 51, 100, 7),
  dst: Uint8Array.of(192, 0, 2, 1),
  sport: 40_001,
  dport: 5201,
};
const KEY6: FlowKey = { ...KEY, family: 6, src: new Uint8Array(16).fill(1), dst: new Uint8Array(16).fill(2) };

const matches = (over: Partial<FlowRule>, key: FlowKey = KEY): boolean => {
  const rules = new FlowRules();
  rules.insert(rule(over));
  return rules.queueOf(key) === 1;
};

describe('locations', () => {
  test('any and last: the highest free; first: the lowest; a number: that one', () => {
    const rules = new FlowRules();
    const at = (location: number) => rules.insert(rule({ location }));
    expect([at(RX_CLS_LOC_ANY), at(RX_CLS_LOC_LAST), at(RX_CLS_LOC_FIRST), at(RX_CLS_LOC_FIRST), at(5)]).toEqual([
      1023, 1022, 0, 1, 5,
    ]);
    expect(rules.list().map((r) => r.location)).toEqual([0, 1, 5, 1022, 1023]);
  });

  test('a rule at a taken location replaces the one there', () => {
    const rules = new FlowRules();
    rules.insert(rule({ location: 3, queue: 1 }));
    rules.insert(rule({ location: 3, queue: 2 }));
    expect([rules.size, rules.queueOf(KEY)]).toEqual([1, 2]);
  });

  test('out of range is EINVAL, a full table ENOSPC', () => {
    const rules = new FlowRules();
    expect(refusal(() => rules.insert(rule({ location: 1024 })))).toEqual({
      errno: 'EINVAL',
      extack: { 'bad-attr': '.location' },
    });
    for (let i = 0; i < 1024; i++) rules.insert(rule({ location: i }));
    for (const location of [RX_CLS_LOC_ANY, RX_CLS_LOC_FIRST, RX_CLS_LOC_LAST]) {
      expect(refusal(() => rules.insert(rule({ location })))).toEqual({ errno: 'ENOSPC' });
    }
    expect(rules.insert(rule({ location: 7, queue: 4 }))).toBe(7);
  });

  test('what is not there cannot be read or removed', () => {
    const rules = new FlowRules();
    const want = { errno: 'ENOENT', extack: { 'bad-attr': '.location' } };
    expect(refusal(() => rules.remove(4))).toEqual(want);
    expect(refusal(() => rules.get(4))).toEqual(want);
    rules.insert(rule({ location: 4 }));
    rules.remove(4);
    expect(rules.queueOf(KEY)).toBe(-1);
  });

  test('the lowest location that matches wins', () => {
    const rules = new FlowRules();
    rules.insert(rule({ location: 9, queue: 9 }));
    rules.insert(rule({ location: 2, queue: 2, dstPort: 80 }));
    rules.insert(rule({ location: 4, queue: 4, dstPort: 5201 }));
    expect(rules.queueOf(KEY)).toBe(4);
  });
});

describe('matching', () => {
  test.each<[boolean, Partial<FlowRule>]>([
    [true, {}],
    [true, { flowType: 'ip4' }],
    [false, { flowType: 'udp4' }],
    [false, { flowType: 'tcp6' }],
    [false, { flowType: 'ip6' }],
    [true, { dstPort: 5201 }],
    [false, { dstPort: 5202 }],
    [true, { dstPort: 0x1400, dstPortMask: 0xff00 }],
    [false, { dstPort: 0x1500, dstPortMask: 0xff00 }],
    [true, { srcPort: 40_001, dstPort: 5201 }],
    [false, { srcPort: 40_002, dstPort: 5201 }],
    [true, { srcPort: 0, srcPortMask: 0 }],
    [true, { srcIp: Uint8Array.of(198, 51, 100, 7) }],
    [false, { srcIp: Uint8Array.of(198, 51, 100, 8) }],
    [true, { srcIp: Uint8Array.of(198, 51, 100, 0), srcIpMask: Uint8Array.of(255, 255, 255, 0) }],
    [false, { srcIp: Uint8Array.of(198, 51, 101, 0), srcIpMask: Uint8Array.of(255, 255, 255, 0) }],
    [true, { dstIp: Uint8Array.of(192, 0, 2, 1) }],
    [false, { dstIp: Uint8Array.of(192, 0, 2, 2) }],
  ])('%s: %j', (want, over) => {
    expect(matches(over)).toBe(want);
  });

  test('udp and IPv6', () => {
    expect(matches({ flowType: 'udp4' }, { ...KEY, proto: 17 })).toBe(true);
    expect(matches({ flowType: 'tcp6', dstIp: new Uint8Array(16).fill(2) }, KEY6)).toBe(true);
    expect(matches({ flowType: 'tcp6', dstIp: new Uint8Array(16).fill(3) }, KEY6)).toBe(false);
    expect(matches({ flowType: 'tcp4' }, KEY6)).toBe(false);
  });
});

describe('steering of a netdev', () => {
  test('a rule beats RSS; without the filter feature there are no rules', () => {
    const rig = new Rig({ rxQueues: 8 });
    const key = rig.key(5201);
    const byHash = rig.netdev.steer(key).index;
    const other = (byHash + 1) % 8;
    rig.steer(5201, other);
    expect(rig.netdev.steer(key).index).toBe(other);
    rig.netdev.setFeature('rx-ntuple-filter', false);
    expect([rig.netdev.steer(key).index, rig.netdev.rules.size]).toEqual([byHash, 0]);
  });

  test('netdevsim-dma goes by port', () => {
    const rig = new Rig({ driver: 'netdevsim-dma', rxQueues: 4 });
    expect([5200, 5201, 5202, 5203].map((p) => rig.netdev.steer(rig.key(p)).index)).toEqual([0, 1, 2, 3]);
  });
});
