import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect as dial } from 'node:net';
import { expect } from 'vitest';
import { type Client, connect, type DmabufMapping, type Session } from '../../src/client/index.ts';
import { DaemonProcess } from './daemon.ts';
import { devmemPools, portOf } from './wiring.ts';

const MIB = 1 << 20;
/** Four queues with a dmabuf, four without; one listener and one published port each. */
const QUEUES = [0, 1, 2, 3, 4, 5, 6, 7];
const BOUND = 4;
const FIRST_PORT = 5200;
const POLL = { timeout: 60_000 };

export interface Load {
  connections: number;
  /** Bytes of all connections together. */
  total: number;
  seed: number;
}

/** Random numbers of 32 bits that a seed repeats (mulberry32). */
export function random32(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  };
}

/** One sender: `length` bytes made from its own seed, FIN behind them; gives back their digest. */
async function send(port: number, length: number, seed: number): Promise<string> {
  const next = random32(seed);
  const hash = createHash('sha1');
  const socket = dial({ port, host: '127.0.0.1' });
  await once(socket, 'connect');
  // Its number goes first, so that the receiver knows whose stream it reads.
  const block = Buffer.alloc(64 * 1024 + 4096);
  for (let i = 0; i < block.length; i += 4) block.writeUInt32LE(next(), i);
  block.writeUInt32LE(seed, 0);
  for (let left = length; left > 0; ) {
    const from = left === length ? 0 : (next() % 4096) & ~3;
    const size = Math.min(left, 1 + (next() % (64 * 1024)));
    // A copy: the block is read while the write may still wait.
    const part = Buffer.from(block.subarray(from, from + size));
    hash.update(part);
    left -= size;
    if (!socket.write(part)) await once(socket, 'drain');
  }
  socket.end();
  await once(socket.resume(), 'close');
  return hash.digest('hex');
}

interface Received {
  digest: string;
  bytes: number;
  seed: number;
  /** Frags in a dmabuf. */
  frags: number;
}

/** One receiver: reads at a speed that changes at random, checks nothing itself, gives every token back. */
async function receive(session: Session, fd: number, mapping: DmabufMapping, next: () => number): Promise<Received> {
  const hash = createHash('sha1');
  const first = Buffer.alloc(4);
  const tokens = session.tokenReturner(fd);
  // Some readers keep up, some are slow by up to this many turns of the loop after a batch.
  const slowness = next() % 64;
  let bytes = 0;
  let frags = 0;
  for await (const batch of session.recvmsgBatches(fd)) {
    for (let i = 0; i < batch.count; i++) {
      const from = batch.dmabufIds[i] === 0 ? batch.linear : mapping.bytes;
      const at = batch.offsets[i];
      const part = from.subarray(at, at + batch.sizes[i]);
      if (bytes < 4) first.set(part.subarray(0, 4 - bytes), bytes);
      hash.update(part);
      bytes += part.length;
      if (batch.dmabufIds[i] === 0) continue;
      frags++;
      tokens.add(batch.tokens[i]);
    }
    for (let idle = slowness === 0 ? 0 : next() % slowness; idle > 0; idle--) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    tokens.sendSoon();
  }
  await tokens.flush();
  expect(tokens.freed).toBe(frags);
  await session.do('socket', 'close', { fd });
  return { digest: hash.digest('hex'), bytes, seed: first.readUInt32LE(0), frags };
}

/** Listens on every queue's port and receives every connection of it. */
async function receiveAll(
  session: Session,
  mapping: DmabufMapping,
  port: number,
  count: number,
  next: () => number,
): Promise<Received[]> {
  const { fd } = await session.do<{ fd: number }>('socket', 'listen', { port });
  const done: Promise<Received>[] = [];
  for (let i = 0; i < count; i++) {
    const accepted = await session.do<{ fd: number }>('socket', 'accept', { fd });
    done.push(receive(session, accepted.fd, mapping, next));
  }
  return Promise.all(done);
}

async function setUp(daemon: DaemonProcess, client: Client, size: number) {
  const session = await client.session({ name: 'many' });
  const header = { 'dev-index': 2 };
  await session.do('ethtool', 'rings-set', { header, 'tcp-data-split': 'enabled', 'hds-thresh': 0 });
  const { fd } = await session.do<{ fd: number }>('dmabuf', 'create', { size });
  const mapping = await session.mapDmabuf(fd);
  const queues = QUEUES.slice(0, BOUND).map((id) => ({ type: 'rx', id }));
  await session.bindRx({ ifindex: 2, fd, queues }, mapping);
  const ports: number[] = [];
  for (const queue of QUEUES) {
    const port = FIRST_PORT + queue;
    await session.do('rxnfc', 'rule-insert', { ifindex: 2, 'flow-type': 'tcp4', 'dst-port': port, queue });
    const { listen } = await daemon.ok('lab', 'tcp-publish', { ifindex: 2, listen: '127.0.0.1:0', port });
    ports.push(portOf(listen));
  }
  return { session, mapping, ports };
}

async function rss(daemon: DaemonProcess): Promise<number> {
  return (await daemon.metric('process_resident_memory_bytes')).get('') ?? 0;
}

/**
 * Many connections at once over bound and unbound queues, with a dmabuf 16 times smaller than the data that goes through
 * it: every stream is received whole and in order, memory stays bounded, and no buffer is lost.
 */
export async function runLoad(load: Load): Promise<{ seconds: number; frags: number; peakMib: number }> {
  const { connections, total, seed } = load;
  const next = random32(seed);
  const dmabufSize = Math.max(16 * MIB, Math.floor(total / 16 / MIB) * MIB);
  // The dmabuf of 16 MiB or more holds at most a sixteenth of all data; smaller ones would not fill four rings.
  const daemon = await DaemonProcess.start(`--seed=${seed >>> 0}`);
  const client = connect({ url: daemon.url });
  let peak = 0;
  try {
    const { session, mapping, ports } = await setUp(daemon, client, dmabufSize);
    const idle = await rss(daemon);
    const poolsBefore = await daemon.dump('netdev', 'page-pool-get');
    const lengths = Array.from({ length: connections }, () => 1 + (next() % 16));
    const unit = Math.floor(total / lengths.reduce((sum, n) => sum + n, 0));
    const counts = QUEUES.map((queue) => lengths.filter((_, i) => i % QUEUES.length === queue).length);
    const receivers = QUEUES.map((queue) =>
      receiveAll(session, mapping, FIRST_PORT + queue, counts[queue], random32(next())),
    );
    // The listeners must be there before the senders: a published port without one resets.
    await expect
      .poll(async () => (await session.dump<{ state: string }>('socket', 'get')).filter((s) => s.state === 'listen'))
      .toHaveLength(QUEUES.length);
    const started = performance.now();
    const seeds = lengths.map(() => next());
    const senders = lengths.map((n, i) => send(ports[i % QUEUES.length], n * unit, seeds[i]));
    let over = false;
    const watch = (async () => {
      while (!over) {
        peak = Math.max(peak, await rss(daemon));
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    })();
    const digests = await Promise.all(senders);
    const received = (await Promise.all(receivers)).flat();
    const seconds = (performance.now() - started) / 1000;
    over = true;
    await watch;

    const bySeed = new Map(received.map((one) => [one.seed, one]));
    seeds.forEach((one, i) => {
      const got = bySeed.get(one >>> 0);
      expect({ digest: got?.digest, bytes: got?.bytes }).toEqual({ digest: digests[i], bytes: lengths[i] * unit });
      const queue = QUEUES[i % QUEUES.length];
      expect((got?.frags ?? 0) > 0).toBe(queue < BOUND);
    });
    // The dmabuf and the ordinary pools are part of the resident memory; beyond them only what is in flight.
    expect(peak - idle - dmabufSize).toBeLessThan(256 * MIB);

    // Every buffer is posted again, or in a pool's hands: nothing is with sockets or users.
    const states = await daemon.metric('netmemd_page_pool_netmems');
    for (const [labels] of states) expect(labels).not.toMatch(/where="(user|socket|stack)"/);
    expect((await daemon.metric('netmemd_tokens_outstanding')).get('')).toBe(0);
    const poolsAfter = await daemon.dump('netdev', 'page-pool-get');
    expect(poolsAfter.map((pool) => pool.id)).toEqual(poolsBefore.map((pool) => pool.id));
    const sockets = await session.dump<{ state: string }>('socket', 'get');
    expect(sockets.map((socket) => socket.state)).toEqual(QUEUES.map(() => 'listen'));
    await session.close();
    await expect.poll(() => devmemPools(daemon), POLL).toEqual([]);
    expect(daemon.leftovers().filter((name) => name.startsWith('mem-'))).toEqual([]);
    expect(daemon.errors).toEqual([]);
    return { seconds, frags: received.reduce((sum, one) => sum + one.frags, 0), peakMib: Math.round(peak / MIB) };
  } finally {
    await client.close();
    await daemon.stop();
  }
}
