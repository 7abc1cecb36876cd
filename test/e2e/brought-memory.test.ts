import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../src/client/index.ts';
import { DaemonProcess } from './daemon.ts';
import { RealPeer } from './real-peer.ts';
import { portOf } from './wiring.ts';

const PORT = 5201;
const PAGE = 4096;
let daemon: DaemonProcess;
const owners: ChildProcessByStdio<Writable, Readable, null>[] = [];

beforeAll(async () => {
  daemon = await DaemonProcess.start('--limits.memlock-bytes=2097152', '--limits.udmabuf-bytes=1048576');
});
afterEach(async () => {
  for (const owner of owners.splice(0)) owner.kill('SIGKILL');
  await daemon.ok('lab', 'reset');
  expect(daemon.errors).toEqual([]);
});
afterAll(() => daemon.stop());

/** A client's process with a memfd of `size` bytes, mapped; each line sent to it is evaluated. */
async function owner(size: number) {
  const program = `
    import fs from 'node:fs'; import koffi from 'koffi'; import readline from 'node:readline';
    const library = koffi.load(null);
    const memfdCreate = library.func('int memfd_create(const char *, unsigned int)');
    const fcntl = library.func('int fcntl(int, int, ...)');
    const fallocate = library.func('int fallocate(int, int, int64_t, int64_t)');
    const mmap = library.func('void *mmap(void *, size_t, int, int, int, int64_t)');
    const fd = memfdCreate('netmemd-client:rx', 2);
    fs.ftruncateSync(fd, ${size});
    fcntl(fd, 1033, 'int', 2);
    const bytes = new Uint8Array(koffi.view(mmap(null, ${size}, 3, 1, fd, 0), ${size}));
    const attempt = (fn) => { try { fn(); return 'done'; } catch (e) { return e.code; } };
    console.log(fd);
    for await (const line of readline.createInterface({ input: process.stdin })) console.log(JSON.stringify(eval(line)));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  owners.push(child);
  const lines = createInterface({ input: child.stdout });
  const [fd] = (await once(lines, 'line')) as [string];
  return {
    child,
    path: `/proc/${child.pid}/fd/${fd}`,
    // biome-ignore lint/suspicious/noExplicitAny: whatever the line gives
    async run(line: string): Promise<any> {
      const answer = once(lines, 'line');
      child.stdin.write(`${line}\n`);
      return JSON.parse(((await answer) as [string])[0]);
    },
  };
}

/** Binds a dmabuf to queue 7 and brings a real sender's bytes there. */
async function receiver(dmabuf: number): Promise<{ peer: RealPeer; fd: number }> {
  await daemon.ok('ethtool', 'rings-set', { header: { 'dev-index': 2 }, 'tcp-data-split': 'enabled', 'hds-thresh': 0 });
  await daemon.ok('netdev', 'bind-rx', { ifindex: 2, fd: dmabuf, queues: [{ type: 'rx', id: 7 }] });
  await daemon.ok('rxnfc', 'rule-insert', { ifindex: 2, 'flow-type': 'tcp4', 'dst-port': PORT, queue: 7 });
  const { fd: listener } = await daemon.ok('socket', 'listen', { port: PORT });
  const { listen } = await daemon.ok('lab', 'tcp-publish', { ifindex: 2, listen: '127.0.0.1:0', port: PORT });
  const peer = await RealPeer.dial(portOf(listen));
  return { peer, fd: (await daemon.ok('socket', 'accept', { fd: listener })).fd };
}

async function frag(fd: number): Promise<{ offset: number; size: number }> {
  const { cmsgs } = await daemon.ok('socket', 'recvmsg', { fd, flags: ['MSG_SOCK_DEVMEM'] });
  return { offset: cmsgs[0]['frag-offset'], size: cmsgs[0]['frag-size'] };
}

describe('memory that a client brings', () => {
  it('gets the payload: in its own mapping, at the offset it chose', async () => {
    const client = await owner(64 * PAGE);
    const memfd = await daemon.ok('mm', 'shm-import', { path: client.path });
    expect(memfd).toMatchObject({ path: client.path, size: 64 * PAGE, seals: ['shrink'] });
    const item = { exporter: 'udmabuf', memfd: memfd.fd, offset: 16 * PAGE, size: 32 * PAGE };
    const dmabuf = await daemon.ok('dmabuf', 'create', item);
    expect(dmabuf).toMatchObject({ path: client.path, offset: 16 * PAGE });
    await daemon.ok('session', 'fd-close', { fd: memfd.fd });
    const { peer, fd } = await receiver(dmabuf.fd);
    peer.socket.write(Buffer.from('into my memory'));
    const { offset, size } = await frag(fd);
    expect(
      await client.run(`Buffer.from(bytes.subarray(${16 * PAGE + offset}, ${16 * PAGE + offset + size})).toString()`),
    ).toBe('into my memory');
    peer.socket.destroy();
  });

  it('may be spoilt by its client, who hurts nobody else', async () => {
    const client = await owner(64 * PAGE);
    const { fd: memfd } = await daemon.ok('mm', 'shm-import', { path: client.path });
    const dmabuf = await daemon.ok('dmabuf', 'create', { exporter: 'udmabuf', memfd, size: 64 * PAGE });
    const { peer, fd } = await receiver(dmabuf.fd);
    expect(await client.run('attempt(() => fs.ftruncateSync(fd, 0))')).toBe('EPERM');
    expect(await client.run(`fallocate(fd, 3, 0, ${64 * PAGE})`)).toBe(0);
    expect(await client.run('bytes.fill(255).length')).toBe(64 * PAGE);
    peer.socket.write(Buffer.from('still here'));
    expect((await frag(fd)).size).toBe(10);
    client.child.kill('SIGKILL');
    await once(client.child, 'exit');
    peer.socket.write(Buffer.from('and after'));
    expect((await frag(fd)).size).toBe(9);
    expect((await daemon.request('/readyz')).status).toBe(200);
    peer.socket.destroy();
  });

  it('is charged to the session that pins it', async () => {
    const { id } = await daemon.ok('session', 'open', { memlock: 48 * PAGE });
    const headers = { 'netmemd-session': id };
    const client = await owner(64 * PAGE);
    const { fd: memfd } = await daemon.ok('mm', 'shm-import', { path: client.path }, headers);
    const item = { exporter: 'udmabuf', memfd, size: 32 * PAGE };
    const { fd } = await daemon.ok('dmabuf', 'create', item, headers);
    const account = async () => {
      const { memlock, locked } = await daemon.ok('session', 'get', { id });
      return [memlock, locked];
    };
    expect(await account()).toEqual([48 * PAGE, 32 * PAGE]);
    const over = await daemon.do('dmabuf', 'create', item, headers);
    expect([over.status, over.json.errno]).toEqual([507, 'ENOMEM']);
    await daemon.ok('dmabuf', 'close', { fd }, headers);
    expect(await account()).toEqual([48 * PAGE, 0]);
    const { id: other } = await daemon.ok('session', 'open');
    expect(await daemon.ok('session', 'get', { id: other })).toMatchObject({ memlock: 2_097_152, locked: 0 });
  });

  it('has to be a memfd that is meant for netmemd', async () => {
    for (const [path, errno] of [
      ['/etc/passwd', 'EINVAL'],
      ['/proc/self/fd/1', 'EINVAL'],
      [`/proc/${daemon.child.pid}/fd/1`, 'EINVAL'],
      [`/proc/${process.pid}/fd/0`, 'EACCES'],
      ['/proc/4194304/fd/0', 'ENOENT'],
    ]) {
      const reply = await daemon.do('mm', 'shm-import', { path });
      expect([reply.json.errno, reply.json.extack['bad-attr']], path).toEqual([errno, '.path']);
    }
  });
});

describe('a memfd that the daemon makes', () => {
  it('is mapped by the client and made a dmabuf in parts', async () => {
    const client = connect({ url: daemon.url });
    const session = await client.session();
    const memfd = await session.do<{ fd: number; path: string }>('mm', 'shm-create', { size: 64 * PAGE, name: 'rx' });
    const item = { exporter: 'udmabuf', memfd: memfd.fd, offset: 8 * PAGE, size: 8 * PAGE };
    const { fd } = await session.do<{ fd: number }>('dmabuf', 'create', item);
    const part = await session.mapDmabuf(fd);
    const whole = await session.mapDmabuf(memfd.path);
    part.bytes[3] = 77;
    expect([part.size, whole.size, whole.bytes[8 * PAGE + 3]]).toEqual([8 * PAGE, 64 * PAGE, 77]);
    await client.close();
  });

  it.each([
    [{ offset: 1 }, 'EINVAL'],
    [{ size: 1 }, 'EINVAL'],
    [{ size: 0 }, 'EINVAL'],
    [{ size: 1_052_672 }, 'EINVAL'],
    [{ memfd: 99 }, 'EBADFD'],
    [{ offset: 64 * PAGE }, 'EINVAL'],
  ])('with %j is refused with %s, as UDMABUF_CREATE does', async (wrong, errno) => {
    const { fd: memfd } = await daemon.ok('mm', 'shm-create', { size: 64 * PAGE });
    const reply = await daemon.do('dmabuf', 'create', { exporter: 'udmabuf', memfd, size: PAGE, ...wrong });
    expect(reply.json.errno).toBe(errno);
  });
});

it('nothing can be brought to a daemon that shares files', async () => {
  const files = await DaemonProcess.start('--backing=file');
  try {
    const reply = await files.do('mm', 'shm-import', { path: '/proc/1/fd/3' });
    expect([reply.status, reply.json.errno]).toEqual([501, 'EOPNOTSUPP']);
    const gpu = await files.ok('dmabuf', 'create', { exporter: 'device', size: PAGE });
    expect(gpu.path).toBe('');
  } finally {
    await files.stop();
  }
});
