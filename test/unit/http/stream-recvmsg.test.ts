import { beforeEach, describe, expect, it } from 'vitest';
import { RecvmsgParser } from '../../../src/client/recvmsg-parser.ts';
import { OpenStreams } from '../../../src/http/open-streams.ts';
import { RecvmsgStream, type RecvmsgType } from '../../../src/http/stream-recvmsg.ts';
import { Msghdr } from '../../../src/kernel/stack/msghdr.ts';
import { WaitQueue } from '../../../src/kernel/wait-queue.ts';
import { decodeCmsgs } from '../../../src/uapi/cmsg.ts';
import { ERRNO } from '../../../src/uapi/errno.ts';
import { MSG_CTRUNC, MSG_DONTWAIT, SCM_DEVMEM_DMABUF, SCM_DEVMEM_LINEAR } from '../../../src/uapi/socket.ts';
import { FakeResponse, fakeRequest } from './fake-response.ts';

type Message = (msg: Msghdr) => number;

/** A socket with messages of the test's making. */
class FakeSocket {
  readonly waitQueue = new WaitQueue();
  readonly queue: Message[] = [];
  calls = 0;
  /** CPU of the last call. */
  cpu = -1;
  readonly atEnd = false;

  /** Tells of nothing that could be gathered: each message is handed on at once. */
  inq(): number {
    return 0;
  }

  recvmsg(msg: Msghdr, _len: number, controllen: number, _flags: number, cpu: number): number {
    this.calls++;
    this.cpu = cpu;
    msg.begin(controllen);
    const next = this.queue.shift();
    return next === undefined ? -ERRNO.EAGAIN : next(msg);
  }

  arrive(...messages: Message[]): void {
    this.queue.push(...messages);
    this.waitQueue.wake();
  }
}

/** The daemon's loop, turned by hand. */
class FakeLoop {
  fn: () => boolean = () => false;
  due = false;
  cancelled = false;

  addPull(fn: () => boolean) {
    this.fn = fn;
    return {
      wake: () => {
        this.due = true;
      },
      wakeLater: () => {
        this.due = true;
      },
      cancel: () => {
        this.cancelled = true;
      },
    };
  }
  turn(): void {
    while (this.due && !this.cancelled) {
      this.due = false;
      if (this.fn()) this.due = true;
    }
  }
}

const linear =
  (text: string): Message =>
  (msg) => {
    const bytes = Buffer.from(text);
    msg.copy(bytes, 0, bytes.length);
    return bytes.length;
  };
const frags =
  (...list: { offset: number; size: number; token: number }[]): Message =>
  (msg) => {
    let len = 0;
    for (const f of list) {
      msg.putDevmem(SCM_DEVMEM_DMABUF, f.offset, f.size, f.token, 2);
      len += f.size;
    }
    return len;
  };
const errno =
  (n: number): Message =>
  () =>
    -n;

let socket: FakeSocket;
let loop: FakeLoop;
let response: FakeResponse;
let streams: OpenStreams;
let sessionEnd: (() => void) | null;
let closed: number;
let fdOpen: boolean;
let sessionCpu: number;

beforeEach(() => {
  socket = new FakeSocket();
  loop = new FakeLoop();
  response = new FakeResponse();
  streams = new OpenStreams(4);
  sessionEnd = null;
  closed = 0;
  fdOpen = true;
  sessionCpu = 0;
});

function open(type: RecvmsgType = 'application/x-ndjson', flags = 0): RecvmsgStream {
  return new RecvmsgStream(fakeRequest(), response.asResponse, {
    type,
    source: socket,
    isOpen: () => fdOpen,
    cpu: () => sessionCpu,
    len: 819_200,
    controllen: 80_000,
    flags,
    loop,
    streams,
    msg: new Msghdr(),
    onSessionEnd: (fn) => {
      sessionEnd = fn;
      return () => {
        sessionEnd = null;
      };
    },
    closed: () => closed++,
  });
}

function parse(bytes: Buffer) {
  const parser = new RecvmsgParser();
  parser.push(bytes);
  const out: { len: number; flags: number; tokens: number[]; data: string }[] = [];
  while (parser.next()) {
    const control = parser.bytes.subarray(parser.controlOffset, parser.controlOffset + parser.controllen);
    const data = parser.bytes.subarray(parser.dataOffset, parser.dataOffset + parser.dataLength);
    out.push({
      len: parser.len,
      flags: parser.flags,
      tokens: decodeCmsgs(control, control.length).map((c) => c.fragToken),
      data: Buffer.from(data).toString(),
    });
  }
  expect(parser.pending).toBe(0);
  return out;
}

describe('NDJSON', () => {
  it('sends its headers before there is anything to say', () => {
    open();
    expect(response.flushed).toBe(true);
    expect(response.headers).toEqual({ 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' });
    expect(socket.calls).toBe(0);
  });

  it('tells frags, linear bytes and flags of each message', () => {
    socket.queue.push(frags({ offset: 4096, size: 4096, token: 1 }, { offset: 0, size: 100, token: 2 }), (msg) => {
      msg.putDevmem(SCM_DEVMEM_LINEAR, 0, 5, 0, 0);
      msg.flags |= MSG_CTRUNC;
      return linear('hello')(msg);
    });
    open();
    loop.turn();
    expect(response.lines.map((l) => JSON.parse(l))).toEqual([
      {
        len: 4196,
        flags: [],
        cmsgs: [
          { type: 'SCM_DEVMEM_DMABUF', 'dmabuf-id': 2, 'frag-offset': 4096, 'frag-size': 4096, 'frag-token': 1 },
          { type: 'SCM_DEVMEM_DMABUF', 'dmabuf-id': 2, 'frag-offset': 0, 'frag-size': 100, 'frag-token': 2 },
        ],
        data: '',
      },
      { len: 5, flags: ['MSG_CTRUNC'], cmsgs: [{ type: 'SCM_DEVMEM_LINEAR', 'frag-size': 5 }], data: 'aGVsbG8=' },
    ]);
  });

  it('ends with an entry of len 0', () => {
    socket.queue.push(linear('x'), errno(0), linear('never'));
    open();
    loop.turn();
    expect(JSON.parse(response.lines[1])).toEqual({ len: 0, flags: [], cmsgs: [], data: '' });
    expect(response.lines).toHaveLength(2);
    expect(response.writableEnded).toBe(true);
  });

  it.each([
    ['EFAULT', -14],
    ['ETOOSMALL', -525],
    ['ECONNRESET', -104],
  ] as const)('ends an error with %s', (name, code) => {
    socket.queue.push(errno(-code));
    open();
    loop.turn();
    expect(response.lines.map((l) => JSON.parse(l))).toEqual([{ errno: name, code }]);
    expect(response.writableEnded).toBe(true);
  });
});

it('server-sent events carry the same objects', () => {
  socket.queue.push(linear('x'));
  open('text/event-stream');
  loop.turn();
  expect(response.bytes.toString()).toBe('data: {"len":1,"flags":[],"cmsgs":[],"data":"eA=="}\n\n');
});

describe('binary', () => {
  it('is what the client library reads', () => {
    const big = 'x'.repeat(200_000);
    socket.queue.push(
      frags({ offset: 0, size: 4096, token: 7 }),
      linear('odd'),
      linear(big),
      frags({ offset: 4096, size: 1, token: 8 }),
      errno(0),
    );
    open('application/vnd.netmemd.recvmsg');
    loop.turn();
    expect(parse(response.bytes)).toEqual([
      { len: 4096, flags: 0, tokens: [7], data: '' },
      { len: 3, flags: 0, tokens: [], data: 'odd' },
      { len: 200_000, flags: 0, tokens: [], data: big },
      { len: 1, flags: 0, tokens: [8], data: '' },
      { len: 0, flags: 0, tokens: [], data: '' },
    ]);
  });

  it('gives the errno as a negative length', () => {
    socket.queue.push(errno(ERRNO.EFAULT));
    open('application/vnd.netmemd.recvmsg');
    loop.turn();
    expect(parse(response.bytes).map((m) => m.len)).toEqual([-14]);
  });

  it('never changes bytes that are still to be written', () => {
    open('application/vnd.netmemd.recvmsg');
    const writes: { chunk: Buffer; copy: Buffer }[] = [];
    response.write = (chunk) => {
      const bytes = chunk as Buffer;
      writes.push({ chunk: bytes, copy: Buffer.from(bytes) }); // the callback never comes
      return true;
    };
    for (let i = 0; i < 200; i++) socket.arrive(linear(String(i).repeat(700)));
    loop.turn();
    expect(writes.length).toBeGreaterThan(1);
    for (const { chunk, copy } of writes) expect(chunk.equals(copy)).toBe(true);
    expect(parse(Buffer.concat(writes.map((w) => w.chunk)))).toHaveLength(200);
  });
});

describe('pulling', () => {
  it('waits for data and is woken by it', () => {
    open();
    loop.turn();
    expect(socket.calls).toBe(1);
    loop.turn();
    expect(socket.calls).toBe(1);
    socket.arrive(linear('a'));
    loop.turn();
    expect(response.lines).toHaveLength(1);
  });

  it('reads on the CPU that the session runs on at the time', () => {
    open();
    loop.turn();
    expect(socket.cpu).toBe(0);
    sessionCpu = 1;
    socket.arrive(linear('x'));
    loop.turn();
    expect(socket.cpu).toBe(1);
  });

  it('puts many messages into one write', () => {
    for (let i = 0; i < 20; i++) socket.queue.push(linear('x'));
    open();
    loop.turn();
    expect(response.lines).toHaveLength(20);
    expect(response.chunks).toHaveLength(1);
  });

  it('stops while the response takes no more, however much arrives', () => {
    const half = linear('x'.repeat(40_000));
    for (let i = 0; i < 50; i++) socket.queue.push(half);
    response.full = true;
    open();
    loop.turn();
    expect(socket.calls).toBeLessThan(5);
    const { calls } = socket;
    socket.arrive(half);
    loop.turn();
    expect(socket.calls).toBe(calls);
    response.drain();
    loop.turn();
    expect(response.lines).toHaveLength(51);
  });

  it('stops when the client is gone, and leaves nothing behind', () => {
    socket.queue.push(linear('a'));
    open();
    expect(streams.count).toBe(1);
    response.emit('close');
    loop.turn();
    expect(socket.calls).toBe(0);
    expect(socket.waitQueue.active).toBe(false);
    expect(sessionEnd).toBe(null);
    expect(streams.count).toBe(0);
    expect(closed).toBe(1);
  });

  it('ends with EBADF when the session does', () => {
    open();
    sessionEnd?.();
    expect(JSON.parse(response.lines[0])).toEqual({ errno: 'EBADF', code: -9 });
    expect(closed).toBe(1);
  });

  it('ends with EBADF when the fd is closed', () => {
    open();
    loop.turn();
    fdOpen = false;
    socket.arrive(linear('not for this fd any more'));
    loop.turn();
    expect(response.lines.map((l) => JSON.parse(l))).toEqual([{ errno: 'EBADF', code: -9 }]);
    expect(response.writableEnded).toBe(true);
  });

  it('ends without an entry when the daemon stops', () => {
    open();
    loop.turn();
    streams.endAll();
    expect(response.bytes.length).toBe(0);
    expect(response.writableEnded).toBe(true);
  });

  it('with MSG_DONTWAIT ends when there is nothing', () => {
    socket.queue.push(linear('a'));
    open('application/x-ndjson', MSG_DONTWAIT);
    loop.turn();
    expect(JSON.parse(response.lines[1])).toEqual({ errno: 'EAGAIN', code: -11 });
  });
});

it('no more streams are opened than allowed', () => {
  const one = new OpenStreams(1);
  one.reserve();
  one.start(fakeRequest(), response.asResponse, {}, { end: () => {} }, () => {});
  expect(() => one.reserve()).toThrow(expect.objectContaining({ errno: 'EMFILE' }));
  response.emit('close');
  one.reserve();
});
