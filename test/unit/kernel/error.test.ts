import { expect, test } from 'vitest';
import { fail, failCode, KernelError, refusal as refusalOf, refuse } from '../../../src/kernel/error.ts';
import { ERRORS } from '../../../src/kernel/error-catalogue.ts';
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

test('fail tells what is at fault', () => {
  expect(refusal(() => fail('ENODEV', { 'bad-attr': '.ifindex' }))).toMatchObject({
    extack: { 'bad-attr': '.ifindex' },
  });
});

test('refuse with errno and text of the catalogue', () => {
  const want = { errno: 'ERANGE', extack: { msg: 'rx must be 1 to 9', 'bad-attr': '.rx' } };
  expect(refusal(() => refuse(ERRORS.netdevNumber, { 'bad-attr': '.rx' }, 'rx', 1, 9))).toEqual(want);
  const error = refusalOf(ERRORS.noSuchSession);
  expect([error.errno, error.code, error.message, error.extack]).toEqual([
    'ESRCH',
    -3,
    'no such session',
    { msg: 'no such session' },
  ]);
});
