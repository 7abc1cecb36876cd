import { PAGE_SHIFT } from '../../uapi/limits.ts';
import { IORING_ZCRX_AREA_SHIFT } from '../../uapi/zcrx.ts';

/** What is wrong with an entry; {@link rqeNiov} returns one of these instead of an index. */
export const RQE_BAD_PAD = -1;
export const RQE_BAD_AREA = -2;
export const RQE_BAD_INDEX = -3;

/** Area id and upper byte offset share the upper half of `off`. */
const AREA_SHIFT_IN_HIGH = IORING_ZCRX_AREA_SHIFT - 32;
const OFFSET_IN_HIGH = (1 << AREA_SHIFT_IN_HIGH) - 1;
const PAGES_IN_LOW = 2 ** (32 - PAGE_SHIFT);

/**
 * Index of the buffer that an entry names, in an area of `count` buffers with id 0 (io_uring/zcrx.c: io_parse_rqe()). Bits
 * inside the buffer are ignored, and so is the entry's length. The halves of `off` and `pad` are any 32-bit values: the
 * client wrote them.
 *
 * @returns the index, or RQE_BAD_*
 */
export function rqeNiov(offLow: number, offHigh: number, pad: number, count: number): number {
  if (pad !== 0) return RQE_BAD_PAD;
  if (offHigh >>> AREA_SHIFT_IN_HIGH !== 0) return RQE_BAD_AREA;
  const index = (offHigh & OFFSET_IN_HIGH) * PAGES_IN_LOW + (offLow >>> PAGE_SHIFT);
  return index < count ? index : RQE_BAD_INDEX;
}
