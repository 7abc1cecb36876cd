import { beforeEach, describe, expect, test } from 'vitest';
import type { RequestContext } from '../../../src/family/context.ts';
import { handlers } from '../../../src/family/index.ts';
import type { WaitQueue } from '../../../src/kernel/wait-queue.ts';
import { type Connection, pattern, refusal } from '../kernel/rig.ts';
import { FamilyRig } from './context.ts';

let rig: FamilyRig;
let to: Connection;
let fd: number;
let pipe: number;

beforeEach(() => {
  rig = new FamilyRig({ rx: 64 });
  to = rig.connect(0);
  fd = rig.session.fds.install(to.socket);
  pipe = rig.do('session', 'pipe-open').fd;
});

const splice = (attrs: object = {}) => rig.do('socket', 'splice', { fd, 'pipe-fd': pipe, len: 1 << 20, ...attrs });
const read = (attrs: object = {}) => Buffer.from(rig.do('session', 'pipe-read', { fd: pipe, ...attrs }).data, 'base64');

describe('a pipe', () => {
  test('is an fd like others: wanted numbers, kind, close', () => {
    expect(rig.do('session', 'pipe-open', { fd: 77 })).toEqual({ fd: 77 });
    const { fds } = rig.do('session', 'get', {});
    expect(fds).toContainEqual({ fd: 77, type: 'pipe' });
    rig.do('session', 'fd-close', { fd: 77 });
    expect(refusal(() => read({ fd: 77 })).errno).toBe('EBADF');
  });

  test('empty is EAGAIN, which a reader waits out; it wakes when bytes come', () => {
    expect(refusal(() => read()).errno).toBe('EAGAIN');
    const queue = handlers.session['pipe-read'].waitQueue?.(rig.context, { fd: pipe }) as WaitQueue;
    let woken = 0;
    queue.add({ wake: () => void woken++ });
    rig.send(to, 10);
    splice();
    expect(woken).toBe(1);
    expect(read({ len: 4 })).toHaveLength(4);
    expect(read({ len: 0 })).toHaveLength(0);
    expect(read()).toHaveLength(6);
  });

  test('closing its fd lets the pages go', () => {
    rig.send(to, 3 * 1448);
    const { allocated } = rig.kernel.pages;
    splice();
    expect(rig.kernel.pages.allocated).toBe(allocated);
    rig.do('session', 'fd-close', { fd: pipe });
    expect(rig.kernel.pages.allocated).toBe(allocated - 3);
  });

  test('goes with its session', () => {
    rig.send(to, 1448);
    splice();
    const { allocated } = rig.kernel.pages;
    rig.session.close();
    expect(rig.kernel.pages.allocated).toBe(allocated - 1);
    rig.kernel.assertConservation();
  });
});

describe('splice', () => {
  test('moves what is there', () => {
    rig.send(to, 2000);
    expect(splice({ len: 1500 })).toEqual({ len: 1500 });
    expect(splice({ flags: ['SPLICE_F_MOVE', 'SPLICE_F_MORE'] })).toEqual({ len: 500 });
    expect(new Uint8Array(read())).toEqual(pattern(2000));
  });

  test('in the order of splice(2): flags, nothing asked for, fds, kinds', () => {
    expect(refusal(() => splice({ flags: 16, fd: 99 })).errno).toBe('EINVAL');
    expect(splice({ len: 0, fd: 99 })).toEqual({ len: 0 });
    expect(refusal(() => splice({ fd: 99 })).errno).toBe('EBADF');
    expect(refusal(() => splice({ 'pipe-fd': 99 })).errno).toBe('EBADF');
    expect(refusal(() => splice({ 'pipe-fd': fd })).errno).toBe('EINVAL');
    expect(refusal(() => splice({ fd: pipe })).errno).toBe('EINVAL');
    const { fd: listener } = rig.do('socket', 'listen', { port: 5201 });
    expect(refusal(() => splice({ fd: listener })).errno).toBe('ENOTCONN');
  });

  test('of unreadable data is 0, and EAGAIN where it must not wait', () => {
    rig.bound(32);
    rig.send(to, 100);
    expect(splice()).toEqual({ len: 0 });
    expect(refusal(() => splice({ 'timeout-ms': 0 })).errno).toBe('EAGAIN');
  });

  test('waits for data and for room; SPLICE_F_NONBLOCK does not wait for room', () => {
    const queue = (attrs: object): WaitQueue | undefined =>
      handlers.socket.splice.waitQueue?.(rig.context as RequestContext, { fd, 'pipe-fd': pipe, ...attrs });
    let woken = 0;
    queue({ flags: 2 })?.add({ wake: () => void woken++ });
    rig.send(to, 17 * 1448);
    expect(woken).toBeGreaterThan(0);
    splice();
    expect(refusal(() => splice()).errno).toBe('EAGAIN');
    expect(queue({ flags: 2 })).toBeUndefined();
    const before = woken;
    queue({})?.add({ wake: () => void woken++ });
    read({ len: 1448 });
    expect(woken).toBe(before + 2);
  });
});
