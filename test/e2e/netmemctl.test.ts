import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { families } from '../../src/ynl/generated/index.ts';
import { DaemonProcess } from './daemon.ts';

const NETMEMCTL = fileURLToPath(new URL('../../dist/src/cli/netmemctl.js', import.meta.url));
const POLL = { timeout: 20_000 };

let daemon: DaemonProcess;
beforeAll(async () => {
  daemon = await DaemonProcess.start();
});
afterAll(() => daemon.stop());

function start(args: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [NETMEMCTL, ...args], { env: { PATH: process.env.PATH ?? '', ...env } });
  const output = { out: '', err: '' };
  child.stdout.on('data', (chunk) => {
    output.out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    output.err += chunk;
  });
  const done = once(child, 'close').then(([code]) => ({ code: code as number, ...output }));
  return { child, output, done };
}

const ctl = (...args: string[]) => start(['--url', daemon.url, ...args]).done;

describe('netmemctl', () => {
  it('dumps what the daemon answers, over TCP and over the Unix socket', async () => {
    const expected = await daemon.dump('netdev', 'queue-get', '?ifindex=2');
    const args = ['--family', 'netdev', '--dump', 'queue-get', '--json', '{"ifindex": 2}'];
    const tcp = await ctl(...args);
    expect([tcp.code, tcp.err]).toEqual([0, '']);
    expect(JSON.parse(tcp.out)).toEqual(expected);
    const unix = await start(['--url', `unix:${daemon.socketPath}`, ...args, '--output-json']).done;
    expect([unix.code, unix.err]).toEqual([0, '']);
    expect(JSON.parse(unix.out)).toEqual(expected);
    expect(unix.out.trim().split('\n')).toHaveLength(1);
  });

  it('does, in a session of its own too', async () => {
    const got = await ctl('--family', 'netdev', '--do', 'dev-get', '--json', '{"ifindex": 2}');
    expect(JSON.parse(got.out)).toEqual(await daemon.ok('netdev', 'dev-get', { ifindex: 2 }));
    const { id } = JSON.parse((await ctl('--family', 'session', '--do', 'open', '--json', '{"name": "ctl"}')).out);
    const created = await ctl('--session', id, '--family', 'dmabuf', '--do', 'create', '--json', '{"size": 4096}');
    expect(JSON.parse(created.out)).toMatchObject({ fd: 3, size: 4096 });
    expect(await daemon.dump('dmabuf', 'get')).toEqual([]);
    const header = '{"header": {"dev-name": "eth0"}, "tcp-data-split": "enabled", "hds-thresh": 0}';
    const set = await ctl('--family', 'ethtool', '--do', 'rings-set', '--json', header);
    expect([set.code, set.out]).toEqual([0, 'null\n']);
  });

  it('prints a refusal as pyynl does, and exits with 1', async () => {
    const args = ['--family', 'netdev', '--do', 'bind-rx', '--json'];
    const missing = await ctl(...args, '{}');
    expect(missing.code).toBe(1);
    expect(missing.out).toMatch(/^Netlink error: Invalid argument\n\terror: -22\n/);
    const unknown = await ctl(...args, '{"ifindex": 2, "colour": 1}');
    expect(unknown.code).toBe(1);
    expect(unknown.out).toContain("'bad-attr': '.colour'");
    const device = await ctl('--family', 'netdev', '--do', 'dev-get', '--json', '{"ifindex": 77}');
    expect([device.code, device.out]).toEqual([1, 'Netlink error: No such device\n\terror: -19\n']);
  });

  it('exits with 2 for a wrong command line, and with 1 without a daemon', async () => {
    for (const args of [
      ['--family', 'nonsense', '--list-ops'],
      ['--family', 'netdev', '--do', 'nonsense'],
      ['--family', 'netdev', '--do', 'dev-get', '--json', '{'],
      ['--family', 'netdev', '--do', 'dev-get', '--dump', 'dev-get'],
      ['--family', 'netdev', '--subscribe', 'nonsense'],
      ['--nonsense'],
    ]) {
      const { code, out, err } = await ctl(...args);
      expect([args, code, out]).toEqual([args, 2, '']);
      expect(err).toMatch(/^netmemctl: /);
    }
    const args = ['--family', 'netdev', '--dump', 'dev-get', '--url'];
    expect(await start([...args, 'http://127.0.0.1:1']).done).toMatchObject({ code: 1, out: '' });
    expect(await start([...args, 'unix:/nowhere/netmemd.sock']).done).toMatchObject({ code: 1, out: '' });
  });

  it('lists what each family has', async () => {
    expect((await ctl('--list-families')).out.trim().split('\n')).toEqual(families.map((family) => family.name));
    const { out, code } = await ctl('--family', 'netdev', '--list-ops');
    expect(code).toBe(0);
    for (const op of ['dev-get', 'queue-get', 'bind-rx']) expect(out).toContain(op);
    const attrs = await ctl('--family', 'netdev', '--list-attrs', 'bind-rx');
    expect(attrs.out).toContain('queues');
  });

  it('subscribes for a time, to what happens meanwhile', async () => {
    const { output, done } = start([
      '--url',
      daemon.url,
      '--family',
      'netdev',
      '--subscribe',
      'page-pool',
      '--duration',
      '1.5',
      '--output-json',
    ]);
    await expect.poll(async () => (await daemon.metric('netmemd_http_streams')).get(''), POLL).toBe(1);
    const { ifindex } = await daemon.ok('lab', 'netdev-add', { name: 'ctl0', 'rx-queues': 2 });
    await daemon.ok('lab', 'netdev-del', { ifindex });
    const { code, err } = await done;
    expect([code, err]).toEqual([0, '']);
    const events = output.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.map((event) => event.name)).toEqual([
      'page-pool-add-ntf',
      'page-pool-add-ntf',
      'page-pool-del-ntf',
      'page-pool-del-ntf',
    ]);
  });

  it('ends a subscription at an interrupt', async () => {
    const { child, done } = start(['--url', daemon.url, '--family', 'ethtool', '--subscribe', 'monitor']);
    await expect.poll(async () => (await daemon.metric('netmemd_http_streams')).get(''), POLL).toBe(1);
    child.kill('SIGINT');
    expect((await done).code).toBe(0);
  });
});
