import net from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  formatAddress,
  formatEndpoint,
  isLoopback,
  neighbourAddress,
  parseAddress,
  parseEndpoint,
  parseInterfaceAddress,
  unmapAddress,
} from '../../../src/lab/address.ts';

describe('addresses', () => {
  test('every text that Node takes for an address, and no other', () => {
    const piece = fc.constantFrom(
      '0',
      '1',
      'ff',
      '::',
      ':',
      '.',
      '10',
      '255',
      '256',
      'fffff',
      'G',
      '01',
      '192.0.2.1',
      '',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.ipV4(),
          fc.ipV6(),
          fc.array(piece, { maxLength: 9 }).map((a) => a.join('')),
        ),
        (text) => {
          expect(parseAddress(text)?.family ?? 0).toBe(net.isIP(text));
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('bytes to text and back', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ minLength: 4, maxLength: 4 }),
          fc.uint8Array({ minLength: 16, maxLength: 16, max: 1 }),
        ),
        (b) => {
          expect(parseAddress(formatAddress(b))?.bytes).toEqual(b);
        },
      ),
    );
  });

  test.each([
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['1:0:0:2:3:0:0:4', '1::2:3:0:0:4'],
    ['1:2:3:4:5:6:0:8', '1:2:3:4:5:6:0:8'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['::ffff:c000:201', '::ffff:192.0.2.1'],
  ])('%s is written %s', (text, canonical) => {
    expect(formatAddress(parseAddress(text)!.bytes)).toBe(canonical);
  });

  test('mapped and loopback', () => {
    expect(formatAddress(unmapAddress(parseAddress('::ffff:127.0.0.1')!).bytes)).toBe('127.0.0.1');
    expect(['127.9.9.9', '::1', '128.0.0.1', '::2', '::'].map((t) => isLoopback(parseAddress(t)!))).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  test.each([
    ['192.0.2.1/24', 0, '192.0.2.2'],
    ['192.0.2.1/24', 252, '192.0.2.254'],
    ['192.0.2.1/24', 253, null],
    ['192.0.2.2/24', 0, '192.0.2.1'],
    ['10.1.2.3/8', 0, '10.0.0.1'],
    ['10.0.0.0/31', 0, '10.0.0.1'],
    ['10.0.0.1/31', 0, '10.0.0.0'],
    ['10.0.0.1/31', 1, null],
    ['10.0.0.1/32', 0, null],
    ['2001:db8::1/64', 0, '2001:db8::2'],
    ['2001:db8::5/127', 0, '2001:db8::4'],
  ])('neighbours of %s: number %i is %s', (own, n, expected) => {
    const found = neighbourAddress(parseInterfaceAddress(own)!, n);
    expect(found === null ? null : formatAddress(found.bytes)).toBe(expected);
  });

  test.each(['192.0.2.1/33', '::/129', '192.0.2.1/', '192.0.2.1/-1', '192.0.2.1/024', '/24', ''])(
    '%s is refused',
    (text) => {
      expect(parseInterfaceAddress(text)).toBeNull();
    },
  );
});

describe('endpoints', () => {
  test.each(['127.0.0.1:5201', '[::1]:0', 'localhost:65535', '*:80', 'a-b.example:1'])('%s', (text) => {
    expect(formatEndpoint(parseEndpoint(text)!)).toBe(text);
  });

  test.each([
    '5201',
    '::1:80',
    '[1.2.3.4]:80',
    '1.2.3:80',
    'a:65536',
    'a:080',
    'a:',
    'a b:1',
    '-a:1',
    'a:1:2',
    '[::1]',
    '',
  ])('"%s" is refused', (text) => {
    expect(parseEndpoint(text)).toBeNull();
  });

  test('no host is any', () => {
    expect(parseEndpoint(':80')).toEqual({ host: '*', port: 80 });
  });
});
