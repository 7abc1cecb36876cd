import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Client, connect, NotNetmemdMemoryError } from '../../src/client/index.ts';
import { DaemonProcess } from './daemon.ts';
import { RealPeer } from './real-peer.ts';
import { portOf } from './wiring.ts';

let daemon: DaemonProcess;
let client: Client;
const directories: string[] = [];
beforeAll(async () => {
  daemon = await DaemonProcess.start('--backing=file');
  client = connect({ url: daemon.url });
});
afterEach(async () => {
  await daemon.ok('lab', 'reset');
  for (const path of directories.splice(0)) rmSync(path, { recursive: true, force: true });
  expect(daemon.errors).toEqual([]);
});
afterAll(async () => {
  await client.close();
  await daemon.stop();
});

async function receiver(o: { client?: Client; size?: number } = {}) {
  const session = await (o.client ?? client).session();
  await session.do('ethtool', 'rings-set', {
    header: { 'dev-index': 2 },
    'tcp-data-split': 'enabled',
    'hds-thresh': 0,
  });
  const { fd, path } = await session.do<{ fd: number; path: string }>('dmabuf', 'create', { size: o.size ?? 4 << 20 });
  const mapping = await session.mapDmabuf(fd);
  await session.bindRx({ ifindex: 2, fd, queues: [{ type: 'rx', id: 7 }] }, mapping);
  await session.do('rxnfc', 'rule-insert', { ifindex: 2, 'flow-type': 'tcp4', 'dst-port': 5201, queue: 7 });
  const listener = await session.do<{ fd: number }>('socket', 'listen', { port: 5201 });
  const { listen } = await daemon.ok('lab', 'tcp-publish', { ifindex: 2, listen: '127.0.0.1:0', port: 5201 });
  const peer = await RealPeer.dial(portOf(listen));
  const accepted = await session.do<{ fd: number }>('socket', 'accept', { fd: listener.fd });
  return { session, mapping, path, peer, fd: accepted.fd };
}

describe('backing=file', () => {
  it('is mapped read-only by the client, and received through', async () => {
    const { session, mapping, path, peer, fd } = await receiver();
    expect(lstatSync(path).isFile()).toBe(true);
    expect(lstatSync(path).mode & 0o777).toBe(0o640);
    expect(mapping.writable).toBe(false);
    const sent = Buffer.alloc(12 << 20);
    for (let i = 0; i < sent.length; i += 4) sent.writeUInt32LE(i, i);
    peer.socket.end(sent);
    const hash = createHash('sha1');
    const tokens = session.tokenReturner(fd);
    let length = 0;
    for await (const message of session.recvmsg(fd)) {
      length += message.len;
      for (const frag of message.frags) {
        hash.update(frag.bytes as Uint8Array);
        if (frag.kind === 'dmabuf') tokens.add(frag.token);
      }
      tokens.sendSoon();
    }
    await tokens.flush();
    expect(length).toBe(sent.length);
    expect(hash.digest('hex')).toBe(createHash('sha1').update(sent).digest('hex'));
    expect(tokens.freed).toBe(tokens.returned);
    await session.close();
    expect(() => mapping.bytes).toThrow();
    await expect.poll(() => lstatSync(path, { throwIfNoEntry: false }), { timeout: 20_000 }).toBeUndefined();
  });

  it('lets another user read, and neither write nor truncate', async ({ skip }) => {
    if (process.getuid?.() !== 0) return skip('only root can run a command as another user');
    const shared = await DaemonProcess.start('--backing=file', '--run-dir-mode=0755', '--shm.file-mode=0644');
    try {
      chmodSync(join(shared.runDirectory, '..'), 0o755);
      const { path } = await shared.ok('dmabuf', 'create', { size: 65_536 });
      const nobody = { uid: 65_534, gid: 65_534 };
      expect(spawnSync('head', ['-c', '100', path], nobody).stdout).toEqual(Buffer.alloc(100));
      expect(spawnSync('truncate', ['-s', '0', path], nobody).status).toBe(1);
      expect(spawnSync('rm', ['-f', path], nobody).status).toBe(1);
      expect(lstatSync(path).size).toBe(65_536);
    } finally {
      await shared.stop();
    }
  });

  it('is mapped read-write where the operator permits it', async () => {
    const trusting = await DaemonProcess.start('--backing=file', '--shm.client-writable=true');
    const own = connect({ url: trusting.url });
    try {
      const session = await own.session();
      const { fd } = await session.do<{ fd: number }>('dmabuf', 'create', { size: 65_536 });
      const [one, two] = [await session.mapDmabuf(fd), await session.mapDmabuf(fd)];
      expect([one.writable, two.writable]).toEqual([true, true]);
      one.bytes[100] = 42;
      expect(two.bytes[100]).toBe(42);
      expect((await session.mapDmabuf(fd, { readOnly: true })).writable).toBe(false);
      await session.close();
    } finally {
      await own.close();
      await trusting.stop();
    }
  });
});

describe('the client', () => {
  it('maps only what a daemon has published', async () => {
    const session = await client.session();
    const { fd, path } = await session.do<{ fd: number; path: string }>('dmabuf', 'create', { size: 65_536 });
    const elsewhere = mkdtempSync(join(tmpdir(), 'netmemd-e2e-'));
    directories.push(elsewhere);
    const plain = join(elsewhere, 'mem-1');
    writeFileSync(plain, Buffer.alloc(65_536));
    const copy = join(elsewhere, 'run', 'mem-2');
    mkdirSync(join(elsewhere, 'run'));
    copyFileSync(path, copy);
    const link = join(elsewhere, 'mem-3');
    symlinkSync(path, link);
    const toNull = join(elsewhere, 'mem-4');
    symlinkSync('/dev/zero', toNull);
    const toProc = join(elsewhere, 'mem-5');
    symlinkSync(`/proc/${process.pid}/fd/0`, toProc);
    for (const foreign of [plain, copy, link, toNull, toProc, '/dev/zero', join(elsewhere, 'nothing'), elsewhere]) {
      await expect(session.mapDmabuf(foreign), foreign).rejects.toThrow(NotNetmemdMemoryError);
    }
    const mapping = await session.mapDmabuf(fd);
    expect(mapping.size).toBe(65_536);
    const sameFile = await session.mapDmabuf(path);
    expect(sameFile.size).toBe(65_536);
    await session.close();
  });

  it('maps memfd memory read-write, or read-only where the daemon seals it', async () => {
    for (const [flag, writable] of [
      ['--shm.client-writable=true', true],
      ['--shm.client-writable=false', false],
    ] as const) {
      const sealed = await DaemonProcess.start(flag);
      const own = connect({ url: sealed.url });
      try {
        const session = await own.session();
        const { fd } = await session.do<{ fd: number }>('dmabuf', 'create', { size: 65_536 });
        const mapping = await session.mapDmabuf(fd);
        expect(mapping.writable).toBe(writable);
        if (writable) {
          mapping.bytes[0] = 7;
          expect((await session.mapDmabuf(fd)).bytes[0]).toBe(7);
        }
        await session.close();
      } finally {
        await own.close();
        await sealed.stop();
      }
    }
  });
});
