import { beforeEach, describe, expect, test } from 'vitest';
import { handlers } from '../../../src/family/index.ts';
import { ERRORS, errorText } from '../../../src/kernel/error-catalogue.ts';
import type { Attrs } from '../../../src/ynl/spec.ts';
import { refusal, tokens } from '../kernel/rig.ts';
import { FamilyRig } from './context.ts';

let rig: FamilyRig;
beforeEach(() => {
  rig = new FamilyRig({ rx: 4 });
});

const create = (json: unknown): Promise<Attrs> => rig.doLater('dmabuf', 'create', json);
const MIB = 1024 * 1024;

async function refused(promise: Promise<unknown>): Promise<unknown> {
  const error = await promise.then(
    () => null,
    (err: unknown) => err,
  );
  return refusal(() => {
    if (error !== null) throw error;
  });
}

describe('create', () => {
  test('of device memory tells its address and no path', async () => {
    const made = await create({ exporter: 'device', size: 8192, 'p2p-reachable': [2, 3], name: 'gpu' });
    expect(made).toEqual({ fd: 3, size: 8192, path: '', 'va-base': 2 ** 40 });
    const asked = await create({ exporter: 'device', size: 8192, 'va-base': '4503599627370496' });
    expect(asked['va-base']).toBe(2 ** 52);
    expect(rig.do('dmabuf', 'get', { fd: 3 })).toEqual({
      fd: 3,
      size: 8192,
      name: 'gpu',
      exporter: 'device',
      path: '',
      'va-base': 2 ** 40,
      'p2p-reachable': [2, 3],
      bindings: [],
      attachments: [],
      maps: 0,
      unmaps: 0,
      syncs: 0,
    });
  });

  test('device addresses are whole pages below 2^53', async () => {
    const want = (msg: string) => ({ errno: 'EINVAL', extack: { msg, 'bad-attr': '.va-base' } });
    const at = (base: number) => refused(create({ exporter: 'device', size: 8192, 'va-base': base }));
    expect(await at(17)).toEqual(want(ERRORS.addressNotWholePages.msg));
    expect(await at(2 ** 53 - 8192)).toEqual(want(ERRORS.addressTooHigh.msg));
  });

  test.each([
    ['system', 'memfd', 3],
    ['system', 'offset', 0],
    ['udmabuf', 'offset', 0],
    ['udmabuf', 'va-base', 0],
    ['system', 'p2p-reachable', [2]],
    ['device', 'client-write', 1],
    ['device', 'memfd', 3],
  ])('%s takes no %s', async (exporter, name, value) => {
    expect(await refused(create({ exporter, size: 4096, [name]: value }))).toEqual({
      errno: 'EINVAL',
      extack: { msg: ERRORS.notForExporter.msg, 'bad-attr': `.${name}` },
    });
  });

  test('a udmabuf of a memfd decides nothing about writing', async () => {
    const { fd } = await rig.doLater('mm', 'shm-create', { size: 8192 });
    expect(await refused(create({ exporter: 'udmabuf', size: 4096, memfd: fd, 'client-write': 0 }))).toMatchObject({
      extack: { 'bad-attr': '.client-write' },
    });
  });
});

describe('sync', () => {
  test('of an fd that is no dmabuf is ENOTTY, as of an ioctl', async () => {
    const { fd } = await rig.doLater('mm', 'shm-create', { size: 4096 });
    const pipe = rig.do('session', 'pipe-open', {}) as Attrs;
    for (const other of [fd, pipe.fd]) {
      expect(refusal(() => rig.do('dmabuf', 'sync', { fd: other, flags: ['read'] }))).toMatchObject({
        errno: 'ENOTTY',
      });
    }
    expect(refusal(() => rig.do('dmabuf', 'sync', { fd: 9, flags: ['read'] }))).toMatchObject({ errno: 'EBADF' });
  });
});

describe('a udmabuf of a memfd', () => {
  const memfd = (json: Attrs = {}) => rig.doLater('mm', 'shm-create', { size: 16_384, ...json });

  test('is a part of it, which lives on when the memfd is closed', async () => {
    const { fd, path } = await memfd();
    const made = await create({ exporter: 'udmabuf', memfd: fd, offset: 4096, size: 8192 });
    expect(made).toEqual({ fd: 4, size: 8192, path, offset: 4096 });
    rig.do('session', 'fd-close', { fd });
    expect(rig.do('dmabuf', 'get', { fd: 4 })).toMatchObject({ exporter: 'udmabuf', path, offset: 4096 });
  });

  test('is at most 64 MiB, unless set otherwise; one without a memfd is not limited', async () => {
    const { fd } = await memfd({ size: 65 * MIB });
    const item = { exporter: 'udmabuf', memfd: fd, size: 64 * MIB + 4096 };
    expect(await refused(create(item))).toEqual({
      errno: 'EINVAL',
      extack: { msg: errorText(ERRORS.udmabufTooLarge, 64 * MIB), 'bad-attr': '.size' },
    });
    await create({ ...item, size: 64 * MIB });
    await create({ exporter: 'udmabuf', size: 65 * MIB });
  });

  test.each([
    [{ seals: [] }, 'EINVAL', ERRORS.memfdCanShrink.msg],
    [{ seals: ['shrink', 'write'] }, 'EINVAL', ERRORS.memfdNotWritable.msg],
    [{ seals: ['shrink', 'future-write'] }, 'EINVAL', ERRORS.memfdNotWritable.msg],
    [{ size: 4096 }, 'EINVAL', errorText(ERRORS.memfdTooShort, 4096)],
  ])('of %j is refused with %s', async (json, errno, msg) => {
    const { fd } = await memfd(json);
    expect(await refused(create({ exporter: 'udmabuf', memfd: fd, size: 8192 }))).toMatchObject({
      errno,
      extack: { msg },
    });
    expect(rig.session.memlock.locked).toBe(0);
  });

  test('of something else is EBADFD', async () => {
    expect(await refused(create({ exporter: 'udmabuf', memfd: 9, size: 8192 }))).toEqual({
      errno: 'EBADFD',
      extack: { msg: ERRORS.notMemfd.msg, 'bad-attr': '.memfd' },
    });
  });

  test('is charged to the session until the last user lets go', async () => {
    const session = rig.kernel.openSession({ memlock: 10_000 });
    (rig.context as { session: typeof session }).session = session;
    const { fd } = await memfd();
    const item = { exporter: 'udmabuf', memfd: fd, size: 8192 };
    const made = await create(item);
    expect(rig.do('session', 'get')).toMatchObject({ memlock: 10_000, locked: 8192 });
    expect(await refused(create({ ...item, offset: 8192 }))).toEqual({
      errno: 'ENOMEM',
      extack: { msg: errorText(ERRORS.memlockLimit, 8192, 8192, 10_000) },
    });
    rig.split();
    rig.do('netdev', 'bind-rx', { ifindex: 2, fd: made.fd, queues: [{ id: 0, type: 'rx' }] });
    rig.do('dmabuf', 'close', { fd: made.fd });
    expect(session.memlock.locked).toBe(8192);
    rig.session.netlink.close();
    expect(session.memlock.locked).toBe(0);
    await create({ ...item, offset: 8192 });
  });

  test('whose pages cannot be had is not charged', async () => {
    const { fd } = await memfd();
    const file = rig.session.fds.memfd(fd as number);
    file.map = () => Promise.reject(new Error('no pages'));
    await expect(create({ exporter: 'udmabuf', memfd: fd, size: 8192 })).rejects.toThrow('no pages');
    expect(rig.session.memlock.locked).toBe(0);
  });

  test('that comes to nothing is paid back and let go', async () => {
    const { fd } = await memfd();
    const made = create({ exporter: 'udmabuf', memfd: fd, size: 8192 });
    expect(rig.session.memlock.locked).toBe(8192);
    rig.session.close();
    expect(await refused(made)).toMatchObject({ errno: 'ESRCH' });
    expect(rig.session.memlock.locked).toBe(0);
  });
});

describe('import', () => {
  const device = (json: Attrs = {}) => create({ exporter: 'device', size: 65_536, ...json });
  const bind = (fd: unknown, id = 0) => rig.do('netdev', 'bind-rx', { ifindex: 2, fd, queues: [{ id, type: 'rx' }] });

  test('of device memory the netdev does not reach is EOPNOTSUPP', async () => {
    rig.split();
    const { fd } = await device({ 'p2p-reachable': [3] });
    expect(refusal(() => bind(fd))).toEqual({ errno: 'EOPNOTSUPP', extack: { msg: ERRORS.attachFailed.msg } });
  });

  test('of revoked device memory is ENODEV', async () => {
    rig.split();
    const { fd } = await device({ 'p2p-reachable': [2] });
    rig.do('dmabuf', 'revoke', { fd });
    expect(refusal(() => bind(fd))).toEqual({ errno: 'ENODEV', extack: { msg: ERRORS.attachFailed.msg } });
    expect(rig.do('dmabuf', 'get', { fd }).revoked).toBe(true);
  });

  test('is shown', async () => {
    rig.split();
    const { fd } = await device({ 'p2p-reachable': [2] });
    const { id } = bind(fd);
    expect(rig.do('dmabuf', 'get', { fd })).toMatchObject({
      bindings: [id],
      attachments: [{ ifindex: 2, state: 'mapped', outstanding: 4, maps: 1, unmaps: 0, syncs: 0 }],
      maps: 1,
      unmaps: 0,
    });
    rig.do('session', 'unbind', { id });
    expect(rig.do('dmabuf', 'get', { fd })).toMatchObject({ bindings: [], attachments: [], maps: 1, unmaps: 1 });
  });

  describe('on its way', () => {
    async function held() {
      rig.do('lab', 'experiment-set', { 'dynamic-importer': 1 });
      rig.split();
      const { fd } = await device({ 'p2p-reachable': [2] });
      bind(fd);
      const c = rig.connect();
      rig.send(c, 10);
      const [token] = tokens(rig.recv(c.socket));
      return { fd, back: () => c.socket.devmemDontneed([{ start: token, count: 1 }]) };
    }

    test('a move is EAGAIN while frags are held, visibly, and given up by abandon', async () => {
      const { fd } = await held();
      const { do: run, waitQueue, abandon } = handlers.dmabuf.move;
      const attrs = { fd, 'va-base': 2 ** 50 };
      expect(refusal(() => run?.(rig.context, attrs))).toEqual({ errno: 'EAGAIN' });
      expect(waitQueue?.(rig.context, attrs).active).toBe(false);
      expect(rig.do('dmabuf', 'get', { fd }).attachments).toEqual([
        { ifindex: 2, dynamic: true, state: 'finishing', outstanding: 1, maps: 1, unmaps: 0, syncs: 0 },
      ]);
      abandon?.(rig.context, attrs);
      expect(rig.do('dmabuf', 'get', { fd })).toMatchObject({
        'va-base': 2 ** 40,
        attachments: [{ state: 'mapped' }],
      });
    });

    test('it goes on with the same request when all is back, though its fd is closed', async () => {
      const { fd, back } = await held();
      const attrs = { fd, 'va-base': 2 ** 50 };
      const run = () => handlers.dmabuf.move.do?.(rig.context, attrs);
      expect(refusal(run)).toEqual({ errno: 'EAGAIN' });
      const dmabuf = rig.session.fds.dmabuf(fd as number);
      rig.do('dmabuf', 'close', { fd });
      back();
      rig.clock.advance(1000);
      expect([run(), dmabuf.virtualBase]).toEqual([{ 'va-base': 2 ** 50 }, 2 ** 50]);
    });

    test('a mapping that is refused at the new place is the errno of the move', async () => {
      const { fd, back } = await held();
      back();
      rig.do('lab', 'dmabuf-fault', { fd, 'map-errno': 'EIO' });
      expect(refusal(() => rig.do('dmabuf', 'move', { fd }))).toEqual({ errno: 'EIO' });
      expect(rig.do('dmabuf', 'get', { fd })).toMatchObject({
        'va-base': 2 ** 40,
        attachments: [{ state: 'mapped' }],
      });
    });
  });

  test('move without importers tells where to', async () => {
    const { fd } = await device();
    expect(rig.do('dmabuf', 'move', { fd })).toEqual({ 'va-base': 2 ** 40 + 2 ** 21 });
    expect(rig.do('dmabuf', 'move', { fd, 'va-base': 8192 })).toEqual({ 'va-base': 8192 });
    expect(refusal(() => rig.do('dmabuf', 'move', { fd, 'va-base': 1 }))).toMatchObject({ errno: 'EINVAL' });
    expect(refusal(() => rig.do('dmabuf', 'move', {}))).toEqual({ errno: 'EINVAL', extack: { 'miss-type': 'fd' } });
  });
});
