import { CMSG_HDR_SIZE, type Cmsg, decodeCmsgs } from '../uapi/cmsg.ts';
import { MSG_FLAGS, SCM_DEVMEM_DMABUF, SCM_DEVMEM_LINEAR, SOL_SOCKET, SOL_TCP, TCP_CM_INQ } from '../uapi/socket.ts';

const FLAG_NAMES = Object.entries(MSG_FLAGS);

/** Names of the set bits of msg_flags. */
export function messageFlags(flags: number): string[] {
  return FLAG_NAMES.filter(([, bit]) => (flags & bit) !== 0).map(([name]) => name);
}

function cmsgJson(c: Cmsg): string {
  if (c.level === SOL_SOCKET && c.type === SCM_DEVMEM_DMABUF) {
    return `{"type":"SCM_DEVMEM_DMABUF","dmabuf-id":${c.dmabufId},"frag-offset":${c.fragOffset},"frag-size":${c.fragSize},"frag-token":${c.fragToken}}`;
  }
  if (c.level === SOL_SOCKET && c.type === SCM_DEVMEM_LINEAR) {
    return `{"type":"SCM_DEVMEM_LINEAR","frag-size":${c.fragSize}}`;
  }
  if (c.level === SOL_TCP && c.type === TCP_CM_INQ) return `{"type":"TCP_CM_INQ","value":${c.value}}`;
  return `{"level":${c.level},"type":${c.type}}`;
}

/**
 * One received message as JSON text:
 * `{"len", "flags": [names], "cmsgs": [{"type", ...}], "data": base64 of the linear bytes}`.
 */
export function messageJson(
  len: number,
  flags: number,
  control: Uint8Array,
  controllen: number,
  linear: Uint8Array,
): string {
  const cmsgs = controllen < CMSG_HDR_SIZE ? '' : decodeCmsgs(control, controllen).map(cmsgJson).join(',');
  const names = flags === 0 ? '[]' : JSON.stringify(messageFlags(flags));
  const data =
    linear.length === 0 ? '' : Buffer.from(linear.buffer, linear.byteOffset, linear.length).toString('base64');
  return `{"len":${len},"flags":${names},"cmsgs":[${cmsgs}],"data":"${data}"}`;
}
