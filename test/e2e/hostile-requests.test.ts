import { Value } from '@sinclair/typebox/value';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { families } from '../../src/ynl/generated/index.ts';
import { replySchema } from '../../src/ynl/schema.ts';
import {
  type Attribute,
  attributeSet,
  definition,
  type FamilySpec,
  findInherited,
  type Mode,
  type OperationSpec,
} from '../../src/ynl/spec.ts';
import { DaemonProcess, type Reply } from './daemon.ts';

const SEED = Number(process.env.NETMEMD_SEED ?? 20_251);
/** Requests a variant of an op gets. */
const RUNS = Number(process.env.NETMEMD_HOSTILE_RUNS ?? 25);

let daemon: DaemonProcess;
beforeAll(async () => {
  daemon = await DaemonProcess.start('--limits.memory-bytes=268435456', '--limits.dmabuf-bytes=67108864');
});
afterEach(async () => {
  // Whatever was asked: it runs, it is quick, and it has found no fault in itself.
  expect((await daemon.request('/livez')).status).toBe(200);
  expect(daemon.child.exitCode).toBeNull();
  expect(daemon.errors).toEqual([]);
});
afterAll(() => daemon.stop());

/** The part of the state that a refused request must leave as it is. */
async function state(): Promise<string> {
  const parts = await Promise.all(
    [
      '/v1/netdev/dev-get',
      '/v1/netdev/queue-get',
      '/v1/rt-link/getlink',
      '/v1/ethtool/rings-get',
      '/v1/ethtool/channels-get',
      '/v1/ethtool/features-get',
      '/v1/rxnfc/rule-get?ifindex=2',
      '/v1/mm/shm-get',
      '/v1/dmabuf/get',
      '/v1/socket/get',
      '/v1/lab/tcp-get',
      '/v1/lab/pktgen-get',
    ].map(async (path) => (await daemon.request(path)).text),
  );
  // Pools that wait for their last buffers go by themselves.
  const pools = (await daemon.dump('netdev', 'page-pool-get')).filter((pool) => pool['detach-time'] === undefined);
  const sessions = await daemon.dump('session', 'get');
  const fds = sessions.map(({ 'age-ms': _age, connections: _connections, ...rest }) => rest);
  // A bind that fails on a queue had mapped the dmabuf, and its exporter counted that.
  return JSON.stringify([parts, pools, fds]).replace(/\\"((age|elapsed)-ms|(un)?maps)\\":\d+/g, '');
}

/** Something of every kind that requests can name: fds 3 to 10, ids of wires 1 to 3, a rule, a binding, a token, and a device without a provider. */
async function furnish(): Promise<void> {
  const header = { 'dev-index': 2 };
  await daemon.ok('ethtool', 'rings-set', { header, 'tcp-data-split': 'enabled', 'hds-thresh': 0 });
  await daemon.ok('dmabuf', 'create', { size: 4 << 20, fd: 3 });
  await daemon.ok('netdev', 'bind-rx', { ifindex: 2, fd: 3, queues: [{ type: 'rx', id: 7 }] });
  await daemon.ok('rxnfc', 'rule-insert', { ifindex: 2, 'flow-type': 'tcp4', 'dst-port': 7, queue: 7, location: 0 });
  await daemon.ok('socket', 'listen', { port: 7, fd: 4 });
  await daemon.ok('lab', 'pktgen-start', { ifindex: 2, 'dst-port': 7, bytes: 3000, payload: 1000 });
  await daemon.ok('lab', 'tcp-publish', { ifindex: 2, listen: '127.0.0.1:0', port: 7 });
  await daemon.ok('socket', 'accept', { fd: 4, newfd: 5 });
  const flags = ['MSG_SOCK_DEVMEM'];
  await daemon.ok('socket', 'recvmsg', { fd: 5, len: 1000, flags });
  await expect.poll(async () => (await daemon.ok('socket', 'get', { fd: 5 })).inq).toBe(2000);
  await expect.poll(async () => (await daemon.ok('socket', 'get', { fd: 5 })).state).toBe('close-wait');
  await daemon.ok('session', 'netlink-open', { fd: 6 });
  await daemon.ok('mm', 'shm-create', { size: 65_536, fd: 7 });
  await daemon.ok('dmabuf', 'create', { exporter: 'device', size: 65_536, 'va-base': 4096, fd: 8 });
  await daemon.ok('session', 'pipe-open', { fd: 9 });
  await daemon.ok('lab', 'page-hold', { ifindex: 2 });
  await daemon.ok('lab', 'netdev-add', { ifindex: 3, 'rx-queues': 2, 'tx-queues': 2 });
  await daemon.ok('lab', 'xdp-load', { fd: 10 });
  await daemon.ok('lab', 'xsk-attach', { ifindex: 3, queue: 0 });
}

/** Every answer is one of: a reply as its spec says, or a problem that is the client's. */
function judge(family: FamilySpec, op: OperationSpec, mode: Mode, reply: Reply, what: string): void {
  if (reply.status === 200) {
    const schema = replySchema(family, op, mode);
    const messages = mode === 'dump' ? reply.json : [reply.json];
    expect(Array.isArray(messages), what).toBe(true);
    for (const message of messages) {
      if (schema === undefined) expect(message, what).toBeNull();
      else expect([...Value.Errors(schema, message)].slice(0, 3), `${what} -> ${reply.text.slice(0, 300)}`).toEqual([]);
    }
    return;
  }
  expect(reply.headers['content-type'], what).toBe('application/problem+json');
  const { status, errno, code, type } = reply.json;
  expect([status, type], what).toEqual([reply.status, `urn:netmemd:errno:${errno}`]);
  expect(code, what).toBeLessThan(0);
  // 501 and 507 are for what this daemon cannot do or has no room for; 504 for a wait that was cut short.
  expect(reply.status < 500 || [501, 504, 507].includes(reply.status), `${what} -> ${reply.text}`).toBe(true);
}

// ---- values ----

const WIDTH = { u8: 8, u16: 16, u32: 32, u64: 64, s8: 8, s16: 16, s32: 32, s64: 64, uint: 64, sint: 64 } as const;

function integerOf(type: keyof typeof WIDTH): fc.Arbitrary<unknown> {
  const bits = BigInt(WIDTH[type]);
  const signed = type.startsWith('s');
  const [min, max] = signed ? [-(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n] : [0n, (1n << bits) - 1n];
  const json = (n: bigint) => (n <= 9_007_199_254_740_991n && n >= -9_007_199_254_740_991n ? Number(n) : String(n));
  return fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 0, max: 12 }) },
    { weight: 1, arbitrary: fc.constantFrom(json(min), json(max)) },
    { weight: 1, arbitrary: fc.bigInt({ min, max }).map(json) },
  );
}

/** Values an attribute is meant to take. */
function valid(family: FamilySpec, attribute: Attribute, name: string): fc.Arbitrary<unknown> {
  const one = ((): fc.Arbitrary<unknown> => {
    if (attribute.enum !== undefined) {
      const names = Object.keys(definition(family, attribute.enum).entries);
      return fc.oneof(fc.constantFrom(...names), fc.subarray(names), fc.nat(9));
    }
    switch (attribute.type) {
      case 'nest':
        return message(
          family,
          Object.keys(attributeSet(family, attribute.nested as string).attributes),
          attribute.nested as string,
        );
      case 'flag':
        return fc.boolean();
      case 'string':
        if (/listen|connect|^to$/.test(name))
          return fc.constantFrom('127.0.0.1:0', '127.0.0.1:1', '[::1]:0', 'localhost', ':', '*:0');
        if (/ipv4|ipv6/.test(name)) return fc.constantFrom('192.0.2.9/24', '2001:db8::9/64', '1.2.3.4', '::/0', '/');
        return fc.oneof(fc.constantFrom('eth0', 'lo', 'x0', ''), fc.string({ maxLength: 20 }));
      case 'binary':
        if (attribute.displayHint === 'ipv4-or-v6') return fc.constantFrom('192.0.2.5', '2001:db8::5', '::', '0.0.0.0');
        if (attribute.displayHint === 'mac') return fc.constantFrom('02:00:00:00:00:09', '00:00:00:00:00:00', '1:2');
        if (attribute.displayHint === 'base64') return fc.base64String({ maxLength: 64 });
        return fc.constantFrom('00', 'ffff', '');
      case 'unused':
      case 'pad':
        return fc.nat();
      default:
        if (name === 'fd') return fc.oneof(fc.integer({ min: 3, max: 8 }), fc.integer({ min: -1, max: 20 }));
        if (name === 'size') return fc.constantFrom(0, 1, 4096, 65_536, 1 << 20);
        if (name === 'ifindex' || name === 'dev-index') return fc.constantFrom(0, 1, 2, 2, 2, 3, 99);
        // So that nothing waits, and no device is larger than it must be.
        if (name.endsWith('timeout-ms')) return fc.constantFrom(0, 1);
        if (name === 'rx-queues' || name === 'tx-queues') return fc.constantFrom(0, 1, 2, 8, 1025);
        return integerOf(attribute.type as keyof typeof WIDTH);
    }
  })();
  return attribute.multiAttr === true ? fc.oneof(one, fc.array(one, { maxLength: 4 })) : one;
}

/** What no attribute is meant to take. */
const hostile: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    -1,
    1.5,
    1e21,
    -0,
    2 ** 32,
    2 ** 53,
    '',
    '0x10',
    '-1',
    '99999999999999999999999',
    'eth0\u0000',
    '\ud800',
    '__proto__',
    [],
    {},
    [[]],
    [null],
    { a: 1 },
    { __proto__: null, constructor: {} },
    Array(5000).fill(1),
    'x'.repeat(70_000),
    Array.from({ length: 100 }, () => ({})),
  ),
  fc.jsonValue({ maxDepth: 4 }),
);

function message(family: FamilySpec, names: readonly string[], set: string): fc.Arbitrary<Record<string, unknown>> {
  const attributes = attributeSet(family, set);
  const model: Record<string, fc.Arbitrary<unknown>> = {};
  for (const name of names) {
    const attribute = findInherited(family, attributes, name);
    if (attribute !== undefined) model[name] = valid(family, attribute, name);
  }
  return fc.record(model, { requiredKeys: [] });
}

/** Mostly what the op takes, all of it; sometimes with parts missing, broken, or never heard of. */
function request(family: FamilySpec, op: OperationSpec, mode: Mode): fc.Arbitrary<Record<string, unknown>> {
  const names = op[mode]?.request.attributes ?? [];
  const good = message(family, names, op.attributeSet);
  const bad = fc
    .tuple(
      good,
      fc.oneof(fc.constantFrom(...names, 'colour', '__proto__', 'constructor', 'toString', '', 'a.b'), fc.string()),
      hostile,
    )
    .map(([attrs, name, value]) => {
      // As an own property, as JSON.parse makes it.
      Object.defineProperty(attrs, name, { value, enumerable: true, configurable: true, writable: true });
      return attrs;
    });
  const few = fc
    .tuple(good, fc.shuffledSubarray([...names], { maxLength: Math.min(names.length, 1) }))
    .map(([attrs, keep]) => Object.fromEntries(Object.entries(attrs).filter(([name]) => keep.includes(name))));
  return fc.oneof({ weight: 1, arbitrary: good }, { weight: 2, arbitrary: few }, { weight: 2, arbitrary: bad });
}

/** Ops that wait for real peers or end what the test stands on are asked with care, not left out. */
function tamed(op: OperationSpec, attrs: Record<string, unknown>): Record<string, unknown> {
  return op.blocking === true && !Object.hasOwn(attrs, 'timeout-ms') ? { ...attrs, 'timeout-ms': 0 } : attrs;
}

function queryOf(attrs: Record<string, unknown>, prefix = ''): [string, string][] {
  return Object.entries(attrs).flatMap(([name, value]): [string, string][] => {
    const items = Array.isArray(value) ? value.slice(0, 20) : [value];
    return items.flatMap((item): [string, string][] =>
      typeof item === 'object' && item !== null
        ? queryOf(item as Record<string, unknown>, `${prefix}${name}.`)
        : [[prefix + name, String(item).slice(0, 500)]],
    );
  });
}

/** With these an op does something; most requests have them, under what was drawn. */
const SENSIBLE: Record<string, Record<string, unknown>> = {
  'netdev/dev-get': { ifindex: 2 },
  'netdev/queue-get': { ifindex: 2, type: 'rx', id: 1 },
  'netdev/bind-rx': { ifindex: 2, fd: 3, queues: [{ type: 'rx', id: 1 }] },
  'ethtool/channels-set': { header: { 'dev-index': 3 }, 'combined-count': 1 },
  ethtool: { header: { 'dev-index': 2 } },
  'rt-link/getlink': { 'ifi-index': 2 },
  'rt-link/newlink': { linkinfo: { kind: 'split-perfect' } },
  'rt-link/dellink': { 'ifi-index': 3 },
  'rt-link/setlink': { 'ifi-index': 3, xdp: { fd: 10 } },
  'rxnfc/rule-insert': { ifindex: 2, 'flow-type': 'tcp4', queue: 1 },
  rxnfc: { ifindex: 2, location: 0 },
  'session/get': { id: 'init' },
  'session/fd-close': { fd: 6 },
  'session/sched-setaffinity': { cpu: 1 },
  'mm/shm-create': { size: 4096 },
  mm: { fd: 7 },
  'dmabuf/create': { size: 4096 },
  'dmabuf/move': { fd: 8 },
  'dmabuf/revoke': { fd: 8 },
  'dmabuf/sync': { fd: 3, flags: 0 },
  dmabuf: { fd: 3 },
  'socket/listen': { port: 8 },
  'socket/accept': { fd: 4 },
  'socket/splice': { fd: 5, 'pipe-fd': 9, len: 100, 'timeout-ms': 1 },
  'socket/connect': { ifindex: 2, addr: '192.0.2.9', port: 9 },
  'socket/send': { fd: 5, text: 'x' },
  'socket/shutdown': { fd: 5, how: 'SHUT_WR' },
  'socket/recvmsg': { fd: 5, flags: ['MSG_SOCK_DEVMEM'] },
  'socket/setsockopt': { fd: 5, level: 'SOL_SOCKET', optname: 'SO_RCVBUF', optval: 4096 },
  'socket/getsockopt': { fd: 5, level: 'SOL_SOCKET', optname: 'SO_RCVBUF' },
  socket: { fd: 5 },
  'lab/netdev-add': {},
  'lab/netdev-del': { ifindex: 2 },
  'lab/tcp-publish': { ifindex: 2, listen: '127.0.0.1:0' },
  'lab/tcp-upstream': { ifindex: 2, to: '127.0.0.1:1' },
  'lab/pktgen-start': { ifindex: 2, 'dst-port': 7, bytes: 1000 },
  'lab/dmabuf-fault': { fd: 8 },
  'lab/device-read': { fd: 8, addr: 4096, len: 1 },
  'lab/provider-set': { ifindex: 2, queues: [1], provider: 'capped', limit: 1 << 20 },
  'lab/page-hold': { ifindex: 2 },
  'lab/queue-reset': { ifindex: 2, queue: 1 },
  'lab/dma-fault': { ifindex: 2, 'map-fail-every': 0 },
  'lab/cpu-node': { node: 0 },
  'lab/xdp-load': {},
  'lab/xsk-attach': { ifindex: 3, queue: 1 },
  'lab/xsk-detach': { ifindex: 3, queue: 0 },
  'lab/tcp-get': { id: 2 },
  'lab/tcp-unpublish': { id: 2 },
  lab: { id: 1 },
};

/** Ops that need an id which only another reply tells, somebody at the other end, or a device that the daemon does not have. */
const REFUSED_HERE = new Set([
  'session/close',
  'session/unbind',
  'session/pipe-read',
  'mm/shm-import',
  'socket/accept',
  'socket/connect',
  'netdev/napi-get',
  'netdev/napi-set',
  'netdev/bind-tx',
  'netdev/queue-create',
  'netdev/page-pool-get',
  'netdev/page-pool-stats-get',
  'lab/page-pool-get',
]);

/** Ops whose refusal leaves what was done before it, as Linux does. */
const DONE_IN_PART = new Set(['rt-link/setlink']);

const operations = families.flatMap((family) =>
  family.operations
    .filter((op) => (op.do !== undefined || op.dump !== undefined) && op.stream !== 'hold')
    .map((op) => [`${family.name}/${op.name}`, family, op] as const),
);

describe.each(operations)('%s', (path, family, op) => {
  const modes = (['do', 'dump'] as const).filter((mode) => op[mode] !== undefined);
  it.each(modes)('%s answers whatever is asked', async (mode) => {
    let done = 0;
    await daemon.ok('lab', 'reset');
    await furnish();
    await fc.assert(
      fc.asyncProperty(request(family, op, mode), fc.nat(3), async (drawn, n) => {
        const attrs = tamed(
          op,
          mode === 'do' && n > 0 ? { ...(SENSIBLE[path] ?? SENSIBLE[family.name]), ...drawn } : drawn,
        );
        const before = await state();
        const reply =
          mode === 'do'
            ? await daemon.do(family.name, op.name, attrs)
            : await daemon.request(`/v1/${path}?${new URLSearchParams(queryOf(attrs))}`);
        judge(family, op, mode, reply, `${path} ${JSON.stringify(attrs).slice(0, 500)}`);
        if (reply.status !== 200 && !DONE_IN_PART.has(path))
          expect(await state(), `${path} ${JSON.stringify(attrs)}`).toBe(before);
        else if (mode === 'do' && (await state()) !== before) {
          await daemon.ok('lab', 'reset');
          await furnish();
        }
        if (reply.status === 200) done++;
      }),
      { numRuns: RUNS, seed: SEED, endOnFailure: true },
    );
    // A test in which everything is refused would show little.
    if (mode === 'dump' || !REFUSED_HERE.has(path)) expect(done).toBeGreaterThan(0);
  });
});

describe('a request', () => {
  const post = (path: string, body: string | Uint8Array, type = 'application/json') =>
    daemon.request(path, { method: 'POST', headers: { 'content-type': type }, body });

  it.each([
    ['a method', 'PUT', '/v1/netdev/dev-get', 405, 'EOPNOTSUPP'],
    ['a method of a dump only', 'POST', '/v1/netdev/qstats-get', 405, 'EOPNOTSUPP'],
    ['a family', 'POST', '/v1/nonsense/dev-get', 404, 'ENOENT'],
    ['an operation', 'POST', '/v1/netdev/nonsense', 404, 'EOPNOTSUPP'],
    ['a notification', 'POST', '/v1/netdev/dev-add-ntf', 404, 'EOPNOTSUPP'],
    ['a path', 'GET', '/v2', 404, 'ENOENT'],
    ['an encoded path', 'GET', '/v1/netdev/%64ev-get%00', 404, 'EOPNOTSUPP'],
    ['a broken path', 'GET', '/v1/netdev/%zz', 400, 'EINVAL'],
    ['a path through its parent', 'GET', '/v1/netdev/../../etc/passwd', 404, 'ENOENT'],
  ])('%s that does not exist is refused: %s %s', async (_what, method, path, status, errno) => {
    const before = await state();
    const reply = await daemon.request(path, { method });
    expect([reply.status, reply.json.errno]).toEqual([status, errno]);
    expect(await state()).toBe(before);
  });

  it.each([
    ['not JSON', '{', 400, 'EINVAL'],
    ['no object', 'null', 400, 'EINVAL'],
    ['a number', '1', 400, 'EINVAL'],
    ['text behind it', '{} {}', 400, 'EINVAL'],
    ['no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 400, 'EINVAL'],
    ['a byte order mark', '\ufeff{}', 400, 'EINVAL'],
    ['nesting in an object', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`, 400, 'EINVAL'],
    [
      'many attributes',
      JSON.stringify(Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`a${i}`, i]))),
      400,
      'EINVAL',
    ],
    ['a number no double holds', '{"ifindex":18446744073709551616}', 400, 'EINVAL'],
    ['an exponent', '{"ifindex":1e400}', 400, 'EINVAL'],
    ['a lone surrogate as a name', '{"\\ud800":1}', 400, 'EINVAL'],
    ['a NUL in a name', '{"ifindex\\u0000":2}', 400, 'EINVAL'],
  ] as const)('with a body of %s is refused', async (_what, body, status, errno) => {
    const before = await state();
    const reply = await post('/v1/netdev/dev-get', body);
    expect([reply.status, reply.json.errno]).toEqual([status, errno]);
    expect(reply.headers['content-type']).toBe('application/problem+json');
    expect(await state()).toBe(before);
  });

  it('with a path to the attribute says which one is wrong', async () => {
    const wrong = {
      ifindex: 2,
      fd: 3,
      queues: [
        { type: 'rx', id: 0 },
        { type: 'rx', id: 'x' },
      ],
    };
    const { json } = await daemon.do('netdev', 'bind-rx', wrong);
    expect(json).toMatchObject({ errno: 'EINVAL', extack: { 'bad-attr': expect.stringMatching(/^\.queues.*\.id$/) } });
  });

  it('with another content type, or cut short, is refused', async () => {
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/jsonx',
      'multipart/form-data',
    ]) {
      expect((await post('/v1/netdev/dev-get', '{"ifindex":2}', type)).json).toMatchObject({ status: 415 });
    }
    await expect(
      daemon.request('/v1/netdev/dev-get', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-length': '5' },
        body: '{"ifindex":2}',
      }),
    ).resolves.toMatchObject({ status: 400 });
  });

  it('with an attribute named twice takes the last, as netlink does', async () => {
    expect((await post('/v1/netdev/dev-get', '{"ifindex":1,"ifindex":2}')).json).toMatchObject({ ifindex: 2 });
  });
});
