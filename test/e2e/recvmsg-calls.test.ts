import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RecvmsgParser } from '../../src/client/recvmsg-parser.ts';
import { decodeCmsgs } from '../../src/uapi/cmsg.ts';
import { SCM_DEVMEM_DMABUF } from '../../src/uapi/socket.ts';
import { DaemonProcess } from './daemon.ts';
import { RealPeer } from './real-peer.ts';
import { portOf, type Wired, wire } from './wiring.ts';

const POLL = { timeout: 20_000 };
const DEVMEM = ['MSG_SOCK_DEVMEM'];
const NDJSON = 'application/x-ndjson';
const SSE = 'text/event-stream';
const BINARY = 'application/vnd.netmemd.recvmsg';

interface Cmsg {
  type: string;
  'frag-size': number;
  'frag-token'?: number;
  'frag-offset'?: number;
  'dmabuf-id'?: number;
}
interface Entry {
  len: number;
  flags: string[];
  cmsgs: Cmsg[];
  data: string;
}

let daemon: DaemonProcess;
let wired: Wired;
const peers: RealPeer[] = [];

beforeAll(async () => {
  daemon = await DaemonProcess.start();
});
afterEach(async () => {
  for (const peer of peers.splice(0)) peer.socket.destroy();
  expect(daemon.errors).toEqual([]);
  await daemon.ok('lab', 'reset');
});
afterAll(() => daemon.stop());

async function connection(): Promise<{ peer: RealPeer; fd: number }> {
  const peer = await RealPeer.dial(wired.hostPort);
  peers.push(peer);
  const { fd } = await daemon.ok('socket', 'accept', { fd: wired.listener });
  return { peer, fd };
}

async function inq(fd: number): Promise<number> {
  return (await daemon.ok('socket', 'get', { fd })).inq;
}

/** Sends segments of these sizes, each after the one before has arrived: what is queued then is always the same. */
async function sendEach(peer: RealPeer, fd: number, sizes: number[]): Promise<void> {
  let total = await inq(fd);
  for (const size of sizes) {
    peer.socket.write(Buffer.alloc(size, 'abcdefgh'));
    total += size;
    await expect.poll(() => inq(fd), POLL).toBe(total);
  }
}

const recvmsg = (fd: number, attrs: object = {}) =>
  daemon.do('socket', 'recvmsg', { fd, flags: DEVMEM, 'timeout-ms': 0, ...attrs });

const dontneed = (fd: number, optval: unknown) =>
  daemon.do('socket', 'setsockopt', { fd, level: 'SOL_SOCKET', optname: 'SO_DEVMEM_DONTNEED', optval });

/** A whole stream as entries like those of a POST. */
function parse(type: string, bytes: Buffer): Entry[] {
  if (type === NDJSON) {
    return bytes
      .toString()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  }
  if (type === SSE) {
    const events = bytes.toString().split('\n\n');
    expect(events.pop()).toBe('');
    return events.map((event) => {
      expect(event).toMatch(/^data: .*$/);
      return JSON.parse(event.slice(6));
    });
  }
  const parser = new RecvmsgParser();
  parser.push(bytes);
  const entries: Entry[] = [];
  while (parser.next()) {
    const control = parser.bytes.subarray(parser.controlOffset, parser.controlOffset + parser.controllen);
    entries.push({
      len: parser.len,
      flags: [],
      cmsgs: decodeCmsgs(control, parser.controllen).map((c) =>
        c.type === SCM_DEVMEM_DMABUF
          ? {
              type: 'SCM_DEVMEM_DMABUF',
              'dmabuf-id': c.dmabufId,
              'frag-offset': Number(c.fragOffset),
              'frag-size': c.fragSize,
              'frag-token': c.fragToken,
            }
          : { type: 'SCM_DEVMEM_LINEAR', 'frag-size': c.fragSize },
      ),
      data: Buffer.from(parser.bytes.subarray(parser.dataOffset, parser.dataOffset + parser.dataLength)).toString(
        'base64',
      ),
    });
    expect(parser.flags).toBe(0);
  }
  expect(parser.pending).toBe(0);
  return entries;
}

async function stream(fd: number, accept: string, query = ''): Promise<Entry[]> {
  const reply = await fetch(`${daemon.url}/v1/socket/recvmsg?fd=${fd}&flags=MSG_SOCK_DEVMEM${query}`, {
    headers: { accept },
  });
  expect(reply.headers.get('content-type')).toBe(accept);
  expect(reply.headers.get('cache-control')).toBe('no-store');
  return parse(accept, Buffer.from(await reply.arrayBuffer()));
}

/** Where in the dmabuf a frag lies is up to the pool; all else is the same each time. */
function shape(entries: Entry[]): unknown[] {
  return entries.map((entry) => ({
    ...entry,
    cmsgs: entry.cmsgs.map(({ 'frag-offset': offset, ...rest }) => ({ ...rest, inPage: (offset ?? 0) % 4096 })),
  }));
}

describe('one queue of messages', () => {
  // A driver that leaves 100 bytes of each packet in host memory, without GRO: both kinds of control messages.
  beforeEach(async () => {
    const { ifindex } = await daemon.ok('lab', 'netdev-add', {
      name: 'dma0',
      driver: 'netdevsim-dma',
      'driver-params': { lin: 100, post: 64 },
      'rx-queues': 8,
      ipv4: '198.51.100.1/24',
    });
    // This driver steers by port: 5201 is queue 1 of 8.
    wired = await wire(daemon, { ifindex, queues: [1], size: 1 << 20 });
  });

  it('is the same in NDJSON, as events, in binary and by POST', async () => {
    const seen: unknown[][] = [];
    for (const way of [NDJSON, SSE, BINARY, 'POST']) {
      const { peer, fd } = await connection();
      await sendEach(peer, fd, [50, 3000, 100, 8000]);
      peer.socket.end();
      await expect.poll(async () => (await daemon.ok('socket', 'get', { fd })).state, POLL).toBe('close-wait');
      let entries: Entry[] = [];
      if (way === 'POST') {
        do entries.push((await recvmsg(fd, { len: 4000 })).json);
        while (entries.at(-1)?.len !== 0);
      } else {
        entries = await stream(fd, way, '&len=4000');
      }
      seen.push(shape(entries));
      await daemon.ok('socket', 'close', { fd });
    }
    expect(seen[0].at(-1)).toEqual({ len: 0, flags: [], cmsgs: [], data: '' });
    const cmsgs = seen[0].flatMap((entry) => (entry as Entry).cmsgs);
    expect(new Set(cmsgs.map((c) => c.type))).toEqual(new Set(['SCM_DEVMEM_DMABUF', 'SCM_DEVMEM_LINEAR']));
    // Packets of at most 100 bytes are ordinary data: nothing of them is in the dmabuf.
    expect(cmsgs.reduce((sum, c) => sum + c['frag-size'], 0)).toBe(11_000);
    expect(seen[0].reduce((sum: number, entry) => sum + (entry as Entry).len, 0)).toBe(11_150);
    const data = seen[0].map((entry) => Buffer.from((entry as Entry).data, 'base64').toString()).join('');
    expect(data).toBe([50, 100, 100, 100].map((n) => 'abcdefgh'.repeat(13).slice(0, n)).join(''));
    expect(seen[1]).toEqual(seen[0]);
    expect(seen[2]).toEqual(seen[0]);
    expect(seen[3]).toEqual(seen[0]);
  });
});

describe('recvmsg', () => {
  beforeEach(async () => {
    wired = await wire(daemon);
  });

  it('waits for data up to timeout-ms, or not at all', async () => {
    const { peer, fd } = await connection();
    for (const attrs of [{ 'timeout-ms': 0 }, { 'timeout-ms': 30 }, { flags: ['MSG_SOCK_DEVMEM', 'MSG_DONTWAIT'] }]) {
      const reply = await daemon.do('socket', 'recvmsg', { fd, flags: DEVMEM, ...attrs });
      expect([reply.status, reply.json.errno, reply.json.code]).toEqual([409, 'EAGAIN', -11]);
    }
    const waiting = daemon.ok('socket', 'recvmsg', { fd, flags: DEVMEM, 'timeout-ms': 20_000 });
    peer.socket.write('now');
    expect(await waiting).toMatchObject({ len: 3 });
  });

  it('without MSG_SOCK_DEVMEM is EFAULT, and the data stays', async () => {
    const { peer, fd } = await connection();
    await sendEach(peer, fd, [1000]);
    for (let i = 0; i < 2; i++) {
      const reply = await recvmsg(fd, { flags: [] });
      expect([reply.status, reply.json.errno, reply.json.code]).toEqual([400, 'EFAULT', -14]);
    }
    expect(await inq(fd)).toBe(1000);
    expect((await daemon.ok('socket', 'get', { fd })).tokens ?? []).toEqual([]);
    expect((await recvmsg(fd)).json).toMatchObject({ len: 1000, cmsgs: [{ 'frag-size': 1000, 'frag-token': 1 }] });
  });

  it('with room for no control message is ETOOSMALL, and the data stays', async () => {
    const { peer, fd } = await connection();
    await sendEach(peer, fd, [5000]);
    for (const controllen of [0, 39]) {
      const reply = await recvmsg(fd, { controllen });
      expect([reply.status, reply.json.errno, reply.json.code]).toEqual([400, 'ETOOSMALL', -525]);
    }
    expect(
      await (await fetch(`${daemon.url}/v1/socket/recvmsg?fd=${fd}&flags=MSG_SOCK_DEVMEM&controllen=39`)).text(),
    ).toBe('{"errno":"ETOOSMALL","code":-525}\n');
    expect((await daemon.ok('socket', 'get', { fd })).tokens ?? []).toEqual([]);
    expect((await recvmsg(fd, { controllen: 40 })).json).toMatchObject({ len: 4096, cmsgs: [{ 'frag-token': 1 }] });
    expect((await recvmsg(fd, { controllen: 40 })).json).toMatchObject({ len: 904, cmsgs: [{ 'frag-token': 2 }] });
    expect(await inq(fd)).toBe(0);
  });

  it('cuts frags at len', async () => {
    const { peer, fd } = await connection();
    await sendEach(peer, fd, [5000]);
    const sizes: number[][] = [];
    for (const len of [1, 4000, 100, 4096]) {
      const { json } = await recvmsg(fd, { len });
      sizes.push(json.cmsgs.map((c: Cmsg) => c['frag-size']));
    }
    expect(sizes).toEqual([[1], [4000], [95, 5], [899]]);
  });

  it('with MSG_PEEK hands out real tokens and moves nothing', async () => {
    const { peer, fd } = await connection();
    await sendEach(peer, fd, [2000]);
    const flags = ['MSG_SOCK_DEVMEM', 'MSG_PEEK'];
    const first = (await recvmsg(fd, { flags })).json;
    const second = (await recvmsg(fd, { flags })).json;
    const real = (await recvmsg(fd)).json;
    const [a, b, c] = [first, second, real].map((m) => m.cmsgs[0]);
    expect([a, b, c].map((cmsg) => cmsg['frag-token'])).toEqual([1, 2, 3]);
    expect(b['frag-offset']).toBe(a['frag-offset']);
    expect(c['frag-offset']).toBe(a['frag-offset']);
    expect((await daemon.ok('socket', 'get', { fd })).tokens).toHaveLength(3);
    expect((await dontneed(fd, [{ 'token-start': 1, 'token-count': 3 }])).json).toEqual({ ret: 3 });
    expect(daemon.errors).toEqual([]);
  });

  it('never mixes ordinary data with devmem in a message', async () => {
    // The flow is steered to an unbound queue, then to the bound one, then back.
    const rules = await daemon.dump('rxnfc', 'rule-get', '?ifindex=2');
    const { location } = rules[0];
    const steer = (queue: number) =>
      daemon.ok('rxnfc', 'rule-insert', { ifindex: 2, 'flow-type': 'tcp4', 'dst-port': 5201, queue, location });
    await steer(0);
    const { peer, fd } = await connection();
    await sendEach(peer, fd, [300]);
    await steer(7);
    await sendEach(peer, fd, [400]);
    await steer(0);
    await sendEach(peer, fd, [500]);
    const messages = [];
    for (let i = 0; i < 3; i++) messages.push((await recvmsg(fd)).json);
    expect(messages.map((m) => [m.len, m.cmsgs.map((c: Cmsg) => c.type)])).toEqual([
      [300, []],
      [400, ['SCM_DEVMEM_DMABUF']],
      [500, []],
    ]);
    expect(Buffer.from(messages[0].data, 'base64').toString()).toBe('abcdefgh'.repeat(40).slice(0, 300));
    expect(messages[1].data).toBe('');
  });

  it('delivers what is left when the binding is gone, and the buffers stay the binding’s', async () => {
    const { peer, fd } = await connection();
    await sendEach(peer, fd, [3000]);
    await daemon.ok('session', 'unbind', { id: wired.binding });
    expect((await recvmsg(fd)).json).toMatchObject({ len: 3000, cmsgs: [{ 'dmabuf-id': wired.binding }] });
    expect((await dontneed(fd, [{ 'token-start': 1, 'token-count': 1 }])).json).toEqual({ ret: 1 });
    // New data comes in ordinary memory: the queue has no provider any more.
    await sendEach(peer, fd, [10]);
    expect((await recvmsg(fd, { flags: [] })).json).toMatchObject({ len: 10, cmsgs: [] });
  });
});

describe('SO_DEVMEM_DONTNEED', () => {
  it('counts what it freed: unknown ids and those given back before are skipped in silence', async () => {
    wired = await wire(daemon);
    const { peer, fd } = await connection();
    await sendEach(peer, fd, [4096 * 3]);
    const { cmsgs } = (await recvmsg(fd)).json;
    const tokens = cmsgs.map((c: Cmsg) => c['frag-token']) as number[];
    expect(tokens.length).toBeGreaterThanOrEqual(3);
    const all = [{ 'token-start': 1, 'token-count': tokens.length }];
    expect((await dontneed(fd, [{ 'token-start': 1, 'token-count': 1 }])).json).toEqual({ ret: 1 });
    expect((await dontneed(fd, all)).json).toEqual({ ret: tokens.length - 1 });
    expect((await dontneed(fd, all)).json).toEqual({ ret: 0 });
    expect((await dontneed(fd, [{ 'token-start': 4_000_000_000, 'token-count': 7 }])).json).toEqual({ ret: 0 });
    // 1024 ids a call, known or not; what comes behind them is not looked at.
    await sendEach(peer, fd, [100]);
    const [{ 'frag-token': token }] = (await recvmsg(fd)).json.cmsgs;
    const behind = [
      { 'token-start': 100_000, 'token-count': 1024 },
      { 'token-start': token, 'token-count': 1 },
    ];
    expect((await dontneed(fd, behind)).json).toEqual({ ret: 0 });
    expect((await dontneed(fd, behind.slice(1))).json).toEqual({ ret: 1 });
    const ranges = (n: number) => Array.from({ length: n }, () => ({ 'token-start': 1, 'token-count': 1 }));
    expect((await dontneed(fd, ranges(128))).json).toEqual({ ret: 0 });
    for (const wrong of [ranges(129), [], 5, [{ 'token-start': 1 }]]) {
      const reply = await dontneed(fd, wrong);
      expect([reply.status, reply.json.errno]).toEqual([400, 'EINVAL']);
    }
  });

  it('of another socket of the same binding frees nothing', async () => {
    wired = await wire(daemon);
    const a = await connection();
    const b = await connection();
    await sendEach(a.peer, a.fd, [100]);
    expect((await recvmsg(a.fd)).json.len).toBe(100);
    expect((await dontneed(b.fd, [{ 'token-start': 1, 'token-count': 1 }])).json).toEqual({ ret: 0 });
    expect((await dontneed(a.fd, [{ 'token-start': 1, 'token-count': 1 }])).json).toEqual({ ret: 1 });
  });
});

it('a client that never gives anything back stops its own traffic only', async () => {
  wired = await wire(daemon, { queues: [7], size: 2 << 20 });
  const greedy = await connection();
  const listener = await daemon.ok('socket', 'listen', { port: 80 });
  const { listen } = await daemon.ok('lab', 'tcp-publish', { ifindex: 2, listen: '127.0.0.1:0', port: 80 });
  await daemon.ok('rxnfc', 'rule-insert', { ifindex: 2, 'flow-type': 'tcp4', 'dst-port': 80, queue: 0 });
  greedy.peer.socket.write(Buffer.alloc(16 << 20));
  let held = 0;
  for (;;) {
    const reply = await recvmsg(greedy.fd, { 'timeout-ms': 500 });
    if (reply.status !== 200) {
      expect(reply.json.errno).toBe('EAGAIN');
      break;
    }
    held += reply.json.cmsgs.length;
  }
  // All buffers are with the client, or what is left cannot be received for want of one.
  expect(held).toBeGreaterThan(400);
  const pools = await daemon.dump('netdev', 'page-pool-get');
  expect(pools.find((pool) => pool.dmabuf === wired.binding)).toMatchObject({ inflight: 512 });
  const [stats] = await daemon.dump('netdev', 'qstats-get', '?ifindex=2');
  expect(stats['rx-alloc-fail']).toBeGreaterThan(0);
  const other = await RealPeer.dial(portOf(listen));
  peers.push(other);
  const { fd } = await daemon.ok('socket', 'accept', { fd: listener.fd });
  other.socket.write('ordinary');
  expect(await daemon.ok('socket', 'recvmsg', { fd })).toMatchObject({ len: 8, cmsgs: [] });
  // As soon as something comes back it goes on.
  expect((await dontneed(greedy.fd, [{ 'token-start': 1, 'token-count': 300 }])).json).toEqual({ ret: 300 });
  expect(await daemon.ok('socket', 'recvmsg', { fd: greedy.fd, flags: DEVMEM })).toMatchObject({
    len: expect.any(Number),
  });
});
