import { describe, expect, test } from 'vitest';
import type { Attachment } from '../../../../src/kernel/dmabuf/attachment.ts';
import {
  DMA_BUF_SYNC_END,
  DMA_BUF_SYNC_READ,
  DMA_BUF_SYNC_WRITE,
  Dmabuf,
  type ExporterKind,
} from '../../../../src/kernel/dmabuf/dmabuf.ts';
import { DynamicImporter } from '../../../../src/kernel/dmabuf/dynamic-importer.ts';
import { ERRNO } from '../../../../src/uapi/errno.ts';
import { refusal } from '../rig.ts';

const make = (kind: ExporterKind = 'system'): Dmabuf =>
  new Dmabuf(kind, { bytes: new Uint8Array(4096), size: 4096, path: '', release() {} }, [1]);
const counts = ({ maps, unmaps, syncs }: { maps: number; unmaps: number; syncs: number }) => [maps, unmaps, syncs];

test('life: attached, mapped, attached, detached', () => {
  const dmabuf = make();
  const attachment = dmabuf.attach(7) as Attachment;
  expect([attachment.state, attachment.device, attachment.dynamic]).toEqual(['attached', 7, false]);
  expect(attachment.map()).toBe(0);
  expect([attachment.state, counts(attachment)]).toEqual(['mapped', [1, 0, 0]]);
  expect(() => attachment.detach()).toThrow('netdev 7 detached while mapped');
  attachment.unmap();
  attachment.detach();
  expect([attachment.state, counts(attachment), counts(dmabuf)]).toEqual(['detached', [1, 1, 0], [1, 1, 0]]);
  expect(() => attachment.detach()).toThrow('netdev 7 detached while detached');
});

test('who brings somebody to notify is a dynamic importer', () => {
  expect((make().attach(7, new DynamicImporter()) as Attachment).dynamic).toBe(true);
});

describe('a fault', () => {
  test('on attach refuses the attachment and leaves none', () => {
    const dmabuf = make();
    dmabuf.fault.attach = ERRNO.EBUSY;
    expect(dmabuf.attach(7)).toBe(-ERRNO.EBUSY);
    expect(dmabuf.attachments.size).toBe(0);
    dmabuf.fault.attach = 0;
    expect(dmabuf.attach(7)).not.toBe(-ERRNO.EBUSY);
  });

  test('on map refuses the mapping and counts none', () => {
    const dmabuf = make();
    const attachment = dmabuf.attach(7) as Attachment;
    dmabuf.fault.map = ERRNO.EIO;
    expect([attachment.map(), attachment.state, counts(dmabuf)]).toEqual([-ERRNO.EIO, 'attached', [0, 0, 0]]);
  });
});

describe('syncs', () => {
  const RW = DMA_BUF_SYNC_READ | DMA_BUF_SYNC_WRITE;

  test('system heap: one for each mapped device at the start and at the end', () => {
    const dmabuf = make();
    const mapped = [dmabuf.attach(2) as Attachment, dmabuf.attach(3) as Attachment];
    const bare = dmabuf.attach(4) as Attachment;
    for (const attachment of mapped) attachment.map();
    dmabuf.sync(RW);
    dmabuf.sync(RW | DMA_BUF_SYNC_END);
    expect([mapped.map((a) => a.syncs), bare.syncs, dmabuf.syncs]).toEqual([[2, 2], 0, 4]);
  });

  test('udmabuf: for a mapping of its own, which the first start makes', () => {
    const dmabuf = make('udmabuf');
    const attachment = dmabuf.attach(2) as Attachment;
    attachment.map();
    expect(refusal(() => dmabuf.sync(RW | DMA_BUF_SYNC_END))).toEqual({ errno: 'EINVAL' });
    dmabuf.sync(RW);
    expect(counts(dmabuf)).toEqual([2, 0, 0]);
    dmabuf.sync(RW | DMA_BUF_SYNC_END);
    dmabuf.sync(RW);
    expect([counts(dmabuf), attachment.syncs]).toEqual([[2, 0, 2], 0]);
    attachment.unmap();
    attachment.detach();
    dmabuf.put();
    expect(counts(dmabuf)).toEqual([2, 2, 2]);
  });

  test('device memory: none', () => {
    const dmabuf = make('device');
    dmabuf.sync(RW);
    dmabuf.sync(RW | DMA_BUF_SYNC_END);
    expect(counts(dmabuf)).toEqual([0, 0, 0]);
  });
});
