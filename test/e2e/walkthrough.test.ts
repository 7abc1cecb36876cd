import { closeSync, openSync, readSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DaemonProcess, type Reply } from './daemon.ts';
import { devmemPools, portOf, wire } from './wiring.ts';

let daemon: DaemonProcess;
beforeEach(async () => {
  daemon = await DaemonProcess.start();
});
afterEach(() => daemon.stop());

/** The bytes of `yes` piped into a socket: 1 2 3 4 5 6 0, over and over. */
const PATTERN = Buffer.from([1, 2, 3, 4, 5, 6, 0]);
const MIB = 1 << 20;

/** Sends `total` bytes of the pattern, then FIN. */
function send(port: number, total: number): void {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  const chunk = Buffer.alloc(PATTERN.length * 16_384, PATTERN);
  let left = total;
  const more = (): void => {
    while (left > 0) {
      const part = chunk.subarray(0, Math.min(left, chunk.length));
      left -= part.length;
      if (!socket.write(part)) return;
    }
    socket.end();
  };
  socket.on('drain', more);
  more();
}

/** The first entries of a stream, which is dropped then. */
async function head(path: string, entries: number, socketPath?: string): Promise<Record<string, unknown>[]> {
  const { port } = new URL(daemon.url);
  const where = socketPath === undefined ? { host: '127.0.0.1', port } : { socketPath };
  return new Promise((resolve, reject) => {
    const req = request({ ...where, path, agent: false }, (res) => {
      let text = '';
      res.on('error', () => {});
      res.on('data', (chunk: Buffer) => {
        text += chunk.toString('latin1');
        const lines = text.split('\n');
        if (lines.length <= entries) return;
        resolve(lines.slice(0, entries).map((line) => JSON.parse(line)));
        req.destroy();
      });
      res.on('end', () => reject(new Error(`the stream ended: ${text}`)));
    });
    req.on('error', reject);
    req.end();
  });
}

describe.each([
  ['TCP', false],
  ['the Unix socket', true],
])('a receiver by plain requests over %s', (_name, unix) => {
  it('binds, receives tokens, gives them back and unbinds', async () => {
    const socketPath = unix ? daemon.socketPath : undefined;
    const get = (path: string): Promise<Reply> => daemon.request(`/v1${path}`, { socketPath });
    const post = (path: string, body: unknown): Promise<Reply> =>
      daemon.request(`/v1${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        socketPath,
      });

    const queues = await get('/netdev/queue-get?ifindex=2');
    expect(queues.status).toBe(200);
    expect(queues.json.map((q: { type: string; id: number }) => `${q.type}${q.id}`)).toEqual(
      ['rx', 'tx'].flatMap((type) => [0, 1, 2, 3, 4, 5, 6, 7].map((id) => `${type}${id}`)),
    );

    const dmabuf = await post('/dmabuf/create', { size: 67_108_864 });
    expect(dmabuf.status).toBe(200);
    expect(dmabuf.json).toEqual({ fd: 3, size: 67_108_864, path: expect.stringMatching(/\/mem-1$/) });

    const bind = { ifindex: 2, fd: 3, queues: [{ type: 'rx', id: 7 }] };
    const refused = await post('/netdev/bind-rx', bind);
    expect(refused.status).toBe(400);
    expect(refused.json).toMatchObject({ errno: 'EINVAL', code: -22, extack: { msg: 'tcp-data-split is disabled' } });
    expect(await devmemPools(daemon)).toEqual([]);

    const rings = { header: { 'dev-name': 'eth0' }, 'tcp-data-split': 'enabled', 'hds-thresh': 0 };
    expect((await post('/ethtool/rings-set', rings)).text).toBe('null');
    const bound = await post('/netdev/bind-rx', bind);
    expect(bound.text).toBe('{"id":2}');
    expect(await devmemPools(daemon)).toMatchObject([{ ifindex: 2, dmabuf: 2, inflight: 512 }]);
    expect((await get('/netdev/queue-get?ifindex=2')).json[7]).toMatchObject({ id: 7, type: 'rx', dmabuf: 2 });

    const rule = { ifindex: 2, 'flow-type': 'tcp4', 'dst-port': 5201, queue: 7 };
    expect((await post('/rxnfc/rule-insert', rule)).status).toBe(200);
    expect((await post('/socket/listen', { port: 5201 })).text).toBe('{"fd":4}');
    // Any free port of the host instead of 5201: other tests run beside this one.
    const published = await post('/lab/tcp-publish', { ifindex: 2, listen: '127.0.0.1:0', port: 5201 });
    expect(published.json).toEqual({ id: 1, listen: expect.stringMatching(/^127\.0\.0\.1:\d+$/), port: 5201 });

    const accepting = post('/socket/accept', { fd: 4 });
    send(portOf(published.json.listen), 64 * MIB);
    const accepted = await accepting;
    expect(accepted.json).toEqual({
      fd: 5,
      peer: { addr: expect.stringMatching(/^192\.0\.2\.\d+$/), port: expect.any(Number) },
      local: { addr: '192.0.2.1', port: 5201 },
      ifindex: 2,
    });

    const entries = await head('/v1/socket/recvmsg?fd=5&flags=MSG_SOCK_DEVMEM', 3, socketPath);
    for (const entry of entries) {
      expect(Object.keys(entry)).toEqual(['len', 'flags', 'cmsgs', 'data']);
      expect(entry).toMatchObject({ flags: [], data: '' });
    }
    const cmsgs = entries.flatMap((entry) => entry.cmsgs as Record<string, number>[]);
    cmsgs.forEach((cmsg, i) => {
      expect(cmsg).toMatchObject({ type: 'SCM_DEVMEM_DMABUF', 'dmabuf-id': 2, 'frag-token': i + 1 });
    });
    expect(cmsgs.length).toBeGreaterThanOrEqual(16);

    // Tokens that were under way when the reader left exist as well.
    await expect.poll(async () => (await daemon.metric('netmemd_http_streams')).get('')).toBe(0);
    const before = (await post('/socket/get', { fd: 5 })).json;
    expect(before).toMatchObject({
      fd: 5,
      queue: 7,
      ifindex: 2,
      state: expect.stringMatching(/established|close-wait/),
    });
    expect(before.tokens.length).toBeGreaterThanOrEqual(cmsgs.length);
    expect(before.tokens[0]).toEqual({
      token: 1,
      offset: cmsgs[0]['frag-offset'],
      size: cmsgs[0]['frag-size'],
      'age-ms': expect.any(Number),
      'dmabuf-id': 2,
    });

    const dontneed = {
      fd: 5,
      level: 'SOL_SOCKET',
      optname: 'SO_DEVMEM_DONTNEED',
      optval: [{ 'token-start': 1, 'token-count': 16 }],
    };
    expect((await post('/socket/setsockopt', dontneed)).text).toBe('{"ret":16}');
    expect((await post('/socket/setsockopt', dontneed)).text).toBe('{"ret":0}');
    const after = (await post('/socket/get', { fd: 5 })).json;
    const numbers = (tokens: { token: number }[]) => tokens.map((t) => t.token);
    // A list ends at 1,024: where the first was full, the second one reaches further.
    const listed = before.tokens.length - 16;
    expect(numbers(after.tokens).slice(0, listed)).toEqual(numbers(before.tokens).slice(16));

    expect((await post('/session/unbind', { id: 2 })).status).toBe(200);
    const again = await post('/session/unbind', { id: 2 });
    expect([again.status, again.json.errno]).toEqual([404, 'ENOENT']);
    expect((await get('/netdev/queue-get?ifindex=2')).json[7]).not.toHaveProperty('dmabuf');
    // What is queued in the socket and held as tokens keeps the pool until the socket is closed.
    expect(await devmemPools(daemon)).toMatchObject([{ 'detach-time': expect.any(Number) }]);
    expect((await post('/socket/close', { fd: 5 })).status).toBe(200);
    await expect.poll(() => devmemPools(daemon), { timeout: 20_000 }).toEqual([]);
    expect(daemon.errors).toEqual([]);
  });
});

it('what lands in the dmabuf is what was sent', async () => {
  const { dmabuf, listener, hostPort } = await wire(daemon);
  send(hostPort, 64 * 1024);
  const { fd } = await daemon.ok('socket', 'accept', { fd: listener });
  const file = openSync(dmabuf.path, 'r');
  try {
    const got: Buffer[] = [];
    for (let length = 0; length < 64 * 1024; ) {
      const message = await daemon.ok('socket', 'recvmsg', { fd, flags: ['MSG_SOCK_DEVMEM'] });
      length += message.len;
      for (const cmsg of message.cmsgs) {
        const part = Buffer.alloc(cmsg['frag-size']);
        readSync(file, part, 0, part.length, cmsg['frag-offset']);
        got.push(part);
      }
    }
    expect(Buffer.concat(got).equals(Buffer.alloc(64 * 1024, PATTERN))).toBe(true);
  } finally {
    closeSync(file);
  }
});
