/** The TypeScript client of netmemd: sessions, mapped dmabufs, received frags, returned tokens. */
export { NotNetmemdMemoryError } from '../shm/attach.ts';
export { KoffiUnavailableError } from '../shm/libc.ts';
export { Client, connect } from './connect.ts';
export type { DmabufMapping } from './dmabuf-mapping.ts';
export { type Extack, NetmemdError } from './error.ts';
export type { DmabufFrag, Frag, LinearFrag, Message } from './message.ts';
export type { RecvBatch } from './recv-batch.ts';
export { RECVMSG_HEADER_SIZE, RECVMSG_MEDIA_TYPE, RecvmsgParser } from './recvmsg-parser.ts';
export type { RecvmsgOptions } from './recvmsg-stream.ts';
export type { Attributes, Event, RequestOptions } from './requester.ts';
export type { NetlinkSocket, Session, SessionOptions } from './session.ts';
export type { TokenRange } from './token-ranges.ts';
export type { TokenReturner, TokenReturnerOptions } from './token-returner.ts';
export type { ConnectOptions } from './transport.ts';
