import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DaemonProcess } from './daemon.ts';
import { wire } from './wiring.ts';

let daemon: DaemonProcess;
beforeAll(async () => {
  daemon = await DaemonProcess.start();
});
afterEach(async () => {
  expect(daemon.errors).toEqual([]);
  await daemon.ok('lab', 'reset');
});
afterAll(() => daemon.stop());

/** A client that writes what it likes. */
async function open(by: 'tcp' | 'unix' = 'tcp'): Promise<Socket & { text: string }> {
  const socket = by === 'unix' ? connect(daemon.socketPath) : connect(Number(new URL(daemon.url).port), '127.0.0.1');
  await once(socket, 'connect');
  const client = Object.assign(socket, { text: '' });
  client.on('data', (chunk) => {
    client.text += chunk;
  });
  client.on('error', () => {});
  return client;
}

function post(path: string, attrs: unknown): string {
  const body = JSON.stringify(attrs);
  return `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}
const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
/** What other connections have sent, or their end, is seen by the daemon before it answers a later one. */
const seen = () => daemon.request('/livez');
const peer = async (port: number, bytes = ''): Promise<Socket> => {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(bytes);
  return socket;
};

describe.each(['tcp', 'unix'] as const)('pipelined requests over %s', (by) => {
  it('are answered in order', async () => {
    const client = await open(by);
    client.write(get('/livez') + post('/v1/netdev/dev-get', { ifindex: 2 }) + get('/v1/netdev/zz') + get('/readyz'));
    await expect.poll(() => client.text.match(/HTTP\/1\.1 \d+/g)).toHaveLength(4);
    expect(client.text.match(/HTTP\/1\.1 \d+/g)).toEqual([200, 200, 404, 200].map((s) => `HTTP/1.1 ${s}`));
    client.destroy();
  });

  it('to accept take nothing once their client is gone', async () => {
    const { listener, hostPort } = await wire(daemon);
    const client = await open(by);
    client.write(
      post('/v1/socket/accept', { fd: listener }) + post('/v1/socket/accept', { fd: listener }) + get('/livez'),
    );
    await seen();
    client.destroy();
    await once(client, 'close');
    await seen();
    const real = await peer(hostPort);
    const accepted = await daemon.do('socket', 'accept', { fd: listener, 'timeout-ms': 20_000 });
    expect(accepted.status).toBe(200);
    expect(await daemon.ok('socket', 'get', { fd: listener })).toMatchObject({ acceptq: 0 });
    real.destroy();
  });

  it('to receive take nothing once their client is gone', async () => {
    const { listener, hostPort } = await wire(daemon);
    const real = await peer(hostPort);
    const { fd } = await daemon.ok('socket', 'accept', { fd: listener });
    const receive = { fd, len: 65_536, flags: ['MSG_SOCK_DEVMEM'] };
    const client = await open(by);
    client.write(post('/v1/socket/recvmsg', receive).repeat(3));
    await seen();
    client.destroy();
    await once(client, 'close');
    await seen();
    real.write('x'.repeat(5000));
    await expect.poll(async () => (await daemon.ok('socket', 'get', { fd })).inq).toBe(5000);
    const message = await daemon.ok('socket', 'recvmsg', receive);
    expect(message.len).toBe(5000);
    real.destroy();
  });

  it('behind a stream wait for its end, and go with the connection', async () => {
    const { id } = await daemon.ok('session', 'open', {});
    const other = await daemon.ok('session', 'open', {});
    const client = await open(by);
    client.write(get('/v1/netdev/events') + get(`/v1/session/hold?id=${id}`) + get('/v1/netdev/events'));
    await expect.poll(() => client.text).toContain('HTTP/1.1 200');
    expect((await daemon.metric('netmemd_http_streams')).get('')).toBe(1);
    client.destroy();
    await expect.poll(async () => (await daemon.metric('netmemd_http_streams')).get('')).toBe(0);
    expect(await daemon.ok('session', 'get', { id })).toMatchObject({ connections: 0 });
    expect(await daemon.ok('session', 'get', { id: other.id })).toMatchObject({ connections: 0 });
  });

  it('whose answers nobody reads take no memory', async () => {
    const rss = (): number =>
      Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${daemon.child.pid}/status`, 'latin1'))?.[1]) / 1024;
    await daemon.request('/v1/openapi.json');
    const before = rss();
    const client = await open(by);
    client.pause();
    for (let i = 0; i < 5000; i += 50) client.write(get('/v1/openapi.json').repeat(50));
    for (let i = 0; i < 20; i++) await daemon.request('/v1/netdev/dev-get');
    expect(rss() - before).toBeLessThan(60);
    client.destroy();
  });
});

it('a stream whose request has a body that nobody reads ends with its connection', async () => {
  const { id } = await daemon.ok('session', 'open', {});
  const client = await open();
  client.write(`GET /v1/session/hold?id=${id} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10000000\r\n\r\n`);
  client.write(Buffer.alloc(1_000_000));
  await expect.poll(() => client.text).toContain('HTTP/1.1 200');
  client.destroy();
  await expect.poll(async () => (await daemon.do('session', 'get', { id })).status).toBe(404);
});

describe('what the HTTP parser would answer itself', () => {
  const HEAD = 'Host: localhost\r\n';
  it.each([
    ['no Host', 'GET /v1 HTTP/1.1\r\n\r\n', 400, 'EACCES'],
    ['two Hosts', `GET /v1 HTTP/1.1\r\n${HEAD}Host: evil.test\r\n\r\n`, 400, 'EACCES'],
    ['another host in the target', `GET http://evil.test/v1 HTTP/1.1\r\n${HEAD}\r\n`, 403, 'EACCES'],
    ['a user in the target', `GET http://localhost@evil.test/v1 HTTP/1.1\r\n${HEAD}\r\n`, 403, 'EACCES'],
    ['another Host', 'GET http://localhost/v1 HTTP/1.1\r\nHost: evil.test\r\n\r\n', 403, 'EACCES'],
    ['an expectation', `GET /v1 HTTP/1.1\r\n${HEAD}Expect: banana\r\n\r\n`, 417, 'EINVAL'],
    ['CONNECT', 'CONNECT localhost:80 HTTP/1.1\r\nHost: localhost:80\r\n\r\n', 405, 'EOPNOTSUPP'],
    ['an upgrade', `GET /v1/none HTTP/1.1\r\n${HEAD}Connection: upgrade\r\nUpgrade: websocket\r\n\r\n`, 404, 'ENOENT'],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 'EPROTO'],
    [
      'a bad chunk',
      `POST /v1/netdev/dev-get HTTP/1.1\r\n${HEAD}Transfer-Encoding: chunked\r\n\r\nzz\r\n`,
      415,
      'EPROTONOSUPPORT',
    ],
    [
      'a bad chunk of JSON',
      `POST /v1/netdev/dev-get HTTP/1.1\r\n${HEAD}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`,
      400,
      'EPROTO',
    ],
    ['large headers', `GET /v1 HTTP/1.1\r\n${HEAD}X: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 'EMSGSIZE'],
  ])('%s is a problem document', async (_what, request, status, errno) => {
    const client = await open();
    client.write(request);
    await expect.poll(() => client.text).toMatch(/\r\n\r\n\{.*\}$/);
    expect(client.text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(client.text.toLowerCase()).toContain('content-type: application/problem+json\r\n');
    const problem = JSON.parse(client.text.slice(client.text.indexOf('{')));
    expect(problem).toMatchObject({ status, errno });
    client.destroy();
  });

  it('a target in absolute form is served, and Upgrade to nothing is ignored', async () => {
    const client = await open();
    const { port } = new URL(daemon.url);
    client.write(`GET http://localhost:${port}/v1 HTTP/1.1\r\n${HEAD}\r\n`);
    await expect.poll(() => client.text).toContain('HTTP/1.1 200');
    client.write(`GET /livez HTTP/1.1\r\n${HEAD}Connection: upgrade\r\nUpgrade: h2c\r\n\r\n`);
    await expect.poll(() => client.text).toMatch(/ok\n$/);
    client.destroy();
  });

  it('closes after CONNECT', async () => {
    const client = await open();
    client.write('CONNECT localhost:80 HTTP/1.1\r\nHost: localhost:80\r\n\r\n');
    await once(client, 'close');
    expect(client.text).toMatch(/\r\nallow: GET, POST\r\n/i);
  });
});

it('a large dmabuf keeps nobody waiting while it comes and goes', async () => {
  let worst = 0;
  let running = true;
  const watch = (async () => {
    while (running) {
      const started = performance.now();
      await daemon.request('/livez');
      worst = Math.max(worst, performance.now() - started);
    }
  })();
  const started = performance.now();
  const { fd } = await daemon.ok('dmabuf', 'create', { size: 512 << 20 });
  await daemon.ok('dmabuf', 'close', { fd });
  const took = performance.now() - started;
  running = false;
  await watch;
  expect(worst).toBeLessThan(Math.max(took, 1000));
});
