import { decodeCmsgs } from '../uapi/cmsg.ts';
import { SCM_DEVMEM_DMABUF, SCM_DEVMEM_LINEAR, SOL_SOCKET } from '../uapi/socket.ts';
import type { DmabufMapping } from './dmabuf-mapping.ts';
import type { RecvmsgParser } from './recvmsg-parser.ts';

/** Payload in a dmabuf; `token` gives it back. */
export interface DmabufFrag {
  kind: 'dmabuf';
  /** Byte offset in the dmabuf. */
  offset: number;
  size: number;
  token: number;
  /** Binding id, as bind-rx replied. */
  dmabufId: number;
  /** The payload in place, valid until its token is returned; null when no mapping is known for the binding. */
  bytes: Uint8Array | null;
}

/** Payload that landed in host memory. */
export interface LinearFrag {
  kind: 'linear';
  size: number;
  bytes: Uint8Array;
}

export type Frag = DmabufFrag | LinearFrag;

/** What one recvmsg returned, in stream order. */
export interface Message {
  /** Payload bytes: the return value of recvmsg. */
  len: number;
  /** msg_flags, bits of MSG_*. */
  flags: number;
  frags: Frag[];
}

/** Copies the parser's message out of it. @throws RangeError when a frag lies outside of its dmabuf */
export function readMessage(parser: RecvmsgParser, bindings: ReadonlyMap<number, DmabufMapping>): Message {
  const { bytes, controlOffset, controllen, dataOffset, dataLength, len, flags } = parser;
  const raw = bytes.subarray(dataOffset, dataOffset + dataLength);
  const data = parser.reused ? raw.slice() : raw;
  const frags: Frag[] = [];
  let linearAt = 0;
  for (const cmsg of decodeCmsgs(bytes.subarray(controlOffset, controlOffset + controllen), controllen)) {
    if (cmsg.level !== SOL_SOCKET) continue;
    const { fragSize: size } = cmsg;
    if (cmsg.type === SCM_DEVMEM_DMABUF) {
      const { fragOffset: offset, fragToken: token, dmabufId } = cmsg;
      const mapping = bindings.get(dmabufId);
      if (mapping !== undefined && offset + size > mapping.size) {
        throw new RangeError(`frag at ${offset}+${size} outside of a dmabuf of ${mapping.size} bytes`);
      }
      const view = mapping === undefined ? null : mapping.bytes.subarray(offset, offset + size);
      frags.push({ kind: 'dmabuf', offset, size, token, dmabufId, bytes: view });
    } else if (cmsg.type === SCM_DEVMEM_LINEAR) {
      frags.push({ kind: 'linear', size, bytes: data.subarray(linearAt, linearAt + size) });
      linearAt += size;
    }
  }
  if (frags.length === 0 && len > 0) {
    const size = Math.min(len, dataLength);
    frags.push({ kind: 'linear', size, bytes: data.subarray(0, size) });
  }
  return { len, flags, frags };
}
