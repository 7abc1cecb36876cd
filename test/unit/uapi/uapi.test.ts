import { constants } from 'node:os';
import { describe, expect, test } from 'vitest';
import { decodeCmsgs, writeDevmemCmsg } from '../../../src/uapi/cmsg.ts';
import { ERRNO, errnoName } from '../../../src/uapi/errno.ts';
import { MSG_SOCK_DEVMEM, SCM_DEVMEM_DMABUF, SCM_DEVMEM_LINEAR, SO_DEVMEM_DONTNEED } from '../../../src/uapi/socket.ts';

test('errno numbers are the ones of the host that has them', () => {
  if (process.platform !== 'linux') return;
  for (const [name, n] of Object.entries(ERRNO)) {
    const host = (constants.errno as Record<string, number>)[name];
    if (host !== undefined) expect([name, n]).toEqual([name, host]);
    expect(errnoName(n)).toBe(name);
  }
  expect(new Set(Object.values(ERRNO)).size).toBe(Object.keys(ERRNO).length);
});

test('socket numbers', () => {
  expect([SCM_DEVMEM_LINEAR, SCM_DEVMEM_DMABUF, SO_DEVMEM_DONTNEED, MSG_SOCK_DEVMEM]).toEqual([78, 79, 80, 0x200_0000]);
});

describe('control messages', () => {
  const frag = (offset: number): Uint8Array => {
    const words = new Uint32Array(10);
    writeDevmemCmsg(words, 0, SCM_DEVMEM_DMABUF, offset, 0x1111, 0x2222, 0x3333);
    return new Uint8Array(words.buffer);
  };

  test('byte for byte as on x86-64', () => {
    const hex = Buffer.from(frag(0x1_2345_6000)).toString('hex');
    expect(hex).toBe(
      [
        '2800000000000000',
        '01000000',
        '4f000000',
        '0060452301000000',
        '11110000',
        '22220000',
        '33330000',
        '00000000',
      ].join(''),
    );
  });

  test.each([0, 4096, 2 ** 32 - 4096, 2 ** 32, 2 ** 41 + 8192])('offset %i there and back', (offset) => {
    expect(decodeCmsgs(frag(offset), 40)).toMatchObject([{ fragOffset: offset, fragSize: 0x1111, fragToken: 0x2222 }]);
  });

  test('what holds no whole header, or lies about its length, ends the list', () => {
    const bytes = frag(0);
    for (let n = 0; n < 40; n++) expect(decodeCmsgs(bytes, n)).toEqual([]);
    const two = new Uint8Array(80);
    two.set(bytes, 0);
    two.set(bytes, 40);
    expect(decodeCmsgs(two, 79)).toHaveLength(1);
    two[40] = 8;
    expect(decodeCmsgs(two, 80)).toHaveLength(1);
  });
});
