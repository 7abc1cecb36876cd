import { once } from 'node:events';
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RecvmsgParser } from '../../src/client/recvmsg-parser.ts';
import { DaemonProcess } from './daemon.ts';

const PORT = 5201;
let daemon: DaemonProcess;
let host: { port: number };
let listener: number;

beforeEach(async () => {
  daemon = await DaemonProcess.start();
  const ok = async (family: string, op: string, attrs: unknown) => {
    const reply = await daemon.do(family, op, attrs);
    expect(reply.status, reply.text).toBe(200);
    return reply.json;
  };
  const { fd } = await ok('dmabuf', 'create', { size: 4 << 20 });
  await ok('ethtool', 'rings-set', { header: { 'dev-name': 'eth0' }, 'tcp-data-split': 'enabled', 'hds-thresh': 0 });
  await ok('netdev', 'bind-rx', { ifindex: 2, fd, queues: [{ type: 'rx', id: 7 }] });
  await ok('rxnfc', 'rule-insert', { ifindex: 2, 'flow-type': 'tcp4', 'dst-port': PORT, queue: 7 });
  listener = (await ok('socket', 'listen', { port: PORT })).fd;
  const { listen } = await ok('lab', 'tcp-publish', { ifindex: 2, listen: '127.0.0.1:0', port: PORT });
  host = { port: Number(listen.slice(listen.lastIndexOf(':') + 1)) };
});
afterEach(() => daemon.stop());

async function dial(): Promise<{ sender: Socket; fd: number }> {
  const sender = connect(host.port, '127.0.0.1');
  sender.on('error', () => {});
  const { fd } = (await daemon.do('socket', 'accept', { fd: listener })).json;
  return { sender, fd };
}

async function open(fd: number, accept: string): Promise<{ request: ClientRequest; response: IncomingMessage }> {
  const request = httpRequest(`${daemon.url}/v1/socket/recvmsg?fd=${fd}&flags=MSG_SOCK_DEVMEM`, {
    headers: { accept },
  }).end();
  request.on('error', () => {});
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.on('error', () => {});
  return { request, response };
}

async function all(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

describe('the stream', () => {
  it('sends its headers before any data, and messages until the peer has closed', async () => {
    const { sender, fd } = await dial();
    const { response } = await open(fd, '*/*');
    expect(response.headers['content-type']).toBe('application/x-ndjson');
    expect(response.headers['cache-control']).toBe('no-store');
    sender.end(Buffer.alloc(100_000, 'x'));
    const entries = (await all(response))
      .toString()
      .trim()
      .split('\n')
      .map((l) => JSON.parse(l));
    expect(entries.at(-1)).toEqual({ len: 0, flags: [], cmsgs: [], data: '' });
    expect(entries.reduce((sum, e) => sum + e.len, 0)).toBe(100_000);
    const frags = entries.flatMap((e) => e.cmsgs);
    expect(frags.reduce((sum, c) => sum + c['frag-size'], 0)).toBe(100_000);
    expect(frags[0]).toMatchObject({ type: 'SCM_DEVMEM_DMABUF', 'dmabuf-id': 1, 'frag-token': 1 });
    const { tokens } = (await daemon.do('socket', 'get', { fd })).json;
    expect(tokens.length).toBe(frags.length);
  });

  it('is the same in every format', async () => {
    const lens: number[] = [];
    for (const accept of ['application/x-ndjson', 'text/event-stream', 'application/vnd.netmemd.recvmsg']) {
      const { sender, fd } = await dial();
      const { response } = await open(fd, accept);
      expect(response.headers['content-type']).toBe(accept);
      sender.end(Buffer.alloc(50_000, 'x'));
      const bytes = await all(response);
      let len = 0;
      if (accept === 'application/vnd.netmemd.recvmsg') {
        const parser = new RecvmsgParser();
        parser.push(bytes);
        while (parser.next()) len += parser.len;
        expect(parser.pending).toBe(0);
        expect(parser.len).toBe(0);
      } else {
        const texts = bytes
          .toString()
          .split('\n')
          .filter((l) => l !== '');
        for (const text of texts) len += JSON.parse(text.replace(/^data: /, '')).len;
      }
      lens.push(len);
      await daemon.do('socket', 'close', { fd });
    }
    expect(lens).toEqual([50_000, 50_000, 50_000]);
  });

  it('without MSG_SOCK_DEVMEM ends with EFAULT, and the data stays', async () => {
    const { sender, fd } = await dial();
    sender.write('0123456789');
    const reply = await daemon.request(`/v1/socket/recvmsg?fd=${fd}`);
    expect(reply.text).toBe('{"errno":"EFAULT","code":-14}\n');
    const message = (await daemon.do('socket', 'recvmsg', { fd, flags: ['MSG_SOCK_DEVMEM'] })).json;
    expect(message.len).toBe(10);
  });

  it('that drops in the middle leaves its tokens to be seen and the daemon well', async () => {
    const { sender, fd } = await dial();
    const { request, response } = await open(fd, 'application/x-ndjson');
    sender.write(Buffer.alloc(20_000, 'x'));
    await once(response, 'data');
    request.destroy();
    await expect
      .poll(async () => (await daemon.request('/metrics')).text, { timeout: 10_000 })
      .toMatch(/^netmemd_http_streams 0$/m);
    const { tokens } = (await daemon.do('socket', 'get', { fd })).json;
    expect(tokens.length).toBeGreaterThan(0);
    expect(tokens[0]).toMatchObject({ token: 1, size: expect.any(Number) });
    expect((await daemon.request('/readyz')).status).toBe(200);
  });

  it('ends with EBADF when its fd is closed', async () => {
    const { fd } = await dial();
    const { response } = await open(fd, 'application/x-ndjson');
    expect((await daemon.do('socket', 'close', { fd })).status).toBe(200);
    expect((await all(response)).toString()).toBe('{"errno":"EBADF","code":-9}\n');
  });

  it('refuses what makes no sense before it starts', async () => {
    const { fd } = await dial();
    for (const query of [
      'flags=MSG_PEEK',
      'flags=NONSENSE',
      'len=0',
      'len=x',
      'controllen=99999999',
      'timeout-ms=5',
      'colour=red',
    ]) {
      const reply = await daemon.request(`/v1/socket/recvmsg?fd=${fd}&${query}`);
      expect([query, reply.status, reply.json.errno]).toEqual([query, 400, 'EINVAL']);
    }
    expect((await daemon.request(`/v1/socket/recvmsg?fd=${fd}`, { headers: { accept: 'image/png' } })).status).toBe(
      406,
    );
    expect((await daemon.request('/v1/socket/recvmsg?fd=3')).json.errno).toBe('ENOTSOCK');
  });
});

it('a reader that stands still holds the sender back, and then gets every byte', async () => {
  const { sender, fd } = await dial();
  const { response } = await open(fd, 'application/x-ndjson');
  response.pause();
  const total = 64 << 20;
  let sent = 0;
  const chunk = Buffer.alloc(1 << 20, 'x');
  sender.on('drain', () => write());
  const write = (): void => {
    while (sent < total) {
      sent += chunk.length;
      if (!sender.write(chunk)) return;
    }
    sender.end();
  };
  write();
  // The buffers of dmabuf, socket and host together are far smaller than what is to be sent.
  await expect
    .poll(
      async () => {
        const before = sender.bytesWritten - sender.writableLength;
        await daemon.request('/readyz');
        await daemon.request('/metrics');
        return before > 0 && before === sender.bytesWritten - sender.writableLength;
      },
      { timeout: 20_000, interval: 200 },
    )
    .toBe(true);
  expect(sent).toBeLessThan(total);
  let got = 0;
  let frags = 0;
  let rest = '';
  const returns: Promise<number>[] = [];
  const giveBack = async (optval: unknown[]): Promise<number> => {
    const reply = await daemon.do('socket', 'setsockopt', {
      fd,
      level: 'SOL_SOCKET',
      optname: 'SO_DEVMEM_DONTNEED',
      optval,
    });
    return reply.json.ret;
  };
  response.setEncoding('latin1');
  response.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const entry = JSON.parse(line);
      expect(entry.errno).toBeUndefined();
      got += entry.len;
      frags += entry.cmsgs.length;
      const tokens = entry.cmsgs.map((c: { 'frag-token': number }) => ({
        'token-start': c['frag-token'],
        'token-count': 1,
      }));
      for (let i = 0; i < tokens.length; i += 128) returns.push(giveBack(tokens.slice(i, i + 128)));
    }
  });
  response.resume();
  await once(response, 'end');
  expect(got).toBe(total);
  const returned = await Promise.all(returns);
  expect(returned.reduce((sum, ret) => sum + ret, 0)).toBe(frags);
  expect((await daemon.do('socket', 'get', { fd })).json.tokens ?? []).toEqual([]);
});
