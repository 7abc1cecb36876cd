import { expect, test } from 'vitest';
import { RQE_BAD_AREA, RQE_BAD_INDEX, RQE_BAD_PAD, rqeNiov } from '../../../../src/kernel/io-uring/rqe.ts';

const LIMIT = 2 ** 20;

test.each([
  ['the first buffer', 0, 0, 0, 8, 0],
  ['bits inside of the buffer', 0x5fff, 0, 0, 8, 5],
  ['the last buffer', 0x7000, 0, 0, 8, 7],
  ['an index that is too large', 0x8000, 0, 0, 8, RQE_BAD_INDEX],
  ['low half with its top bit, as signed', -0x1000, 0, 0, LIMIT, LIMIT - 1],
  ['beyond 4 GiB', 0x2000, 1, 0, LIMIT * 2, LIMIT + 2],
  ['beyond 4 GiB, too large', 0x2000, 1, 0, LIMIT, RQE_BAD_INDEX],
  ['the largest offset of area 0', -1, 0xffff, 0, LIMIT, RQE_BAD_INDEX],
  ['area 1', 0, 0x1_0000, 0, 8, RQE_BAD_AREA],
  ['the last area, as signed', 0, -0x1_0000, 0, 8, RQE_BAD_AREA],
  ['all ones', -1, -1, 0, 8, RQE_BAD_AREA],
  ['a pad', 0, 0, 1, 8, RQE_BAD_PAD],
  ['a pad with its top bit, in a bad area', 0, -1, -0x8000_0000, 8, RQE_BAD_PAD],
])('%s', (_, low, high, pad, count, expected) => {
  expect(rqeNiov(low, high, pad, count)).toBe(expected);
  expect(rqeNiov(low >>> 0, high >>> 0, pad >>> 0, count)).toBe(expected);
});
