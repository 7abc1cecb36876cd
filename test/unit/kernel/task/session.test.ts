import { describe, expect, test } from 'vitest';
import { FdTable } from '../../../../src/kernel/task/fd-table.ts';
import { NetlinkSocket } from '../../../../src/kernel/task/netlink-socket.ts';
import { Rig, refusal } from '../rig.ts';

describe('fd table', () => {
  const table = (limit = 16) => ({ fds: new FdTable(limit), make: () => new NetlinkSocket(new Rig().kernel) });

  test('the lowest free number from 3; a wanted one may lie below', () => {
    const { fds, make } = table();
    expect([fds.install(make()), fds.install(make()), fds.install(make(), 0), fds.install(make(), 9)]).toEqual([
      3, 4, 0, 9,
    ]);
    fds.close(3);
    expect([fds.install(make()), fds.install(make())]).toEqual([3, 5]);
    expect(fds.list().map(([fd]) => fd)).toEqual([0, 3, 4, 5, 9]);
  });

  test('refusals', () => {
    const { fds, make } = table(5);
    fds.install(make());
    expect(refusal(() => fds.install(make(), 3))).toMatchObject({ errno: 'EBUSY', extack: { 'bad-attr': '.fd' } });
    expect(refusal(() => fds.install(make(), 5))).toMatchObject({ errno: 'EBADF' });
    expect(refusal(() => fds.install(make(), -1))).toMatchObject({ errno: 'EBADF' });
    fds.install(make());
    expect(refusal(() => fds.install(make()))).toEqual({ errno: 'EMFILE' });
    expect(refusal(() => fds.close(2))).toEqual({ errno: 'EBADF' });
  });

  test('each kind is told from the others', () => {
    const rig = new Rig();
    const { fds } = rig.session;
    const dmabuf = rig.dmabuf(1).fd;
    const netlink = fds.install(new NetlinkSocket(rig.kernel));
    const listener = fds.install(rig.kernel.tcp.listen(80, null, 1));
    const socket = fds.install(rig.connect().socket);
    const errno = (fn: () => unknown) => refusal(fn).errno;
    expect([netlink, listener, socket].map((fd) => errno(() => fds.dmabuf(fd)))).toEqual([
      'EINVAL',
      'EINVAL',
      'EINVAL',
    ]);
    expect([dmabuf, netlink, listener].map((fd) => errno(() => fds.socket(fd)))).toEqual([
      'ENOTSOCK',
      'ENOTSOCK',
      'ENOTCONN',
    ]);
    expect([dmabuf, netlink, socket].map((fd) => errno(() => fds.listener(fd)))).toEqual([
      'ENOTSOCK',
      'ENOTSOCK',
      'EINVAL',
    ]);
    expect([dmabuf, listener, 99].map((fd) => errno(() => fds.netlink(fd)))).toEqual(['ENOTSOCK', 'ENOTSOCK', 'EBADF']);
  });
});

describe('netlink socket', () => {
  test('close unbinds, newest first', () => {
    const rig = new Rig({ driver: 'netdevsim-dma' }).split();
    const { fd } = rig.dmabuf(8);
    const bound = [rig.bind(fd, [0]), rig.bind(fd, [1])];
    const pools = [rig.pool(0).id, rig.pool(1).id];
    rig.events();
    rig.session.netlink.close();
    expect(rig.events().filter((n) => n.startsWith('del'))).toEqual([`del ${pools[1]}`, `del ${pools[0]}`]);
    expect(bound.map((b) => b.state)).toEqual(['freed', 'freed']);
  });

  test('a foreign binding is left alone', () => {
    const rig = new Rig();
    const { binding } = rig.bound(32);
    new NetlinkSocket(rig.kernel).unbind(binding);
    expect(binding.state).toBe('bound');
  });
});

describe('session', () => {
  test('exit: fds in ascending order, then the implicit netlink socket, then who waits', () => {
    const rig = new Rig({ driver: 'netdevsim-dma' }).split();
    const { fds, netlink } = rig.session;
    const dmabuf = rig.dmabuf(8);
    const extra = new NetlinkSocket(rig.kernel);
    fds.install(extra, 9);
    const inner = rig.bind(dmabuf.fd, [0], extra);
    const own = rig.bind(dmabuf.fd, [1], netlink);
    const seen: string[] = [];
    rig.session.onClose(() => seen.push(`hook ${inner.state} ${own.state} ${dmabuf.released}`));
    rig.session.onClose(() => seen.push('never'))();
    rig.session.waitQueue.add({ wake: () => seen.push('woken') });
    const pools = [rig.pool(0).id, rig.pool(1).id];
    rig.events();
    rig.session.close();
    rig.session.close();
    expect(rig.events().filter((n) => n.startsWith('del'))).toEqual([`del ${pools[0]}`, `del ${pools[1]}`]);
    expect(seen).toEqual(['hook freed freed true', 'woken']);
    expect([rig.kernel.sessions.has(rig.session.id), fds.size]).toEqual([false, 0]);
  });

  test('tokens of a killed client come back', () => {
    const rig = new Rig();
    const { binding, pool } = rig.bound(64);
    const c = rig.connect();
    rig.session.fds.install(c.socket);
    rig.send(c, 100);
    rig.recv(c.socket);
    rig.session.close();
    rig.poll();
    rig.clock.advance(1000);
    expect([pool.state, binding.state, rig.kernel.tcp.sockets.size]).toEqual(['gone', 'freed', 0]);
  });

  describe('lease', () => {
    const open = () => {
      const rig = new Rig();
      return { rig, session: rig.kernel.openSession({ leaseMs: 1000 }) };
    };
    test('runs out without a request', () => {
      const { rig, session } = open();
      rig.clock.advance(999);
      expect(session.state).toBe('open');
      rig.clock.advance(1);
      expect([session.state, rig.clock.pending]).toEqual(['closed', 0]);
    });
    test('starts anew with each request', () => {
      const { rig, session } = open();
      for (let i = 0; i < 5; i++) {
        rig.clock.advance(900);
        session.touch();
      }
      expect(session.state).toBe('open');
      rig.clock.advance(1000);
      expect(session.state).toBe('closed');
    });
    test('does not run out while a stream is open', () => {
      const { rig, session } = open();
      session.connections = 1;
      rig.clock.advance(60_000);
      expect(session.state).toBe('open');
      session.connections = 0;
      session.touch();
      rig.clock.advance(2000);
      expect(session.state).toBe('closed');
    });
    test('a closed session leaves no timer', () => {
      const { rig, session } = open();
      session.close();
      expect(rig.clock.pending).toBe(0);
    });
  });

  test('ids differ', () => {
    const { kernel } = new Rig();
    const ids = Array.from({ length: 50 }, () => kernel.openSession().id);
    expect(new Set(ids).size).toBe(50);
  });
});

describe('the CPU of a session', () => {
  test('is 0 until it is moved', () => {
    const { kernel, session } = new Rig();
    expect([kernel.cpus, session.cpu, kernel.openSession({ cpu: 1 }).cpu]).toEqual([2, 0, 1]);
    session.setAffinity(1);
    expect(session.cpu).toBe(1);
  });

  test('must be one that the machine has: else EINVAL, and nothing changed', () => {
    const { kernel, session } = new Rig();
    const sessions = kernel.sessions.size;
    const refused = { errno: 'EINVAL', extack: { 'bad-attr': '.cpu' } };
    expect(refusal(() => session.setAffinity(2))).toEqual(refused);
    expect(refusal(() => kernel.openSession({ cpu: 2 }))).toEqual(refused);
    expect([session.cpu, kernel.sessions.size]).toEqual([0, sessions]);
  });
});
