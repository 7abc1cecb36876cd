import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DaemonProcess } from './daemon.ts';
import { RealPeer } from './real-peer.ts';
import { wire } from './wiring.ts';

const MAIN = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));
const POLL = { timeout: 20_000 };

async function run(args: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [MAIN, ...args], { env: { PATH: process.env.PATH ?? '', ...env } });
  const output = { out: '', err: '' };
  child.stdout.on('data', (chunk) => {
    output.out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    output.err += chunk;
  });
  const [code] = await once(child, 'close');
  return { code, ...output };
}

const directories: string[] = [];
function directory(): string {
  const path = mkdtempSync(join(tmpdir(), 'netmemd-e2e-'));
  directories.push(path);
  return path;
}

let daemon: DaemonProcess | null = null;
afterEach(async () => {
  await daemon?.stop();
  daemon = null;
  for (const path of directories.splice(0)) rmSync(path, { recursive: true, force: true });
});

describe('settings', () => {
  it('come from a file, variables and flags; the later wins', async () => {
    const file = join(directory(), 'netmemd.yaml');
    writeFileSync(file, 'kernel: "6.12"\nhttp:\n  port: 1\n  hosts: [lab.test]\nlimits:\n  fds: 100\n');
    const { code, out } = await run(['--config', file, '--http.port=3', '--print-config'], {
      NETMEMD_HTTP_PORT: '2',
      NETMEMD_LIMITS_FDS: '200',
    });
    expect(code).toBe(0);
    const config = JSON.parse(out);
    expect(config).toMatchObject({ kernel: '6.12', http: { port: 3, hosts: ['lab.test'] }, limits: { fds: 200 } });
    // What was printed is a file that gives the same settings.
    const again = join(directory(), 'again.json');
    writeFileSync(again, out);
    expect(JSON.parse((await run(['--print-config'], { NETMEMD_CONFIG: again })).out)).toEqual(config);
  });

  it.each([
    ['a key of the file', 'http:\n  prot: 1\n', [], {}, /http\.prot: no such setting/],
    ['a value of the file', 'kernel: "5.0"\n', [], {}, /kernel/],
    ['a variable', '', [], { NETMEMD_HTTP_PROT: '1' }, /NETMEMD_HTTP_PROT: no such setting/],
    ['a value of a variable', '', [], { NETMEMD_HTTP_PORT: '70000' }, /NETMEMD_HTTP_PORT|http\.port/],
    ['a flag', '', ['--colour=red'], {}, /--colour: no such setting/],
    ['a file that is no mapping', '- 1\n', [], {}, /netmemd\.yaml/],
  ] as const)('%s that cannot be used is refused by name', async (_what, text, flags, env, message) => {
    const file = join(directory(), 'netmemd.yaml');
    writeFileSync(file, text);
    const { code, err, out } = await run(['--config', file, ...flags], env as Record<string, string>);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(message);
  });

  it('take effect: the kernel release, the topology, the limits', async () => {
    const file = join(directory(), 'netmemd.json');
    const netdevs = [
      { name: 'lo', type: 'loopback', 'rx-queues': 1, 'tx-queues': 1, mtu: 65_536 },
      { name: 'nic9', ifindex: 9, 'rx-queues': 2, 'tx-queues': 1, addresses: ['10.0.0.1/8'] },
    ];
    writeFileSync(file, JSON.stringify({ kernel: '6.12', limits: { fds: 16 }, topology: { netdevs } }));
    daemon = await DaemonProcess.startWith({ env: { NETMEMD_CONFIG: file } });
    expect((await daemon.dump('netdev', 'dev-get')).map((dev) => dev.ifindex)).toEqual([1, 9]);
    expect(await daemon.dump('netdev', 'queue-get', '?ifindex=9')).toHaveLength(3);
    for (let fd = 3; fd < 16; fd++) await daemon.ok('session', 'netlink-open');
    expect((await daemon.do('session', 'netlink-open', {})).json.errno).toBe('EMFILE');
  });
});

describe('who may ask', () => {
  const ADMIN = 'administrator-1';
  const USER = 'plain-user-1';
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  let guarded: DaemonProcess;
  beforeAll(async () => {
    const path = mkdtempSync(join(tmpdir(), 'netmemd-e2e-'));
    const file = join(path, 'config.json');
    const tokens = [{ token: ADMIN, admin: true }, { token: USER }];
    writeFileSync(file, JSON.stringify({ auth: { tokens }, http: { hosts: ['lab.test'] } }));
    guarded = await DaemonProcess.startWith({ env: { NETMEMD_CONFIG: file } });
    rmSync(path, { recursive: true });
  });
  afterAll(() => guarded.stop());

  it('probes need no token, everything else does, over TCP and the Unix socket', async () => {
    for (const socketPath of [undefined, guarded.socketPath]) {
      expect((await guarded.request('/livez', { socketPath })).text).toBe('ok\n');
      expect((await guarded.request('/readyz', { socketPath })).status).toBe(200);
      for (const path of ['/metrics', '/v1', '/v1/netdev/dev-get', '/v1/netdev/events', '/nothing']) {
        const reply = await guarded.request(path, { socketPath });
        expect([path, reply.status, reply.json.errno]).toEqual([path, 401, 'EPERM']);
        expect(reply.headers['www-authenticate']).toMatch(/^Bearer /);
      }
    }
    for (const authorization of ['Bearer wrong-token', `Basic ${ADMIN}`, 'Bearer', `Bearer ${ADMIN}x`]) {
      const reply = await guarded.request('/v1/netdev/dev-get', { headers: { authorization } });
      expect([authorization, reply.status, reply.json.errno]).toEqual([authorization, 401, 'EPERM']);
    }
  });

  it('a token without admin may look and receive, not change the devices', async () => {
    expect((await guarded.request('/v1/netdev/dev-get', { headers: bearer(USER) })).status).toBe(200);
    expect((await guarded.do('dmabuf', 'create', { size: 4096 }, bearer(USER))).status).toBe(200);
    for (const [family, op] of [
      ['netdev', 'bind-rx'],
      ['ethtool', 'rings-set'],
      ['ethtool', 'features-set'],
      ['rxnfc', 'rule-insert'],
      ['rxnfc', 'rule-delete'],
      ['lab', 'netdev-add'],
      ['lab', 'tcp-publish'],
      ['lab', 'pktgen-start'],
      ['lab', 'reset'],
    ]) {
      const reply = await guarded.do(family, op, { nonsense: 1 }, bearer(USER));
      expect([op, reply.status, reply.json.errno]).toEqual([op, 403, 'EPERM']);
    }
    const { id } = await guarded.ok('session', 'open', {}, bearer(USER));
    const headers = { ...bearer(ADMIN), 'netmemd-session': id };
    // What a session may do was settled when it was opened.
    expect((await guarded.do('netdev', 'bind-rx', {}, headers)).json.errno).toBe('EPERM');
    expect((await guarded.do('netdev', 'bind-rx', {}, bearer(ADMIN))).json.errno).toBe('EINVAL');
  });

  it('foreign names and origins are refused, except by probes', async () => {
    const ask = (path: string, headers: Record<string, string>) =>
      guarded.request(path, { headers: { ...bearer(ADMIN), ...headers } });
    for (const headers of [
      { host: 'evil.test' },
      { host: '127.0.0.1.evil.test:8420' },
      { origin: 'http://evil.test' },
      { origin: 'null' },
    ]) {
      const reply = await ask('/v1/netdev/dev-get', headers as Record<string, string>);
      expect([reply.status, reply.json.errno]).toEqual([403, 'EACCES']);
      expect((await ask('/livez', headers as Record<string, string>)).status).toBe(200);
      expect((await ask('/readyz', headers as Record<string, string>)).status).toBe(200);
    }
    for (const host of ['localhost:1', '127.0.0.1', '[::1]:5', 'LAB.test']) {
      expect((await ask('/v1/netdev/dev-get', { host })).status).toBe(200);
    }
    expect((await ask('/v1', { host: 'lab.test', origin: 'http://lab.test' })).status).toBe(200);
  });
});

describe('the run directory', () => {
  it('belongs to one daemon; the files of a killed one go', async () => {
    daemon = await DaemonProcess.start();
    await wire(daemon);
    const second = await run(['--http.port=0', `--run-dir=${daemon.runDirectory}`]);
    expect(second.code).toBe(1);
    expect(second.err).toContain(`run directory ${daemon.runDirectory} is in use by pid ${daemon.child.pid}`);
    expect((await daemon.request('/readyz')).status).toBe(200);
    expect((await daemon.request('/readyz', { socketPath: daemon.socketPath })).status).toBe(200);

    await daemon.signal('SIGKILL');
    expect(daemon.leftovers()).toEqual(expect.arrayContaining(['mem-1', 'netmemd.lock', 'netmemd.sock']));
    const next = await DaemonProcess.startWith({ parent: join(daemon.runDirectory, '..') });
    expect(next.leftovers().sort()).toEqual(['netmemd.lock', 'netmemd.sock']);
    expect((await next.request('/readyz', { socketPath: next.socketPath })).status).toBe(200);
    expect(await next.signal('SIGTERM')).toBe(0);
    expect(next.leftovers()).toEqual([]);
  });

  it('that another made keeps what is not the daemon’s', async () => {
    const parent = mkdtempSync('/dev/shm/netmemd-e2e-');
    directories.push(parent);
    const path = join(parent, 'run');
    spawnSync('mkdir', ['-m', '700', path]);
    writeFileSync(join(path, 'notes'), 'mine');
    daemon = await DaemonProcess.startWith({ parent });
    await daemon.ok('dmabuf', 'create', { size: 4096 });
    await daemon.signal();
    expect(readdirSync(path)).toEqual(['notes']);
  });

  it.each(['memfd', 'file'])('is empty after SIGTERM with traffic and streams open (%s)', async (backing) => {
    daemon = await DaemonProcess.start(`--backing=${backing}`);
    const { hostPort, listener } = await wire(daemon);
    const peer = await RealPeer.dial(hostPort);
    const chunk = Buffer.alloc(1 << 20);
    peer.socket.on('drain', () => peer.socket.write(chunk));
    peer.socket.write(chunk);
    const { fd } = await daemon.ok('socket', 'accept', { fd: listener });
    const ended: Promise<unknown>[] = [];
    for (const path of [
      `/v1/socket/recvmsg?fd=${fd}&flags=MSG_SOCK_DEVMEM`,
      '/v1/netdev/events',
      '/v1/ethtool/events',
    ]) {
      const request = httpRequest(daemon.url + path, { agent: false }).end();
      const [response] = await once(request, 'response');
      response.on('error', () => {});
      // A reader that has stopped reading must not hold the daemon up.
      if (path.includes('recvmsg')) response.pause();
      else ended.push(once(response.resume(), 'end'));
      request.on('error', () => {});
    }
    await expect.poll(async () => (await daemon?.metric('netmemd_http_streams'))?.get(''), POLL).toBe(3);
    const started = performance.now();
    expect(await daemon.signal('SIGTERM')).toBe(0);
    expect(performance.now() - started).toBeLessThan(2000);
    await Promise.all(ended);
    expect(existsSync(daemon.runDirectory)).toBe(false);
    await expect.poll(() => peer.closed, POLL).toBe(true);
    expect(daemon.errors).toEqual([]);
  });
});

describe('a connection', () => {
  it('that speaks no HTTP gets a problem, and nobody else notices', async () => {
    daemon = await DaemonProcess.start();
    const { port } = new URL(daemon.url);
    const socket = connect(Number(port), '127.0.0.1');
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.on('error', () => {});
    socket.write('\u0016\u0003\u0001 not HTTP\r\n\r\n');
    await once(socket, 'close');
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(text).toContain('application/problem+json');
    expect((await daemon.request('/readyz')).status).toBe(200);
  });
});

/** A tmpfs of that size, or why there is none. */
function mountTmpfs(mebibytes: number): { path: string } | { why: string } {
  if (process.getuid?.() !== 0) return { why: 'only root can mount' };
  const path = mkdtempSync(join(tmpdir(), 'netmemd-tmpfs-'));
  const done = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m,mode=700`, 'tmpfs', path]);
  if (done.status === 0) return { path };
  rmSync(path, { recursive: true });
  return { why: `mount: ${String(done.stderr).trim()}` };
}

describe('a small file system', () => {
  const mounts: string[] = [];
  afterEach(async () => {
    await daemon?.stop();
    daemon = null;
    for (const path of mounts.splice(0)) {
      spawnSync('umount', [path]);
      rmSync(path, { recursive: true, force: true });
    }
  });

  it.for(['memfd', 'file'])(
    'that is full is told by its mount, with the option to change (%s)',
    async (backing, { skip }) => {
      const small = mountTmpfs(1);
      if ('why' in small) return skip(small.why);
      mounts.push(small.path);
      daemon = await DaemonProcess.startWith({ parent: small.path }, `--backing=${backing}`);
      const reply = await daemon.do('dmabuf', 'create', { size: 2 << 20 });
      expect([reply.status, reply.json.errno]).toEqual([507, 'ENOSPC']);
      expect(reply.json.detail).toContain(`mounted on ${small.path}`);
      expect(reply.json.detail).toContain('--run-dir');
      expect((await daemon.ok('session', 'get')).fds ?? []).toEqual([]);
      expect(daemon.leftovers().filter((name) => name.startsWith('mem-'))).toEqual([]);
      expect((await daemon.do('dmabuf', 'create', { size: 65_536 })).status).toBe(200);
      expect(daemon.errors).toEqual([]);
    },
  );

  it('without room for anything refuses to start, by name', async ({ skip }) => {
    const small = mountTmpfs(1);
    if ('why' in small) return skip(small.why);
    mounts.push(small.path);
    spawnSync('dd', ['if=/dev/zero', `of=${join(small.path, 'fill')}`, 'bs=4096']);
    const { code, err } = await run(['--http.port=0', `--run-dir=${join(small.path, 'run')}`]);
    expect(code).toBe(1);
    expect(err).toContain(small.path);
    expect(existsSync(join(small.path, 'run'))).toBe(false);
  });

  it.for(['memfd', 'file'])('of 64 MiB is enough for everything with small buffers (%s)', async (backing, { skip }) => {
    const small = mountTmpfs(64);
    if ('why' in small) return skip(small.why);
    mounts.push(small.path);
    daemon = await DaemonProcess.startWith({ parent: small.path }, `--backing=${backing}`);
    const { listener, hostPort } = await wire(daemon, { size: 8 << 20, queues: [6, 7] });
    const peer = await RealPeer.dial(hostPort);
    const { fd } = await daemon.ok('socket', 'accept', { fd: listener });
    peer.socket.end(Buffer.alloc(200_000));
    const text = await (await fetch(`${daemon.url}/v1/socket/recvmsg?fd=${fd}&flags=MSG_SOCK_DEVMEM`)).text();
    const entries = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(entries.reduce((sum, entry) => sum + entry.len, 0)).toBe(200_000);
    expect(entries.at(-1).len).toBe(0);
    // What does not fit is refused, in numbers that add up.
    const large = await daemon.do('dmabuf', 'create', { size: 64 << 20 });
    expect([large.status, large.json.errno]).toEqual([507, 'ENOSPC']);
    peer.socket.destroy();
    expect(daemon.errors).toEqual([]);
    expect(await daemon.signal()).toBe(0);
    expect(readdirSync(small.path)).toEqual([]);
  });
});
