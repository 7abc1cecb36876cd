import { describe, expect, test } from 'vitest';
import { prepareName, validName } from '../../../../src/kernel/netdev/netdev-name.ts';
import { Rig, refusal } from '../rig.ts';

describe('a name', () => {
  test.each(['a', 'eth0.100', 'fifteen-letters', '%', 'é', '...'])('%s is valid', (name) => {
    expect(validName(name)).toBe(true);
  });

  test.each(['', '.', '..', 'sixteen-letters.', 'a/b', 'a:b', 'a b', 'a\tb', 'ééééééééx', 'à'])('%j is not', (name) => {
    // The UTF-8 of à ends in 0xa0, which is a space to the kernel.
    expect(validName(name)).toBe(false);
  });
});

describe('a pattern', () => {
  const { netdevs } = new Rig().kernel;

  test('takes the first free number', () => {
    expect(prepareName(netdevs, 'eth%d')).toBe('eth1');
    expect(prepareName(netdevs, 'x%dy')).toBe('x0y');
  });

  test.each(['%', 'eth%s', 'a%db%d', 'a%%d'])('%s is none', (wanted) => {
    expect(refusal(() => prepareName(netdevs, wanted))).toMatchObject({ errno: 'EINVAL' });
  });

  test('without room for a number has none', () => {
    const rig = new Rig();
    rig.netdev.name = 'fourteen-char0';
    expect(prepareName(rig.kernel.netdevs, 'fourteen-char%d')).toBe('fourteen-char1');
    expect(refusal(() => prepareName(rig.kernel.netdevs, 'fourteen-char-%d'))).toMatchObject({ errno: 'EINVAL' });
  });
});
