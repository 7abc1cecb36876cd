import { beforeEach, describe, expect, test, vi } from 'vitest';
import { fail } from '../../../src/kernel/error.ts';
import { refusal } from '../kernel/rig.ts';
import { FamilyRig } from './context.ts';

let rig: FamilyRig;
beforeEach(() => {
  rig = new FamilyRig();
});

describe('shm-create', () => {
  test('makes a memfd among the fds of the session', async () => {
    const reply = { fd: 3, path: 'mem-5000', size: 5000, seals: ['seal', 'shrink', 'grow'] };
    expect(await rig.doLater('mm', 'shm-create', { size: 5000 })).toEqual(reply);
    expect(rig.do('mm', 'shm-get', { fd: 3 })).toEqual(reply);
    expect(rig.dump('mm', 'shm-get')).toEqual([reply]);
    expect(rig.do('session', 'get').fds).toEqual([{ fd: 3, type: 'memfd' }]);
    rig.do('session', 'fd-close', { fd: 3 });
    expect(rig.dump('mm', 'shm-get')).toEqual([]);
  });

  test.each([
    [[], true],
    [['shrink'], true],
    [['shrink', 'write'], false],
    [['future-write'], false],
  ])('seals %j are as asked; clients may write: %s', async (seals, writable) => {
    const create = vi.spyOn(rig.context.memory, 'create');
    expect((await rig.doLater('mm', 'shm-create', { size: 4096, seals })).seals).toEqual(seals);
    expect(create.mock.calls[0][1]?.clientWritable).toBe(writable ? undefined : false);
  });

  test('looks at the wanted number first, and at the session last', async () => {
    const create = vi.spyOn(rig.context.memory, 'create');
    const { fd } = rig.dmabuf(1);
    await expect(rig.doLater('mm', 'shm-create', { size: 4096, fd })).rejects.toMatchObject({ errno: 'EBUSY' });
    await expect(rig.doLater('mm', 'shm-create', {})).rejects.toMatchObject({ extack: { 'miss-type': 'size' } });
    expect(create).not.toHaveBeenCalled();
    const release = vi.fn();
    create.mockResolvedValueOnce({ bytes: new Uint8Array(1), size: 1, path: '', release });
    const reply = rig.doLater('mm', 'shm-create', { size: 1 });
    rig.session.close();
    await expect(reply).rejects.toMatchObject({ errno: 'ESRCH' });
    expect(release).toHaveBeenCalledOnce();
  });
});

describe('shm-import', () => {
  test('opens what the client names', () => {
    const close = vi.fn();
    const opened: string[] = [];
    rig.brought = (path) => {
      opened.push(path);
      return { path, size: () => 12_288, seals: () => 0x22, map: () => Promise.reject(new Error('no')), close };
    };
    // A seal that the API has no name for is not told.
    const reply = { fd: 3, path: '/proc/1/fd/4', size: 12_288, seals: ['shrink'] };
    expect(rig.do('mm', 'shm-import', { path: '/proc/1/fd/4' })).toEqual(reply);
    expect(opened).toEqual(['/proc/1/fd/4']);
    rig.session.close();
    expect(close).toHaveBeenCalledOnce();
  });

  test('opens nothing when there is no number for it, and passes on why it cannot', () => {
    const { fd } = rig.dmabuf(1);
    expect(refusal(() => rig.do('mm', 'shm-import', { path: '/proc/1/fd/4', fd }))).toMatchObject({ errno: 'EBUSY' });
    expect(refusal(() => rig.do('mm', 'shm-import', {}))).toMatchObject({ extack: { 'miss-type': 'path' } });
    rig.brought = () => fail('EACCES');
    expect(refusal(() => rig.do('mm', 'shm-import', { path: '/proc/1/fd/4' }))).toEqual({ errno: 'EACCES' });
    expect(rig.session.fds.list().map(([n]) => n)).toEqual([fd]);
  });
});

test('an fd that is no memfd', () => {
  const { fd } = rig.dmabuf(1);
  expect(refusal(() => rig.do('mm', 'shm-get', { fd }))).toEqual({ errno: 'EINVAL', extack: { 'bad-attr': '.fd' } });
  expect(refusal(() => rig.do('mm', 'shm-get', { fd: 9 }))).toEqual({ errno: 'EBADF' });
});
