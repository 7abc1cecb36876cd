import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KernelError } from '../../../src/kernel/error.ts';
import { ERRORS } from '../../../src/kernel/error-catalogue.ts';
import { families, findFamily } from '../../../src/ynl/generated/index.ts';
import { MAX_DEPTH, MAX_ELEMENTS, parseAttributes, parseQuery, requireAttr } from '../../../src/ynl/policy.ts';
import { type FamilySpec, findOperation, type Mode, RELEASES, type Release } from '../../../src/ynl/spec.ts';

function parse(path: string, json: unknown, mode: Mode = 'do', release: Release = '6.18') {
  const [familyName, opName] = path.split('/');
  const family = findFamily(familyName)!;
  return parseAttributes(family, findOperation(family, opName)!, mode, json, release);
}

function query(path: string, text: string, release: Release = '6.18') {
  const [familyName, opName] = path.split('/');
  const family = findFamily(familyName)!;
  return parseQuery(family, findOperation(family, opName)!, new URLSearchParams(text), release);
}

/** What a refusal carries; fails the test when nothing or anything else was thrown. */
function refusal(run: () => unknown): { errno: string; extack: unknown } {
  try {
    run();
  } catch (error) {
    if (error instanceof KernelError) return { errno: error.errno, extack: error.extack };
    throw error;
  }
  throw new Error('was accepted');
}

const bad = (errno: string, msg: string, path: string, policy?: object) => ({
  errno,
  extack: { msg, 'bad-attr': path, ...(policy === undefined ? {} : { policy }) },
});

describe('answers of recorded kernels', () => {
  interface Recorded {
    release: Release;
    id: string;
    op: string;
    mode: Mode;
    attrs: object;
    error: { errno: string; extack: object } | null;
  }
  const file = new URL('../../data/netdev-policy.json', import.meta.url);
  const records: Recorded[] = JSON.parse(readFileSync(file, 'utf8'));

  it.each(RELEASES)('of Linux %s', (release) => {
    const mine = records.filter((record) => record.release === release);
    expect(mine.length).toBeGreaterThan(50);
    for (const { id, op, mode, attrs, error } of mine) {
      const run = () => parse(`netdev/${op}`, attrs, mode, release);
      if (error === null) expect(run, id).not.toThrow();
      else expect(refusal(run), id).toEqual(error);
    }
  });
});

describe('numbers', () => {
  const ifindexPolicy = { type: 'u32', 'min-value': 1, 'max-value': 4294967295 };

  it.each([
    [{ ifindex: 0 }, bad('ERANGE', ERRORS.integerOutOfRange.msg, '.ifindex', ifindexPolicy)],
    [{ ifindex: 4294967296 }, bad('ERANGE', ERRORS.integerOutOfRange.msg, '.ifindex', ifindexPolicy)],
    [{ ifindex: -1 }, bad('ERANGE', ERRORS.integerOutOfRange.msg, '.ifindex', ifindexPolicy)],
    [{ ifindex: 1.5 }, bad('EINVAL', ERRORS.notInteger.msg, '.ifindex')],
    [{ ifindex: Number.NaN }, bad('EINVAL', ERRORS.notInteger.msg, '.ifindex')],
    [{ ifindex: 2 ** 53 }, bad('EINVAL', ERRORS.unsafeInteger.msg, '.ifindex')],
    [{ ifindex: 1e300 }, bad('EINVAL', ERRORS.unsafeInteger.msg, '.ifindex')],
    [{ ifindex: '2' }, bad('EINVAL', ERRORS.notInteger.msg, '.ifindex')],
    [{ ifindex: true }, bad('EINVAL', ERRORS.notInteger.msg, '.ifindex')],
    [{ ifindex: null }, bad('EINVAL', ERRORS.notInteger.msg, '.ifindex')],
    [{ ifindex: [2] }, bad('EINVAL', ERRORS.notInteger.msg, '.ifindex')],
    [{ ifindex: {} }, bad('EINVAL', ERRORS.notInteger.msg, '.ifindex')],
  ])('dev-get %j', (json, expected) => {
    expect(refusal(() => parse('netdev/dev-get', json))).toEqual(expected);
  });

  it('takes 64-bit ones as decimal strings and never rounds', () => {
    expect(parse('dmabuf/create', { size: '67108864' })).toEqual({ size: 67108864 });
    expect(parse('dmabuf/create', { size: 67108864 })).toEqual({ size: 67108864 });
    expect(refusal(() => parse('dmabuf/create', { size: '9007199254740993' }))).toEqual(
      bad('EINVAL', ERRORS.unsafeInteger.msg, '.size'),
    );
    const whole = { type: 'u64', 'min-value': 0, 'max-value': '18446744073709551615' };
    for (const size of ['18446744073709551616', '-1', -1]) {
      expect(refusal(() => parse('dmabuf/create', { size }))).toEqual(
        bad('ERANGE', ERRORS.integerOutOfRange.msg, '.size', whole),
      );
    }
    for (const size of ['0x10', '1e3', '', ' 1', '+1', '1'.repeat(1000)]) {
      expect(refusal(() => parse('dmabuf/create', { size }))).toEqual(bad('EINVAL', ERRORS.notInteger.msg, '.size'));
    }
  });

  it('checks a number beyond 2^53 against its policy first', () => {
    expect(refusal(() => parse('netdev/page-pool-get', { id: '18446744073709551615' }))).toEqual(
      bad('ERANGE', ERRORS.integerOutOfRange.msg, '.id', { type: 'uint', 'min-value': 1, 'max-value': 4294967295 }),
    );
  });

  it('takes enums by name or number', () => {
    expect(parse('ethtool/rings-set', { 'tcp-data-split': 'enabled' })).toEqual({ 'tcp-data-split': 2 });
    expect(parse('ethtool/rings-set', { 'tcp-data-split': 1 })).toEqual({ 'tcp-data-split': 1 });
    expect(refusal(() => parse('ethtool/rings-set', { 'tcp-data-split': 3 }))).toEqual(
      bad('ERANGE', ERRORS.integerOutOfRange.msg, '.tcp-data-split', { type: 'u8', 'min-value': 0, 'max-value': 2 }),
    );
    for (const name of ['on', 'constructor', '__proto__', '']) {
      expect(refusal(() => parse('ethtool/rings-set', { 'tcp-data-split': name }))).toEqual(
        bad('EINVAL', ERRORS.noValueOfName.msg, '.tcp-data-split'),
      );
    }
    expect(refusal(() => parse('rxnfc/rule-insert', { 'flow-type': 3 }))).toEqual(
      bad('EINVAL', ERRORS.noValueOfNumber.msg, '.flow-type'),
    );
    expect(parse('socket/setsockopt', { optname: 12345 })).toEqual({ optname: 12345 });
    expect(parse('rxnfc/rule-insert', { location: 'any' })).toEqual({ location: 0xffffffff });
  });

  it('takes flags by name, list or number', () => {
    const flags = (value: unknown) => parse('socket/recvmsg', { flags: value }).flags;
    expect(flags('MSG_SOCK_DEVMEM')).toBe(0x2000000);
    expect(flags(['MSG_PEEK', 'MSG_SOCK_DEVMEM'])).toBe(0x2000002);
    expect(flags(['MSG_PEEK', 64])).toBe(66);
    expect(flags([])).toBe(0);
    expect(refusal(() => flags(0x80000000))).toEqual(bad('EINVAL', ERRORS.reservedBit.msg, '.flags'));
    expect(refusal(() => flags(['MSG_PEEK', 'MSG_NOPE']))).toEqual(bad('EINVAL', ERRORS.noValueOfName.msg, '.flags'));
    expect(refusal(() => parse('ethtool/rings-get', { header: { flags: ['stats'] } }))).toEqual(
      bad('EINVAL', ERRORS.reservedBit.msg, '.header.flags'),
    );
  });
});

describe('attributes', () => {
  it('tells unknown from unsupported ones by their number', () => {
    const rings = (json: object, release?: Release) => refusal(() => parse('ethtool/rings-set', json, 'do', release));
    expect(rings({ 'rx-max': 1 })).toEqual(bad('EINVAL', ERRORS.unsupportedAttribute.msg, '.rx-max'));
    expect(rings({ 'hds-thresh-max': 1 })).toEqual(bad('EINVAL', ERRORS.unknownAttribute.msg, '.hds-thresh-max'));
    expect(rings({ 'hds-thresh': 0 }, '6.12')).toEqual(bad('EINVAL', ERRORS.unknownAttribute.msg, '.hds-thresh'));
    expect(rings({ nonsense: 0 })).toEqual(bad('EINVAL', ERRORS.unknownAttribute.msg, '.nonsense'));
    // A number of the parent set, below the highest one the subset has.
    expect(refusal(() => parse('netdev/bind-rx', { queues: [{ ifindex: 2 }] }))).toEqual(
      bad('EINVAL', ERRORS.unsupportedAttribute.msg, '.queues.ifindex'),
    );
    expect(refusal(() => parse('netdev/bind-rx', { queues: [{ 'napi-id': 2 }] }))).toEqual(
      bad('EINVAL', ERRORS.unknownAttribute.msg, '.queues.napi-id'),
    );
  });

  it('reports the first offence in message order', () => {
    expect(refusal(() => parse('netdev/queue-get', { type: 9, ifindex: 0 }))).toMatchObject({
      extack: { 'bad-attr': '.type' },
    });
    expect(refusal(() => parse('netdev/queue-get', { ifindex: 0, type: 9 }))).toMatchObject({
      extack: { 'bad-attr': '.ifindex' },
    });
    expect(refusal(() => parse('netdev/bind-rx', { queues: [{ id: 0, type: 7 }], ifindex: 0 }))).toMatchObject({
      errno: 'ERANGE',
      extack: { 'bad-attr': '.queues.type' },
    });
  });

  it('leaves missing ones to the handlers', () => {
    expect(parse('netdev/bind-rx', {})).toEqual({});
    expect(refusal(() => requireAttr({ ifindex: 2 }, ['ifindex', 'fd']))).toEqual({
      errno: 'EINVAL',
      extack: { 'miss-type': 'fd' },
    });
    expect(refusal(() => requireAttr({ id: 0 }, ['id', 'type'], '.queues'))).toEqual({
      errno: 'EINVAL',
      extack: { 'miss-type': 'type', 'miss-nest': '.queues' },
    });
    expect(() => requireAttr({ id: 0, type: 0 }, ['id', 'type'])).not.toThrow();
  });

  it('looks at nothing where a dump has no policy', () => {
    for (const op of ['dev-get', 'page-pool-get', 'page-pool-stats-get']) {
      expect(parse(`netdev/${op}`, { garbage: [], ifindex: 0 }, 'dump', '6.18')).toEqual({});
    }
    expect(refusal(() => parse('netdev/dev-get', { ifindex: 1 }, 'dump', '7.3'))).toEqual(
      bad('EINVAL', ERRORS.unknownAttribute.msg, '.ifindex'),
    );
    expect(parse('netdev/page-pool-get', { ifindex: 2 }, 'dump', '7.3')).toEqual({ ifindex: 2 });
    expect(refusal(() => parse('netdev/page-pool-get', { id: 2 }, 'dump', '7.3'))).toEqual(
      bad('EINVAL', ERRORS.unsupportedAttribute.msg, '.id'),
    );
  });

  it('has no variant the spec does not name', () => {
    expect(refusal(() => parse('netdev/qstats-get', {}))).toEqual({ errno: 'EOPNOTSUPP', extack: undefined });
    expect(refusal(() => parse('netdev/bind-rx', {}, 'dump'))).toEqual({ errno: 'EOPNOTSUPP', extack: undefined });
    expect(refusal(() => parse('netdev/dev-add-ntf', {}))).toEqual({ errno: 'EOPNOTSUPP', extack: undefined });
  });

  it('decodes nests, repetitions, flags, text forms and alternatives', () => {
    expect(parse('netdev/bind-rx', { ifindex: 2, fd: 3, queues: { type: 'rx', id: 7 } })).toEqual({
      ifindex: 2,
      fd: 3,
      queues: [{ type: 0, id: 7 }],
    });
    // Repeated zero times is not there.
    expect(parse('netdev/bind-rx', { queues: [] })).toEqual({});
    expect(parse('rxnfc/rule-insert', { 'src-ip': '192.0.2.9' })).toEqual({
      'src-ip': Uint8Array.of(192, 0, 2, 9),
    });
    expect(parse('session/open', { unprivileged: true })).toEqual({ unprivileged: true });
    expect(parse('session/open', { unprivileged: false })).toEqual({});
    expect(parse('socket/send', { data: 'aGk=' })).toEqual({ data: Uint8Array.of(104, 105) });
    expect(parse('socket/setsockopt', { optval: 4096 })).toEqual({ optval: 4096 });
    expect(parse('socket/setsockopt', { optval: [{ 'token-start': 1, 'token-count': 16 }] })).toEqual({
      optval: [{ 'token-start': 1, 'token-count': 16 }],
    });
    expect(parse('lab/tcp-publish', { ifindex: 2, listen: '127.0.0.1:0', to: { connect: 'localhost:5000' } })).toEqual({
      ifindex: 2,
      listen: '127.0.0.1:0',
      to: { connect: 'localhost:5000' },
    });
  });

  it.each([
    ['session/open', { unprivileged: 1 }, bad('EINVAL', ERRORS.notFlag.msg, '.unprivileged')],
    ['rxnfc/rule-insert', { 'src-ip': '192.0.2' }, bad('EINVAL', ERRORS.notTextForm.msg, '.src-ip')],
    ['rxnfc/rule-insert', { 'src-ip': 7 }, bad('EINVAL', ERRORS.notTextForm.msg, '.src-ip')],
    ['socket/send', { data: 'a' }, bad('EINVAL', ERRORS.notTextForm.msg, '.data')],
    ['socket/setsockopt', { optval: 'x' }, bad('EINVAL', ERRORS.notInteger.msg, '.optval')],
    ['socket/setsockopt', { optval: [1] }, bad('EINVAL', ERRORS.notNest.msg, '.optval')],
    ['netdev/bind-rx', { queues: [[]] }, bad('EINVAL', ERRORS.notNest.msg, '.queues')],
    ['netdev/bind-rx', { queues: 'rx' }, bad('EINVAL', ERRORS.notNest.msg, '.queues')],
    ['ethtool/rings-get', { header: [] }, bad('EINVAL', ERRORS.notNest.msg, '.header')],
    [
      'ethtool/rings-get',
      { header: { 'dev-name': 'a\0b' } },
      bad('EINVAL', ERRORS.nulInString.msg, '.header.dev-name'),
    ],
    [
      'ethtool/rings-get',
      { header: { 'dev-name': '\ud800' } },
      bad('EINVAL', ERRORS.loneSurrogate.msg, '.header.dev-name'),
    ],
    ['ethtool/rings-get', { header: { 'dev-name': 2 } }, bad('EINVAL', ERRORS.notString.msg, '.header.dev-name')],
    [
      'ethtool/rings-get',
      { header: { 'dev-name': 'é'.repeat(64) } },
      bad('EINVAL', ERRORS.stringTooLong.msg, '.header.dev-name', { type: 'nul-string', 'max-length': 127 }),
    ],
    [
      'lab/netdev-add',
      { name: '' },
      bad('ERANGE', ERRORS.stringOutOfRange.msg, '.name', { type: 'nul-string', 'min-length': 1 }),
    ],
  ])('%s %j', (path, json, expected) => {
    expect(refusal(() => parse(path, json))).toEqual(expected);
  });

  it('takes well-formed pairs of surrogates', () => {
    expect(parse('session/open', { name: '😀' })).toEqual({ name: '😀' });
  });
});

describe('hostile requests', () => {
  it.each([[null], [[]], ['x'], [7], [true]])('%j is no request', (json) => {
    expect(refusal(() => parse('netdev/dev-get', json))).toEqual({
      errno: 'EINVAL',
      extack: { msg: ERRORS.notAttributes.msg },
    });
  });

  it('an absent body has no attributes', () => {
    expect(parse('netdev/dev-get', undefined)).toEqual({});
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', '0', ''])('%j is an unknown attribute', (name) => {
    const json = JSON.parse(`{${JSON.stringify(name)}: {"ifindex": 2}}`);
    expect(refusal(() => parse('netdev/dev-get', json))).toEqual(
      bad('EINVAL', ERRORS.unknownAttribute.msg, `.${name}`),
    );
    expect(refusal(() => parse('ethtool/rings-get', { header: json }))).toEqual(
      bad('EINVAL', ERRORS.unknownAttribute.msg, `.header.${name}`),
    );
    expect(({} as { ifindex?: number }).ifindex).toBeUndefined();
  });

  it('shortens endless names', () => {
    const { extack } = refusal(() => parse('netdev/dev-get', { ['x'.repeat(1e6)]: 1 }));
    expect((extack as { 'bad-attr': string })['bad-attr'].length).toBeLessThan(100);
  });

  it('limits repetitions', () => {
    const queues = new Array(MAX_ELEMENTS).fill({ type: 'rx', id: 0 });
    expect(parse('netdev/bind-rx', { queues }).queues).toHaveLength(MAX_ELEMENTS);
    const more = bad('EINVAL', ERRORS.tooManyElements.msg, '.queues');
    expect(refusal(() => parse('netdev/bind-rx', { queues: [...queues, {}] }))).toEqual(more);
    expect(refusal(() => parse('socket/recvmsg', { flags: new Array(1e6).fill('MSG_PEEK') }))).toEqual(
      bad('EINVAL', ERRORS.tooManyElements.msg, '.flags'),
    );
  });

  it('survives deep nesting', () => {
    const deep = JSON.parse(`${'{"header":'.repeat(5000)}1${'}'.repeat(5000)}`);
    expect(refusal(() => parse('ethtool/rings-get', deep))).toEqual(
      bad('EINVAL', ERRORS.unknownAttribute.msg, '.header.header'),
    );
    const list = JSON.parse(`{"ifindex":${'['.repeat(5000)}${']'.repeat(5000)}}`);
    expect(refusal(() => parse('netdev/dev-get', list))).toEqual(bad('EINVAL', ERRORS.notInteger.msg, '.ifindex'));
  });

  it('stops at the recursion depth of Linux in a spec that nests into itself', () => {
    const family: FamilySpec = {
      name: 'deep',
      version: 1,
      doc: 'deep',
      definitions: {},
      attributeSets: { deep: { attributes: { deep: { value: 1, type: 'nest', nested: 'deep' } } } },
      operations: [
        { name: 'get', value: 1, doc: 'get', attributeSet: 'deep', do: { request: { attributes: ['deep'] } } },
      ],
      mcastGroups: [],
    };
    const nested = (depth: number): object => (depth === 0 ? {} : { deep: nested(depth - 1) });
    const run = (depth: number) => parseAttributes(family, family.operations[0], 'do', nested(depth));
    expect(() => run(MAX_DEPTH - 1)).not.toThrow();
    expect(refusal(() => run(MAX_DEPTH))).toEqual({ errno: 'EINVAL', extack: { msg: ERRORS.nestedTooDeep.msg } });
  });

  const ops = families.flatMap((family) => family.operations.map((op) => ({ family, op })));
  const names = families.flatMap((family) =>
    Object.values(family.attributeSets).flatMap((set) => Object.keys(set.attributes)),
  );
  const key = fc.oneof(
    fc.constantFrom(...names),
    fc.constantFrom('__proto__', 'constructor', 'prototype'),
    fc.string(),
  );
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom(
        0,
        1,
        -1,
        2 ** 32,
        2 ** 53,
        1.5,
        '1',
        '18446744073709551616',
        'rx',
        'MSG_PEEK',
        '::1',
        null,
        true,
      ),
      fc.string({ unit: 'binary' }),
      fc.double(),
      fc.array(tie('any'), { maxLength: 4 }),
      fc.dictionary(key, tie('any'), { maxKeys: 4 }),
    ),
  })).any;

  it('only ever throws KernelError', () => {
    const property = fc.property(
      fc.constantFrom(...ops),
      fc.constantFrom<Mode>('do', 'dump'),
      fc.constantFrom(...RELEASES),
      value,
      ({ family, op }, mode, release, json) => {
        try {
          parseAttributes(family, op, mode, json, release);
        } catch (error) {
          if (!(error instanceof KernelError)) throw error;
        }
      },
    );
    fc.assert(property, { numRuns: 3000 });
  });

  it('only ever throws KernelError at query strings', () => {
    const path = fc.array(key, { minLength: 1, maxLength: 12 }).map((parts) => parts.join('.'));
    const pairs = fc.array(fc.tuple(path, fc.oneof(fc.constantFrom('', '1', 'rx', 'true'), fc.string())), {
      maxLength: 6,
    });
    const property = fc.property(
      fc.constantFrom(...ops),
      fc.constantFrom(...RELEASES),
      pairs,
      ({ family, op }, release, list) => {
        try {
          parseQuery(family, op, list, release);
        } catch (error) {
          if (!(error instanceof KernelError)) throw error;
        }
      },
    );
    fc.assert(property, { numRuns: 3000 });
  });
});

describe('query strings', () => {
  it('reads numbers, names and nests', () => {
    expect(query('netdev/queue-get', 'ifindex=2')).toEqual({ ifindex: 2 });
    expect(query('netdev/qstats-get', 'scope=queue&ifindex=2')).toEqual({ scope: 1, ifindex: 2 });
    expect(query('netdev/page-pool-stats-get', 'info.ifindex=2', '7.3')).toEqual({ info: { ifindex: 2 } });
    expect(query('netdev/queue-get', '')).toEqual({});
  });

  it('reads the do attributes of a stream', () => {
    expect(query('socket/recvmsg', 'fd=5&flags=MSG_SOCK_DEVMEM&len=819200&controllen=80000')).toEqual({
      fd: 5,
      flags: 0x2000000,
      len: 819200,
      controllen: 80000,
    });
    expect(query('socket/recvmsg', 'flags=MSG_PEEK&flags=MSG_SOCK_DEVMEM')).toEqual({ flags: 0x2000002 });
    expect(query('socket/recvmsg', 'flags=MSG_PEEK,MSG_SOCK_DEVMEM')).toEqual({ flags: 0x2000002 });
    expect(query('session/hold', 'id=abc')).toEqual({ id: 'abc' });
  });

  it.each([
    ['netdev/queue-get', 'ifindex=0', 'ERANGE', '.ifindex'],
    ['netdev/queue-get', 'ifindex=two', 'EINVAL', '.ifindex'],
    ['netdev/queue-get', 'ifindex=', 'EINVAL', '.ifindex'],
    ['netdev/queue-get', 'ifindex=99999999999999999999', 'EINVAL', '.ifindex'],
    ['netdev/queue-get', 'ifindex.a=1', 'EINVAL', '.ifindex'],
    ['netdev/queue-get', 'id=1', 'EINVAL', '.id'],
    ['netdev/queue-get', '__proto__=1', 'EINVAL', '.__proto__'],
    ['netdev/queue-get', '__proto__.ifindex=1', 'EINVAL', '.__proto__'],
    ['ethtool/rings-get', 'header=eth0', 'EINVAL', '.header'],
    ['ethtool/rings-get', 'header=eth0&header.dev-name=eth0', 'EINVAL', '.header'],
    ['ethtool/rings-get', 'header.dev-name=eth0&header=eth0', 'EINVAL', '.header'],
    ['ethtool/rings-get', 'header.constructor.x=1', 'EINVAL', '.header.constructor'],
  ])('%s?%s', (path, text, errno, badAttr) => {
    expect(refusal(() => query(path, text))).toMatchObject({ errno, extack: { 'bad-attr': badAttr } });
  });

  it('builds repeated nests', () => {
    const family = findFamily('netdev')!;
    const bind = findOperation(family, 'bind-rx')!;
    const asDump = { ...bind, dump: bind.do };
    const text = 'queues.type=rx&queues.id=1&queues.type=rx&queues.id=2';
    expect(parseQuery(family, asDump, new URLSearchParams(text))).toEqual({
      queues: [
        { type: 0, id: 1 },
        { type: 0, id: 2 },
      ],
    });
  });

  it('limits length and depth', () => {
    expect(refusal(() => query('netdev/queue-get', 'ifindex=1&'.repeat(MAX_ELEMENTS + 1)))).toMatchObject({
      errno: 'EINVAL',
    });
    expect(refusal(() => query('netdev/queue-get', `${'a.'.repeat(20)}a=1`))).toEqual({
      errno: 'EINVAL',
      extack: { msg: ERRORS.nestedTooDeep.msg },
    });
  });
});
