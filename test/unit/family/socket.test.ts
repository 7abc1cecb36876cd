import { describe, expect, test } from 'vitest';
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
  expect(refusal(() => rig.do('socket', 'recvmsg', { fd })).errno).toBe('EAGAIN');
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
    set('SO_RCVBUF', 10_000);
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
  const dmabuf = rig.do('dmabuf', 'create', { size: 4096 }).fd;
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
