import { describe, expect, test } from 'vitest';
import { DmaDevice } from '../../../../src/kernel/driver/dma-device.ts';
import { ZcrxArea } from '../../../../src/kernel/io-uring/area.ts';
import { type AreaMemory, PinnedMemory } from '../../../../src/kernel/io-uring/area-memory.ts';
import { ownerFault } from '../../../../src/kernel/netmem/owner.ts';
import { ERRNO } from '../../../../src/uapi/errno.ts';
import { PAGE_SIZE } from '../../../../src/uapi/limits.ts';
import { Rig } from '../rig.ts';
import { ZcrxRig } from './zcrx-rig.ts';

function area(pages: number, memory?: AreaMemory) {
  const { kernel } = new Rig({ up: false });
  let unpinned = 0;
  const made = ZcrxArea.create(
    kernel,
    'area',
    memory ?? new PinnedMemory(new Uint8Array(pages * PAGE_SIZE), () => unpinned++),
  );
  return { area: made, netmems: kernel.netmems, unpinned: () => unpinned };
}

describe('what a pool gets', () => {
  test('64 of the top of the list, used in ascending order; then the next 64', () => {
    const rig = new ZcrxRig(200, 64);
    expect(rig.alloc(64)).toEqual(Array.from({ length: 64 }, (_, i) => 136 + i));
    expect(rig.alloc(2)).toEqual([72, 73]);
    expect(rig.ifq.area).toMatchObject({ free: 72, lent: 128, held: 0, total: 200 });
    rig.check();
  });

  test('an area of at most 64 from its first buffer on, then nothing', () => {
    const rig = new ZcrxRig(5, 64);
    expect(rig.alloc(7)).toEqual([0, 1, 2, 3, 4, -1, -1]);
    expect(rig.ifq.area).toMatchObject({ free: 0, lent: 5 });
  });
});

describe('buffers for copies', () => {
  test('are lent without a pool, the highest first, and come back to the top', () => {
    const { area: a, netmems } = area(4);
    const first = a.lend();
    const second = a.lend();
    expect([first - a.base, second - a.base]).toEqual([3, 2]);
    expect([netmems.ppRef[first], netmems.pool[first], a.free, a.held]).toEqual([1, 0, 2, 2]);
    a.takeBack(first);
    expect([a.free, a.held, netmems.ppRef[first], ownerFault(a)]).toEqual([3, 1, 0, null]);
    expect(a.lend()).toBe(first);
  });

  test('are none when the list is empty', () => {
    const { area: a } = area(1);
    expect([a.lend() - a.base, a.lend()]).toEqual([0, 0]);
    expect(a).toMatchObject({ free: 0, held: 1 });
  });

  test('compete with the pool for the same list', () => {
    const rig = new ZcrxRig(65, 64);
    rig.alloc(1);
    expect(rig.index(rig.ifq.area.lend())).toBe(0);
    expect(rig.ifq.area.lend()).toBe(0);
    rig.check();
  });
});

describe('mapping', () => {
  test('happens once, and is undone once', () => {
    const { area: a } = area(2);
    const dev = new DmaDevice('eth0');
    expect([a.map(dev), a.map(dev), dev.maps]).toEqual([0, 0, 1]);
    a.unmap();
    a.unmap();
    expect(dev.unmaps).toBe(1);
  });

  test('that fails leaves the area unmapped', () => {
    const { area: a } = area(2);
    const dev = new DmaDevice('eth0');
    dev.mapFailEvery = 1;
    expect(a.map(dev)).toBe(-ERRNO.EIO);
    a.unmap();
    expect(dev.unmaps).toBe(0);
    dev.mapFailEvery = 0;
    expect(a.map(dev)).toBe(0);
  });
});

describe('the end', () => {
  test('gives identities and memory back', () => {
    const { area: a, netmems, unpinned } = area(3);
    expect(netmems.owners.has(a)).toBe(true);
    a.destroy();
    expect([netmems.owners.has(a), unpinned()]).toEqual([false, 1]);
    expect(netmems.addArea(3, (base) => ({ ...a, base, count: 3, memory: a.memory, freePage: a.freePage })).base).toBe(
      a.base,
    );
  });

  test('is a bug while a net_iov is out', () => {
    const { area: a, unpinned } = area(3);
    a.lend();
    expect(() => a.destroy()).toThrow('area freed with net_iovs outstanding');
    expect(unpinned()).toBe(0);
  });
});
