import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DaemonProcess } from './daemon.ts';
import { closeReal, listenReal, RealPeer } from './real-peer.ts';
import { portOf, type Wired, wire } from './wiring.ts';

const POLL = { timeout: 20_000 };
const DEVMEM = ['MSG_SOCK_DEVMEM'];
const PORT = 5201;

let daemon: DaemonProcess;
beforeAll(async () => {
  daemon = await DaemonProcess.start();
});
afterEach(async () => {
  expect(daemon.errors).toEqual([]);
  await daemon.ok('lab', 'reset');
});
afterAll(() => daemon.stop());

const recvmsg = (fd: number, attrs: object = {}) => daemon.do('socket', 'recvmsg', { fd, flags: DEVMEM, ...attrs });
const stateOf = async (fd: number) => (await daemon.ok('socket', 'get', { fd })).state;

/** Reads until the end of the stream, or an error; tokens go back at once. */
async function drain(fd: number): Promise<{ bytes: number; errno: string | null }> {
  let bytes = 0;
  for (;;) {
    const reply = await recvmsg(fd);
    if (reply.status !== 200) return { bytes, errno: reply.json.errno };
    if (reply.json.len === 0) return { bytes, errno: null };
    bytes += reply.json.len;
    const optval = reply.json.cmsgs.map((c: Record<string, number>) => ({
      'token-start': c['frag-token'],
      'token-count': 1,
    }));
    for (let i = 0; i < optval.length; i += 128) {
      const part = optval.slice(i, i + 128);
      const set = { fd, level: 'SOL_SOCKET', optname: 'SO_DEVMEM_DONTNEED', optval: part };
      expect(await daemon.ok('socket', 'setsockopt', set)).toEqual({ ret: part.length });
    }
  }
}

describe('an accepted connection', () => {
  let wired: Wired;
  let peer: RealPeer;
  let fd: number;
  beforeEach(async () => {
    wired = await wire(daemon, { port: PORT });
    peer = await RealPeer.dial(wired.hostPort);
    ({ fd } = await daemon.ok('socket', 'accept', { fd: wired.listener }));
  });
  afterEach(() => {
    peer.socket.destroy();
  });

  it('carries what is sent to the real peer, text and base64', async () => {
    expect(await daemon.ok('socket', 'send', { fd, text: 'grüße ' })).toEqual({ ret: 8 });
    expect(await daemon.ok('socket', 'send', { fd, data: Buffer.from([0, 255, 10]).toString('base64') })).toEqual({
      ret: 3,
    });
    await expect.poll(() => peer.received, POLL).toBe(11);
    expect(peer.data.equals(Buffer.concat([Buffer.from('grüße '), Buffer.from([0, 255, 10])]))).toBe(true);
    expect(peer.ended).toBe(false);
    const qstats = await daemon.dump('netdev', 'qstats-get', '?ifindex=2');
    expect(qstats[0]).toMatchObject({ 'tx-packets': 2, 'tx-bytes': expect.any(Number) });
  });

  it('waits with sending while the peer does not read, and EAGAIN is the answer after timeout-ms', async () => {
    peer.socket.pause();
    const data = Buffer.alloc(512 * 1024, 'd').toString('base64');
    let sent = 0;
    let reply = await daemon.do('socket', 'send', { fd, data, 'timeout-ms': 50 });
    while (reply.status === 200) {
      sent += reply.json.ret;
      expect(sent).toBeLessThan(256 << 20);
      reply = await daemon.do('socket', 'send', { fd, data, 'timeout-ms': 50 });
    }
    expect([reply.status, reply.json.errno]).toEqual([409, 'EAGAIN']);
    expect((await daemon.ok('socket', 'get', { fd })).outq).toBeGreaterThan(0);
    const waiting = daemon.ok('socket', 'send', { fd, data: Buffer.from('end').toString('base64') });
    peer.socket.resume();
    expect(await waiting).toEqual({ ret: 3 });
    await expect.poll(() => peer.received, POLL).toBe(sent + 3);
    expect((await daemon.ok('socket', 'get', { fd })).outq).toBe(0);
  });

  it('passes on the half close of the simulated side while the other half goes on', async () => {
    await daemon.ok('socket', 'send', { fd, text: 'last words' });
    await daemon.ok('socket', 'shutdown', { fd, how: 'SHUT_WR' });
    await expect.poll(() => peer.ended, POLL).toBe(true);
    expect(peer.text).toBe('last words');
    await expect.poll(() => stateOf(fd), POLL).toBe('fin-wait2');
    expect((await daemon.do('socket', 'send', { fd, text: 'x' })).json.errno).toBe('EPIPE');
    peer.socket.write('still here');
    expect(await daemon.ok('socket', 'recvmsg', { fd, flags: DEVMEM })).toMatchObject({ len: 10 });
    peer.socket.end();
    expect((await recvmsg(fd)).json).toEqual({ len: 0, flags: [], cmsgs: [], data: '' });
    await expect.poll(() => peer.closed, POLL).toBe(true);
    expect(peer.error).toBeNull();
    expect(await stateOf(fd)).toBe('close');
  });

  it('passes on the half close of the real side while the other half goes on', async () => {
    peer.socket.end('question');
    expect(await daemon.ok('socket', 'recvmsg', { fd, flags: DEVMEM })).toMatchObject({ len: 8 });
    expect((await recvmsg(fd)).json.len).toBe(0);
    expect(await stateOf(fd)).toBe('close-wait');
    await daemon.ok('socket', 'send', { fd, text: 'answer' });
    await expect.poll(() => peer.text, POLL).toBe('answer');
    await daemon.ok('socket', 'shutdown', { fd, how: 'SHUT_RDWR' });
    await expect.poll(() => peer.closed, POLL).toBe(true);
    expect(peer.error).toBeNull();
  });

  it('ends reading at SHUT_RD', async () => {
    const waiting = recvmsg(fd);
    await daemon.ok('socket', 'shutdown', { fd, how: 'SHUT_RD' });
    expect((await waiting).json.len).toBe(0);
    expect((await recvmsg(fd)).json.len).toBe(0);
    await daemon.ok('socket', 'send', { fd, text: 'out' });
    await expect.poll(() => peer.text, POLL).toBe('out');
  });

  it('that the real peer resets delivers what came, then ECONNRESET once', async () => {
    await new Promise<void>((resolve) => peer.socket.write('before the reset', () => resolve()));
    await expect.poll(async () => (await daemon.ok('socket', 'get', { fd })).inq, POLL).toBe(16);
    peer.socket.resetAndDestroy();
    await expect.poll(() => stateOf(fd), POLL).toBe('close');
    expect(await drain(fd)).toEqual({ bytes: 16, errno: 'ECONNRESET' });
    expect((await recvmsg(fd)).json.len).toBe(0);
    expect((await daemon.do('socket', 'send', { fd, text: 'x' })).json.errno).toBe('EPIPE');
  });

  it('that the real peer resets ends a stream with ECONNRESET', async () => {
    const stream = await fetch(`${daemon.url}/v1/socket/recvmsg?fd=${fd}&flags=MSG_SOCK_DEVMEM`);
    peer.socket.resetAndDestroy();
    expect(await stream.text()).toBe('{"errno":"ECONNRESET","code":-104}\n');
  });

  it('closed with everything read sends FIN', async () => {
    peer.socket.write('abc');
    expect(await daemon.ok('socket', 'recvmsg', { fd, flags: DEVMEM })).toMatchObject({ len: 3 });
    await daemon.ok('socket', 'send', { fd, text: 'bye' });
    await daemon.ok('socket', 'close', { fd });
    await expect.poll(() => peer.ended, POLL).toBe(true);
    expect(peer.text).toBe('bye');
    expect(peer.error).toBeNull();
    expect((await daemon.do('socket', 'get', { fd })).json.errno).toBe('EBADF');
    peer.socket.end();
    await expect.poll(() => peer.closed, POLL).toBe(true);
  });

  it('closed with something unread resets', async () => {
    peer.socket.write('nobody reads this');
    await expect.poll(async () => (await daemon.ok('socket', 'get', { fd })).inq, POLL).toBe(17);
    await daemon.ok('socket', 'close', { fd });
    await expect.poll(() => peer.error, POLL).toBe('ECONNRESET');
  });

  it('is reset when its port is unpublished', async () => {
    await daemon.ok('lab', 'tcp-unpublish', { id: wired.publish });
    await expect.poll(() => peer.error, POLL).toBe('ECONNRESET');
    expect((await recvmsg(fd)).json.errno).toBe('ECONNRESET');
    await expect(RealPeer.dial(wired.hostPort)).rejects.toThrow('ECONNREFUSED');
  });
});

describe('a published port', () => {
  it('resets connections while nobody listens, and counts them', async () => {
    const { id, listen } = await daemon.ok('lab', 'tcp-publish', { ifindex: 2, listen: '127.0.0.1:0', port: PORT });
    const peer = await RealPeer.dial(portOf(listen));
    await expect.poll(() => peer.error, POLL).toBe('ECONNRESET');
    expect(await daemon.ok('lab', 'tcp-get', { id })).toMatchObject({ flows: 0, accepted: 0, refused: 1 });
  });

  it('resets connections that the backlog has no room for', async () => {
    const { listener, hostPort } = await wire(daemon, { backlog: 1 });
    const peers = await Promise.all(Array.from({ length: 6 }, () => RealPeer.dial(hostPort)));
    await expect.poll(() => peers.filter((p) => p.closed).length, POLL).toBeGreaterThan(0);
    const { acceptq, drops } = await daemon.ok('socket', 'get', { fd: listener });
    await expect.poll(() => peers.filter((p) => p.error === 'ECONNRESET').length, POLL).toBe(6 - acceptq);
    expect(drops).toBe(6 - acceptq);
    for (const peer of peers) peer.socket.destroy();
  });

  it('refuses an address of the host that is taken', async () => {
    const taken = await listenReal();
    const reply = await daemon.do('lab', 'tcp-publish', { ifindex: 2, listen: `127.0.0.1:${taken.port}` });
    expect(reply.json).toMatchObject({ errno: 'EADDRINUSE', extack: { 'bad-attr': '.listen' } });
    expect(await daemon.dump('lab', 'tcp-get')).toEqual([]);
    closeReal(taken);
  });
});

describe('connecting out', () => {
  it('asks a real server and gets its payload as tokens', async () => {
    const payload = Buffer.alloc(3 << 20, 'payload');
    const origin = await listenReal((peer) => {
      peer.socket.on('data', () => {
        if (peer.text.endsWith('\n')) peer.socket.end(payload);
      });
    });
    const { dmabuf } = await wire(daemon, { port: PORT });
    await daemon.ok('lab', 'tcp-upstream', { ifindex: 2, to: `127.0.0.1:${origin.port}` });
    const addr = '192.0.2.77';
    await daemon.ok('rxnfc', 'rule-insert', {
      ifindex: 2,
      'flow-type': 'tcp4',
      'src-ip': addr,
      'src-port': 80,
      queue: 7,
    });
    const connected = await daemon.ok('socket', 'connect', { ifindex: 2, addr, port: 80 });
    expect(connected).toEqual({
      fd: expect.any(Number),
      peer: { addr, port: 80 },
      local: { addr: '192.0.2.1', port: expect.any(Number) },
    });
    const { fd } = connected;
    expect((await daemon.ok('dmabuf', 'get', { fd: dmabuf.fd })).bindings).toHaveLength(1);
    await daemon.ok('socket', 'send', { fd, text: 'GET payload\n' });
    expect(await drain(fd)).toEqual({ bytes: payload.length, errno: null });
    expect(await daemon.ok('socket', 'get', { fd })).toMatchObject({ state: 'close-wait', queue: 7 });
    expect(origin.peers[0].text).toBe('GET payload\n');
    await daemon.ok('socket', 'close', { fd });
    await expect.poll(() => origin.peers[0].closed, POLL).toBe(true);
    expect(origin.peers[0].error).toBeNull();
    closeReal(origin);
  });

  it('reports ECONNREFUSED: nobody listens there, or there is no upstream', async () => {
    const gone = await listenReal();
    closeReal(gone);
    const attrs = { ifindex: 2, addr: '192.0.2.9', port: 80 };
    const none = await daemon.do('socket', 'connect', attrs);
    expect([none.status, none.json.errno]).toEqual([409, 'ECONNREFUSED']);
    await daemon.ok('lab', 'tcp-upstream', { ifindex: 2, to: `127.0.0.1:${gone.port}` });
    const refused = await daemon.do('socket', 'connect', attrs);
    expect([refused.status, refused.json.errno]).toEqual([409, 'ECONNREFUSED']);
    expect((await daemon.ok('session', 'get')).fds ?? []).toEqual([]);
    expect((await daemon.do('socket', 'connect', { ...attrs, addr: '2001:db8::9' })).json.errno).toBe('ECONNREFUSED');
  });
});

describe('a port published to the client’s own listener', () => {
  async function relay() {
    const app = await listenReal();
    const wired = await wire(daemon, { port: PORT });
    await daemon.ok('lab', 'tcp-unpublish', { id: wired.publish });
    const { listen } = await daemon.ok('lab', 'tcp-publish', {
      ifindex: 2,
      listen: '127.0.0.1:0',
      port: PORT,
      to: { connect: `127.0.0.1:${app.port}` },
    });
    const peer = await RealPeer.dial(portOf(listen));
    await expect.poll(() => app.peers.length, POLL).toBe(1);
    const [client] = app.peers;
    // How a client finds the simulated socket of a connection it has accepted.
    const { remoteAddress: addr, remotePort: port } = client.socket;
    const sockets = await daemon.dump('socket', 'get');
    const mine = sockets.find((s) => s.relay?.addr === addr && s.relay?.port === port);
    expect(mine).toMatchObject({ state: 'established', local: { addr: '192.0.2.1', port: PORT } });
    return { app, peer, client, fd: mine.fd as number };
  }

  it('tells by one byte that data waits, and relays what the client writes', async () => {
    const { app, peer, client, fd } = await relay();
    expect(client.received).toBe(0);
    peer.socket.write(Buffer.alloc(100_000, 'p'));
    await expect.poll(() => client.received, POLL).toBe(1);
    let got = 0;
    while (got < 100_000) {
      const message = await daemon.ok('socket', 'recvmsg', { fd, flags: DEVMEM });
      expect(message.cmsgs[0].type).toBe('SCM_DEVMEM_DMABUF');
      got += message.len;
    }
    // The queue is empty: the next data is told again.
    const told = client.received;
    peer.socket.write('more');
    await expect.poll(() => client.received, POLL).toBe(told + 1);
    client.socket.write('reply by the client');
    await expect.poll(() => peer.text, POLL).toBe('reply by the client');
    closeReal(app);
  });

  it('passes both ends on', async () => {
    const { app, peer, client, fd } = await relay();
    peer.socket.end('x');
    expect(await daemon.ok('socket', 'recvmsg', { fd, flags: DEVMEM })).toMatchObject({ len: 1 });
    expect((await recvmsg(fd)).json.len).toBe(0);
    await expect.poll(() => client.ended, POLL).toBe(true);
    client.socket.end('good bye');
    await expect.poll(() => peer.ended, POLL).toBe(true);
    expect(peer.text).toBe('good bye');
    await expect.poll(() => peer.closed && client.closed, POLL).toBe(true);
    expect([peer.error, client.error]).toEqual([null, null]);
    closeReal(app);
  });

  it('resets the client with the peer, and the peer with the client', async () => {
    const first = await relay();
    first.peer.socket.resetAndDestroy();
    await expect.poll(() => first.client.error, POLL).toBe('ECONNRESET');
    expect((await recvmsg(first.fd)).json.errno).toBe('ECONNRESET');
    closeReal(first.app);
    await daemon.ok('lab', 'reset');
    const second = await relay();
    second.client.socket.resetAndDestroy();
    await expect.poll(() => second.peer.error, POLL).toBe('ECONNRESET');
    closeReal(second.app);
  });

  it('resets the peer when the client’s listener is gone', async () => {
    const gone = await listenReal();
    closeReal(gone);
    const { listen } = await daemon.ok('lab', 'tcp-publish', {
      ifindex: 2,
      listen: '127.0.0.1:0',
      to: { connect: `127.0.0.1:${gone.port}` },
    });
    const peer = await RealPeer.dial(portOf(listen));
    await expect.poll(() => peer.closed, POLL).toBe(true);
    expect(peer.error).toBe('ECONNRESET');
    expect(await daemon.dump('socket', 'get')).toEqual([]);
  });
});
