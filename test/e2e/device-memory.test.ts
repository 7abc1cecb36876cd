import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DaemonProcess } from './daemon.ts';
import { RealPeer } from './real-peer.ts';
import { portOf } from './wiring.ts';

const PORT = 5201;
const SIZE = 1 << 20;
const NEW_PLACE = '4503599627370496';
let daemon: DaemonProcess;

beforeAll(async () => {
  daemon = await DaemonProcess.start();
});
beforeEach(() =>
  daemon.ok('ethtool', 'rings-set', { header: { 'dev-index': 2 }, 'tcp-data-split': 'enabled', 'hds-thresh': 0 }),
);
afterEach(async () => {
  await daemon.ok('lab', 'reset');
  expect(daemon.errors).toEqual([]);
});
afterAll(() => daemon.stop());

interface Device {
  fd: number;
  binding: number;
  'va-base': number;
}

async function device(reachable: number[] = [2]): Promise<{ fd: number; 'va-base': number; path: string }> {
  return daemon.ok('dmabuf', 'create', { exporter: 'device', size: SIZE, 'p2p-reachable': reachable });
}

const bind = (fd: number) => daemon.do('netdev', 'bind-rx', { ifindex: 2, fd, queues: [{ type: 'rx', id: 7 }] });

async function bound(): Promise<Device> {
  const made = await device();
  const reply = await bind(made.fd);
  expect(reply.status, reply.text).toBe(200);
  return { ...made, binding: reply.json.id };
}

/** A connection of a real sender to a simulated socket whose packets arrive in the device's memory. */
async function connected(): Promise<{ peer: RealPeer; fd: number }> {
  await daemon.ok('rxnfc', 'rule-insert', { ifindex: 2, 'flow-type': 'tcp4', 'dst-port': PORT, queue: 7 });
  const { fd: listener } = await daemon.ok('socket', 'listen', { port: PORT });
  const { listen } = await daemon.ok('lab', 'tcp-publish', { ifindex: 2, listen: '127.0.0.1:0', port: PORT });
  const peer = await RealPeer.dial(portOf(listen));
  return { peer, fd: (await daemon.ok('socket', 'accept', { fd: listener })).fd };
}

interface Frag {
  type: string;
  'frag-offset': number;
  'frag-size': number;
  'frag-token': number;
}

/** Frags of the next `length` bytes. */
async function receive(fd: number, length: number): Promise<Frag[]> {
  const frags: Frag[] = [];
  for (let got = 0; got < length; ) {
    const message = await daemon.ok('socket', 'recvmsg', { fd, flags: ['MSG_SOCK_DEVMEM'] });
    expect(message.len).toBeGreaterThan(0);
    got += message.len;
    frags.push(...message.cmsgs);
  }
  return frags;
}

const giveBack = (fd: number, frags: readonly Frag[]) =>
  daemon.ok('socket', 'setsockopt', {
    fd,
    level: 'SOL_SOCKET',
    optname: 'SO_DEVMEM_DONTNEED',
    optval: frags.map((frag) => ({ 'token-start': frag['frag-token'], 'token-count': 1 })),
  });

async function readAsDevice(fd: number, frags: readonly Frag[]): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (const frag of frags) {
    const { data } = await daemon.ok('lab', 'device-read', { fd, addr: frag['frag-offset'], len: frag['frag-size'] });
    parts.push(Buffer.from(data, 'base64'));
  }
  return Buffer.concat(parts);
}

describe('device memory', () => {
  it('receives payload that only the device can read, at addresses of the device', async () => {
    const { fd: gpu, 'va-base': base } = await bound();
    const { peer, fd } = await connected();
    const sent = Buffer.from(Array.from({ length: 50_000 }, (_, i) => i % 251));
    peer.socket.write(sent);
    const frags = await receive(fd, sent.length);
    expect(frags.every((frag) => frag.type === 'SCM_DEVMEM_DMABUF')).toBe(true);
    for (const frag of frags) {
      expect(frag['frag-offset']).toBeGreaterThanOrEqual(base);
      expect(frag['frag-offset'] + frag['frag-size']).toBeLessThanOrEqual(base + SIZE);
    }
    expect((await readAsDevice(gpu, frags)).equals(sent)).toBe(true);
    const { tokens } = await daemon.ok('socket', 'get', { fd });
    expect(tokens.map((token: { offset: number }) => token.offset)).toEqual(frags.map((frag) => frag['frag-offset']));
    peer.socket.destroy();
  });

  it('has no file, not even in the run directory', async () => {
    const before = daemon.leftovers();
    expect((await device()).path).toBe('');
    expect(daemon.leftovers()).toEqual(before);
  });

  it('is bound by netdevs that reach it only', async () => {
    const refused = await bind((await device([3])).fd);
    expect([refused.status, refused.json.errno, refused.json.extack]).toEqual([
      501,
      'EOPNOTSUPP',
      { msg: 'Failed to bind dmabuf to device' },
    ]);
    const { fd } = await device();
    await daemon.ok('lab', 'dmabuf-fault', { fd, 'map-errno': 'ENOMEM' });
    const unmapped = await bind(fd);
    expect([unmapped.status, unmapped.json.extack]).toEqual([507, { msg: 'Failed to map dmabuf attachment' }]);
  });

  it('neither moves nor goes while a netdev imports it', async () => {
    const { fd, binding, 'va-base': base } = await bound();
    for (const op of ['move', 'revoke']) {
      const reply = await daemon.do('dmabuf', op, { fd });
      expect([reply.status, reply.json.errno], op).toEqual([409, 'EBUSY']);
    }
    await daemon.ok('session', 'unbind', { id: binding });
    expect((await daemon.ok('dmabuf', 'move', { fd }))['va-base']).not.toBe(base);
    expect(await daemon.ok('dmabuf', 'revoke', { fd })).toBeNull();
    const gone = await bind(fd);
    expect([gone.status, gone.json.errno]).toEqual([404, 'ENODEV']);
  });
});

describe('with the dynamic importer', () => {
  beforeEach(() => daemon.ok('lab', 'experiment-set', { 'dynamic-importer': 1 }));

  it('a move waits for held frags, visibly, and traffic goes on at the new place', async () => {
    const { fd: gpu } = await bound();
    const { peer, fd } = await connected();
    peer.socket.write(Buffer.from('first'));
    const held = await receive(fd, 5);
    const move = daemon.ok('dmabuf', 'move', { fd: gpu, 'va-base': NEW_PLACE });
    await expect
      .poll(async () => (await daemon.ok('dmabuf', 'get', { fd: gpu })).attachments)
      .toEqual([{ ifindex: 2, dynamic: true, state: 'finishing', outstanding: 1, maps: 1, unmaps: 0, syncs: 0 }]);
    peer.socket.write(Buffer.from('second'));
    await giveBack(fd, held);
    expect(await move).toEqual({ 'va-base': Number(NEW_PLACE) });
    const frags = await receive(fd, 6);
    expect(frags[0]['frag-offset']).toBeGreaterThanOrEqual(Number(NEW_PLACE));
    expect((await readAsDevice(gpu, frags)).toString()).toBe('second');
    expect(await daemon.ok('dmabuf', 'get', { fd: gpu })).toMatchObject({
      'va-base': Number(NEW_PLACE),
      attachments: [{ state: 'mapped' }],
      maps: 2,
      unmaps: 1,
    });
    peer.socket.destroy();
  });

  it('a move that takes too long changes nothing', async () => {
    const { fd: gpu, 'va-base': base } = await bound();
    const { peer, fd } = await connected();
    peer.socket.write(Buffer.from('first'));
    const held = await receive(fd, 5);
    for (const timeout of [0, 50]) {
      const late = await daemon.do('dmabuf', 'move', { fd: gpu, 'va-base': NEW_PLACE, 'timeout-ms': timeout });
      expect([late.status, late.json.errno]).toEqual([409, 'EAGAIN']);
    }
    peer.socket.write(Buffer.from('second'));
    const more = await receive(fd, 6);
    expect((await readAsDevice(gpu, [...held, ...more])).toString()).toBe('firstsecond');
    expect(await daemon.ok('dmabuf', 'get', { fd: gpu })).toMatchObject({
      'va-base': base,
      attachments: [{ state: 'mapped' }],
    });
    peer.socket.destroy();
  });

  it('a mover that goes away gives up, and so does one whose session ends', async () => {
    const { id } = await daemon.ok('session', 'open');
    const headers = { 'netmemd-session': id };
    const { fd: gpu } = await daemon.ok(
      'dmabuf',
      'create',
      { exporter: 'device', size: SIZE, 'p2p-reachable': [2] },
      headers,
    );
    const attrs = { ifindex: 2, fd: gpu, queues: [{ type: 'rx', id: 7 }] };
    await daemon.ok('netdev', 'bind-rx', attrs, headers);
    const { peer, fd } = await connected();
    peer.socket.write(Buffer.from('first'));
    await receive(fd, 5);
    const state = async () => (await daemon.ok('dmabuf', 'get', { fd: gpu }, headers)).attachments[0].state;
    const abort = new AbortController();
    const gone = fetch(`${daemon.url}/v1/dmabuf/move`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ fd: gpu }),
      signal: abort.signal,
    });
    await expect.poll(state).toBe('finishing');
    abort.abort();
    await expect(gone).rejects.toThrow();
    await expect.poll(state).toBe('mapped');
    const ended = daemon.do('dmabuf', 'move', { fd: gpu }, headers);
    await expect.poll(state).toBe('finishing');
    await daemon.ok('session', 'close', { id });
    expect((await ended).json.errno).toBe('ESRCH');
    peer.socket.destroy();
  });

  it('two movers cannot be at it', async () => {
    const { fd: gpu } = await bound();
    const { peer, fd } = await connected();
    peer.socket.write(Buffer.from('first'));
    const held = await receive(fd, 5);
    const move = daemon.ok('dmabuf', 'move', { fd: gpu });
    await expect
      .poll(async () => (await daemon.ok('dmabuf', 'get', { fd: gpu })).attachments[0].state)
      .toBe('finishing');
    const second = await daemon.do('dmabuf', 'move', { fd: gpu });
    expect([second.json.errno, second.json.extack.msg]).toEqual(['EBUSY', 'the memory is on the move']);
    await giveBack(fd, held);
    await move;
    peer.socket.destroy();
  });
});
