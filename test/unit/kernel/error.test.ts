import { expect, test } from 'vitest';
import { fail, failCode, KernelError } from '../../../src/kernel/error.ts';
import { refusal } from './rig.ts';

test('carries errno, the negative code and the extended ack', () => {
  const err = new KernelError('EBUSY', { msg: 'taken', 'bad-attr': '.id' });
  expect([err.errno, err.code, err.message, err.extack]).toEqual([
    'EBUSY',
    -16,
    'taken',
    { msg: 'taken', 'bad-attr': '.id' },
  ]);
  expect(new KernelError('ENODEV').message).toBe('ENODEV');
});

test('fail by name and by return value', () => {
  expect(refusal(() => fail('EPERM'))).toEqual({ errno: 'EPERM' });
  expect(refusal(() => failCode(-525))).toEqual({ errno: 'ETOOSMALL' });
  expect(() => failCode(-99_999)).toThrow(RangeError);
});
