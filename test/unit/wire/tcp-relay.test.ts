import { once } from 'node:events';
import net from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { KernelError } from '../../../src/kernel/error.ts';
import type { PublishedPort, RelayTarget } from '../../../src/lab/wire-factory.ts';
import { HostClock, Loop } from '../../../src/loop.ts';
import type { RelaySocket } from '../../../src/wire/kernel-side.ts';
import { Wires } from '../../../src/wire/wires.ts';
import { Rig } from '../kernel/rig.ts';
import { FakeKernel, netdev, until } from './fake-kernel.ts';

let loop: Loop;
let kernel: FakeKernel;
let wires: Wires;
let listener: net.Server;
let clients: net.Socket[];
let cleanup: (() => void)[];
let adopted: RelaySocket[];
let released: number;

beforeEach(async () => {
  cleanup = [];
  clients = [];
  adopted = [];
  released = 0;
  loop = new Loop();
  kernel = new FakeKernel([]);
  wires = new Wires({ loop, kernel, clock: new HostClock() });
  listener = net.createServer({ allowHalfOpen: true }, (c) => {
    c.on('error', () => {});
    clients.push(c);
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
});

afterEach(() => {
  for (const fn of cleanup) fn();
  for (const c of clients) c.destroy();
  listener.close();
  loop.close();
});

async function publish(to: Partial<RelayTarget<RelaySocket>> = {}): Promise<PublishedPort> {
  const port = await wires.publish({
    netdev: netdev(),
    listen: { host: '127.0.0.1', port: 0 },
    to: {
      connect: { host: '127.0.0.1', port: (listener.address() as net.AddressInfo).port },
      adopt: (socket) => {
        adopted.push(socket);
        return () => released++;
      },
      ...to,
    },
  });
  cleanup.push(() => port.close());
  return port;
}

async function connected(port: PublishedPort) {
  const peer = net.connect({ host: '127.0.0.1', port: port.listen.port, allowHalfOpen: true });
  cleanup.push(() => peer.destroy());
  peer.on('error', () => {});
  await once(peer, 'connect');
  await until('client reached', () => clients.length > 0);
  return { peer, client: clients[clients.length - 1], flow: kernel.flows[kernel.flows.length - 1] };
}

test('the socket names the connection it belongs to before the client can ask', async () => {
  const named: unknown[] = [];
  listener.on('connection', (c) => named.push([adopted[0].relay, { address: c.remoteAddress, port: c.remotePort }]));
  await connected(await publish());
  const [[relay, remote]] = named as [[unknown, unknown]];
  expect(relay).toEqual(remote);
  expect(relay).not.toBeNull();
});

test('one byte each time data comes into an empty queue', async () => {
  const { peer, client, flow } = await connected(await publish());
  let told = 0;
  client.on('data', (d) => {
    told += d.length;
  });
  let sent = 0;
  const send = async (n: number) => {
    peer.write(Buffer.alloc(n));
    sent += n;
    await until('delivered', () => flow.bytes === sent);
    flow.arrive();
  };
  await send(100);
  await until('told', () => told === 1);
  await send(100);
  flow.read(150);
  await send(100);
  flow.read();
  flow.arrive();
  await send(50);
  await until('told again', () => told === 2);
  // Had the steps between sent a byte, it would have come before this one.
  expect(told).toBe(2);
  expect(flow.waitQueue.active).toBe(true);
});

test("the client's bytes reach the peer, ends and all", async () => {
  const { peer, client, flow } = await connected(await publish());
  const got: Buffer[] = [];
  let length = 0;
  peer.on('data', (d) => {
    got.push(d);
    length += d.length;
  });
  const data = Buffer.alloc(4 << 20, 'netmem');
  client.write(data);
  await until('all relayed', () => length === data.length);
  expect(Buffer.concat(got).equals(data)).toBe(true);
  flow.send(Buffer.from('!'));
  await until('socket/send goes the same way', () => length === data.length + 1);
  const ended = once(peer, 'end');
  client.end();
  await ended;
  peer.end(Buffer.alloc(10));
  await until('FIN passed on', () => flow.finished);
  expect(client.readableEnded).toBe(false);
  const clientEnd = once(client, 'end');
  client.resume();
  flow.arrive();
  await clientEnd;
  await until('over', () => wires.context.flows.size === 0);
  expect(flow.wasReset).toBe(false);
  expect(released).toBe(0);
  expect(flow.waitQueue.active).toBe(false);
});

test('a reset of either end resets the other', async () => {
  const port = await publish();
  const first = await connected(port);
  first.client.resume();
  const gone = new Promise<boolean>((resolve) => first.client.once('close', resolve));
  first.peer.resetAndDestroy();
  expect(await gone).toBe(true);
  expect(first.flow.wasReset).toBe(true);
  clients.length = 0;
  const second = await connected(port);
  second.peer.resume();
  const peerGone = new Promise<boolean>((resolve) => second.peer.once('close', resolve));
  second.client.resetAndDestroy();
  expect(await peerGone).toBe(true);
  expect(second.flow.wasReset).toBe(true);
  expect(port.stats.flows).toBe(0);
});

test('nobody at the client: the peer is reset and the socket taken back', async () => {
  const port = await publish();
  listener.close();
  const peer = net.connect({ host: '127.0.0.1', port: port.listen.port });
  const failed = new Promise<string>((resolve) =>
    peer.on('error', (e: NodeJS.ErrnoException) => resolve(e.code ?? '')),
  );
  expect(await failed).toBe('ECONNRESET');
  expect(kernel.flows[0].wasReset).toBe(true);
  expect(released).toBe(1);
  expect(port.stats.flows).toBe(0);
});

test('a session without room leaves no socket in the kernel', async () => {
  const rig = new Rig();
  const real = new Wires({ loop, kernel: rig.kernel, clock: new HostClock() });
  const port = await real.publish({
    netdev: rig.netdev,
    listen: { host: '127.0.0.1', port: 0 },
    to: {
      connect: { host: '127.0.0.1', port: 1 },
      adopt: () => {
        throw new KernelError('EMFILE');
      },
    },
  });
  cleanup.push(() => port.close());
  const peer = net.connect({ host: '127.0.0.1', port: port.listen.port });
  const failed = new Promise<string>((resolve) =>
    peer.on('error', (e: NodeJS.ErrnoException) => resolve(e.code ?? '')),
  );
  expect(await failed).toBe('ECONNRESET');
  expect(port.stats).toEqual({ accepted: 0, refused: 1, flows: 0 });
  expect([rig.kernel.tcp.sockets.size, rig.kernel.tcp.flowCount, real.context.flows.size]).toEqual([0, 0, 0]);
});

test('a session without room: the peer is reset', async () => {
  const port = await publish({
    adopt: () => {
      throw new KernelError('EMFILE');
    },
  });
  const peer = net.connect({ host: '127.0.0.1', port: port.listen.port });
  const failed = new Promise<string>((resolve) =>
    peer.on('error', (e: NodeJS.ErrnoException) => resolve(e.code ?? '')),
  );
  expect(await failed).toBe('ECONNRESET');
  expect(kernel.flows[0].aborted).toBe(true);
  expect(port.stats).toEqual({ accepted: 0, refused: 1, flows: 0 });
});
