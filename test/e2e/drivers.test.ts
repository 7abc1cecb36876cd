import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Client, connect } from '../../src/client/index.ts';
import { DaemonProcess } from './daemon.ts';
import { RealPeer } from './real-peer.ts';
import { devmemPools, portOf } from './wiring.ts';

const MIB = 1 << 20;
let daemon: DaemonProcess;
let client: Client;
beforeAll(async () => {
  daemon = await DaemonProcess.start();
  client = connect({ url: daemon.url });
});
afterEach(async () => {
  expect(daemon.errors).toEqual([]);
  await daemon.ok('lab', 'reset');
});
afterAll(async () => {
  await client.close();
  await daemon.stop();
});

interface Device {
  attrs: object;
  /** dmabuf; the data is larger. */
  size: number;
  total: number;
  /** Some payload comes in host memory. */
  linear?: boolean;
  port?: number;
}

const devices: Record<string, Device> = {
  'split-perfect': { attrs: { driver: 'split-perfect' }, size: 4 * MIB, total: 24 * MIB },
  'split-perfect with MTU 1500': { attrs: { driver: 'split-perfect', mtu: 1500 }, size: 4 * MIB, total: 16 * MIB },
  'bnxt-like': { attrs: { driver: 'bnxt-like', mtu: 1500 }, size: 4 * MIB, total: 24 * MIB },
  'bnxt-like with jumbo frames': { attrs: { driver: 'bnxt-like', mtu: 9000 }, size: 4 * MIB, total: 24 * MIB },
  'netdevsim-dma': { attrs: { driver: 'netdevsim-dma' }, size: 4 * MIB, total: 12 * MIB },
  'netdevsim-dma with posted buffers, fragments, GRO and linear parts': {
    attrs: {
      driver: 'netdevsim-dma',
      mtu: 1500,
      'driver-params': { mode: 2, post: 128, lin: 64, 'lin-mod': 3, gro: 1, chunk: 2048 },
    },
    size: 1 * MIB,
    total: 2 * MIB,
    linear: true,
  },
  // So few buffers that segments find none and must be sent again: 5201 is queue 1 of 8 there.
  'netdevsim-dma, so small that segments come again': {
    attrs: { driver: 'netdevsim-dma', 'driver-params': { 'pool-ring': 16 } },
    size: 64 * 1024,
    total: 512 * 1024,
  },
  'split-perfect, so small that it stalls': {
    attrs: { driver: 'split-perfect', rx: 16 },
    size: 128 * 1024,
    total: 8 * MIB,
  },
};

describe.each(Object.entries(devices))('%s', (_name, device) => {
  it('carries the bytes of a real sender', async () => {
    const session = await client.session();
    const { ifindex } = await session.do<{ ifindex: number }>('lab', 'netdev-add', {
      name: 'nic0',
      ipv4: '198.51.100.1/24',
      'rx-queues': 8,
      ...device.attrs,
    });
    const header = { 'dev-index': ifindex };
    await session.do('ethtool', 'rings-set', { header, 'tcp-data-split': 'enabled', 'hds-thresh': 0 });
    const { fd: dmabuf } = await session.do<{ fd: number }>('dmabuf', 'create', { size: device.size });
    const mapping = await session.mapDmabuf(dmabuf);
    // The queue that rules, or the driver's own steering by port, lead to.
    await session.bindRx({ ifindex, fd: dmabuf, queues: [{ type: 'rx', id: 1 }] }, mapping);
    await session.do('rxnfc', 'rule-insert', { ifindex, 'flow-type': 'tcp4', 'dst-port': 5201, queue: 1 });
    const { fd: listener } = await session.do<{ fd: number }>('socket', 'listen', { port: 5201 });
    const { listen } = await session.do<{ listen: string }>('lab', 'tcp-publish', {
      ifindex,
      listen: '127.0.0.1:0',
      port: 5201,
    });
    const peer = await RealPeer.dial(portOf(listen));
    const { fd } = await session.do<{ fd: number }>('socket', 'accept', { fd: listener });

    const sent = Buffer.alloc(device.total);
    for (let i = 0; i < sent.length; i += 4) sent.writeUInt32LE(Math.imul(i, 2_654_435_761) >>> 0, i);
    peer.socket.end(sent);
    const hash = createHash('sha1');
    const tokens = session.tokenReturner(fd);
    let bytes = 0;
    let linear = 0;
    let frags = 0;
    for await (const batch of session.recvmsgBatches(fd)) {
      for (let i = 0; i < batch.count; i++) {
        const from = batch.dmabufIds[i] === 0 ? batch.linear : mapping.bytes;
        hash.update(from.subarray(batch.offsets[i], batch.offsets[i] + batch.sizes[i]));
        bytes += batch.sizes[i];
        if (batch.dmabufIds[i] === 0) {
          linear += batch.sizes[i];
        } else {
          frags++;
          tokens.add(batch.tokens[i]);
        }
      }
      tokens.sendSoon();
    }
    await tokens.flush();
    expect(bytes).toBe(device.total);
    expect(hash.digest('hex')).toBe(createHash('sha1').update(sent).digest('hex'));
    expect(linear > 0).toBe(device.linear === true);
    expect(tokens.freed).toBe(frags);
    const [stats] = await session.dump<Record<string, number>>('netdev', 'qstats-get', { ifindex });
    expect(stats['rx-packets']).toBeGreaterThan(0);
    expect(stats['rx-bytes']).toBeGreaterThan(device.total);
    await session.do('socket', 'close', { fd });
    await session.close();
    await expect.poll(() => devmemPools(daemon), { timeout: 20_000 }).toEqual([]);
    peer.socket.destroy();
  });
});

it('a device that is removed in mid-stream ends its traffic and leaves no buffer', async () => {
  const session = await client.session();
  const { ifindex } = await session.do<{ ifindex: number }>('lab', 'netdev-add', {
    name: 'gone0',
    ipv4: '198.51.100.1/24',
  });
  const header = { 'dev-index': ifindex };
  await session.do('ethtool', 'rings-set', { header, 'tcp-data-split': 'enabled', 'hds-thresh': 0 });
  const { fd: dmabuf } = await session.do<{ fd: number }>('dmabuf', 'create', { size: 4 * MIB });
  const { id } = await session.do<{ id: number }>('netdev', 'bind-rx', {
    ifindex,
    fd: dmabuf,
    queues: [{ type: 'rx', id: 0 }],
  });
  await session.do('rxnfc', 'rule-insert', { ifindex, 'flow-type': 'tcp4', 'dst-port': 5201, queue: 0 });
  const { fd: listener } = await session.do<{ fd: number }>('socket', 'listen', { port: 5201 });
  const { listen } = await session.do<{ listen: string }>('lab', 'tcp-publish', {
    ifindex,
    listen: '127.0.0.1:0',
    port: 5201,
  });
  const peer = await RealPeer.dial(portOf(listen));
  peer.socket.write(Buffer.alloc(16 * MIB));
  const { fd } = await session.do<{ fd: number }>('socket', 'accept', { fd: listener });
  const flags = ['MSG_SOCK_DEVMEM'];
  const message = await session.do<{ len: number; cmsgs: object[] }>('socket', 'recvmsg', { fd, flags });
  expect(message.len).toBeGreaterThan(0);
  await session.do('lab', 'netdev-del', { ifindex });
  await expect.poll(() => peer.closed, { timeout: 20_000 }).toBe(true);
  // Buffers that a process holds keep the pool, which is listed under loopback then.
  expect((await daemon.dump('netdev', 'page-pool-get')).filter((pool) => pool.dmabuf === id)).toMatchObject([
    { 'detach-time': expect.any(Number) },
  ]);
  expect((await daemon.do('lab', 'tcp-get', { id: 1 })).json.errno).toBe('ENOENT');
  await session.close();
  await expect.poll(() => devmemPools(daemon), { timeout: 20_000 }).toEqual([]);
});
