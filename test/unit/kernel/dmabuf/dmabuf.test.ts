import { describe, expect, test } from 'vitest';
import type { Attachment } from '../../../../src/kernel/dmabuf/attachment.ts';
import {
  DMA_BUF_SYNC_END,
  DMA_BUF_SYNC_READ,
  DMA_BUF_SYNC_WRITE,
  Dmabuf,
  defaultRuns,
  EXPORTER_KINDS,
  EXPORTERS,
} from '../../../../src/kernel/dmabuf/dmabuf.ts';
import { named, refusal } from '../rig.ts';

const memory = (size: number, release = () => {}) => ({ bytes: new Uint8Array(0), size, path: '', release });

describe('runs of a fresh buffer', () => {
  test.each([
    ['system', 1, false, [1]],
    ['system', 16, false, [16]],
    ['system', 300, false, [256, 16, 16, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]],
    ['system', 512, true, [256, 256]],
    ['device', 300, true, [300]],
    ['udmabuf', 300, false, [300]],
    ['udmabuf', 3, true, [1, 1, 1]],
  ] as const)('%s, %i pages, entry per page %s', (kind, pages, perPage, runs) => {
    expect(defaultRuns(kind, pages, perPage)).toEqual(runs);
  });
});

test.each([
  [0, []],
  [-4096, []],
  [4095, [1]],
  [4097, [1]],
  [8192, [1]],
  [8192, [1, 2]],
])('size %i with runs %j is EINVAL', (size, runs) => {
  expect(refusal(() => new Dmabuf('system', memory(size), runs))).toEqual({ errno: 'EINVAL' });
});

test('4 GiB counts its pages right', () => {
  expect(new Dmabuf('udmabuf', memory(2 ** 32), [2 ** 20]).size).toBe(2 ** 32);
});

test('memory goes with the last reference, once', () => {
  let released = 0;
  const dmabuf = new Dmabuf(
    'system',
    memory(4096, () => released++),
    [1],
  );
  const attachment = dmabuf.attach(2) as Attachment;
  dmabuf.put();
  expect([released, dmabuf.alive, dmabuf.attachments.size]).toEqual([0, true, 1]);
  attachment.detach();
  expect([released, dmabuf.alive, dmabuf.attachments.size]).toEqual([1, false, 0]);
});

test('the tables of the exporters are fixed', () => {
  expect(Object.values(EXPORTERS).every(Object.isFrozen)).toBe(true);
  expect(EXPORTER_KINDS.map((kind) => EXPORTERS[kind].kind)).toEqual(EXPORTER_KINDS);
});

describe('DMA_BUF_IOCTL_SYNC', () => {
  const dmabuf = new Dmabuf('system', memory(4096), [1]);
  const sync = (flags: number): string | number => {
    try {
      dmabuf.sync(flags);
      return 0;
    } catch (err) {
      return named((err as { code: number }).code);
    }
  };
  const RW = DMA_BUF_SYNC_READ | DMA_BUF_SYNC_WRITE;

  test.each([DMA_BUF_SYNC_READ, DMA_BUF_SYNC_WRITE, RW])('direction %i, start and end', (direction) => {
    expect([sync(direction), sync(direction | DMA_BUF_SYNC_END)]).toEqual([0, 0]);
  });
  test.each([0, DMA_BUF_SYNC_END, 8, RW | 8, -1])('flags %i are EINVAL', (flags) => {
    expect(sync(flags)).toBe('EINVAL');
  });
});
