import { beforeEach, describe, expect, test } from 'vitest';
import { ERRORS, errorText } from '../../../src/kernel/error-catalogue.ts';
import { pattern, refusal } from '../kernel/rig.ts';
import { FamilyRig } from './context.ts';

let rig: FamilyRig;
beforeEach(() => {
  rig = new FamilyRig({ rx: 4 });
});

describe('dmabuf-fault', () => {
  const bind = (fd: number) => rig.do('netdev', 'bind-rx', { ifindex: 2, fd, queues: [{ id: 0, type: 'rx' }] });

  test('is what bind-rx gets, with the text of its step, until it is cleared', () => {
    rig.split();
    const { fd } = rig.dmabuf(8);
    rig.do('lab', 'dmabuf-fault', { fd, 'attach-errno': 'EBUSY', 'map-errno': 'ENOMEM' });
    expect(refusal(() => bind(fd))).toEqual({ errno: 'EBUSY', extack: { msg: ERRORS.attachFailed.msg } });
    rig.do('lab', 'dmabuf-fault', { fd, 'attach-errno': '0', 'map-errno': 'ENOMEM' });
    expect(refusal(() => bind(fd))).toEqual({ errno: 'ENOMEM', extack: { msg: ERRORS.mapFailed.msg } });
    rig.do('lab', 'dmabuf-fault', { fd });
    expect(bind(fd)).toEqual({ id: 1 });
  });

  test.each([
    ['attach-errno', 'EFOO'],
    ['map-errno', 'toString'],
    ['map-errno', '5'],
  ])('%s %s is no errno, and changes nothing', (name, value) => {
    const { fd, dmabuf } = rig.dmabuf(8);
    rig.do('lab', 'dmabuf-fault', { fd, 'attach-errno': 'EIO' });
    expect(refusal(() => rig.do('lab', 'dmabuf-fault', { fd, [name]: value }))).toEqual({
      errno: 'EINVAL',
      extack: { msg: errorText(ERRORS.noSuchErrno, value), 'bad-attr': `.${name}` },
    });
    expect(dmabuf.fault).toEqual({ attach: 5, map: 0 });
  });

  test('wants a dmabuf', () => {
    expect(refusal(() => rig.do('lab', 'dmabuf-fault', {}))).toMatchObject({ extack: { 'miss-type': 'fd' } });
    expect(refusal(() => rig.do('lab', 'dmabuf-fault', { fd: 9 }))).toEqual({ errno: 'EBADF' });
  });
});

describe('device-read', () => {
  test('reads what lies at an address', async () => {
    const { fd } = await rig.doLater('dmabuf', 'create', { exporter: 'device', size: 8192, 'va-base': 4096 });
    rig.session.fds.dmabuf(fd as number).memory.bytes.set(pattern(8192));
    const data = Buffer.from(pattern(8192).slice(4090, 4100)).toString('base64');
    expect(rig.do('lab', 'device-read', { fd, addr: 8186, len: 10 })).toEqual({ data });
    expect(refusal(() => rig.do('lab', 'device-read', { fd, addr: 0, len: 1 }))).toEqual({
      errno: 'EFAULT',
      extack: { msg: errorText(ERRORS.outsideDeviceMemory, 4096, 12_288), 'bad-attr': '.addr' },
    });
  });

  test('of host memory is EINVAL', () => {
    const { fd } = rig.dmabuf(1);
    expect(refusal(() => rig.do('lab', 'device-read', { fd, addr: 0, len: 1 }))).toEqual({
      errno: 'EINVAL',
      extack: { msg: ERRORS.notDeviceMemory.msg, 'bad-attr': '.fd' },
    });
  });
});

describe('experiment-set', () => {
  test.each(['6.12', '6.18', '7.3'] as const)('%s: all is off', (release) => {
    expect(new FamilyRig({ release }).do('lab', 'experiment-set')).toEqual({ 'dynamic-importer': 0 });
  });

  test('switches, tells, and a reset switches off', () => {
    expect(rig.do('lab', 'experiment-set', { 'dynamic-importer': 1 })).toEqual({ 'dynamic-importer': 1 });
    expect(rig.do('lab', 'experiment-set')).toEqual({ 'dynamic-importer': 1 });
    rig.do('lab', 'reset');
    expect(rig.do('lab', 'experiment-set')).toEqual({ 'dynamic-importer': 0 });
  });
});
