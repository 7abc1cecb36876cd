import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DisplayHint, fromText, toText } from '../../../src/ynl/text-form.ts';

describe('addresses', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['0.0.0.0', '0.0.0.0'],
    ['255.255.255.255', '255.255.255.255'],
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['2001:DB8::1', '2001:db8::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['1:2:3:4:5:6:7:0', '1:2:3:4:5:6:7:0'],
    ['1:2:3:4:5:6:0:0', '1:2:3:4:5:6::'],
    ['::ffff:192.0.2.1', '::ffff:c000:201'],
    ['1:2:3:4:5:6:192.0.2.1', '1:2:3:4:5:6:c000:201'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
  ])('%s is %s', (text, canonical) => {
    expect(toText(fromText(text, 'ipv4-or-v6')!, 'ipv4-or-v6')).toBe(canonical);
  });

  it.each([
    '',
    '1',
    '1.2.3',
    '1.2.3.4.5',
    '256.0.0.1',
    '01.2.3.4',
    '1.2.3.4 ',
    ':',
    ':::',
    '1:2',
    '1::2::3',
    ':1',
    '1:',
    '12345::',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    '::1:2:3:4:5:6:7:8',
    '1.2.3.4::',
    '::1.2.3.4:1',
    'g::',
    '::1%lo',
    '::1/64',
    'localhost',
  ])('%j is none', (text) => {
    expect(fromText(text, 'ipv4-or-v6')).toBeUndefined();
  });
});

describe('text forms', () => {
  const sizes: Record<DisplayHint, [number, number][]> = {
    hex: [[0, 40]],
    base64: [[0, 40]],
    mac: [[6, 6]],
    'ipv4-or-v6': [
      [4, 4],
      [16, 16],
    ],
  };

  it.each(Object.keys(sizes) as DisplayHint[])('of %s give the bytes back', (hint) => {
    for (const [minLength, maxLength] of sizes[hint]) {
      const bytes = fc.uint8Array({ minLength, maxLength });
      fc.assert(
        fc.property(bytes, (value) => {
          expect(fromText(toText(value, hint), hint)).toEqual(value);
        }),
      );
    }
  });

  it.each([
    ['hex', 'abc'],
    ['hex', '0x'],
    ['hex', 'zz'],
    ['base64', 'a'],
    ['base64', 'aGk'],
    ['base64', 'a-k='],
    ['base64', 'a=k='],
    ['base64', 'aGk=\n'],
    ['mac', '02:00:00:00:00'],
    ['mac', '02:00:00:00:00:0g'],
  ] as [DisplayHint, string][])('%s %j is malformed', (hint, text) => {
    expect(fromText(text, hint)).toBeUndefined();
  });

  it('show a part of a larger buffer only', () => {
    const part = Uint8Array.of(1, 2, 3, 4, 5, 6).subarray(1, 5);
    expect(toText(part, 'hex')).toBe('02030405');
    expect(toText(part, 'ipv4-or-v6')).toBe('2.3.4.5');
  });
});
