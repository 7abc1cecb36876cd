import { CMSG_HDR_SIZE, DEVMEM_CMSG_SPACE, DEVMEM_CMSG_WORDS, writeDevmemCmsg } from '../../uapi/cmsg.ts';
import { MSG_CTRUNC } from '../../uapi/socket.ts';

/**
 * Where one recvmsg call puts what it received; made once and used again for every call. `iov` takes linear bytes and grows
 * to what a call really copies; frags take no room in it. `control` holds cmsghdr bytes as on Linux x86-64.
 */
export class Msghdr {
  iov: Uint8Array;
  /** Bytes copied into iov. */
  iovLen = 0;
  control: Uint8Array;
  #words: Uint32Array;
  /** Bytes of control used by the last successful call; after an error what the caller offered, as Linux leaves it. */
  controllen = 0;
  /** msg_flags. */
  flags = 0;
  #room = 0;

  constructor(iovCapacity = 65_536, controlCapacity = 80_000) {
    this.iov = new Uint8Array(iovCapacity);
    this.control = new Uint8Array((controlCapacity + 7) & ~7);
    this.#words = new Uint32Array(this.control.buffer);
  }

  /** Starts a call that offers `controllen` bytes of control buffer. */
  begin(controllen: number): void {
    if (controllen > this.control.length) {
      this.control = new Uint8Array((controllen + 7) & ~7);
      this.#words = new Uint32Array(this.control.buffer);
    }
    this.iovLen = 0;
    this.flags = 0;
    this.controllen = 0;
    this.#room = controllen;
  }

  /** Copies linear bytes. */
  copy(source: Uint8Array, offset: number, size: number): void {
    if (this.iovLen + size > this.iov.length) {
      let capacity = this.iov.length * 2;
      while (capacity < this.iovLen + size) capacity *= 2;
      const grown = new Uint8Array(capacity);
      grown.set(this.iov.subarray(0, this.iovLen));
      this.iov = grown;
    }
    this.iov.set(source.subarray(offset, offset + size), this.iovLen);
    this.iovLen += size;
  }

  /** put_cmsg_notrunc() of a dmabuf_cmsg; false = does not fit whole. */
  putDevmem(type: number, fragOffset: number, fragSize: number, token: number, dmabufId: number): boolean {
    if (this.#room < DEVMEM_CMSG_SPACE) return false;
    writeDevmemCmsg(this.#words, this.controllen >>> 2, type, fragOffset, fragSize, token, dmabufId);
    this.controllen += DEVMEM_CMSG_WORDS * 4;
    this.#room -= DEVMEM_CMSG_SPACE;
    return true;
  }

  /** put_cmsg() of one s32: cut short with MSG_CTRUNC where it does not fit. */
  putInt(level: number, type: number, value: number): void {
    const space = CMSG_HDR_SIZE + 8;
    if (this.#room < CMSG_HDR_SIZE) {
      this.flags |= MSG_CTRUNC;
      return;
    }
    let length = CMSG_HDR_SIZE + 4;
    if (this.#room < length) {
      this.flags |= MSG_CTRUNC;
      length = this.#room;
    }
    const at = this.controllen >>> 2;
    this.#words[at] = length;
    this.#words[at + 1] = 0;
    this.#words[at + 2] = level;
    this.#words[at + 3] = type;
    if (length === CMSG_HDR_SIZE + 4) {
      this.#words[at + 4] = value;
      this.#words[at + 5] = 0;
    }
    const used = Math.min(space, this.#room);
    this.controllen += used;
    this.#room -= used;
  }
}
