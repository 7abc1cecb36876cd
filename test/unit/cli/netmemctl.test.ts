import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { flatten } from '../../../src/cli/daemon-link.ts';
import { netmemctl } from '../../../src/cli/netmemctl.ts';
import { families } from '../../../src/ynl/generated/index.ts';

interface Seen {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
}

const servers: Server[] = [];
const dirs: string[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true });
});

/** A peer that records requests and answers as told. */
async function peer(
  answer: (response: ServerResponse, seen: Seen) => void,
  path?: string,
): Promise<{ url: string; seen: Seen[] }> {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const one = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body };
    seen.push(one);
    answer(response, one);
  });
  servers.push(server);
  await new Promise<void>((done) =>
    path === undefined ? server.listen(0, '127.0.0.1', done) : server.listen(path, done),
  );
  return {
    url: path === undefined ? `http://127.0.0.1:${(server.address() as AddressInfo).port}` : `unix:${path}`,
    seen,
  };
}

async function run(args: string[], interrupt?: AbortSignal) {
  let out = '';
  let err = '';
  const terminal = { out: (text: string) => (out += text), err: (text: string) => (err += text), interrupt };
  return { status: await netmemctl(args, terminal), out, err };
}

const reply = (value: unknown) => (response: ServerResponse) => {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(value));
};

describe('operations', () => {
  it('--do posts the attributes as they are', async () => {
    const { url, seen } = await peer(reply({ id: 2 }));
    const json = '{"ifindex":2, "fd":3,"queues":[{"type":"rx","id":7}]}';
    const result = await run(['--url', url, '--family', 'netdev', '--do', 'bind-rx', '--json', json]);
    expect(result).toEqual({ status: 0, out: '{\n  "id": 2\n}\n', err: '' });
    expect(seen).toMatchObject([{ method: 'POST', url: '/v1/netdev/bind-rx', body: json }]);
    expect(seen[0].headers['content-type']).toBe('application/json');
    expect(seen[0].headers['netmemd-session']).toBeUndefined();
    expect(seen[0].headers.authorization).toBeUndefined();
  });

  it('--dump puts its filter into the query', async () => {
    const { url, seen } = await peer(reply([{ id: 1 }]));
    const args = [
      '--family',
      'netdev',
      '--dump',
      'page-pool-stats-get',
      '--json',
      '{"info":{"ifindex":2}}',
      '--output-json',
    ];
    expect(await run([...args, '--url', `${url}/`])).toEqual({ status: 0, out: '[{"id":1}]\n', err: '' });
    expect(seen).toMatchObject([{ method: 'GET', url: '/v1/netdev/page-pool-stats-get?info.ifindex=2' }]);
    await run(['--url', url, '--family', 'netdev', '--dump', 'dev-get']);
    expect(seen[1].url).toBe('/v1/netdev/dev-get');
  });

  it('sends session, netlink socket and token', async () => {
    const { url, seen } = await peer(reply(null));
    const args = [
      '--family',
      'session',
      '--do',
      'unbind',
      '--json',
      '{"id":2}',
      '--session',
      's1',
      '--netlink',
      '4',
      '--token',
      't',
    ];
    expect(await run([...args, '--url', url])).toEqual({ status: 0, out: 'null\n', err: '' });
    expect(seen[0].headers).toMatchObject({
      'netmemd-session': 's1',
      'netmemd-netlink': '4',
      authorization: 'Bearer t',
    });
  });

  it('goes through a Unix socket', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'netmemctl-'));
    dirs.push(dir);
    const { url, seen } = await peer(reply([]), join(dir, 'http.sock'));
    expect(await run(['--url', url, '--family', 'netdev', '--dump', 'queue-get'])).toMatchObject({
      status: 0,
      out: '[]\n',
    });
    expect(seen).toHaveLength(1);
  });
});

describe('errors', () => {
  const refuse = (problem: object) => (response: ServerResponse) => {
    response.statusCode = 400;
    response.setHeader('content-type', 'application/problem+json');
    response.end(JSON.stringify(problem));
  };

  it('are printed as pyynl prints them', async () => {
    const extack = { msg: "can't be", 'bad-attr': '.ifindex', policy: { 'min-value': 1 } };
    const { url } = await peer(refuse({ title: 'Invalid argument', status: 400, errno: 'EINVAL', code: -22, extack }));
    const out = `Netlink error: Invalid argument\n\terror: -22\n\textack: {'msg': "can't be", 'bad-attr': '.ifindex', 'policy': {'min-value': 1}}\n`;
    expect(await run(['--url', url, '--family', 'netdev', '--do', 'dev-get'])).toEqual({ status: 1, out, err: '' });
  });

  it('without extack have no such line', async () => {
    const { url } = await peer(refuse({ title: 'No such device', status: 404, errno: 'ENODEV', code: -19 }));
    const result = await run(['--url', url, '--family', 'netdev', '--dump', 'queue-get', '--json', '{"ifindex":99}']);
    expect(result).toEqual({ status: 1, out: 'Netlink error: No such device\n\terror: -19\n', err: '' });
  });

  it('of a subscription are told the same way', async () => {
    const { url } = await peer(refuse({ title: 'Operation not permitted', status: 403, errno: 'EPERM', code: -1 }));
    const result = await run(['--url', url, '--family', 'netdev', '--subscribe', 'mgmt']);
    expect(result).toMatchObject({ status: 1, out: 'Netlink error: Operation not permitted\n\terror: -1\n' });
  });

  it('no daemon: status 1 and its address', async () => {
    const { url } = await peer(reply(null));
    const server = servers.splice(0)[0];
    await new Promise((done) => server.close(done));
    const result = await run(['--url', url, '--family', 'netdev', '--dump', 'dev-get']);
    expect(result).toMatchObject({ status: 1, out: '' });
    expect(result.err).toContain(url);
    expect(result.err).toContain('ECONNREFUSED');
  });

  it('an answer that is none of the daemon', async () => {
    const { url } = await peer((response) => {
      response.statusCode = 502;
      response.end('<html>');
    });
    const result = await run(['--url', url, '--family', 'netdev', '--dump', 'dev-get']);
    expect(result).toMatchObject({ status: 1, out: '' });
    expect(result.err).toContain('502');
  });
});

describe('notifications', () => {
  it('come after the operation, those of the meantime included, until the stream ends', async () => {
    let events: ServerResponse | undefined;
    const { url, seen } = await peer((response, request) => {
      if (request.url.includes('/events')) {
        events = response;
        response.writeHead(200, { 'content-type': 'application/x-ndjson' });
        response.flushHeaders();
        return;
      }
      const [head, tail] = ['{"name":"page-pool-add-ntf",', '"msg":{"id":9}}\n'];
      events?.write(head);
      events?.end(`${tail}{"name":"page-pool-del-ntf","msg":{"id":1}}\n`);
      reply({ id: 2 })(response);
    });
    const args = ['--family', 'netdev', '--subscribe', 'page-pool', '--do', 'bind-rx', '--output-json', '--url', url];
    expect(await run(args)).toEqual({
      status: 0,
      out: '{"id":2}\n{"name":"page-pool-add-ntf","msg":{"id":9}}\n{"name":"page-pool-del-ntf","msg":{"id":1}}\n',
      err: '',
    });
    expect(seen.map((one) => one.url)).toEqual(['/v1/netdev/events?group=page-pool', '/v1/netdev/bind-rx']);
    expect(seen[0].headers.accept).toBe('application/x-ndjson');
  });

  const endless = (response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    response.write('{"name":"dev-add-ntf","msg":{}}\n');
  };

  it('stop after the duration', async () => {
    const { url } = await peer(endless);
    const args = ['--family', 'netdev', '--subscribe', 'mgmt', '--duration', '0.3', '--output-json', '--url', url];
    expect(await run(args)).toEqual({ status: 0, out: '{"name":"dev-add-ntf","msg":{}}\n', err: '' });
  });

  it('stop when interrupted', async () => {
    const interrupt = new AbortController();
    const { url } = await peer(endless);
    const result = { out: '' };
    const status = netmemctl(['--family', 'netdev', '--subscribe', 'mgmt', '--url', url], {
      out: (text) => {
        result.out += text;
        interrupt.abort();
      },
      err: () => undefined,
      interrupt: interrupt.signal,
    });
    expect(await status).toBe(0);
    expect(result.out).toContain('dev-add-ntf');
  });
});

describe('lists', () => {
  it('families', async () => {
    expect((await run(['--list-families'])).out).toBe(families.map(({ name }) => `${name}\n`).join(''));
  });

  it('operations as pyynl prints them, and notifications', async () => {
    const ops = (await run(['--family', 'netdev', '--list-ops'])).out;
    expect(ops).toContain('dev-get  [ do, dump ]\n');
    expect(ops).toContain('qstats-get  [ dump ]\n');
    expect(ops).not.toContain('dev-add-ntf');
    expect((await run(['--family', 'netdev', '--list-msgs'])).out).toContain('dev-add-ntf  [ notify ]\n');
  });

  it('attributes of one operation or of all', async () => {
    const one = await run(['--family', 'netdev', '--list-attrs', 'bind-rx']);
    expect(one.status).toBe(0);
    expect(one.out).toContain('Do request attributes:\n  - ifindex: u32');
    expect(one.out).toContain('  - queues: nest (repeated; of id, type)');
    const all = await run(['--family', 'netdev', '--list-attrs']);
    expect(all.out).toContain('Operation: bind-rx');
    expect(all.out).toContain('Operation: page-pool-add-ntf');
    for (const { name } of families) expect((await run(['--list-attrs', '--family', name])).status).toBe(0);
  });
});

describe('a wrong command line is status 2 and says what is wrong', () => {
  it.each<[string[], RegExp]>([
    [[], /exactly one of --family and --list-families/],
    [['--family', 'netdev', '--list-families'], /exactly one of/],
    [['--family', 'netdev'], /nothing to do/],
    [['--family', 'nonsense', '--do', 'x'], /no family nonsense; there are netdev, /],
    [['--family', 'constructor', '--do', 'x'], /no family constructor/],
    [['--family', 'netdev', '--do', 'nonsense'], /no operation nonsense; there are dev-get, /],
    [['--family', 'netdev', '--do', 'dev-add-ntf'], /no operation dev-add-ntf/],
    [['--family', 'netdev', '--list-attrs', 'nonsense'], /no operation nonsense/],
    [['--family', 'netdev', '--do', 'dev-get', '--dump', 'dev-get'], /exclude each other/],
    [['--family', 'netdev', '--do', 'dev-get', '--json', '{'], /--json/],
    [['--family', 'netdev', '--do', 'dev-get', '--json', '[]'], /takes an object/],
    [['--family', 'netdev', '--subscribe', 'nonsense'], /no multicast group nonsense; there are mgmt, page-pool/],
    [['--family', 'rxnfc', '--subscribe', 'x'], /it has none/],
    [['--family', 'netdev', '--subscribe', 'mgmt', '--duration', 'soon'], /number of seconds/],
    [['--family', 'netdev', '--dump', 'dev-get', '--netlink', 'x'], /fd number/],
    [['--family', 'netdev', '--dump', 'dev-get', '--url', 'ftp://x'], /--url/],
    [['--family', 'netdev', '--dump', 'dev-get', '--url', 'nonsense'], /--url/],
    [['--nonsense'], /nonsense/],
    [['stray'], /stray/],
  ])('%j', async (args, message) => {
    const result = await run(args);
    expect(result).toMatchObject({ status: 2, out: '' });
    expect(result.err).toMatch(message);
  });

  it('--help is no error', async () => {
    expect(await run(['--help'])).toMatchObject({ status: 0, err: '' });
  });
});

it('filters become dotted, repeated query parameters', () => {
  expect(flatten({ a: 1, b: { c: true, d: ['x', 'y'] }, e: [{ f: 1 }, { f: 2 }], g: {} })).toEqual([
    ['a', '1'],
    ['b.c', 'true'],
    ['b.d', 'x'],
    ['b.d', 'y'],
    ['e.f', '1'],
    ['e.f', '2'],
  ]);
});
