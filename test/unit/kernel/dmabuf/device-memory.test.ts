import { describe, expect, test } from 'vitest';
import type { Attachment } from '../../../../src/kernel/dmabuf/attachment.ts';
import { DeviceAddresses, DevicePlace, readDevice } from '../../../../src/kernel/dmabuf/device-memory.ts';
import { Dmabuf } from '../../../../src/kernel/dmabuf/dmabuf.ts';
import { ERRORS } from '../../../../src/kernel/error-catalogue.ts';
import { ERRNO } from '../../../../src/uapi/errno.ts';
import { pattern, refusal } from '../rig.ts';

const BASE = 2 ** 41;

function device(reachable: number[] = [2], size = 8192): Dmabuf {
  const memory = { bytes: pattern(size), size, path: '', release() {} };
  return new Dmabuf('device', memory, [size / 4096], '', new DevicePlace(BASE, reachable));
}

describe('who may import it', () => {
  test('a netdev that reaches it', () => {
    const attachment = device([2, 5]).attach(5) as Attachment;
    expect(attachment.map()).toBe(0);
  });
  test.each([[[]], [[3]]])('reachable %j: another netdev is EOPNOTSUPP', (reachable) => {
    expect(device(reachable).attach(2)).toBe(-ERRNO.EOPNOTSUPP);
  });
  test('nobody once it was revoked, and reach is asked for first', () => {
    const dmabuf = device();
    dmabuf.revoke();
    expect([dmabuf.attach(2), dmabuf.attach(3), dmabuf.revoked]).toEqual([-ERRNO.ENODEV, -ERRNO.EOPNOTSUPP, true]);
  });
});

describe('revoke', () => {
  test('while somebody is attached is EBUSY', () => {
    const dmabuf = device();
    const attachment = dmabuf.attach(2) as Attachment;
    const want = { errno: 'EBUSY', extack: { msg: ERRORS.dmabufPinned.msg, 'bad-attr': '.fd' } };
    expect(refusal(() => dmabuf.revoke())).toEqual(want);
    attachment.detach();
    dmabuf.revoke();
    expect(refusal(() => dmabuf.revoke())).toMatchObject({ errno: 'ENODEV' });
  });
  test.each(['system', 'udmabuf'] as const)('of %s is EOPNOTSUPP', (kind) => {
    const dmabuf = new Dmabuf(kind, { bytes: new Uint8Array(4096), size: 4096, path: '', release() {} }, [1]);
    expect(refusal(() => dmabuf.revoke())).toEqual({
      errno: 'EOPNOTSUPP',
      extack: { msg: ERRORS.notMovable.msg, 'bad-attr': '.fd' },
    });
  });
});

describe('what the device reads', () => {
  test('is the memory from the address on', () => {
    expect(readDevice(device(), BASE + 4090, 10)).toEqual(pattern(8192).slice(4090, 4100));
    expect(readDevice(device(), BASE + 8191, 1)).toEqual(pattern(8192).slice(8191));
  });
  test('is a copy', () => {
    const dmabuf = device();
    readDevice(dmabuf, BASE, 4)[0] = 77;
    expect(dmabuf.memory.bytes[0]).toBe(0);
  });
  test.each([
    [BASE - 1, 1],
    [BASE, 8193],
    [BASE + 8191, 2],
    [BASE + 8192, 1],
    [0, 1],
    [Number.MAX_SAFE_INTEGER, 65_536],
  ])('from %i, %i bytes is EFAULT', (address, length) => {
    expect(refusal(() => readDevice(device(), address, length))).toMatchObject({ errno: 'EFAULT' });
  });
  test('of other memory is EINVAL, of revoked memory ENODEV', () => {
    const host = new Dmabuf('system', { bytes: new Uint8Array(4096), size: 4096, path: '', release() {} }, [1]);
    expect(refusal(() => readDevice(host, 0, 1))).toMatchObject({ errno: 'EINVAL' });
    const gone = device();
    gone.revoke();
    expect(refusal(() => readDevice(gone, BASE, 1))).toMatchObject({ errno: 'ENODEV' });
  });
});

describe('device addresses', () => {
  test('are given out ascending, apart and aligned to 2 MiB', () => {
    const addresses = new DeviceAddresses();
    expect([addresses.place(4096), addresses.place(2 ** 21), addresses.place(4096)]).toEqual([
      2 ** 40,
      2 ** 40 + 2 ** 21,
      2 ** 40 + 2 ** 22,
    ]);
  });
  test('are what is asked for', () => {
    const addresses = new DeviceAddresses();
    expect([addresses.place(4096, 0), addresses.place(4096, 2 ** 50), addresses.place(4096)]).toEqual([
      0,
      2 ** 50,
      2 ** 40,
    ]);
  });
  test('are whole pages and end below 2^53', () => {
    const addresses = new DeviceAddresses();
    expect(refusal(() => addresses.place(4096, 1))).toMatchObject({ extack: { msg: ERRORS.addressNotWholePages.msg } });
    expect(refusal(() => addresses.place(4096, 2 ** 53 - 4096))).toMatchObject({
      extack: { msg: ERRORS.addressTooHigh.msg, 'bad-attr': '.va-base' },
    });
    expect(addresses.place(4096, 2 ** 53 - 8192)).toBe(2 ** 53 - 8192);
  });
});
