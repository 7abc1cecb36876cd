import { ERRNO } from '../../uapi/errno.ts';
import type { ZcrxOffsets } from '../../uapi/zcrx.ts';

/** What differs by release in io_uring zero-copy receive (io_uring/zcrx.c). Part of the kernel profile. */
export interface ZcrxRules {
  /** Layout of the refill ring region. */
  readonly offsets: ZcrxOffsets;
  /** Entries that one scan of a pull examines at most. */
  readonly refillCap: number;
  /**
   * A pull goes on with the tail of the pull before, and reads the client's tail once, when that is used up (7.2 and
   * later); before, the tail is read when the pull begins, and there is one scan.
   */
  readonly keepsTail: boolean;
  /** Entries in a row that name one buffer count as one return of so many references, all or nothing (7.2 and later). */
  readonly mergesRuns: boolean;
  /** A closing ring takes buffers back before it closes the queue (6.18) or after. */
  readonly scrubsFirst: boolean;
  /** Refusal of a pool whose pages are not as large as the area's buffers, as negative errno. */
  readonly orderMismatch: number;
  /** queue-get and page-pool-get tell the buffer size. */
  readonly tellsRxBufLen: boolean;
}

export const ZCRX_6_18: ZcrxRules = {
  offsets: { head: 0, tail: 4, rqes: 64 },
  refillCap: 64,
  keepsTail: false,
  mergesRuns: false,
  scrubsFirst: true,
  orderMismatch: -ERRNO.EOPNOTSUPP,
  tellsRxBufLen: false,
};

/** As recorded on 7.3.4; the cap is 64 times the 1 KiB pieces of a page. */
export const ZCRX_7_3: ZcrxRules = {
  offsets: { head: 0, tail: 64, rqes: 128 },
  refillCap: 256,
  keepsTail: true,
  mergesRuns: true,
  scrubsFirst: false,
  orderMismatch: -ERRNO.EINVAL,
  tellsRxBufLen: true,
};
