import { describe, expect, test } from 'vitest';
import { MadeMemfd } from '../../../../src/kernel/dmabuf/made-memfd.ts';
import { udmabufMemfd } from '../../../../src/kernel/dmabuf/udmabuf.ts';
import { ERRORS, errorText } from '../../../../src/kernel/error-catalogue.ts';
import { FdTable } from '../../../../src/kernel/task/fd-table.ts';
import { Memfd } from '../../../../src/kernel/task/memfd.ts';
import { F_SEAL_FUTURE_WRITE, F_SEAL_GROW, F_SEAL_SHRINK, F_SEAL_WRITE } from '../../../../src/uapi/memfd.ts';
import { Rig, refusal } from '../rig.ts';

const LIMIT = 65_536;

function table(seals: number, size = 20_000): { fds: FdTable; fd: number } {
  const fds = new FdTable(16);
  const memory = { bytes: new Uint8Array(size), size, path: '/m', release() {} };
  return { fds, fd: fds.install(new Memfd(new MadeMemfd(memory, seals))) };
}

describe('checks of UDMABUF_CREATE, in order', () => {
  const bad = (errno: string, msg: string, attr: string) => ({ errno, extack: { msg, 'bad-attr': attr } });
  const create = (item: { memfd?: number; offset?: number; size?: number }, seals = F_SEAL_SHRINK) => {
    const { fds, fd } = table(seals);
    return refusal(() => udmabufMemfd(fds, { memfd: fd, offset: 0, size: 4096, ...item }, LIMIT));
  };

  test('whole pages of offset, then of size', () => {
    expect(create({ offset: 1, size: 1 })).toEqual(bad('EINVAL', ERRORS.offsetNotWholePages.msg, '.offset'));
    expect(create({ size: 1, memfd: 99 })).toEqual(bad('EINVAL', ERRORS.notWholePages.msg, '.size'));
  });
  test('the limit, then nothing at all', () => {
    expect(create({ size: LIMIT + 4096, memfd: 99 })).toEqual(
      bad('EINVAL', errorText(ERRORS.udmabufTooLarge, LIMIT), '.size'),
    );
    expect(create({ size: 0, memfd: 99 })).toEqual(bad('EINVAL', ERRORS.emptyUdmabuf.msg, '.size'));
  });
  test('an fd that is not open, or no memfd', () => {
    expect(create({ memfd: 99 }, 0)).toEqual(bad('EBADFD', ERRORS.notMemfd.msg, '.memfd'));
    const rig = new Rig();
    const { fd: memfd } = rig.dmabuf(1);
    const item = { memfd, offset: 0, size: 4096 };
    expect(refusal(() => udmabufMemfd(rig.session.fds, item, LIMIT))).toMatchObject({ errno: 'EBADFD' });
  });
  test('seals, before the length', () => {
    const beyond = { offset: 65_536 };
    expect(create(beyond, F_SEAL_GROW)).toEqual(bad('EINVAL', ERRORS.memfdCanShrink.msg, '.memfd'));
    for (const seal of [F_SEAL_WRITE, F_SEAL_FUTURE_WRITE]) {
      expect(create(beyond, F_SEAL_SHRINK | seal)).toEqual(bad('EINVAL', ERRORS.memfdNotWritable.msg, '.memfd'));
    }
  });
  test('the end of the memfd', () => {
    const want = bad('EINVAL', errorText(ERRORS.memfdTooShort, 20_000), '.size');
    expect(create({ offset: 16_384, size: 4096 })).toEqual(want);
    expect(create({ offset: 65_536, size: 4096 })).toEqual(want);
  });
  test('all is well', () => {
    const { fds, fd } = table(F_SEAL_SHRINK);
    expect(udmabufMemfd(fds, { memfd: fd, offset: 12_288, size: 4096 }, LIMIT)).toBe(fds.get(fd));
  });
});

describe('a memfd that the daemon made', () => {
  function made(size = 20_000) {
    const freed: string[] = [];
    const memory = { bytes: new Uint8Array(size), size, path: '/m', release: () => void freed.push('freed') };
    return { memfd: new Memfd(new MadeMemfd(memory, 2)), memory, freed };
  }

  test('gives out parts of one memory', async () => {
    const { memfd, memory } = made();
    const [low, high] = [await memfd.map(0, 8192), await memfd.map(4096, 8192)];
    high.bytes[0] = 9;
    expect([low.bytes[4096], memory.bytes[4096], high.size, high.path]).toEqual([9, 9, 8192, '/m']);
  });

  test('lives as long as its fd or a part', async () => {
    const { memfd, freed } = made();
    const part = await memfd.map(0, 4096);
    memfd.close();
    memfd.close();
    expect(freed).toEqual([]);
    part.release();
    part.release();
    expect(freed).toEqual(['freed']);
  });

  test('refuses a part beyond its end', async () => {
    await expect(made().memfd.map(16_384, 4096)).rejects.toMatchObject({ errno: 'EINVAL' });
  });
});
