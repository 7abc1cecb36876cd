import { describe, expect, test } from 'vitest';
import { refusal } from '../kernel/rig.ts';
import { FamilyRig } from './context.ts';

const ETH0 = { header: { 'dev-name': 'eth0' } };

describe('the header names the device', () => {
  const rig = new FamilyRig();
  const get = (json: unknown) => refusal(() => rig.do('ethtool', 'rings-get', json));
  test.each<[unknown, string, string | undefined, string | undefined]>([
    [{}, 'EINVAL', 'request header missing', undefined],
    [{ header: {} }, 'EINVAL', 'neither ifindex nor name specified', '.header'],
    [{ header: { 'dev-index': 9 } }, 'ENODEV', 'no device matches index', '.header.dev-index'],
    [{ header: { 'dev-name': 'x' } }, 'ENODEV', 'no device matches name', '.header.dev-name'],
    [{ header: { 'dev-index': 2, 'dev-name': 'lo' } }, 'ENODEV', undefined, '.header'],
    [{ header: { 'dev-index': 1 } }, 'EOPNOTSUPP', undefined, undefined],
  ])('%j: %s', (json, errno, msg, attr) => {
    const got = get(json);
    expect([got.errno, got.extack?.msg, got.extack?.['bad-attr']]).toEqual([errno, msg, attr]);
  });
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
  const rig = new FamilyRig({ rxQueues: 4 });
  expect(rig.do('ethtool', 'channels-get', ETH0)).toMatchObject({ 'combined-max': 4, 'combined-count': 4 });
});
