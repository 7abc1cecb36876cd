/** Socket constants of Linux x86-64 (include/linux/socket.h, include/uapi/asm-generic/socket.h). */
export const SOL_SOCKET = 1;
export const SOL_TCP = 6;
export const SO_ERROR = 4;
export const SO_SNDBUF = 7;
export const SO_RCVBUF = 8;
export const SO_RCVLOWAT = 18;
export const SO_INCOMING_NAPI_ID = 56;
export const SO_DEVMEM_LINEAR = 78;
export const SO_DEVMEM_DMABUF = 79;
export const SO_DEVMEM_DONTNEED = 80;
export const SCM_DEVMEM_LINEAR = SO_DEVMEM_LINEAR;
export const SCM_DEVMEM_DMABUF = SO_DEVMEM_DMABUF;
export const TCP_INQ = 36;
export const TCP_CM_INQ = TCP_INQ;

export const MSG_PEEK = 0x2;
export const MSG_CTRUNC = 0x8;
export const MSG_TRUNC = 0x20;
export const MSG_DONTWAIT = 0x40;
export const MSG_WAITALL = 0x100;
export const MSG_SOCK_DEVMEM = 0x200_0000;

/** Names as users write them. */
export const MSG_FLAGS = {
  MSG_PEEK,
  MSG_CTRUNC,
  MSG_TRUNC,
  MSG_DONTWAIT,
  MSG_WAITALL,
  MSG_SOCK_DEVMEM,
} as const;

/** include/linux/splice.h */
export const SPLICE_F_NONBLOCK = 0x2;

export const SHUT_RD = 0;
export const SHUT_WR = 1;
export const SHUT_RDWR = 2;

/** recvmsg's buffers where a request names none: room for 200 frags of 4 KiB and 2000 control messages, as ncdevmem has. */
export const DEFAULT_RECV_LEN = 819_200;
export const DEFAULT_RECV_CONTROLLEN = 80_000;
/** Largest control buffer a request may ask for: the daemon really allocates it. */
export const MAX_RECV_CONTROLLEN = 4_194_304;
