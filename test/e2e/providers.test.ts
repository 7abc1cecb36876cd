import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DaemonProcess } from './daemon.ts';
import { RealPeer } from './real-peer.ts';
import { portOf, wire } from './wiring.ts';

const POLL = { timeout: 20_000 };
const ifindex = 2;
const QUEUE = 7;

let daemon: DaemonProcess;
let listener: number;
let hostPort: number;
const peers: RealPeer[] = [];

beforeAll(async () => {
  daemon = await DaemonProcess.start();
});
beforeEach(async () => {
  await daemon.ok('ethtool', 'rings-set', {
    header: { 'dev-index': ifindex },
    'tcp-data-split': 'enabled',
    'hds-thresh': 0,
  });
});
afterEach(async () => {
  for (const peer of peers.splice(0)) peer.socket.destroy();
  await daemon.ok('lab', 'reset');
  // Nothing of a provider is left.
  await expect.poll(async () => (await pools()).filter((pool) => pool.provider !== undefined), POLL).toEqual([]);
  expect(daemon.errors).toEqual([]);
});
afterAll(() => daemon.stop());

// biome-ignore lint/suspicious/noExplicitAny: entries of a dump
const pools = (): Promise<any[]> => daemon.dump('lab', 'page-pool-get', `?ifindex=${ifindex}`);

/** The pool with a provider behind the queue. */
const providerPool = async () => (await pools()).find((pool) => pool.queue === QUEUE && pool.provider !== undefined);

const stats = async (id: number) => daemon.ok('netdev', 'page-pool-stats-get', { info: { id } });

const setProvider = (attrs: object) => daemon.ok('lab', 'provider-set', { ifindex, queues: [QUEUE], ...attrs });

/** A port of the host whose connections come in on the queue. */
async function listen(): Promise<void> {
  await daemon.ok('rxnfc', 'rule-insert', { ifindex, 'flow-type': 'tcp4', 'dst-port': 5201, queue: QUEUE });
  listener = (await daemon.ok('socket', 'listen', { port: 5201 })).fd;
  hostPort = portOf((await daemon.ok('lab', 'tcp-publish', { ifindex, listen: '127.0.0.1:0', port: 5201 })).listen);
}

async function connection(): Promise<{ peer: RealPeer; fd: number }> {
  const peer = await RealPeer.dial(hostPort);
  peers.push(peer);
  return { peer, fd: (await daemon.ok('socket', 'accept', { fd: listener })).fd };
}

const inq = async (fd: number): Promise<number> => (await daemon.ok('socket', 'get', { fd })).inq;

function bytes(n: number, from = 0): Buffer {
  const out = Buffer.alloc(n);
  for (let i = 0; i < n; i++) out[i] = (from + i) % 251;
  return out;
}

/** Reads that many bytes. */
async function receive(fd: number, size: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (let left = size; left > 0; ) {
    const { len, data, cmsgs } = await daemon.ok('socket', 'recvmsg', { fd, len: Math.min(left, 1 << 20) });
    if (len === 0) throw new Error(`the stream ended ${left} bytes early`);
    expect(cmsgs).toEqual([]);
    parts.push(Buffer.from(data, 'base64'));
    left -= len;
  }
  return Buffer.concat(parts);
}

describe('huge pages', () => {
  it('wait for a pipe that still looks at them, and are fed back', async () => {
    await setProvider({ provider: 'huge-page', blocks: 2 });
    await listen();
    const { peer, fd } = await connection();
    const { fd: pipe } = await daemon.ok('session', 'pipe-open');
    peer.socket.write(bytes(100_000));
    await expect.poll(() => inq(fd), POLL).toBe(100_000);

    const { len } = await daemon.ok('socket', 'splice', { fd, 'pipe-fd': pipe, len: 100_000 });
    expect(len).toBeGreaterThan(0);
    const full = await daemon.do('socket', 'splice', { fd, 'pipe-fd': pipe, len: 1, flags: ['SPLICE_F_NONBLOCK'] });
    expect(full.json.errno).toBe('EAGAIN');
    const rest = await receive(fd, 100_000 - len);

    const pool = await providerPool();
    expect(pool.provider).toBe('huge-page');
    const waiting = pool.states['provider-waiting'];
    expect(waiting).toBeGreaterThanOrEqual(15);
    expect(pool.owner).toMatchObject({ name: 'huge-page eth0', total: 1024, waiting, held: 0 });
    expect(pool.owner.free + waiting + pool.owner.lent).toBe(1024);
    expect((await stats(pool.id))['recycle-released-refcnt']).toBe(waiting);
    expect(pool.dma.maps).toBe(0);

    const read = await daemon.ok('session', 'pipe-read', { fd: pipe });
    expect(Buffer.concat([Buffer.from(read.data, 'base64'), rest]).equals(bytes(100_000))).toBe(true);
    // The provider looks when the pool has nothing left of its own.
    peer.socket.write(bytes(400_000));
    await expect.poll(() => inq(fd), POLL).toBe(400_000);
    await expect.poll(async () => (await providerPool()).states['provider-waiting'], POLL).toBe(0);
    expect((await receive(fd, 400_000)).equals(bytes(400_000))).toBe(true);
  });

  it('of which there are too few are refused, and leave the queue as it was', async () => {
    const refused = await daemon.do('lab', 'provider-set', {
      ifindex,
      queues: [QUEUE],
      provider: 'huge-page',
      blocks: 4096,
    });
    expect(refused.json).toMatchObject({ errno: 'ENOMEM' });
    expect(await providerPool()).toBeUndefined();
  });

  it('outlive their device as long as a foreign reference is left', async () => {
    await setProvider({ provider: 'huge-page', blocks: 2 });
    const { id: pool } = await providerPool();
    const { id: foreign } = await daemon.ok('lab', 'page-hold', { ifindex, queue: QUEUE, foreign: true });
    const { id: plain } = await daemon.ok('lab', 'page-hold', { ifindex, queue: QUEUE });
    await daemon.ok('lab', 'netdev-del', { ifindex });
    const detached = await daemon.ok('lab', 'page-pool-get', { id: pool });
    expect(detached).toMatchObject({ state: 'detached', inflight: 1, states: { 'provider-waiting': 1 } });
    await daemon.ok('lab', 'page-release', { id: plain });
    await expect.poll(async () => (await daemon.do('lab', 'page-pool-get', { id: pool })).status, POLL).toBe(404);
    await daemon.ok('lab', 'page-release', { id: foreign });
  });
});

describe('a capped pool', () => {
  it('is exhausted by a slow reader, and recovers when memory comes back', async () => {
    await setProvider({ provider: 'capped', limit: 64 * 4096 });
    await listen();
    const { peer, fd } = await connection();
    peer.socket.write(bytes(1_000_000));
    // The receive queue has every page, but for what is too few for one more packet.
    await expect.poll(async () => (await providerPool()).states.socket, POLL).toBeGreaterThan(60);
    const pool = await providerPool();
    expect(pool).toMatchObject({ provider: 'capped', owner: { name: 'capped eth0', total: 64, lent: 64 } });
    expect(await inq(fd)).toBeLessThanOrEqual(64 * 4096);
    expect((await receive(fd, 1_000_000)).equals(bytes(1_000_000))).toBe(true);
    expect((await providerPool()).owner.total).toBeLessThanOrEqual(64);
  });

  it('counts pages in a pipe until they are read', async () => {
    await setProvider({ provider: 'capped', limit: 64 * 4096 });
    await listen();
    const { peer, fd } = await connection();
    const { fd: pipe } = await daemon.ok('session', 'pipe-open');
    const spliced = daemon.ok('socket', 'splice', { fd, 'pipe-fd': pipe, len: 10_000 });
    peer.socket.write(bytes(10_000));
    const { len } = await spliced;
    await receive(fd, 10_000 - len);
    const { owner } = await providerPool();
    expect(owner.waiting).toBeGreaterThanOrEqual(Math.ceil(len / 4096));
    expect(owner.waiting + owner.lent).toBe(owner.total);
    await daemon.ok('session', 'fd-close', { fd: pipe });
    expect((await providerPool()).owner).toMatchObject({ waiting: 0, total: owner.total - owner.waiting });
  });
});

describe('unreadable memory', () => {
  it('does not splice: 0, as at the end of the stream', async () => {
    const wired = await wire(daemon, { queues: [QUEUE] });
    ({ listener, hostPort } = wired);
    const { peer, fd } = await connection();
    const { fd: pipe } = await daemon.ok('session', 'pipe-open');
    peer.socket.write(bytes(3000));
    await expect.poll(() => inq(fd), POLL).toBe(3000);
    expect(await daemon.ok('socket', 'splice', { fd, 'pipe-fd': pipe, len: 3000 })).toEqual({ len: 0 });
    const nonblock = await daemon.do('socket', 'splice', { fd, 'pipe-fd': pipe, len: 3000, 'timeout-ms': 0 });
    expect(nonblock.json.errno).toBe('EAGAIN');
    expect(await inq(fd)).toBe(3000);
  });

  it('has no foreign references', async () => {
    await wire(daemon, { queues: [QUEUE] });
    const refused = await daemon.do('lab', 'page-hold', { ifindex, queue: QUEUE, foreign: true });
    expect(refused.json).toMatchObject({ errno: 'EOPNOTSUPP', extack: { msg: 'net_iovs have no page references' } });
  });
});

it('a device that cannot map gives its pools no pages', async () => {
  await daemon.ok('lab', 'dma-fault', { ifindex, 'map-fail-every': 1 });
  await setProvider({ provider: 'capped', limit: 64 * 4096 });
  expect(await providerPool()).toMatchObject({ inflight: 0, owner: { total: 0 } });
  await daemon.ok('lab', 'dma-fault', { ifindex, 'map-fail-every': 0 });
  await setProvider({ provider: 'none' });
  await setProvider({ provider: 'capped', limit: 64 * 4096 });
  expect(await providerPool()).toMatchObject({ inflight: 64, dma: { maps: 64, unmaps: 0 } });
});
