import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  ConfigError,
  clientWritable,
  describeSettings,
  fromEnvironment,
  fromFile,
  fromFlags,
  loadConfig,
  makeConfig,
  runDirectory,
  settings,
} from '../../../src/config.ts';

const directory = mkdtempSync(join(tmpdir(), 'netmemd-config-'));
afterAll(() => rmSync(directory, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

function message(fn: () => unknown): string {
  try {
    fn();
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message;
  }
  throw new Error('nothing was refused');
}

describe('defaults', () => {
  const config = makeConfig([]);

  it('are complete and valid', () => {
    expect(config.http).toMatchObject({ host: '127.0.0.1', port: 8420, hosts: [] });
    expect(config).toMatchObject({ backing: 'memfd', kernel: '6.18', seed: null });
    expect(config.limits['dmabuf-bytes']).toBe(4 * 1024 ** 3);
    expect(config.auth.tokens).toEqual([]);
  });

  it('describe the devices of the start topology in full', () => {
    const [lo, eth0] = config.topology.netdevs;
    expect(lo).toMatchObject({ ifindex: 1, name: 'lo', type: 'loopback' });
    expect(eth0).toEqual({
      ifindex: 2,
      name: 'eth0',
      type: 'ether',
      'rx-queues': 8,
      'tx-queues': 8,
      rx: 512,
      mtu: 9000,
      addresses: ['192.0.2.1/24', '2001:db8::1/64'],
      up: true,
      driver: { profile: 'split-perfect' },
    });
  });

  it('are not shared between two configurations', () => {
    makeConfig([]).topology.netdevs.length = 0;
    expect(makeConfig([]).topology.netdevs.length).toBeGreaterThan(0);
  });

  it('say who may write memory and where the run directory is', () => {
    expect(clientWritable(config)).toBe(true);
    expect(clientWritable(makeConfig([{ name: 't', values: { backing: 'file' } }]))).toBe(false);
    expect(
      clientWritable(makeConfig([{ name: 't', values: { backing: 'file', shm: { 'client-writable': true } } }])),
    ).toBe(true);
    expect(runDirectory(config)).toBe(`/dev/shm/netmemd-${process.getuid?.()}`);
    expect(runDirectory(makeConfig([{ name: 't', values: { 'run-dir': '/x' } }]))).toBe('/x');
  });

  it('can be given back as a config file', () => {
    expect(makeConfig([{ name: 'again', values: JSON.parse(JSON.stringify(config)) }])).toEqual(config);
  });
});

describe('sources', () => {
  it('win in the order file, environment, flags', () => {
    const path = file('order.yaml', 'http:\n  port: 1\n  host: 127.0.0.2\n  body-limit: 2048\n');
    const env = { NETMEMD_HTTP_PORT: '2', NETMEMD_HTTP_HOST: '127.0.0.3', PATH: '/bin' };
    const config = loadConfig(fromFlags(['--config', path, '--http.port=3']), env);
    expect(config.http).toMatchObject({ port: 3, host: '127.0.0.3', 'body-limit': 2048 });
  });

  it('read the file that NETMEMD_CONFIG names, JSON too', () => {
    const path = file('a.json', '{"seed": 7}');
    expect(loadConfig(fromFlags([]), { NETMEMD_CONFIG: path }).seed).toBe(7);
  });

  it('give every setting a flag and a variable of its own', () => {
    expect(new Set(settings.map((s) => s.variable)).size).toBe(settings.length);
    expect(settings.every((s) => s.schema.description)).toBe(true);
    for (const s of settings) expect(describeSettings()).toContain(`--${s.path}=`);
  });

  it('parse text by the type of the setting', () => {
    const line = fromFlags([
      '--seed',
      '5',
      '--shm.client-writable',
      '--http.hosts=a.test,b.test',
      '--auth.tokens=[{"token":"0123456789","admin":true}]',
      '--kernel=7.3',
    ]);
    const config = makeConfig(line.sources);
    expect(config.seed).toBe(5);
    expect(config.shm['client-writable']).toBe(true);
    expect(config.http.hosts).toEqual(['a.test', 'b.test']);
    expect(config.auth.tokens).toEqual([{ token: '0123456789', admin: true }]);
    expect(config.kernel).toBe('7.3');
    expect(makeConfig(fromFlags(['--no-shm.client-writable']).sources).shm['client-writable']).toBe(false);
    expect(makeConfig(fromEnvironment({ NETMEMD_SEED: '' })).seed).toBe(null);
  });

  it('know the switches that ask for something else', () => {
    expect(fromFlags(['--print-config', '--help', '--version'])).toMatchObject({
      printConfig: true,
      help: true,
      version: true,
    });
  });
});

describe('mistakes', () => {
  it('in the name of a key are refused by name, with the source', () => {
    const path = file('typo.yaml', 'http: {prot: 1}');
    expect(message(() => makeConfig([fromFile(path)]))).toBe(`${path}: http.prot: no such setting`);
    expect(message(() => fromEnvironment({ NETMEMD_HTTP_PROT: '1' }))).toBe('NETMEMD_HTTP_PROT: no such setting');
    expect(message(() => fromFlags(['--http.prot=1']))).toBe('--http.prot: no such setting');
    expect(message(() => fromFlags(['--port=1']))).toContain('did you mean --http.port?');
    expect(message(() => fromFlags(['extra']))).toBe('extra: unexpected argument');
  });

  it('inside of list entries are refused by name', () => {
    const values = { topology: { netdevs: [{ name: 'eth0', colour: 'red' }] } };
    expect(message(() => makeConfig([{ name: 'f', values }]))).toBe('f: topology.netdevs.0.colour: no such setting');
  });

  it('leave what the environment holds for others alone', () => {
    expect(
      fromEnvironment({
        NETMEMD_SERVICE_HOST: 'x',
        NETMEMD_PORT: 'tcp://x',
        NETMEMD_PORT_8420_TCP: 'y',
        NETMEMD_URL: 'z',
      }),
    ).toEqual([]);
  });

  it.each([
    [['--http.port=99999'], '--http.port', 'an integer from 0 to 65535'],
    [['--http.port=080'], '--http.port', 'an integer from 0 to 65535'],
    [['--http.port=1e3'], '--http.port', 'an integer'],
    [['--http.port='], '--http.port', 'an integer'],
    [['--kernel=6.13'], '--kernel', 'must be "6.12" or "6.18" or "7.3"'],
    [['--backing=hugetlb'], '--backing', 'must be "memfd" or "file"'],
    [['--limits.dmabuf-bytes=4294967297'], '--limits.dmabuf-bytes', 'to 4294967296'],
    [['--seed=-1'], '--seed', 'an integer from 0 to 4294967295'],
  ])('in the value of %j are refused', (argv, path, reason) => {
    const text = message(() => makeConfig(fromFlags(argv).sources));
    expect(text).toContain(path.slice(2));
    expect(text).toContain(reason);
  });

  it('are all told at once', () => {
    const text = message(() => makeConfig(fromFlags(['--http.port=x', '--kernel=1']).sources));
    expect(text.split('\n')).toHaveLength(2);
  });

  it('of shape are refused', () => {
    expect(message(() => makeConfig([{ name: 'f', values: { http: 3 } }]))).toBe('f: http: not a section');
    expect(message(() => makeConfig([{ name: 'f', values: { http: [] } }]))).toBe('f: http: not a section');
    expect(message(() => fromFile(file('list.yaml', '- 1')))).toContain('not a mapping');
    expect(message(() => fromFile(file('bad.yaml', 'a: [1')))).toContain('bad.yaml');
    expect(message(() => fromFile(file('bad.json', '{')))).toContain('bad.json');
    expect(message(() => fromFile(join(directory, 'none.yaml')))).toContain('ENOENT');
    expect(message(() => fromFlags(['--http.port']))).toContain('a value is missing');
  });

  it('cannot reach a prototype', () => {
    const path = file('proto.json', '{"__proto__": {"polluted": 1}, "http": {"__proto__": {"port": 1}}}');
    expect(message(() => makeConfig([fromFile(path)]))).toContain('__proto__: no such setting');
    const yaml = file('proto.yaml', 'http:\n  __proto__: {port: 1}\n  constructor: 1\n');
    expect(message(() => makeConfig([fromFile(yaml)]))).toContain('http.__proto__: no such setting');
    expect(message(() => fromFlags(['--__proto__=1']))).toBe('--__proto__: no such setting');
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});
