import { describe, expect, test } from 'vitest';
import { refusal } from '../kernel/rig.ts';
import { FamilyRig } from './context.ts';

const ETH0 = { header: { 'dev-name': 'eth0' } };

describe('the header names the device', () => {
  const rig = new FamilyRig();
  const get = (json: unknown) => refusal(() => rig.do('ethtool', 'rings-get', json));
  test.each<[unknown, string, string | undefined, string | undefined]>([
    [{ header: {} }, 'EINVAL', 'neither ifindex nor name specified', '.header'],
    [{ header: { 'dev-index': 9 } }, 'ENODEV', 'no device matches ifindex', '.header.dev-index'],
    [{ header: { 'dev-name': 'x' } }, 'ENODEV', 'no device matches name', '.header.dev-name'],
    [{ header: { 'dev-index': 2, 'dev-name': 'lo' } }, 'ENODEV', 'ifindex and name do not match', '.header'],
    [{ header: { 'dev-index': 1 } }, 'EOPNOTSUPP', undefined, undefined],
  ])('%j: %s', (json, errno, msg, attr) => {
    const got = get(json);
    expect([got.errno, got.extack?.msg, got.extack?.['bad-attr']]).toEqual([errno, msg, attr]);
  });
});

test.each(['rings-get', 'rings-set', 'channels-get', 'features-get'])('%s without a header', (op) => {
  const want = { errno: 'EINVAL', extack: { 'miss-type': 'header' } };
  expect(refusal(() => new FamilyRig().do('ethtool', op))).toEqual(want);
});

test('features-set: what is wanted is looked for before the device is', () => {
  const rig = new FamilyRig();
  const refused = (json: unknown) => refusal(() => rig.do('ethtool', 'features-set', json));
  const wanted = { bits: { bit: [{ name: 'rx-gro' }] } };
  expect(refused({})).toEqual({ errno: 'EINVAL' });
  expect(refused({ header: { 'dev-index': 9 } })).toEqual({ errno: 'EINVAL' });
  expect(refused({ wanted })).toEqual({ errno: 'EINVAL', extack: { msg: 'request header missing' } });
  expect(refused({ wanted, header: { 'dev-index': 9 } })).toMatchObject({ errno: 'ENODEV' });
});

test('rings: set notifies when something changed, and only then', () => {
  const rig = new FamilyRig();
  const seen: string[] = [];
  rig.kernel.events.subscribe('ethtool/monitor', (name) => seen.push(name));
  expect(rig.do('ethtool', 'rings-get', ETH0)).toMatchObject({ rx: 16, 'tcp-data-split': 'enabled', 'hds-thresh': 0 });
  rig.do('ethtool', 'rings-set', { ...ETH0, 'tcp-data-split': 'disabled' });
  rig.do('ethtool', 'rings-set', { ...ETH0, 'tcp-data-split': 'disabled' });
  expect(seen).toEqual(['rings-ntf']);
  expect(rig.do('ethtool', 'rings-get', ETH0)).toMatchObject({ 'tcp-data-split': 'disabled' });
  expect(rig.dump('ethtool', 'rings-get')).toHaveLength(1);
});

test('features: a change, what was refused, and the notification', () => {
  const rig = new FamilyRig();
  const seen: string[] = [];
  rig.kernel.events.subscribe('ethtool/monitor', (name) => seen.push(name));
  const want = (name: string, value: boolean) => ({
    ...ETH0,
    wanted: { bits: { bit: [{ name, value: value || undefined }] } },
  });
  rig.do('ethtool', 'features-set', want('rx-gro', false));
  expect([rig.netdev.features.has('rx-gro'), seen]).toEqual([false, ['features-ntf']]);
  rig.do('ethtool', 'features-set', want('rx-hashing', false));
  expect([rig.netdev.features.has('rx-hashing'), seen]).toEqual([true, ['features-ntf']]);
  expect(refusal(() => rig.do('ethtool', 'features-set', want('tx-time-travel', true)))).toMatchObject({
    errno: 'EOPNOTSUPP',
    extack: { msg: 'bit name not found' },
  });
});

test('channels are the queues', () => {
  const rig = new FamilyRig({ rxQueues: 4, txQueues: 4 });
  expect(rig.do('ethtool', 'channels-get', ETH0)).toMatchObject({ 'combined-max': 4, 'combined-count': 4 });
});
