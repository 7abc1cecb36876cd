import { once } from 'node:events';
import { type ClientRequest, request as httpRequest } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../src/client/connect.ts';
import { DaemonProcess } from './daemon.ts';
import { devmemPools } from './wiring.ts';

const POLL = { timeout: 20_000 };

let daemon: DaemonProcess;
const open: ClientRequest[] = [];
beforeAll(async () => {
  daemon = await DaemonProcess.start();
});
afterEach(async () => {
  for (const request of open.splice(0)) request.destroy();
  await daemon.ok('lab', 'reset');
  expect(daemon.errors).toEqual([]);
});
afterAll(() => daemon.stop());

type Headers = Record<string, string>;

async function session(attrs: object = {}): Promise<Headers> {
  return { 'netmemd-session': (await daemon.ok('session', 'open', attrs)).id };
}

async function errno(family: string, op: string, attrs: unknown, headers: Headers = {}): Promise<[number, string]> {
  const reply = await daemon.do(family, op, attrs, headers);
  expect(reply.headers['content-type']).toBe('application/problem+json');
  return [reply.status, reply.json.errno];
}

async function hold(headers: Headers): Promise<ClientRequest> {
  const request = httpRequest(`${daemon.url}/v1/session/hold`, { headers, agent: false }).end();
  request.on('error', () => {});
  open.push(request);
  const [response] = await once(request, 'response');
  response.on('error', () => {}).resume();
  await once(response, 'data');
  return request;
}

async function exists(headers: Headers): Promise<boolean> {
  const dump = await daemon.dump('session', 'get');
  return dump.some(({ id }) => id === headers['netmemd-session']);
}

async function splitHeaders(): Promise<void> {
  const header = { 'dev-index': 2 };
  await daemon.ok('ethtool', 'rings-set', { header, 'tcp-data-split': 'enabled', 'hds-thresh': 0 });
}

const bind = (fd: number, id: number) => ({ ifindex: 2, fd, queues: [{ type: 'rx', id }] });

/** Queues of eth0 that have a dmabuf, by the id of their binding. */
async function bound(): Promise<Record<number, number>> {
  const queues = await daemon.dump('netdev', 'queue-get', '?ifindex=2');
  return Object.fromEntries(queues.filter((q) => q.dmabuf !== undefined).map((q) => [q.id, q.dmabuf]));
}

describe('fd numbers', () => {
  it('are each session’s own, from 3, the lowest free one first', async () => {
    const [a, b] = [await session(), await session()];
    for (const [i, headers] of [a, b, {}].entries()) {
      expect((await daemon.ok('dmabuf', 'create', { size: 4096 }, headers)).fd).toBe(3);
      expect((await daemon.ok('session', 'netlink-open', {}, headers)).fd).toBe(4);
      expect((await daemon.ok('socket', 'listen', { port: 100 + i }, headers)).fd).toBe(5);
    }
    await daemon.ok('dmabuf', 'close', { fd: 3 }, a);
    expect(await errno('dmabuf', 'get', { fd: 3 }, a)).toEqual([404, 'EBADF']);
    expect((await daemon.ok('dmabuf', 'get', { fd: 3 }, b)).size).toBe(4096);
    expect((await daemon.ok('dmabuf', 'create', { size: 8192 }, a)).fd).toBe(3);
    expect((await daemon.ok('dmabuf', 'get', { fd: 3 }, b)).size).toBe(4096);
  });

  it('can be wished for', async () => {
    const headers = await session();
    expect((await daemon.ok('dmabuf', 'create', { size: 4096, fd: 50 }, headers)).fd).toBe(50);
    expect((await daemon.ok('socket', 'listen', { port: 100, fd: 7 }, headers)).fd).toBe(7);
    expect((await daemon.ok('session', 'netlink-open', { fd: 3 }, headers)).fd).toBe(3);
    expect((await daemon.ok('session', 'netlink-open', {}, headers)).fd).toBe(4);
    expect(await errno('dmabuf', 'create', { size: 4096, fd: 50 }, headers)).toEqual([409, 'EBUSY']);
    expect(await errno('dmabuf', 'create', { size: 4096, fd: 1024 }, headers)).toEqual([404, 'EBADF']);
    expect(await errno('dmabuf', 'create', { size: 4096, fd: -1 }, headers)).toEqual([404, 'EBADF']);
    expect((await daemon.ok('session', 'get', {}, headers)).fds).toEqual([
      { fd: 3, type: 'netlink' },
      { fd: 4, type: 'netlink' },
      { fd: 7, type: 'socket' },
      { fd: 50, type: 'dmabuf' },
    ]);
  });

  it('name objects of one kind', async () => {
    const headers = await session();
    await daemon.ok('dmabuf', 'create', { size: 4096 }, headers); // 3
    await daemon.ok('socket', 'listen', { port: 100 }, headers); // 4
    await daemon.ok('session', 'netlink-open', {}, headers); // 5
    expect(await errno('socket', 'accept', { fd: 3, 'timeout-ms': 0 }, headers)).toEqual([400, 'ENOTSOCK']);
    expect(await errno('socket', 'recvmsg', { fd: 4, 'timeout-ms': 0 }, headers)).toEqual([409, 'ENOTCONN']);
    expect(await errno('socket', 'close', { fd: 5 }, headers)).toEqual([400, 'ENOTSOCK']);
    expect(await errno('dmabuf', 'close', { fd: 4 }, headers)).toEqual([400, 'EINVAL']);
    expect(await errno('socket', 'get', { fd: 6 }, headers)).toEqual([404, 'EBADF']);
    expect((await daemon.ok('session', 'get', {}, headers)).fds).toHaveLength(3);
  });

  it('end at the limit', async () => {
    const headers = await session();
    for (let fd = 3; fd < 1024; fd += 64) {
      await Promise.all(
        Array.from({ length: Math.min(64, 1024 - fd) }, () => daemon.ok('session', 'netlink-open', {}, headers)),
      );
    }
    expect(await errno('session', 'netlink-open', {}, headers)).toEqual([409, 'EMFILE']);
    expect(await errno('dmabuf', 'create', { size: 4096 }, headers)).toEqual([409, 'EMFILE']);
    expect(daemon.leftovers().filter((name) => name.startsWith('mem-'))).toEqual([]);
  });
});

describe('a session', () => {
  it('is joined by any number of connections', async () => {
    const headers = await session({ name: 'shared' });
    const { fd } = await daemon.ok('dmabuf', 'create', { size: 65_536 }, headers);
    const overUnix = await daemon.request('/v1/dmabuf/get', { headers, socketPath: daemon.socketPath });
    expect(overUnix.json).toMatchObject([{ fd, size: 65_536 }]);
    const together = await Promise.all(
      Array.from({ length: 20 }, () => daemon.ok('dmabuf', 'create', { size: 4096 }, headers)),
    );
    expect(together.map((reply) => reply.fd).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 20 }, (_, i) => i + 4),
    );
    const streams = [await hold(headers), await hold(headers)];
    expect(await daemon.ok('session', 'get', {}, headers)).toMatchObject({ name: 'shared', connections: 2 });
    expect(streams).toHaveLength(2);
  });

  it('ends with its hold stream, and takes all it had', async () => {
    await splitHeaders();
    const headers = await session();
    const stream = await hold(headers);
    const { fd, path } = await daemon.ok('dmabuf', 'create', { size: 4 << 20 }, headers);
    expect(await daemon.ok('netdev', 'bind-rx', bind(fd, 5), headers)).toEqual({ id: expect.any(Number) });
    await daemon.ok('socket', 'listen', { port: 5201 }, headers);
    expect(Object.keys(await bound())).toEqual(['5']);
    expect(await errno('socket', 'listen', { port: 5201 })).toEqual([409, 'EADDRINUSE']);
    stream.destroy();
    await expect.poll(() => exists(headers), POLL).toBe(false);
    expect(await bound()).toEqual({});
    await expect.poll(() => devmemPools(daemon), POLL).toEqual([]);
    expect(daemon.leftovers()).not.toContain(path.slice(path.lastIndexOf('/') + 1));
    expect(await errno('session', 'get', {}, headers)).toEqual([404, 'ESRCH']);
    expect((await daemon.ok('socket', 'listen', { port: 5201 })).fd).toBe(3);
  });

  it('ends by close, which ends its streams and waits', async () => {
    const headers = await session();
    const { fd } = await daemon.ok('socket', 'listen', { port: 5201 }, headers);
    const waiting = daemon.do('socket', 'accept', { fd }, headers);
    const stream = await hold(headers);
    const closed = once(stream, 'close');
    expect((await daemon.ok('session', 'get', {}, headers)).connections).toBe(1);
    await daemon.ok('session', 'close', { id: headers['netmemd-session'] });
    expect((await waiting).json.errno).toMatch(/ESRCH|EBADF/);
    await closed;
    expect(await exists(headers)).toBe(false);
  });

  it('ends when its lease runs out, and lives as long as it is used or held', async () => {
    const idle = await session({ 'lease-ms': 300 });
    const held = await session({ 'lease-ms': 300 });
    const used = await session({ 'lease-ms': 300 });
    await hold(held);
    await expect
      .poll(
        async () => {
          await daemon.ok('session', 'get', {}, used);
          return exists(idle);
        },
        { ...POLL, interval: 50 },
      )
      .toBe(false);
    expect(await exists(used)).toBe(true);
    expect(await exists(held)).toBe(true);
    expect(await daemon.ok('session', 'get', {}, held)).toMatchObject({ 'lease-ms': 300, connections: 1 });
  });

  it('that does not exist is ESRCH, everywhere', async () => {
    const headers = { 'netmemd-session': 'nobody' };
    expect(await errno('netdev', 'bind-rx', {}, headers)).toEqual([404, 'ESRCH']);
    for (const path of [
      '/v1/netdev/dev-get',
      '/v1/session/hold',
      '/v1/socket/recvmsg?fd=3',
      '/v1/netdev/events?group=mgmt',
    ]) {
      const reply = await daemon.request(path, { headers });
      expect([path, reply.status, reply.json.errno]).toEqual([path, 404, 'ESRCH']);
    }
    expect(await errno('session', 'close', { id: 'nobody' })).toEqual([404, 'ESRCH']);
  });

  it('of the daemon itself can neither be closed nor held', async () => {
    const { id } = await daemon.ok('session', 'get');
    expect(await errno('session', 'close', { id })).toEqual([400, 'EINVAL']);
    expect((await daemon.request('/v1/session/hold')).json).toMatchObject({ status: 400, errno: 'EINVAL' });
  });

  it('without privileges is refused before anything else is looked at', async () => {
    const headers = await session({ unprivileged: true });
    expect((await daemon.ok('session', 'get', {}, headers)).unprivileged).toBe(true);
    for (const attrs of [{}, { colour: 1 }, { ifindex: 'x' }, bind(99, 99), { ifindex: 2 ** 40 }]) {
      expect(await errno('netdev', 'bind-rx', attrs, headers)).toEqual([403, 'EPERM']);
    }
    expect(await errno('lab', 'reset', {}, headers)).toEqual([403, 'EPERM']);
    expect(await errno('lab', 'netdev-del', { ifindex: 2 }, headers)).toEqual([403, 'EPERM']);
    expect(await errno('rxnfc', 'rule-insert', {}, headers)).toEqual([403, 'EPERM']);
    expect(await daemon.dump('netdev', 'dev-get', '', headers)).toHaveLength(2);
    expect((await daemon.ok('dmabuf', 'create', { size: 4096 }, headers)).fd).toBe(3);
    // A session opened by it has no more than it has itself.
    const { id } = await daemon.ok('session', 'open', {}, headers);
    expect(await errno('netdev', 'bind-rx', {}, { 'netmemd-session': id })).toEqual([403, 'EPERM']);
  });
});

describe('netlink sockets', () => {
  it('own the bindings made on them; closing one unbinds, the newest first', async () => {
    await splitHeaders();
    const headers = await session();
    const { fd } = await daemon.ok('dmabuf', 'create', { size: 4 << 20 }, headers);
    const { fd: netlink } = await daemon.ok('session', 'netlink-open', { fd: 20 }, headers);
    const on = { ...headers, 'netmemd-netlink': String(netlink) };
    const implicit = (await daemon.ok('netdev', 'bind-rx', bind(fd, 1), headers)).id;
    const ids = [];
    for (const queue of [2, 3, 4]) ids.push((await daemon.ok('netdev', 'bind-rx', bind(fd, queue), on)).id);
    expect(await bound()).toEqual({ 1: implicit, 2: ids[0], 3: ids[1], 4: ids[2] });
    expect((await daemon.ok('session', 'get', {}, headers)).bindings).toEqual([implicit, ...ids]);
    // A dmabuf may be closed after bind: the bindings keep it.
    await daemon.ok('dmabuf', 'close', { fd }, headers);
    expect(daemon.leftovers().some((name) => name.startsWith('mem-'))).toBe(true);

    const events = await fetch(`${daemon.url}/v1/netdev/events?group=page-pool`);
    await daemon.ok('session', 'fd-close', { fd: netlink }, headers);
    expect(await bound()).toEqual({ 1: implicit });
    const gone: number[] = [];
    let rest = '';
    for await (const chunk of events.body as unknown as AsyncIterable<Uint8Array>) {
      const lines = (rest + Buffer.from(chunk).toString()).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const { name, msg } = JSON.parse(line);
        if (name === 'page-pool-del-ntf' && msg.dmabuf !== undefined) gone.push(msg.dmabuf);
      }
      if (gone.length >= 3) break;
    }
    expect(gone).toEqual([...ids].reverse());
    expect(await errno('netdev', 'bind-rx', bind(3, 6), on)).toEqual([404, 'EBADF']);
    await daemon.ok('session', 'unbind', { id: implicit }, headers);
    await expect.poll(() => daemon.leftovers().some((name) => name.startsWith('mem-')), POLL).toBe(false);
  });

  it('are found by fd in their own session only', async () => {
    const [a, b] = [await session(), await session()];
    const { fd } = await daemon.ok('session', 'netlink-open', {}, a);
    const header = (value: string) => ({ ...b, 'netmemd-netlink': value });
    expect(await errno('session', 'get', {}, header(String(fd)))).toEqual([404, 'EBADF']);
    expect(await errno('session', 'get', {}, header('x'))).toEqual([404, 'EBADF']);
    expect(await errno('session', 'get', {}, header('-1'))).toEqual([404, 'EBADF']);
    await daemon.ok('dmabuf', 'create', { size: 4096 }, b);
    expect(await errno('session', 'get', {}, header('3'))).toEqual([400, 'ENOTSOCK']);
  });

  it('of another session’s binding cannot be unbound from here', async () => {
    await splitHeaders();
    const [a, b] = [await session(), await session()];
    const { fd } = await daemon.ok('dmabuf', 'create', { size: 4 << 20 }, a);
    const { id } = await daemon.ok('netdev', 'bind-rx', bind(fd, 0), a);
    expect(await errno('session', 'unbind', { id }, b)).toEqual([404, 'ENOENT']);
    expect(await errno('netdev', 'bind-rx', bind(fd, 1), b)).toEqual([404, 'EBADF']);
    const { fd: own } = await daemon.ok('dmabuf', 'create', { size: 4 << 20 }, b);
    const busy = await daemon.do('netdev', 'bind-rx', bind(own, 0), b);
    expect([busy.status, busy.json.errno]).toEqual([409, 'EEXIST']);
    expect(await bound()).toEqual({ 0: id });
  });
});

describe('the client library', () => {
  it('ends its session with the process’s connection, and says why when the daemon ends it', async () => {
    const client = connect({ socketPath: daemon.socketPath });
    try {
      const first = await client.session({ name: 'first' });
      await splitHeaders();
      const { fd } = await first.do<{ fd: number }>('dmabuf', 'create', { size: 4 << 20 });
      const mapping = await first.mapDmabuf(fd);
      const extra = await first.netlinkOpen();
      const { id } = await extra.do<{ id: number }>('netdev', 'bind-rx', bind(fd, 2));
      expect(await bound()).toEqual({ 2: id });
      await extra.close();
      expect(await bound()).toEqual({});
      await daemon.ok('session', 'close', { id: first.id });
      await expect.poll(() => first.signal.aborted, POLL).toBe(true);
      expect(first.signal.reason).toMatchObject({ errno: 'ESRCH' });
      await expect(first.do('session', 'get')).rejects.toMatchObject({ errno: 'ESRCH' });
      expect(() => mapping.bytes).toThrow();
      const second = await client.session();
      await second.close();
      await second.close();
      expect(await daemon.dump('session', 'get')).toHaveLength(1);
    } finally {
      await client.close();
    }
  });
});
