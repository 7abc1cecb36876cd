/**
 * Control messages of devmem receive, as Linux x86-64 lays them out (include/uapi/linux/uio.h, include/linux/socket.h).
 *
 * ```
 *  0        8       12      16            24         28          32         36       40
 *  +--------+-------+-------+-------------+----------+-----------+----------+--------+
 *  |cmsg_len| level | type  | frag_offset | frag_size| frag_token| dmabuf_id| flags  |
 *  |  u64   |  s32  |  s32  |     u64     |   u32    |    u32    |   u32    |  u32 0 |
 *  +--------+-------+-------+-------------+----------+-----------+----------+--------+
 *   cmsghdr (16 bytes)       dmabuf_cmsg (24 bytes)
 * ```
 * CMSG_LEN(24) = CMSG_SPACE(24) = 40. Of SCM_DEVMEM_LINEAR only frag_size is set. Host byte order: little-endian.
 */
import { SCM_DEVMEM_DMABUF, SCM_DEVMEM_LINEAR, SOL_SOCKET, SOL_TCP, TCP_CM_INQ } from './socket.ts';

export const CMSG_HDR_SIZE = 16;
export const DMABUF_CMSG_SIZE = 24;
/** CMSG_SPACE of one devmem control message. */
export const DEVMEM_CMSG_SPACE = CMSG_HDR_SIZE + DMABUF_CMSG_SIZE;
export const DEVMEM_CMSG_WORDS = DEVMEM_CMSG_SPACE / 4;

/** One decoded control message. Fields a type does not have are 0. */
export interface Cmsg {
  level: number;
  type: number;
  fragOffset: number;
  fragSize: number;
  fragToken: number;
  dmabufId: number;
  /** TCP_INQ's value. */
  value: number;
}

/** Writes one devmem control message at word index `at` of `words` (a u32 view of the control buffer). */
export function writeDevmemCmsg(
  words: Uint32Array,
  at: number,
  type: number,
  fragOffset: number,
  fragSize: number,
  fragToken: number,
  dmabufId: number,
): void {
  words[at] = DEVMEM_CMSG_SPACE;
  words[at + 1] = 0;
  words[at + 2] = SOL_SOCKET;
  words[at + 3] = type;
  const high = Math.floor(fragOffset / 0x1_0000_0000);
  words[at + 4] = fragOffset - high * 0x1_0000_0000;
  words[at + 5] = high;
  words[at + 6] = fragSize;
  words[at + 7] = fragToken;
  words[at + 8] = dmabufId;
  words[at + 9] = 0;
}

/** Decodes the control bytes of one message. Trailing bytes that hold no whole header are ignored, as CMSG_NXTHDR does. */
export function decodeCmsgs(control: Uint8Array, controllen: number): Cmsg[] {
  const view = new DataView(control.buffer, control.byteOffset, Math.min(control.byteLength, controllen));
  const out: Cmsg[] = [];
  for (let at = 0; at + CMSG_HDR_SIZE <= view.byteLength; ) {
    const len = view.getUint32(at, true);
    if (len < CMSG_HDR_SIZE || at + len > view.byteLength) break;
    const level = view.getInt32(at + 8, true);
    const type = view.getInt32(at + 12, true);
    const cmsg: Cmsg = { level, type, fragOffset: 0, fragSize: 0, fragToken: 0, dmabufId: 0, value: 0 };
    if (
      level === SOL_SOCKET &&
      (type === SCM_DEVMEM_DMABUF || type === SCM_DEVMEM_LINEAR) &&
      len >= DEVMEM_CMSG_SPACE
    ) {
      cmsg.fragOffset = view.getUint32(at + 16, true) + view.getUint32(at + 20, true) * 0x1_0000_0000;
      cmsg.fragSize = view.getUint32(at + 24, true);
      cmsg.fragToken = view.getUint32(at + 28, true);
      cmsg.dmabufId = view.getUint32(at + 32, true);
    } else if (level === SOL_TCP && type === TCP_CM_INQ && len >= CMSG_HDR_SIZE + 4) {
      cmsg.value = view.getInt32(at + 16, true);
    }
    out.push(cmsg);
    at += (len + 7) & ~7;
  }
  return out;
}
