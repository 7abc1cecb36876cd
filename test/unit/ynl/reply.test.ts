import { Value } from '@sinclair/typebox/value';
import { describe, expect, it } from 'vitest';
import { families, findFamily } from '../../../src/ynl/generated/index.ts';
import { parseAttributes } from '../../../src/ynl/policy.ts';
import { renderReply } from '../../../src/ynl/reply.ts';
import { replySchema, requestSchema } from '../../../src/ynl/schema.ts';
import { type Attrs, findOperation, type Mode } from '../../../src/ynl/spec.ts';

function find(path: string) {
  const [familyName, opName] = path.split('/');
  const family = findFamily(familyName)!;
  return { family, op: findOperation(family, opName)! };
}

function render(path: string, attrs: Attrs | null, mode: Mode | 'event' = 'do') {
  const { family, op } = find(path);
  const json = renderReply(family, op, mode, attrs);
  // Every reply fits its schema.
  if (json !== null) expect([...Value.Errors(replySchema(family, op, mode)!, json)]).toEqual([]);
  return json;
}

describe('replies', () => {
  it('give names, flags as lists, empty nests, and leave out what is absent', () => {
    expect(
      render('netdev/dev-get', {
        ifindex: 2,
        'xdp-features': 0,
        'xdp-rx-metadata-features': 5,
        'xsk-features': 1 << 9,
        'xdp-zc-max-segs': undefined,
      }),
    ).toEqual({
      ifindex: 2,
      'xdp-features': [],
      'xdp-rx-metadata-features': ['timestamp', 'vlan-tag'],
      'xsk-features': [9],
    });
    expect(render('netdev/queue-get', { id: 0, type: 0, ifindex: 2, 'io-uring': {}, xsk: null }, 'dump')).toEqual({
      id: 0,
      type: 'rx',
      ifindex: 2,
      'io-uring': {},
    });
  });

  it('keep the order in which the handler put them', () => {
    expect(JSON.stringify(render('netdev/queue-get', { type: 1, id: 3, ifindex: 2 }))).toBe(
      '{"type":"tx","id":3,"ifindex":2}',
    );
  });

  it('never round', () => {
    const stats = (inflight: unknown) =>
      render('netdev/page-pool-get', { id: 1, inflight, 'inflight-mem': 0 })?.inflight;
    expect(stats(2n ** 64n - 1n)).toBe('18446744073709551615');
    expect(stats('18446744073709551615')).toBe('18446744073709551615');
    expect(stats(7n)).toBe(7);
    expect(stats(Number.MAX_SAFE_INTEGER)).toBe(Number.MAX_SAFE_INTEGER);
    expect(() => stats(2 ** 53)).toThrow(TypeError);
    expect(() => stats(0.5)).toThrow(TypeError);
  });

  it('write bytes in their text form', () => {
    const address = (addr: Uint8Array) =>
      (render('socket/accept', { fd: 5, ifindex: 2, peer: { addr, port: 1 }, local: {} })?.peer as Attrs | undefined)
        ?.addr;
    expect(address(Uint8Array.of(192, 0, 2, 1))).toBe('192.0.2.1');
    const v6 = new Uint8Array(16);
    v6.set([0x20, 1, 0x0d, 0xb8]);
    v6[15] = 1;
    expect(address(v6)).toBe('2001:db8::1');
    expect(render('socket/recvmsg', { len: 2, flags: 0, cmsgs: [], data: Uint8Array.of(104, 105) })).toEqual({
      len: 2,
      flags: [],
      cmsgs: [],
      data: 'aGk=',
    });
  });

  it('write the stream entries of a devmem receiver', () => {
    expect(
      render('socket/recvmsg', {
        len: 5096,
        flags: 0x2000000 | 8,
        cmsgs: [
          { type: 79, 'dmabuf-id': 2, 'frag-offset': 4096, 'frag-size': 4096, 'frag-token': 1 },
          { type: 78, 'frag-size': 1000 },
        ],
      }),
    ).toEqual({
      len: 5096,
      flags: ['MSG_CTRUNC', 'MSG_SOCK_DEVMEM'],
      cmsgs: [
        { type: 'SCM_DEVMEM_DMABUF', 'dmabuf-id': 2, 'frag-offset': 4096, 'frag-size': 4096, 'frag-token': 1 },
        { type: 'SCM_DEVMEM_LINEAR', 'frag-size': 1000 },
      ],
    });
  });

  it('of notifications are those of the operation they speak for', () => {
    expect(render('netdev/page-pool-del-ntf', { id: 3, inflight: 0, 'inflight-mem': 0 }, 'event')).toEqual({
      id: 3,
      inflight: 0,
      'inflight-mem': 0,
    });
    expect(
      render('ethtool/rings-ntf', { header: { 'dev-index': 2, 'dev-name': 'eth0' }, 'tcp-data-split': 2 }, 'event'),
    ).toEqual({
      header: { 'dev-index': 2, 'dev-name': 'eth0' },
      'tcp-data-split': 'enabled',
    });
  });

  it('of a bare acknowledgement are null', () => {
    expect(render('ethtool/rings-set', null)).toBeNull();
  });

  it('give an option as number or list', () => {
    expect(render('socket/getsockopt', { optval: 131072 })).toEqual({ optval: 131072 });
  });

  it.each<[string, string, Attrs]>([
    ['an attribute the reply has not', 'netdev/bind-rx', { id: 1, fd: 3 }],
    ['an attribute nobody has', 'netdev/bind-rx', { id: 1, nonsense: 3 }],
    ['any for a bare acknowledgement', 'ethtool/rings-set', { rx: 1 }],
    ['a text for a number', 'netdev/bind-rx', { id: 'one' }],
    ['a number for a nest', 'ethtool/rings-get', { header: 1 }],
    ['a number for a text', 'session/open', { id: 1 }],
    ['a text for bytes', 'socket/recvmsg', { data: 'aGk=' }],
    ['one for a list', 'socket/recvmsg', { cmsgs: {} }],
  ])('refuse %s: a bug of the handler', (_, path, attrs) => {
    const { family, op } = find(path);
    expect(() => renderReply(family, op, 'do', attrs)).toThrow(TypeError);
  });
});

describe('schemas', () => {
  it('exist for every operation and are made once', () => {
    for (const family of families) {
      for (const op of family.operations) {
        if (op.do !== undefined) expect(requestSchema(family, op, 'do')).toBe(requestSchema(family, op, 'do'));
        for (const mode of ['do', 'dump'] as const) {
          expect(requestSchema(family, op, mode) === undefined, `${family.name} ${op.name} ${mode}`).toBe(
            op[mode] === undefined,
          );
          expect(replySchema(family, op, mode) === undefined, `${family.name} ${op.name} ${mode}`).toBe(
            op[mode]?.reply === undefined,
          );
        }
        expect(replySchema(family, op, 'event') !== undefined).toBe(op.notify !== undefined || op.event !== undefined);
      }
    }
  });

  const requests: [string, object][] = [
    ['netdev/bind-rx', { ifindex: 2, fd: 3, queues: [{ type: 'rx', id: 7 }] }],
    ['ethtool/rings-set', { header: { 'dev-name': 'eth0' }, 'tcp-data-split': 'enabled', 'hds-thresh': 0 }],
    ['rxnfc/rule-insert', { ifindex: 2, 'flow-type': 'tcp4', 'dst-port': 5201, queue: 7 }],
    ['socket/listen', { port: 5201 }],
    ['lab/tcp-publish', { ifindex: 2, listen: '127.0.0.1:5201' }],
    ['lab/tcp-publish', { ifindex: 2, listen: '127.0.0.1:5201', to: { connect: '127.0.0.1:6000' } }],
    ['lab/tcp-upstream', { ifindex: 2, to: '127.0.0.1:6000' }],
    ['socket/accept', { fd: 4 }],
    [
      'socket/setsockopt',
      { fd: 5, level: 'SOL_SOCKET', optname: 'SO_DEVMEM_DONTNEED', optval: [{ 'token-start': 1, 'token-count': 16 }] },
    ],
    ['socket/setsockopt', { fd: 5, level: 'SOL_SOCKET', optname: 'SO_RCVBUF', optval: 65536 }],
    ['session/unbind', { id: 2 }],
    ['dmabuf/create', { size: 67108864 }],
    [
      'lab/netdev-add',
      {
        name: 'dp0',
        driver: 'netdevsim-dma',
        'driver-params': { mode: 2, post: 0, chunk: 4096 },
        ipv4: '192.0.2.1/24',
      },
    ],
    ['lab/pktgen-start', { ifindex: 2, 'dst-port': 5201, bytes: 0, payload: 4096 }],
  ];

  it.each(requests)('and policy accept %s %j', (path, json) => {
    const { family, op } = find(path);
    expect([...Value.Errors(requestSchema(family, op, 'do')!, json)]).toEqual([]);
    expect(() => parseAttributes(family, op, 'do', json)).not.toThrow();
  });

  it('refuse what the policy refuses', () => {
    const { family, op } = find('netdev/bind-rx');
    for (const json of [{ ifindex: 0 }, { nonsense: 1 }, { queues: [{ type: 'up' }] }, { fd: 1.5 }]) {
      expect(Value.Check(requestSchema(family, op, 'do')!, json), JSON.stringify(json)).toBe(false);
      expect(() => parseAttributes(family, op, 'do', json)).toThrow();
    }
  });

  it('demand of a reply what it always has', () => {
    const { family, op } = find('netdev/bind-rx');
    expect(Value.Check(replySchema(family, op, 'do')!, {})).toBe(false);
    expect(Value.Check(replySchema(family, op, 'do')!, { id: 2 })).toBe(true);
  });
});
