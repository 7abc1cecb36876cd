import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { DaemonProcess } from './daemon.ts';
import { RealPeer } from './real-peer.ts';
import { devmemPools, wire } from './wiring.ts';

const POLL = { timeout: 20_000 };
const TOTAL = 64 * 1024;
const LENGTH = 1 << 20;

let daemon: DaemonProcess;
beforeAll(async () => {
  // A release whose detached pools do not ask other CPUs to free what they have.
  daemon = await DaemonProcess.start('--kernel=7.3');
});
afterEach(async () => {
  await daemon.ok('lab', 'reset');
  expect(daemon.errors).toEqual([]);
});
afterAll(() => daemon.stop());

/** Reads so many bytes and gives every frag back. */
async function readAndReturn(fd: number, total: number, headers: Record<string, string>): Promise<void> {
  let read = 0;
  let returned = 0;
  let frags = 0;
  while (read < total) {
    const got = await daemon.ok(
      'socket',
      'recvmsg',
      { fd, len: LENGTH, flags: ['MSG_SOCK_DEVMEM'], 'timeout-ms': 10_000 },
      headers,
    );
    read += got.len;
    frags += got.cmsgs.length;
    const optval = got.cmsgs.map((c: Record<string, number>) => ({ 'token-start': c['frag-token'], 'token-count': 1 }));
    const option = { fd, level: 'SOL_SOCKET', optname: 'SO_DEVMEM_DONTNEED', optval };
    returned += (await daemon.ok('socket', 'setsockopt', option, headers)).ret;
  }
  expect([read, returned]).toEqual([total, frags]);
}

/** A receiver on a CPU which has read everything there is and given it back. */
async function receiver(cpu: number) {
  const { id } = await daemon.ok('session', 'open', { cpu });
  const headers = { 'netmemd-session': id };
  const wired = await wire(daemon, { headers });
  const peer = await RealPeer.dial(wired.hostPort);
  const { fd } = await daemon.ok('socket', 'accept', { fd: wired.listener }, headers);
  peer.socket.write(Buffer.alloc(TOTAL, 7));
  await readAndReturn(fd, TOTAL, headers);
  return { headers, wired, peer, fd };
}

it('what a session reads on another CPU stays in its pool, whoever gave it back, until that CPU receives again', async () => {
  const { headers, wired, peer } = await receiver(1);
  await daemon.ok('session', 'unbind', { id: wired.binding }, headers);
  const [pool, ...others] = (await devmemPools(daemon)) as Record<string, number>[];
  expect(others).toEqual([]);
  expect(pool).toMatchObject({ dmabuf: wired.binding, 'detach-time': expect.any(Number) });
  expect(pool.inflight).toBeGreaterThan(0);
  peer.socket.write('x');
  await expect.poll(() => devmemPools(daemon), POLL).toEqual([]);
  peer.socket.destroy();
});

it('on the CPU that received it there is nothing left, and a session can be moved there', async () => {
  const { id } = await daemon.ok('session', 'open', { cpu: 1 });
  await daemon.ok('session', 'sched-setaffinity', { cpu: 0 }, { 'netmemd-session': id });
  expect((await daemon.ok('session', 'get', { id })).cpu).toBeUndefined();
  const { headers, wired, peer } = await receiver(0);
  await daemon.ok('session', 'unbind', { id: wired.binding }, headers);
  expect(await devmemPools(daemon)).toEqual([]);
  peer.socket.destroy();
});

it('a queue reset gives a bound queue a new pool, and its connections go on', async () => {
  const { headers, wired, peer, fd } = await receiver(0);
  const [before] = (await devmemPools(daemon)) as Record<string, number>[];
  await daemon.ok('lab', 'queue-reset', { ifindex: 2, queue: 7 });
  const [after] = (await devmemPools(daemon)) as Record<string, number>[];
  expect([after.dmabuf, after.id > before.id]).toEqual([wired.binding, true]);
  peer.socket.write(Buffer.alloc(TOTAL, 8));
  await readAndReturn(fd, TOTAL, headers);
  peer.socket.destroy();
});
