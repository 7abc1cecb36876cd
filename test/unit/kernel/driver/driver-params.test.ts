import { expect, test } from 'vitest';
import { driverParams } from '../../../../src/kernel/driver/driver-params.ts';
import { refusal } from '../rig.ts';

test.each([
  ['split-perfect', 'whole', 'ring', true, true],
  ['bnxt-like', 'aggregate', 'ring', true, true],
  ['netdevsim', 'whole', 0, true, false],
  ['netdevsim-dma', 'whole', 0, false, false],
  ['veth', 'whole', 0, false, false],
  ['tap', 'whole', 0, false, false],
  ['tun', 'whole', 0, false, false],
] as const)('%s: %s, post %s, GRO %s, header pool %s', (profile, placement, post, gro, headerPool) => {
  expect(driverParams(profile, {}, 9000)).toMatchObject({ placement, post, gro, headerPool });
});

test('overrides replace what they name', () => {
  const params = driverParams(
    'netdevsim-dma',
    { mode: 2, post: 7, lin: 3, 'lin-mod': 2, gro: 1, chunk: 900, 'pool-ring': 9 },
    9000,
  );
  expect(params).toMatchObject({
    placement: 'fragment',
    post: 7,
    linear: 3,
    linearMod: 2,
    gro: true,
    chunk: 900,
    poolRing: 9,
  });
});

test('only netdevsim-dma takes parameters', () => {
  expect(refusal(() => driverParams('bnxt-like', { gro: false }, 1500)).errno).toBe('EINVAL');
});

test.each([
  [0, 1500],
  [4097, 1500],
  [500, 9000],
])('chunk %i at MTU %i is EINVAL: 17 frags a packet', (chunk, mtu) => {
  expect(refusal(() => driverParams('netdevsim-dma', { chunk }, mtu))).toMatchObject({
    errno: 'EINVAL',
    extack: { 'bad-attr': '.driver-params.chunk' },
  });
});
