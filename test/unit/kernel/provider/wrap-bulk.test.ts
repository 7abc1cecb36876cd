import { describe, expect, test } from 'vitest';
import { DmabufMemory } from '../../../../src/kernel/io-uring/dmabuf-memory.ts';
import { ZcrxIfq } from '../../../../src/kernel/io-uring/ifq.ts';
import { RefillRegion } from '../../../../src/kernel/io-uring/refill-region.ts';
import { PROVIDERS } from '../../../../src/kernel/provider/registry.ts';
import { wrapBulkProvider } from '../../../../src/kernel/provider/wrap-bulk.ts';
import { ERRNO } from '../../../../src/uapi/errno.ts';
import { RefillClient } from '../io-uring/zcrx-rig.ts';
import { Rig, type RigDmabuf } from '../rig.ts';

function wrapped(pages: number) {
  const rig = new Rig({ driver: 'netdevsim-dma' }).split();
  const made: RigDmabuf = rig.dmabuf(pages);
  const memory = DmabufMemory.import(made.dmabuf, rig.netdev.ifindex);
  if (typeof memory === 'number') throw new Error(`import failed: ${memory}`);
  const client = new RefillClient(rig.kernel.profile.zcrx.offsets, 16);
  const refill = new RefillRegion(client.bytes, client.offsets, 16);
  const ifq = new ZcrxIfq(rig.kernel, { id: 0, netdev: rig.netdev, memory, refill, entries: 16 });
  ifq.open(rig.netdev.rxQueues[0], wrapBulkProvider);
  return { rig, made, ifq, client };
}

test("the table is built in, io_uring's own, and cannot be changed", () => {
  expect(PROVIDERS).toContain(wrapBulkProvider);
  expect(Object.isFrozen(wrapBulkProvider)).toBe(true);
  expect(wrapBulkProvider.name).toBe('wrap-bulk');
});

test('the buffer is attached and mapped once, for as long as the ifq lives; the device maps nothing', () => {
  const { rig, made, ifq } = wrapped(8);
  expect([made.dmabuf.attachments.size, made.dmabuf.maps, rig.netdev.driver.dmaDevice?.maps]).toEqual([1, 1, 0]);
  rig.netdev.close();
  rig.netdev.open();
  expect([made.dmabuf.maps, made.dmabuf.unmaps]).toEqual([1, 0]);
  rig.session.fds.close(made.fd);
  expect(made.released).toBe(false);
  ifq.close();
  expect([ifq.state, made.dmabuf.maps, made.dmabuf.unmaps, made.released]).toEqual(['freed', 1, 1, true]);
});

test("ring and user references are io_uring's", () => {
  const { rig, ifq, client, made } = wrapped(4);
  const c = rig.connect(0);
  rig.send(c, 100);
  expect(made.bytes[99]).toBe(99);
  const pool = rig.pool(0);
  const ref = ifq.area.base;
  expect(ifq.deliver(ref)).toBe(0);
  rig.recv(c.socket, 4096, 0, 0x20);
  client.give(0);
  const rest = [pool.allocNetmem(), pool.allocNetmem(), pool.allocNetmem()];
  expect(client.head).toBe(0);
  expect([pool.allocNetmem(), client.head]).toEqual([ref, 1]);
  expect(rest).not.toContain(ref);
  expect(pool.describe()).toMatchObject({ 'io-uring': {} });
  rig.kernel.assertConservation();
});

test('nothing can be copied into it', () => {
  const { ifq } = wrapped(4);
  expect([ifq.area.takesCopies, ifq.area.lend(), ifq.area.free]).toEqual([false, 0, 4]);
});

describe('an exporter that refuses', () => {
  test.each([
    ['attach', 'ENODEV'],
    ['map', 'ENOMEM'],
  ] as const)('%s: its errno, and nothing is left attached', (step, errno) => {
    const rig = new Rig();
    const { dmabuf } = rig.dmabuf(2);
    dmabuf.fault[step] = ERRNO[errno];
    expect(DmabufMemory.import(dmabuf, rig.netdev.ifindex)).toBe(-ERRNO[errno]);
    expect(dmabuf.attachments.size).toBe(0);
  });
});
