import { describe, expect, test } from 'vitest';
import { handlers } from '../../../src/family/index.ts';
import type { UpstreamRequest } from '../../../src/kernel/netdev/netdev.ts';
import type { Attrs } from '../../../src/ynl/spec.ts';
import { RecordingPeer, refusal } from '../kernel/rig.ts';
import { FamilyRig } from './context.ts';

function connected() {
  const rig = new FamilyRig();
  rig.bound(64);
  const { fd: listener } = rig.do('socket', 'listen', { port: 5201 });
  rig.steer(5201, 0);
  const accept = () => rig.do('socket', 'accept', { fd: listener });
  expect(refusal(accept)).toEqual({ errno: 'EAGAIN' });
  const flow = rig.kernel.tcp.accept(rig.netdev, rig.key(5201), new RecordingPeer());
  const accepted = accept();
  const send = (n: number) => {
    flow.deliver(new Uint8Array(n), 0, n);
    rig.poll();
  };
  return { rig, listener, flow, accepted, fd: accepted.fd as number, send };
}

test('accept tells both ends', () => {
  const { accepted } = connected();
  expect(accepted).toMatchObject({ peer: { addr: '192.0.2.2', port: 40_000 }, local: { port: 5201 }, ifindex: 2 });
});

test('recvmsg: frags, then tokens in get, then their return', () => {
  const { rig, fd, send } = connected();
  send(100);
  const got = rig.do('socket', 'recvmsg', { fd, flags: ['MSG_SOCK_DEVMEM'] });
  expect(got).toMatchObject({ len: 100, cmsgs: [{ type: 'SCM_DEVMEM_DMABUF', 'frag-size': 100, 'frag-token': 1 }] });
  rig.clock.advance(250);
  const { tokens } = rig.do('socket', 'get', { fd });
  expect(tokens).toMatchObject([{ token: 1, size: 100, 'age-ms': 250, 'dmabuf-id': 1 }]);
  const dontneed = (optval: unknown) =>
    rig.do('socket', 'setsockopt', { fd, level: 'SOL_SOCKET', optname: 'SO_DEVMEM_DONTNEED', optval });
  expect(dontneed([{ 'token-start': 1, 'token-count': 5 }])).toEqual({ ret: 1 });
  expect(dontneed([{ 'token-start': 1, 'token-count': 5 }])).toEqual({ ret: 0 });
  expect(refusal(() => dontneed([])).errno).toBe('EINVAL');
  expect(refusal(() => dontneed([{ 'token-start': 1 }]))).toEqual({
    errno: 'EINVAL',
    extack: { 'miss-type': 'token-count', 'miss-nest': '.optval' },
  });
  expect(refusal(() => rig.do('socket', 'recvmsg', { fd })).errno).toBe('EAGAIN');
});

test('get lists 1024 tokens at most, from token-start on, and tells how many there are', () => {
  const { rig, fd, send } = connected();
  send(100);
  const peek = { fd, flags: ['MSG_SOCK_DEVMEM', 'MSG_PEEK'] };
  for (let i = 0; i < 1030; i++) rig.do('socket', 'recvmsg', peek);
  const list = (json: object = {}) => {
    const got = rig.do('socket', 'get', { fd, ...json });
    const tokens = (got.tokens ?? []) as { token: number }[];
    return [got['tokens-held'], tokens.length, tokens[0]?.token, tokens.at(-1)?.token];
  };
  expect(list()).toEqual([1030, 1024, 1, 1024]);
  expect(list({ 'token-start': 1025 })).toEqual([1030, 6, 1025, 1030]);
  expect(list({ 'token-start': 1031 })).toEqual([1030, 0, undefined, undefined]);
});

test('recvmsg passes MSG_DONTWAIT on', () => {
  const { rig, fd, send } = connected();
  rig.do('socket', 'setsockopt', { fd, level: 'SOL_SOCKET', optname: 'SO_RCVLOWAT', optval: 500 });
  send(100);
  expect(refusal(() => rig.do('socket', 'recvmsg', { fd, flags: ['MSG_SOCK_DEVMEM'] })).errno).toBe('EAGAIN');
  expect(rig.do('socket', 'recvmsg', { fd, flags: ['MSG_SOCK_DEVMEM', 'MSG_DONTWAIT'] })).toMatchObject({ len: 100 });
});

describe('connect', () => {
  const dialling = (json: object = {}) => {
    const rig = new FamilyRig();
    const requests: UpstreamRequest[] = [];
    rig.netdev.upstream = (request) => void requests.push(request);
    const handler = handlers.socket.connect;
    const attrs: Attrs = { ifindex: 2, addr: Uint8Array.of(192, 0, 2, 9), port: 80, ...json };
    const attempt = () => handler.do?.(rig.context, attrs) as Attrs;
    const abandon = () => handler.abandon?.(rig.context, attrs);
    expect(refusal(attempt)).toEqual({ errno: 'EAGAIN' });
    return { rig, attempt, abandon, attrs, handler, request: requests[0] };
  };
  const fds = (rig: FamilyRig) => rig.session.fds.size;

  test('has an fd once it stands, and asks the wire once', () => {
    const { rig, attempt, request } = dialling({ fd: 40 });
    expect([fds(rig), rig.clock.pending]).toEqual([0, 0]);
    expect(refusal(attempt)).toEqual({ errno: 'EAGAIN' });
    const flow = request.established(new RecordingPeer());
    expect(attempt()).toMatchObject({ fd: 40, peer: { port: 80 }, local: { port: request.key.dport } });
    expect(rig.session.fds.socket(40).flow).toBe(flow);
    expect(rig.clock.pending).toBe(0);
  });

  test('wakes its waiter when it stands', () => {
    const { rig, handler, attrs, request } = dialling();
    let woken = 0;
    handler.waitQueue?.(rig.context, attrs).add({ wake: () => woken++ });
    request.established(new RecordingPeer());
    expect(woken).toBe(1);
  });

  test('a refusal tells its errno and leaves nothing', () => {
    const { rig, attempt, abandon, request } = dialling();
    request.refuse('EHOSTUNREACH');
    expect(refusal(attempt).errno).toBe('EHOSTUNREACH');
    abandon();
    expect([fds(rig), rig.kernel.tcp.sockets.size, rig.clock.pending]).toEqual([0, 0, 0]);
  });

  test('given up: the socket goes, and an answer that comes later is reset', () => {
    const { rig, abandon, request } = dialling();
    abandon();
    expect([fds(rig), rig.kernel.tcp.sockets.size]).toEqual([0, 0]);
    const peer = new RecordingPeer();
    request.established(peer);
    expect([peer.calls, rig.kernel.tcp.flowCount]).toEqual([['reset'], 0]);
  });

  test('giving up after it stood and was told closes nothing', () => {
    const { rig, attempt, abandon, request } = dialling();
    request.established(new RecordingPeer());
    const { fd } = attempt();
    abandon();
    expect(rig.session.fds.socket(fd as number).state).toBe('established');
  });

  test('its fd was taken meanwhile: refused, the connection ends, the other file stays', () => {
    const { rig, attempt, abandon, request } = dialling({ fd: 40 });
    const other = rig.dmabuf(1).dmabuf;
    rig.session.fds.install(other, 40);
    const peer = new RecordingPeer();
    request.established(peer);
    expect(refusal(attempt).errno).toBe('EBUSY');
    abandon();
    rig.poll();
    expect(rig.session.fds.get(40)).toBe(other);
    expect([peer.calls, rig.kernel.tcp.sockets.size]).toEqual([['shutdown'], 0]);
  });

  test('no address of that family comes before no way out', () => {
    const rig = new FamilyRig();
    const refused = (addr: string) => refusal(() => rig.do('socket', 'connect', { ifindex: 2, addr, port: 80 }));
    expect(refused('2001:db8::1')).toMatchObject({ errno: 'EADDRNOTAVAIL', extack: { 'bad-attr': '.addr' } });
    expect(refused('192.0.2.9')).toEqual({ errno: 'ECONNREFUSED' });
  });
});

test('without the flag: EFAULT', () => {
  const { rig, fd, send } = connected();
  send(10);
  expect(refusal(() => rig.do('socket', 'recvmsg', { fd })).errno).toBe('EFAULT');
});

describe('options', () => {
  test('SO_RCVBUF doubles, SO_RCVLOWAT, SO_ERROR, SO_INCOMING_NAPI_ID', () => {
    const { rig, fd } = connected();
    const set = (optname: string, optval: unknown) =>
      rig.do('socket', 'setsockopt', { fd, level: 'SOL_SOCKET', optname, optval });
    const get = (optname: string) => rig.do('socket', 'getsockopt', { fd, level: 'SOL_SOCKET', optname }).optval;
    expect([get('SO_RCVBUF'), get('SO_SNDBUF')]).toEqual([131_072, 4_194_304]);
    set('SO_RCVBUF', 10_000);
    set('SO_SNDBUF', 1);
    expect(get('SO_SNDBUF')).toBe(4608);
    set('SO_SNDBUF', 10_000);
    expect(get('SO_SNDBUF')).toBe(20_000);
    set('SO_RCVLOWAT', -1);
    expect(get('SO_RCVLOWAT')).toBe(10_000);
    set('SO_RCVLOWAT', 0);
    expect([get('SO_RCVBUF'), get('SO_RCVLOWAT'), get('SO_ERROR')]).toEqual([20_000, 1, 0]);
    expect(get('SO_INCOMING_NAPI_ID')).toBe(rig.netdev.rxQueues[0].napi.id);
    expect(refusal(() => get('SO_DEVMEM_DONTNEED')).errno).toBe('ENOPROTOOPT');
  });
});

test('send and shutdown reach the peer', () => {
  const { rig, fd, flow } = connected();
  expect(rig.do('socket', 'send', { fd, text: 'hello' })).toEqual({ ret: 5 });
  expect(new TextDecoder().decode(flow.peerRead(10) ?? undefined)).toBe('hello');
  rig.do('socket', 'shutdown', { fd, how: 'SHUT_WR' });
  expect(flow.sendClosed).toBe(true);
  expect(refusal(() => rig.do('socket', 'send', { fd, text: 'x' })).errno).toBe('EPIPE');
});

test('fds of the wrong kind', () => {
  const { rig, listener, fd } = connected();
  const dmabuf = rig.dmabuf(1).fd;
  const errno = (op: string, json: object) => refusal(() => rig.do('socket', op, json)).errno;
  expect([errno('recvmsg', { fd: 99 }), errno('recvmsg', { fd: dmabuf }), errno('recvmsg', { fd: listener })]).toEqual([
    'EBADF',
    'ENOTSOCK',
    'ENOTCONN',
  ]);
  expect([errno('accept', { fd }), errno('close', { fd: dmabuf })]).toEqual(['EINVAL', 'ENOTSOCK']);
  rig.do('socket', 'close', { fd });
  expect(errno('get', { fd })).toBe('EBADF');
});
