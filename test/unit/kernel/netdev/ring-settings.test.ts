import { describe, expect, test } from 'vitest';
import type { RingRequest } from '../../../../src/kernel/netdev/ring-settings.ts';
import { Rig, refusal } from '../rig.ts';

const EVERYTHING: Required<RingRequest> = {
  rxBufLen: 4096,
  cqeSize: 64,
  txPush: 1,
  rxPush: 1,
  txPushBufLen: 64,
  rx: 9000,
  tx: 9000,
  rxMini: 1,
  rxJumbo: 1,
  tcpDataSplit: 'disabled',
  hdsThresh: 5000,
};

describe('order of checks: taking away the first violation shows the next', () => {
  const maximum = 'requested ring size exceeds maximum';
  const chain: [keyof RingRequest, string, string, string | null][] = [
    ['rxBufLen', 'EOPNOTSUPP', 'setting rx buf len not supported', '.rx-buf-len'],
    ['cqeSize', 'EOPNOTSUPP', 'setting cqe size not supported', '.cqe-size'],
    ['txPush', 'EOPNOTSUPP', 'setting tx push not supported', '.tx-push'],
    ['rxPush', 'EOPNOTSUPP', 'setting rx push not supported', '.rx-push'],
    ['txPushBufLen', 'EOPNOTSUPP', 'setting tx push buf len is not supported', '.tx-push-buf-len'],
    // What the provider forbids names no attribute.
    ['tcpDataSplit', 'EINVAL', "can't disable tcp-data-split while device has memory provider enabled", null],
    ['hdsThresh', 'EINVAL', "can't set non-zero hds_thresh while device is memory provider enabled", null],
    ['rx', 'EINVAL', maximum, '.rx'],
    ['rxMini', 'EINVAL', maximum, '.rx-mini'],
    ['rxJumbo', 'EINVAL', maximum, '.rx-jumbo'],
    ['tx', 'EINVAL', maximum, '.tx'],
  ];
  const rig = new Rig();
  rig.bound(64);
  const before = { ...rig.netdev.rings.config };
  const request: RingRequest = { ...EVERYTHING };
  for (const [key, errno, msg, attr] of chain) {
    test(`${key}: ${errno}`, () => {
      const extack = attr === null ? { msg } : { msg, 'bad-attr': attr };
      expect(refusal(() => rig.netdev.rings.set(request))).toEqual({ errno, extack });
      delete request[key];
      expect(rig.netdev.rings.config).toEqual(before);
    });
  }
});

test('without a provider the split may go and the threshold rise, up to its limit', () => {
  const { netdev } = new Rig();
  expect(netdev.rings.set({ tcpDataSplit: 'disabled', hdsThresh: 1024 })).toBe(true);
  expect(refusal(() => netdev.rings.set({ hdsThresh: 1025 }))).toEqual({
    errno: 'EINVAL',
    extack: { msg: 'requested ring size exceeds maximum', 'bad-attr': '.hds-thresh' },
  });
  expect(netdev.rings.reportedSplit).toBe('disabled');
});

test('maxima in order: rx, mini, jumbo, tx, and the threshold last', () => {
  const { netdev } = new Rig();
  const attr = (r: RingRequest) => refusal(() => netdev.rings.set(r)).extack?.['bad-attr'];
  const tooLarge: RingRequest = { rx: 9000, rxMini: 1, rxJumbo: 1, tx: 9000, hdsThresh: 2000 };
  const order: unknown[] = [];
  for (const key of ['rx', 'rxMini', 'rxJumbo', 'tx', 'hdsThresh'] as const) {
    order.push(attr(tooLarge));
    delete tooLarge[key];
  }
  expect(order).toEqual(['.rx', '.rx-mini', '.rx-jumbo', '.tx', '.hds-thresh']);
});

test.each([{ rx: 0 }, { tx: 0 }])('%j: a ring needs a slot', (request) => {
  const { netdev } = new Rig();
  expect(refusal(() => netdev.rings.set(request)).errno).toBe('EINVAL');
});

test('checks run only when something changes', () => {
  const rig = new Rig();
  rig.bound(64);
  // A device that was bound and then misconfigured behind the checks: repeating its settings is no change.
  rig.netdev.rings.config = { ...rig.netdev.rings.config, tcpDataSplit: 'disabled' };
  expect(rig.netdev.rings.set({ tcpDataSplit: 'disabled', rxMini: 0 })).toBe(false);
  expect(refusal(() => rig.netdev.rings.set({ rx: 32 })).errno).toBe('EINVAL');
});

test('another rx size makes new pools of that size; a bound queue keeps its provider', () => {
  const rig = new Rig({ rx: 16 });
  const { binding, pool } = rig.bound(64);
  expect(rig.netdev.rings.set({ rx: 32 })).toBe(true);
  expect([pool.state, rig.pool(0).ring.size, rig.pool(0).mpPriv]).toEqual(['gone', 32, binding]);
  expect(rig.pool(0).inflight).toBe(32);
});

test('on a device that is down the size waits for the open', () => {
  const rig = new Rig({ up: false });
  rig.netdev.rings.set({ rx: 64 });
  expect(rig.notes).toEqual([]);
  rig.netdev.open();
  expect(rig.pool(0).ring.size).toBe(64);
});
