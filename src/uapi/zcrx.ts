/**
 * Constants and layouts of io_uring zero-copy receive (include/uapi/linux/io_uring/zcrx.h, include/uapi/linux/io_uring.h).
 * Little-endian.
 *
 * ```
 *  offset told to user space:   63       48 47                                0
 *                              +-----------+-----------------------------------+
 *                              |  area id  |  byte offset in the area          |
 *                              +-----------+-----------------------------------+
 *
 *  refill ring entry:   0                 8         12        16
 *                       +-----------------+---------+---------+
 *                       |  off u64        | len u32 | pad u32 |    pad must be 0
 *                       +-----------------+---------+---------+
 * ```
 */

/** Bits of an offset below the area's id. */
export const IORING_ZCRX_AREA_SHIFT = 48;
/** sizeof(struct io_uring_zcrx_rqe), and in 32-bit words. */
export const ZCRX_RQE_SIZE = 16;
export const ZCRX_RQE_WORDS = ZCRX_RQE_SIZE / 4;

/** Where things are in a refill ring region (struct io_uring_zcrx_offsets); clients read them, never assume them. */
export interface ZcrxOffsets {
  readonly head: number;
  readonly tail: number;
  readonly rqes: number;
}

/** Entries that FLUSH_RQ takes at a time (io_uring/zcrx.c, 6.19). */
export const ZCRX_FLUSH_BATCH = 32;
