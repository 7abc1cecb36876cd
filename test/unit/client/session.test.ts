import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { connect } from '../../../src/client/connect.ts';
import { NetmemdError } from '../../../src/client/error.ts';
import { toQuery } from '../../../src/client/query.ts';
import { RunDirectory } from '../../../src/shm/run-directory.ts';
import { RunSharedMemory } from '../../../src/shm/shared-memory.ts';

interface Seen {
  line: string;
  headers: IncomingMessage['headers'];
  body: unknown;
}

/** A server that speaks the daemon's protocol as far as a test scripts it. */
let server: Server;
let url: string;
let seen: Seen[];
let holds: ServerResponse[];
let routes: Record<string, (body: unknown, res: ServerResponse) => unknown>;

function problem(res: ServerResponse, status: number, document: object): void {
  res.writeHead(status, { 'content-type': 'application/problem+json' }).end(JSON.stringify(document));
}

beforeEach(async () => {
  seen = [];
  holds = [];
  routes = {
    'POST /v1/session/open': () => ({ id: 's1' }),
    'POST /v1/session/close': () => {
      for (const hold of holds) hold.end();
      return {};
    },
    'GET /v1/session/hold': (_body, res) => {
      res.writeHead(200).flushHeaders();
      holds.push(res);
    },
  };
  server = createServer(async (req, res) => {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    const body = text === '' ? undefined : JSON.parse(text);
    const line = `${req.method} ${req.url}`;
    seen.push({ line, headers: req.headers, body });
    const route = routes[line.split('?')[0]];
    if (route === undefined) return problem(res, 404, { errno: 'ENOENT', code: -2 });
    const reply = route(body, res);
    if (reply !== undefined) res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(reply));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

function entry(len: number, control: Buffer = Buffer.alloc(0), data: Buffer = Buffer.alloc(0)): Buffer {
  const header = Buffer.alloc(16);
  header.writeInt32LE(len, 0);
  header.writeUInt32LE(control.length, 8);
  header.writeUInt32LE(data.length, 12);
  return Buffer.concat([header, control, data]);
}

function dmabufCmsg(offset: number, size: number, token: number, id: number): Buffer {
  const b = Buffer.alloc(40);
  b.writeUInt32LE(40, 0);
  b.writeInt32LE(1, 8);
  b.writeInt32LE(79, 12);
  b.writeUInt32LE(offset, 16);
  b.writeUInt32LE(size, 24);
  b.writeUInt32LE(token, 28);
  b.writeUInt32LE(id, 32);
  return b;
}

async function failure(promise: Promise<unknown>): Promise<NetmemdError> {
  const error = await promise.then(
    () => new Error('nothing failed'),
    (e: unknown) => e,
  );
  if (error instanceof NetmemdError) return error;
  throw error;
}

describe('Client', () => {
  it('asks as the protocol says', async () => {
    routes['POST /v1/dmabuf/create'] = () => ({ fd: 3 });
    routes['GET /v1/netdev/queue-get'] = () => [{ id: 1 }];
    routes['POST /v1/dmabuf/close'] = () => null;
    await using client = connect({ url, token: 'sesame' });
    expect(await client.do('dmabuf', 'create', { size: 4096 })).toEqual({ fd: 3 });
    expect(await client.dump('netdev', 'queue-get', { ifindex: 2 })).toEqual([{ id: 1 }]);
    expect(await client.do('dmabuf', 'close', { fd: 3 }, { netlink: 7 })).toBeNull();
    expect(seen.map((s) => [s.line, s.body])).toEqual([
      ['POST /v1/dmabuf/create', { size: 4096 }],
      ['GET /v1/netdev/queue-get?ifindex=2', undefined],
      ['POST /v1/dmabuf/close', { fd: 3 }],
    ]);
    expect(seen[0].headers.authorization).toBe('Bearer sesame');
    expect(seen[0].headers['netmemd-session']).toBeUndefined();
    expect(seen[2].headers['netmemd-netlink']).toBe('7');
  });

  it('throws what the daemon refused', async () => {
    const extack = { msg: 'tcp-data-split is disabled', 'bad-attr': '.queues' };
    routes['POST /v1/netdev/bind-rx'] = (_b, res) => problem(res, 400, { errno: 'EINVAL', code: -22, extack });
    routes['POST /v1/a/b'] = (_b, res) => void res.writeHead(502).end('<html>');
    routes['POST /v1/a/c'] = (_b, res) => void res.writeHead(200).end('<html>');
    await using client = connect({ url });
    const error = await failure(client.do('netdev', 'bind-rx'));
    expect({ ...error, message: error.message }).toMatchObject({
      errno: 'EINVAL',
      code: -22,
      status: 400,
      extack,
      message: 'POST /v1/netdev/bind-rx: EINVAL: tcp-data-split is disabled (.queues)',
    });
    expect((await failure(client.do('a', 'b'))).errno).toBe('EPROTO');
    expect((await failure(client.do('a', 'c'))).errno).toBe('EPROTO');
  });

  it('speaks over a Unix socket', async () => {
    const base = mkdtempSync('/dev/shm/netmemd-test-');
    const unix = createServer((_req, res) => res.end('{"ok":1}')).listen(join(base, 's'));
    await once(unix, 'listening');
    await using client = connect({ socketPath: join(base, 's') });
    expect(await client.do('a', 'b')).toEqual({ ok: 1 });
    unix.closeAllConnections();
    unix.close();
    rmSync(base, { recursive: true });
  });

  it('gives up a request when told', async () => {
    routes['POST /v1/socket/accept'] = () => undefined;
    await using client = connect({ url });
    const abort = new AbortController();
    const pending = client.do('socket', 'accept', {}, { signal: abort.signal });
    await vi.waitFor(() => expect(seen).toHaveLength(1));
    abort.abort(new Error('enough'));
    await expect(pending).rejects.toThrow('enough');
  });

  it('reads events however their lines are cut', async () => {
    routes['GET /v1/netdev/events'] = (_b, res) => {
      res.write('{"name":"a","msg":{}}\n{"na');
      setImmediate(() => res.end('me":"ü","msg":{"id":1}}\n'));
    };
    await using client = connect({ url });
    const events = [];
    for await (const event of client.events('netdev', 'page-pool')) events.push(event);
    expect(events).toEqual([
      { name: 'a', msg: {} },
      { name: 'ü', msg: { id: 1 } },
    ]);
    expect(seen[0].line).toBe('GET /v1/netdev/events?group=page-pool');
  });
});

describe('Session', () => {
  it('is held by its own connection and names itself in every request', async () => {
    routes['POST /v1/dmabuf/get'] = () => ({});
    await using client = connect({ url });
    const session = await client.session({ name: 'me' });
    expect(session.id).toBe('s1');
    await session.do('dmabuf', 'get', { fd: 3 });
    await session.close();
    await session.close();
    expect(seen.map((s) => s.line)).toEqual([
      'POST /v1/session/open',
      'GET /v1/session/hold',
      'POST /v1/dmabuf/get',
      'POST /v1/session/close',
    ]);
    expect(seen[0].body).toEqual({ name: 'me' });
    expect(seen.slice(1).map((s) => s.headers['netmemd-session'])).toEqual(['s1', 's1', 's1']);
    expect(session.signal.reason.name).toBe('AbortError');
  });

  it('does not leave a session behind that it cannot hold', async () => {
    routes['GET /v1/session/hold'] = (_b, res) => problem(res, 404, { errno: 'ESRCH', code: -3 });
    await using client = connect({ url });
    expect((await failure(client.session())).errno).toBe('ESRCH');
    expect(seen.at(-1)?.line).toBe('POST /v1/session/close');
  });

  it('is over when the hold stream drops, and so is what runs in it', async () => {
    routes['POST /v1/socket/accept'] = () => undefined;
    await using client = connect({ url });
    const session = await client.session();
    const pending = failure(session.do('socket', 'accept'));
    await vi.waitFor(() => expect(seen.at(-1)?.line).toBe('POST /v1/socket/accept'));
    holds[0].destroy();
    expect((await pending).errno).toBe('ESRCH');
    expect((await failure(session.do('socket', 'accept'))).errno).toBe('ESRCH');
  });

  it('opens netlink sockets', async () => {
    routes['POST /v1/session/netlink-open'] = () => ({ fd: 9 });
    routes['POST /v1/netdev/bind-rx'] = () => ({ id: 2 });
    routes['POST /v1/session/fd-close'] = () => null;
    await using client = connect({ url });
    await using session = await client.session();
    const netlink = await session.netlinkOpen();
    expect(netlink.fd).toBe(9);
    await netlink.do('netdev', 'bind-rx');
    expect(seen.at(-1)?.headers['netmemd-netlink']).toBe('9');
    await netlink.close();
    expect(seen.at(-1)?.body).toEqual({ fd: 9 });
  });

  it('shows received frags in the mapped dmabuf, and gives their tokens back', async () => {
    const base = mkdtempSync('/dev/shm/netmemd-test-');
    const directory = RunDirectory.open({ path: join(base, 'run') });
    const memory = await new RunSharedMemory(directory).create(8192);
    memory.bytes.set(Buffer.from('payload'), 4096);
    routes['POST /v1/dmabuf/get'] = () => ({ fd: 3, size: 8192, path: memory.path });
    routes['POST /v1/netdev/bind-rx'] = () => ({ id: 2 });
    routes['POST /v1/socket/setsockopt'] = () => ({ ret: 1 });
    routes['GET /v1/socket/recvmsg'] = (_b, res) => {
      const bytes = Buffer.concat([
        entry(7, dmabufCmsg(4096, 7, 1, 2)),
        entry(2, Buffer.alloc(0), Buffer.from('hi')),
        entry(0),
      ]);
      res.write(bytes.subarray(0, 21));
      setImmediate(() => res.end(bytes.subarray(21)));
    };
    await using client = connect({ url });
    const session = await client.session();
    const mapping = await session.mapDmabuf(3);
    expect(mapping.writable).toBe(true);
    expect(await session.bindRx({ ifindex: 2, fd: 3 }, mapping)).toBe(2);
    const tokens = session.tokenReturner(5);
    const texts: string[] = [];
    for await (const message of session.recvmsg(5, { len: 4096 })) {
      for (const frag of message.frags) {
        texts.push(Buffer.from(frag.bytes ?? []).toString());
        if (frag.kind === 'dmabuf') tokens.add(frag.token);
      }
    }
    await tokens.flush();
    expect(texts).toEqual(['payload', 'hi']);
    expect(seen.find((s) => s.line.includes('recvmsg'))?.line).toBe(
      'GET /v1/socket/recvmsg?fd=5&flags=MSG_SOCK_DEVMEM&len=4096',
    );
    expect(seen.find((s) => s.line.includes('recvmsg'))?.headers.accept).toBe('application/vnd.netmemd.recvmsg');
    expect(seen.at(-1)?.body).toEqual({
      fd: 5,
      level: 'SOL_SOCKET',
      optname: 'SO_DEVMEM_DONTNEED',
      optval: [{ 'token-start': 1, 'token-count': 1 }],
    });
    expect([tokens.returned, tokens.freed]).toEqual([1, 1]);
    const moved = await session.mapDmabuf(`/elsewhere/${memory.path.split('/').at(-1)}`, {
      runDirectory: directory.path,
    });
    expect(moved.size).toBe(8192);
    await session.close();
    expect(() => mapping.bytes).toThrow('no longer mapped');
    memory.release();
    directory.close();
    rmSync(base, { recursive: true });
  });

  it('refuses a frag outside of the dmabuf', async () => {
    const base = mkdtempSync('/dev/shm/netmemd-test-');
    const directory = RunDirectory.open({ path: join(base, 'run') });
    const memory = await new RunSharedMemory(directory).create(4096);
    routes['GET /v1/socket/recvmsg'] = (_b, res) => void res.end(entry(7, dmabufCmsg(4090, 7, 1, 2)));
    await using client = connect({ url });
    const session = await client.session();
    session.addBinding(2, await session.mapDmabuf(memory.path));
    await expect(session.recvmsg(5).next()).rejects.toThrow('outside of a dmabuf');
    await session.close();
    memory.release();
    directory.close();
    rmSync(base, { recursive: true });
  });

  it('ends a receive with the errno, or with ECONNRESET when the stream breaks off', async () => {
    await using client = connect({ url });
    await using session = await client.session();
    for (const [bytes, errno] of [
      [entry(-14), 'EFAULT'],
      [entry(-525), 'ETOOSMALL'],
      [entry(-999), 'E999'],
      [entry(4, Buffer.alloc(0), Buffer.from('abcd')).subarray(0, 18), 'ECONNRESET'],
    ] as const) {
      routes['GET /v1/socket/recvmsg'] = (_b, res) => void res.end(bytes);
      expect((await failure(session.recvmsg(5).next())).errno).toBe(errno);
      expect((await failure(session.recvmsgBatches(5).next())).errno).toBe(errno);
    }
  });

  it('gives batches and drops the stream when the reader stops', async () => {
    let closed = 0;
    routes['GET /v1/socket/recvmsg'] = (_b, res) => {
      res.write(Buffer.concat([entry(7, dmabufCmsg(0, 7, 1, 2)), entry(9, dmabufCmsg(7, 9, 2, 2))]));
      res.on('close', () => closed++);
    };
    await using client = connect({ url });
    await using session = await client.session();
    for await (const batch of session.recvmsgBatches(5)) {
      expect([batch.count, batch.bytes, batch.messages]).toEqual([2, 16, 2]);
      break;
    }
    await vi.waitFor(() => expect(closed).toBe(1));
    const abort = new AbortController();
    const messages = session.recvmsg(5, { signal: abort.signal });
    expect((await messages.next()).value?.len).toBe(7);
    await messages.next();
    const third = messages.next();
    abort.abort(new Error('enough'));
    await expect(third).rejects.toThrow('enough');
    await vi.waitFor(() => expect(closed).toBe(2));
  });
});

it('writes filters as query strings', () => {
  expect(toQuery({})).toBe('');
  expect(toQuery({ ifindex: 2, 'queue-type': 'rx', flag: true, absent: undefined, off: false })).toBe(
    '?ifindex=2&queue-type=rx&flag=true',
  );
  expect(toQuery({ header: { 'dev-name': 'a b&c' }, ids: [1, 2] })).toBe('?header.dev-name=a+b%26c&ids=1&ids=2');
  expect(() => toQuery({ queues: [{ id: 1 }] })).toThrow('queues');
});
