import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, lstatSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DaemonProcess } from './daemon.ts';
import { RealPeer } from './real-peer.ts';
import { devmemPools, portOf, wire } from './wiring.ts';

const RECEIVER = fileURLToPath(new URL('doomed-receiver.mjs', import.meta.url));
const PORT = 5201;

interface Doomed {
  child: ChildProcess;
  session: string;
  path: string;
  binding: number;
  /** Resolves when that many bytes have been received by it. */
  got(bytes: number): Promise<void>;
}

let daemon: DaemonProcess;
let hostPort: number;
const children: ChildProcess[] = [];

beforeEach(async () => {
  daemon = await DaemonProcess.start();
  await daemon.ok('ethtool', 'rings-set', { header: { 'dev-index': 2 }, 'tcp-data-split': 'enabled', 'hds-thresh': 0 });
  await daemon.ok('rxnfc', 'rule-insert', { ifindex: 2, 'flow-type': 'tcp4', 'dst-port': PORT, queue: 7 });
  const { listen } = await daemon.ok('lab', 'tcp-publish', { ifindex: 2, listen: '127.0.0.1:0', port: PORT });
  hostPort = portOf(listen);
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await daemon.stop();
});

async function startReceiver(): Promise<Doomed> {
  const child = spawn(process.execPath, [RECEIVER, daemon.url, String(PORT)], { stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  let err = '';
  child.stderr?.on('data', (chunk) => {
    err += chunk;
  });
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  let bytes = 0;
  lines.on('line', (line) => {
    bytes = JSON.parse(line).bytes ?? bytes;
  });
  const first = await Promise.race([
    once(lines, 'line'),
    once(child, 'exit').then(() => Promise.reject(new Error(`the receiver ended: ${err}`))),
  ]);
  return {
    child,
    ...JSON.parse(first[0]),
    got: (wanted) => expect.poll(() => bytes, { timeout: 20_000 }).toBeGreaterThanOrEqual(wanted),
  };
}

/** Writes as long as the connection takes it. */
async function flood(): Promise<RealPeer> {
  const peer = await RealPeer.dial(hostPort);
  const chunk = Buffer.alloc(256 * 1024, 'x');
  const more = (): void => {
    while (!peer.closed && peer.socket.write(chunk));
  };
  peer.socket.on('drain', more);
  more();
  return peer;
}

describe('a client killed in the middle of a stream', () => {
  it('loses its session, its binding and its memory; the next one binds the same queue', async () => {
    const first = await startReceiver();
    const sender = await flood();
    await first.got(32 << 20);
    expect(await daemon.dump('session', 'get')).toHaveLength(2);
    expect(lstatSync(first.path).isSymbolicLink()).toBe(true);
    expect(await devmemPools(daemon)).toMatchObject([{ dmabuf: first.binding }]);

    first.child.kill('SIGKILL');
    await once(first.child, 'exit');
    await expect.poll(async () => (await daemon.dump('session', 'get')).length, { timeout: 20_000 }).toBe(1);
    // A pool whose buffers are not back yet is looked at once a second.
    await expect.poll(() => devmemPools(daemon), { timeout: 20_000 }).toEqual([]);
    await expect.poll(() => sender.closed, { timeout: 20_000 }).toBe(true);
    expect(['ECONNRESET', 'EPIPE']).toContain(sender.error);
    expect(existsSync(first.path)).toBe(false);
    expect(daemon.leftovers().filter((name) => name.startsWith('mem-'))).toEqual([]);
    expect((await daemon.dump('netdev', 'queue-get', '?ifindex=2')).some((queue) => queue.dmabuf !== undefined)).toBe(
      false,
    );
    expect((await daemon.metric('netmemd_http_streams')).get('')).toBe(0);
    expect((await daemon.metric('netmemd_fds')).get('')).toBe(0);
    expect((await daemon.metric('netmemd_tokens_outstanding')).get('')).toBe(0);
    expect(daemon.errors).toEqual([]);

    const second = await startReceiver();
    expect(second.binding).toBeGreaterThan(first.binding);
    const next = await flood();
    await second.got(8 << 20);
    expect(await devmemPools(daemon)).toMatchObject([{ dmabuf: second.binding, inflight: expect.any(Number) }]);
    next.socket.destroy();
    expect(daemon.errors).toEqual([]);
  });

  it('disturbs nobody else', async () => {
    const other = await wire(daemon, { queues: [3], port: 7000 });
    const peer = await RealPeer.dial(other.hostPort);
    const { fd } = await daemon.ok('socket', 'accept', { fd: other.listener });
    const doomed = await startReceiver();
    await flood();
    await doomed.got(1 << 20);
    peer.socket.write('before');
    expect(await daemon.ok('socket', 'recvmsg', { fd, flags: ['MSG_SOCK_DEVMEM'] })).toMatchObject({ len: 6 });
    doomed.child.kill('SIGKILL');
    await expect.poll(async () => (await daemon.dump('session', 'get')).length, { timeout: 20_000 }).toBe(1);
    peer.socket.write('after');
    expect(await daemon.ok('socket', 'recvmsg', { fd, flags: ['MSG_SOCK_DEVMEM'] })).toMatchObject({ len: 5 });
    await expect.poll(() => devmemPools(daemon), { timeout: 20_000 }).toMatchObject([{ dmabuf: other.binding }]);
    peer.socket.destroy();
    expect(daemon.errors).toEqual([]);
  });
});
