import { connect } from 'node:net';
import type { InjectOptions, Response } from 'light-my-request';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { HttpServer } from '../../../src/http/server.ts';
import { makeToy, type Toy, toySpec } from './fake-services.ts';

const open: HttpServer[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

function start(settings: Record<string, unknown> = {}): {
  toy: Toy;
  server: HttpServer;
  ask: (o: InjectOptions | string) => Promise<Response>;
} {
  const toy = makeToy({ http: { port: 0 }, ...settings });
  const server = new HttpServer(toy.services);
  open.push(server);
  return { toy, server, ask: (o) => server.app.inject(o) as Promise<Response> };
}

function post(url: string, payload: unknown, headers: Record<string, string> = {}): InjectOptions {
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
  return { method: 'POST', url, payload: text, headers: { 'content-type': 'application/json', ...headers } };
}

/** Every error is a problem document that names its errno. */
function problem(response: Response, status: number, errno: string) {
  expect(response.headers['content-type']).toBe('application/problem+json');
  const body = response.json();
  expect(body).toMatchObject({ status, errno });
  expect(response.statusCode).toBe(status);
  expect(body.type).toBe(`urn:netmemd:errno:${errno}`);
  expect(body.code).toBeLessThan(0);
  return body;
}

describe('operations', () => {
  it('do: attributes in, attributes out, by their names', async () => {
    const { ask } = start();
    const response = await ask(post('/v1/toy/get', { id: 7 }));
    expect(response.statusCode).toBe(200);
    expect(response.headers['content-type']).toBe('application/json');
    expect(response.headers['netmemd-request-id']).toMatch(/^r\d+$/);
    expect(response.json()).toEqual({ id: 7, colour: 'blue' });
  });

  it('do without a body asks with no attributes', async () => {
    const { ask } = start();
    expect((await ask({ method: 'POST', url: '/v1/toy/get' })).json()).toEqual({ id: 1, colour: 'blue' });
    expect((await ask(post('/v1/toy/get', ''))).json()).toEqual({ id: 1, colour: 'blue' });
  });

  it('a do without a reply answers null', async () => {
    const { ask } = start();
    const response = await ask(post('/v1/toy/set', { id: 1 }));
    expect(response.statusCode).toBe(200);
    expect(response.json()).toBe(null);
  });

  it('dump: an array, or lines', async () => {
    const { ask } = start();
    const entries = [
      { id: 1, colour: 'red' },
      { id: 2, colour: 'blue' },
    ];
    expect((await ask('/v1/toy/get?colour=red')).json()).toEqual(entries);
    const lines = await ask({ url: '/v1/toy/get', headers: { accept: 'application/x-ndjson' } });
    expect(lines.headers['content-type']).toBe('application/x-ndjson');
    expect(lines.body).toBe(`${entries.map((e) => JSON.stringify(e)).join('\n')}\n`);
    problem(await ask({ url: '/v1/toy/get', headers: { accept: 'image/png' } }), 406, 'EPROTONOSUPPORT');
  });

  it('that are specified but not implemented do not start', () => {
    const toy = makeToy();
    delete toy.services.handlers.toy.set;
    expect(() => new HttpServer(toy.services)).toThrow(/toy set is specified but not implemented/);
  });

  it('tell their specs', async () => {
    const { ask } = start();
    expect((await ask('/v1')).json().families[0]).toMatchObject({
      name: 'toy',
      spec: '/v1/toy/spec',
      groups: ['news'],
    });
    expect((await ask('/v1/toy/spec')).json()).toEqual(JSON.parse(JSON.stringify(toySpec)));
    expect((await ask('/v1/openapi.json')).json().openapi).toMatch(/^3\.1/);
  });
});

describe('waiting', () => {
  it('answers when there is something', async () => {
    const { toy, ask } = start();
    const response = ask(post('/v1/toy/wait', {}));
    await vi.waitFor(() => expect(toy.queue.active).toBe(true));
    toy.value = 3;
    toy.queue.wake();
    expect((await response).json()).toEqual({ id: 3 });
    expect(toy.ran).toEqual([]);
  });

  it('gives up what it began, once, when the wait ends without a result', async () => {
    const { toy, ask } = start();
    await ask(post('/v1/toy/wait', { 'timeout-ms': 0 }));
    expect(toy.ran).toEqual(['abandon']);
    await ask(post('/v1/toy/wait', { 'timeout-ms': 5 }));
    expect(toy.ran).toEqual(['abandon', 'abandon']);
  });

  it('ends after timeout-ms with EAGAIN', async () => {
    const { ask } = start();
    problem(await ask(post('/v1/toy/wait', { 'timeout-ms': 0 })), 409, 'EAGAIN');
    problem(await ask(post('/v1/toy/wait', { 'timeout-ms': 5 })), 409, 'EAGAIN');
  });
});

describe('the caller', () => {
  it('names a session, or is refused', async () => {
    const { ask, toy } = start();
    expect((await ask(post('/v1/toy/get', {}, { 'netmemd-session': toy.other }))).statusCode).toBe(200);
    problem(await ask(post('/v1/toy/get', {}, { 'netmemd-session': 'nobody' })), 404, 'ESRCH');
    problem(await ask(post('/v1/toy/get', {}, { 'netmemd-session': '__proto__' })), 404, 'ESRCH');
  });

  it('names a netlink socket of it, or is refused', async () => {
    const { ask, toy } = start();
    const as = (fd: string) => ({ 'netmemd-session': toy.other, 'netmemd-netlink': fd });
    expect((await ask(post('/v1/toy/get', {}, as('5')))).statusCode).toBe(200);
    for (const fd of ['6', '-1', 'x', '', '5.0', '99999999999'])
      problem(await ask(post('/v1/toy/get', {}, as(fd))), 404, 'EBADF');
    problem(await ask(post('/v1/toy/get', {}, { 'netmemd-netlink': '5' })), 404, 'EBADF');
  });

  it('without privileges may not do what takes them, before its attributes are looked at', async () => {
    const { ask, toy } = start();
    problem(await ask(post('/v1/toy/set', { nonsense: 1 }, { 'netmemd-session': toy.poor })), 403, 'EPERM');
    expect(toy.ran).toEqual([]);
  });

  it('hears that an operation is not there before it hears that it may not use it', async () => {
    const { ask, toy } = start();
    problem(await ask(post('/v1/toy/later', {}, { 'netmemd-session': toy.poor })), 501, 'EOPNOTSUPP');
    problem(await ask(post('/v1/toy/later', {})), 501, 'EOPNOTSUPP');
    expect(toy.ran).toEqual([]);
  });

  it('shows a token where tokens are set', async () => {
    const tokens = [
      { token: 'plain-token', admin: false },
      { token: 'admin-token', admin: true },
    ];
    const { ask } = start({ auth: { tokens } });
    const as = (token: string) => ({ authorization: `Bearer ${token}` });
    const missing = await ask(post('/v1/toy/get', {}));
    problem(missing, 401, 'EPERM');
    expect(missing.headers['www-authenticate']).toContain('Bearer');
    problem(await ask(post('/v1/toy/get', {}, as('wrong-token'))), 401, 'EPERM');
    problem(await ask('/metrics'), 401, 'EPERM');
    expect((await ask(post('/v1/toy/get', {}, as('plain-token')))).statusCode).toBe(200);
    problem(await ask(post('/v1/toy/set', {}, as('plain-token'))), 403, 'EPERM');
    expect((await ask(post('/v1/toy/set', {}, as('admin-token')))).statusCode).toBe(200);
    expect((await ask('/livez')).statusCode).toBe(200);
  });
});

describe('bad input', () => {
  it('of the path or the method says which', async () => {
    const { ask } = start();
    problem(await ask(post('/v1/nothing/get', {})), 404, 'ENOENT');
    problem(await ask(post('/v1/toy/nothing', {})), 404, 'EOPNOTSUPP');
    problem(await ask(post('/v1/toy/add-ntf', {})), 404, 'EOPNOTSUPP');
    problem(await ask('/v2/toy/get'), 404, 'ENOENT');
    problem(await ask('/'), 404, 'ENOENT');
    problem(await ask('/v1/toy/get/'), 404, 'ENOENT');
    problem(await ask('/v1/__proto__/constructor'), 404, 'ENOENT');
    problem(await ask('/v1/%zz'), 400, 'EINVAL');
    for (const [method, url, allow] of [
      ['GET', '/v1/toy/set', 'POST'],
      ['PUT', '/v1/toy/get', 'POST, GET'],
      ['DELETE', '/v1', 'GET'],
      ['OPTIONS', '/v1/toy/set', 'POST'],
      ['POST', '/metrics', 'GET'],
    ] as const) {
      const response = await ask({ method, url });
      problem(response, 405, 'EOPNOTSUPP');
      expect(response.headers.allow?.toString().split(', ').sort()).toEqual(allow.split(', ').sort());
    }
  });

  it('of the body says what', async () => {
    const { ask, toy } = start();
    for (const body of ['{', '[]', 'null', '"x"', '{"id":1', '\u0000'])
      problem(await ask(post('/v1/toy/get', body)), 400, 'EINVAL');
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/xml',
      'nonsense',
      'multipart/form-data',
    ]) {
      problem(await ask(post('/v1/toy/get', '{}', { 'content-type': type })), 415, 'EPROTONOSUPPORT');
    }
    problem(await ask(post('/v1/toy/get', `{"name":"${'x'.repeat(1 << 20)}"}`)), 413, 'EMSGSIZE');
    expect(toy.ran).toEqual([]);
    expect(
      (await ask(post('/v1/toy/get', '{}', { 'content-type': 'application/json; charset=utf-8' }))).statusCode,
    ).toBe(200);
  });

  it('of the attributes says where', async () => {
    const { ask, toy } = start();
    const refuse = async (attrs: unknown, path?: string) => {
      const body = problem(await ask(post('/v1/toy/get', attrs)), 400, 'EINVAL');
      if (path !== undefined) expect(body.extack['bad-attr']).toBe(path);
    };
    await refuse({ nonsense: 1 }, '.nonsense');
    await refuse('{"__proto__":{"id":1}}', '.__proto__');
    await refuse('{"nest":{"__proto__":1}}', '.nest.__proto__');
    await refuse({ constructor: 1 }, '.constructor');
    await refuse({ id: '2' });
    await refuse({ id: 1.5 }, '.id');
    await refuse('{"id":9007199254740993}', '.id');
    await refuse('{"id":1e400}', '.id');
    await refuse({ id: [1] }, '.id');
    await refuse({ name: 'eth0\u0000' }, '.name');
    await refuse('{"name":"\\ud800"}', '.name');
    await refuse({ list: Array(200_000).fill(1) });
    await refuse(`{"list":${'['.repeat(100_000)}${']'.repeat(100_000)}}`);
    await refuse(`${'{"nest":'.repeat(20_000)}{}${'}'.repeat(20_000)}`);
    expect(toy.ran).toEqual([]);
    expect(({} as Record<string, unknown>).id).toBeUndefined();
  });

  it('of the query says where', async () => {
    const { ask } = start();
    expect(problem(await ask('/v1/toy/get?nonsense=1'), 400, 'EINVAL').extack['bad-attr']).toBe('.nonsense');
    expect(problem(await ask('/v1/toy/get?__proto__=1'), 400, 'EINVAL').extack['bad-attr']).toBe('.__proto__');
    problem(await ask('/v1/toy/get?colour=green'), 400, 'EINVAL');
    problem(await ask('/v1/toy/events?group=nothing'), 400, 'EINVAL');
    problem(await ask('/v1/toy/events?grp=news'), 400, 'EINVAL');
  });

  it('of the operation itself keeps its errno', async () => {
    const { ask } = start();
    problem(await ask(post('/v1/toy/get', { id: 404 })), 404, 'ENODEV');
  });

  it('from elsewhere is refused', async () => {
    const { ask, toy } = start();
    problem(await ask(post('/v1/toy/get', {}, { origin: 'http://evil.test' })), 403, 'EACCES');
    problem(await ask(post('/v1/toy/get', {}, { host: 'evil.test' })), 403, 'EACCES');
    expect(toy.ran).toEqual([]);
    expect((await ask({ url: '/livez', headers: { host: 'evil.test' } })).statusCode).toBe(200);
  });
});

it('a bug of ours is answered without its details', async () => {
  const { ask } = start();
  const response = await ask(post('/v1/toy/crash', {}));
  problem(response, 500, 'EIO');
  expect(response.body).not.toContain('secret');
});

describe('listening', () => {
  it('is ready only then, and not when it stops', async () => {
    const { ask, server, toy } = start();
    problem(await ask('/readyz'), 503, 'EAGAIN');
    const url = await server.listen(null);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    toy.stop.abort();
    problem(await ask('/readyz'), 503, 'EAGAIN');
  });

  it('answers what is not HTTP with a problem too', async () => {
    const { server } = start();
    const url = new URL(await server.listen(null));
    const socket = connect(Number(url.port), url.hostname);
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.end('NONSENSE\r\n\r\n');
    await new Promise((resolve) => socket.on('close', resolve));
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(text).toContain('application/problem+json');
  });

  it('sends events from the moment the headers are there, and ends them on close', async () => {
    const { server, toy } = start();
    const url = await server.listen(null);
    const response = await fetch(`${url}/v1/toy/events?group=news`);
    expect(response.headers.get('content-type')).toBe('application/x-ndjson');
    expect(toy.services.streams.count).toBe(1);
    toy.kernel.events.emit('toy/news', 'add-ntf', () => ({ id: 9, colour: 0 }));
    const reader = response.body!.getReader();
    const { value } = await reader.read();
    expect(JSON.parse(Buffer.from(value!).toString())).toEqual({ name: 'add-ntf', msg: { id: 9, colour: 'red' } });
    const end = reader.read();
    await server.close();
    expect((await end).done).toBe(true);
    expect(toy.services.streams.count).toBe(0);
  });

  it('tells what it counted', async () => {
    const { server } = start();
    const url = await server.listen(null);
    await fetch(`${url}/v1`);
    const text = await (await fetch(`${url}/metrics`)).text();
    expect(text).toMatch(/^netmemd_http_requests_total\{code="200"\} [1-9]/m);
    expect(text).toMatch(/^netmemd_sessions 3$/m);
  });
});
