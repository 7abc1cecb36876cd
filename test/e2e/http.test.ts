import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createNetmemd } from '../../src/index.ts';
import { DaemonProcess, type Reply } from './daemon.ts';

const MAIN = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));

/** Runs the command to its end. */
async function run(
  args: string[],
  env: Record<string, string> = {},
): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, [MAIN, ...args], { env: { PATH: process.env.PATH ?? '', ...env } });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  const [code] = await once(child, 'close');
  return { code, out, err };
}

function expectProblem(reply: Reply, status: number, errno: string): void {
  expect(reply.headers['content-type']).toBe('application/problem+json');
  expect(reply.json).toMatchObject({ status, errno });
  expect(reply.status).toBe(status);
}

describe('the command', () => {
  it('tells its settings, its version and how it is used', async () => {
    const config = await run(['--print-config', '--http.port=0'], { NETMEMD_KERNEL: '6.12' });
    expect(config.code).toBe(0);
    expect(JSON.parse(config.out)).toMatchObject({ http: { port: 0 }, kernel: '6.12' });
    expect((await run(['--version'])).out).toMatch(/^netmemd \d+\.\d+\.\d+\n$/);
    expect((await run(['--help'])).out).toContain('--http.port=');
  });

  it('refuses settings by name with exit code 2', async () => {
    const { code, err, out } = await run(['--http.prot=1']);
    expect(code).toBe(2);
    expect(err).toBe('netmemd: --http.prot: no such setting\n');
    expect(out).toBe('');
  });

  it('ping tells readiness by its exit code', async () => {
    expect((await run(['ping', '--url', 'http://127.0.0.1:1'])).code).toBe(1);
    expect((await run(['ping', '--nonsense'])).code).toBe(2);
    const daemon = await DaemonProcess.start();
    try {
      expect((await run(['ping', '--url', daemon.url])).code).toBe(0);
      expect((await run(['ping'], { NETMEMD_URL: daemon.url })).code).toBe(0);
    } finally {
      await daemon.stop();
    }
  });
});

describe('a running daemon', () => {
  let daemon: DaemonProcess;
  beforeAll(async () => {
    daemon = await DaemonProcess.start();
  });
  afterAll(() => daemon.stop());

  it('serves by TCP and by its Unix socket', async () => {
    const tcp = await daemon.request('/v1/netdev/queue-get?ifindex=2');
    const unix = await daemon.request('/v1/netdev/queue-get?ifindex=2', {
      socketPath: daemon.socketPath,
      headers: { host: 'any.name' },
    });
    expect(tcp.status).toBe(200);
    expect(tcp.json).toHaveLength(16);
    expect(unix.json).toEqual(tcp.json);
  });

  it('has the devices of the start topology', async () => {
    const devices = (await daemon.request('/v1/netdev/dev-get')).json;
    expect(devices.map((d: { ifindex: number }) => d.ifindex)).toEqual([1, 2]);
  });

  it.each([
    ['malformed JSON', '{"ifindex":2', 400, 'EINVAL'],
    ['an array', '[1]', 400, 'EINVAL'],
    ['__proto__', '{"__proto__":{"ifindex":2}}', 400, 'EINVAL'],
    ['an unknown attribute', '{"ifindex":2,"colour":1}', 400, 'EINVAL'],
    ['a number out of range', '{"ifindex":4294967296}', 400, 'ERANGE'],
    ['a number that would be rounded', '{"ifindex":9007199254740993}', 400, 'EINVAL'],
    ['a huge array', `{"ifindex":[${Array(100_000).fill(1).join(',')}]}`, 400, 'EINVAL'],
    ['deep nesting', `{"ifindex":${'['.repeat(200_000)}${']'.repeat(200_000)}}`, 400, 'EINVAL'],
    ['a body over the limit', `{"ifindex":"${'1'.repeat(2 << 20)}"}`, 413, 'EMSGSIZE'],
  ])('refuses %s', async (_what, body, status, errno) => {
    const reply = await daemon.request('/v1/netdev/dev-get', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect(reply.headers['content-type']).toBe('application/problem+json');
    expect([reply.status, reply.json.errno]).toEqual([status, errno]);
  });

  it.each(['eth0\u0000', '\ud800', 'x'.repeat(100_000)])('refuses strange names', async (name) => {
    const reply = await daemon.do('ethtool', 'rings-get', { header: { 'dev-name': name } });
    expect(reply.status).toBeGreaterThanOrEqual(400);
    expect(reply.status).toBeLessThan(500);
    expect(reply.headers['content-type']).toBe('application/problem+json');
  });

  it('refuses what is not for it', async () => {
    expectProblem(await daemon.do('nothing', 'get', {}), 404, 'ENOENT');
    expectProblem(await daemon.do('netdev', 'nothing', {}), 404, 'EOPNOTSUPP');
    expectProblem(await daemon.request('/v1/netdev/dev-get', { method: 'DELETE' }), 405, 'EOPNOTSUPP');
    expectProblem(
      await daemon.request('/v1/netdev/dev-get', {
        method: 'POST',
        body: 'ifindex=2',
        headers: { 'content-type': 'text/plain' },
      }),
      415,
      'EPROTONOSUPPORT',
    );
    expectProblem(await daemon.request('/v1', { headers: { host: 'evil.test' } }), 403, 'EACCES');
    expectProblem(await daemon.request('/v1', { headers: { origin: 'http://evil.test' } }), 403, 'EACCES');
    expectProblem(await daemon.do('session', 'get', {}, { 'netmemd-session': 'nobody' }), 404, 'ESRCH');
    expectProblem(await daemon.do('session', 'get', {}, { 'netmemd-netlink': '99' }), 404, 'EBADF');
    expectProblem(await daemon.request('/v1/socket/recvmsg?fd=99'), 404, 'EBADF');
    expectProblem(await daemon.request('/v1/socket/recvmsg'), 400, 'EINVAL');
  });

  it('tells its state in numbers', async () => {
    const { text } = await daemon.request('/metrics');
    expect(text).toMatch(/^netmemd_rx_packets_total\{ifindex="2",dev="eth0",queue="0"\} 0$/m);
    expect(text).toMatch(/^netmemd_sessions 1$/m);
    expect(text).toMatch(/^process_resident_memory_bytes [1-9]/m);
  });

  it('ends a session when its hold stream drops', async () => {
    const { id } = (await daemon.do('session', 'open', { name: 'held' })).json;
    const hold = httpRequest(`${daemon.url}/v1/session/hold`, { headers: { 'netmemd-session': id } }).end();
    const [response] = await once(hold, 'response');
    const [line] = await once(response, 'data');
    expect(JSON.parse(line.toString())).toEqual({ id });
    expect((await daemon.do('session', 'get', {}, { 'netmemd-session': id })).json).toMatchObject({
      id,
      connections: 1,
    });
    response.on('error', () => {});
    hold.on('error', () => {});
    hold.destroy();
    await expect
      .poll(async () => (await daemon.do('session', 'get', {}, { 'netmemd-session': id })).status, { timeout: 10_000 })
      .toBe(404);
  });

  it('is alone in its run directory', async () => {
    const { code, err } = await run(['--http.port=0', `--run-dir=${daemon.runDirectory}`]);
    expect(code).toBe(1);
    expect(err).toContain(`is in use by pid ${daemon.child.pid}`);
    expect((await daemon.request('/readyz')).status).toBe(200);
  });
});

describe('stopping', () => {
  let daemon: DaemonProcess | null = null;
  afterEach(async () => {
    await daemon?.stop();
    daemon = null;
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('by %s ends streams and waits, and leaves nothing behind', async (signal) => {
    daemon = await DaemonProcess.start();
    const stream = httpRequest(`${daemon.url}/v1/netdev/events`).end();
    const [response] = await once(stream, 'response');
    const ended = once(response.resume(), 'end');
    const { fd } = (await daemon.do('socket', 'listen', { port: 5201 })).json;
    const waiting = daemon.do('socket', 'accept', { fd });
    await daemon.do('dmabuf', 'create', { size: 65_536 });
    await expect.poll(async () => (await daemon?.request('/metrics'))?.text).toMatch(/^netmemd_http_streams 1$/m);
    expect(daemon.leftovers().length).toBeGreaterThan(1);
    const started = performance.now();
    expect(await daemon.signal(signal)).toBe(0);
    expect(performance.now() - started).toBeLessThan(2000);
    await ended;
    expectProblem(await waiting, 409, 'EINTR');
    expect(existsSync(daemon.runDirectory)).toBe(false);
  });

  it('by SIGKILL leaves files that the next daemon cleans up', async () => {
    daemon = await DaemonProcess.start();
    await daemon.do('dmabuf', 'create', { size: 65_536 });
    await daemon.signal('SIGKILL');
    const left = daemon.leftovers();
    expect(left).toContain('netmemd.sock');
    const next = spawn(process.execPath, [
      MAIN,
      '--http.port=0',
      `--run-dir=${daemon.runDirectory}`,
      '--log.level=silent',
    ]);
    const exited = once(next, 'exit');
    await once(next.stdout, 'data');
    expect(daemon.leftovers().filter((name) => name.startsWith('mem-'))).toEqual([]);
    next.kill('SIGTERM');
    await exited;
  });
});

describe('createNetmemd', () => {
  it('runs several daemons in one process, and resets them', async () => {
    const [a, b] = await Promise.all([createNetmemd(), createNetmemd({ kernel: '7.3' })]);
    try {
      expect(a.url).not.toBe(b.url);
      const create = await fetch(`${a.url}/v1/dmabuf/create`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"size":4096}',
      });
      expect(create.status).toBe(200);
      expect(await (await fetch(`${a.url}/v1/dmabuf/get`)).json()).toHaveLength(1);
      await a.reset();
      expect(await (await fetch(`${a.url}/v1/dmabuf/get`)).json()).toEqual([]);
    } finally {
      await Promise.all([a.close(), b.close()]);
    }
    expect(existsSync(join(a.runDirectory))).toBe(false);
    await a.close();
  });

  it('refuses settings by name', async () => {
    await expect(createNetmemd({ colour: 'red' })).rejects.toThrow('options: colour: no such setting');
  });
});
