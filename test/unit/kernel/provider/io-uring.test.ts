import { describe, expect, test } from 'vitest';
import { DmaDevice } from '../../../../src/kernel/driver/dma-device.ts';
import { PagePool } from '../../../../src/kernel/netmem/page-pool.ts';
import {
  type PagePoolParams,
  PP_FLAG_ALLOW_UNREADABLE_NETMEM,
  PP_FLAG_DMA_MAP,
  PP_FLAG_DMA_SYNC_DEV,
} from '../../../../src/kernel/netmem/page-pool-params.ts';
import type { KernelRelease } from '../../../../src/kernel/profile.ts';
import { ioUringProvider } from '../../../../src/kernel/provider/io-uring.ts';
import { PROVIDERS } from '../../../../src/kernel/provider/registry.ts';
import { MSG_SOCK_DEVMEM } from '../../../../src/uapi/socket.ts';
import { newIfq, ZcrxRig } from '../io-uring/zcrx-rig.ts';
import { named, Rig, refusal, stats } from '../rig.ts';

const ALL = PP_FLAG_DMA_MAP | PP_FLAG_DMA_SYNC_DEV | PP_FLAG_ALLOW_UNREADABLE_NETMEM;

/** A pool made by hand on a queue with an ifq; `change` spoils what is right otherwise. */
function refused(change: Partial<PagePoolParams>, release: KernelRelease = '6.18', priv?: unknown) {
  const rig = new Rig({ up: false, release });
  const { ifq } = newIfq(rig.kernel, rig.netdev, 4, 4);
  rig.netdev.rxQueues[0].provider = { ops: ioUringProvider, priv: priv === undefined ? ifq : priv };
  const dev = rig.netdev.driver.dmaDevice;
  const params = { poolSize: 8, flags: ALL, netdev: rig.netdev, queueIdx: 0, napiId: 0, maxLen: 4096, dev, ...change };
  return { rig, ifq, make: () => new PagePool(rig.kernel, params) };
}

describe('init', () => {
  test('takes what is right', () => {
    const { ifq, make } = refused({});
    expect(make().owner).toBe(ifq.area);
  });

  const order1 = { order: 1 };
  const otherDev = { dev: new DmaDevice('eth7') };
  const both = { dmaDir: 'bidirectional' } as const;

  test.each<[string, Partial<PagePoolParams>, KernelRelease, string]>([
    ['a pool of another device', otherDev, '6.18', 'EINVAL'],
    ['a pool without device', { dev: null }, '6.18', 'EINVAL'],
    ['an order', order1, '6.18', 'EOPNOTSUPP'],
    ['an order, 7.3', order1, '7.3', 'EINVAL'],
    ['a direction', both, '6.18', 'EOPNOTSUPP'],
    ['device before order', { ...otherDev, ...order1 }, '6.18', 'EINVAL'],
    ['order before direction', { ...both, ...order1 }, '7.3', 'EINVAL'],
  ])('%s', (_, change, release, errno) => {
    const { rig, make } = refused(change, release);
    expect(refusal(make)).toEqual({ errno });
    expect(rig.netdev.driver.dmaDevice?.maps).toBe(0);
    expect(rig.log.at(-1)).toMatchObject({ event: 'page-pool-init-failed', fields: { provider: 'io-uring' } });
  });

  test('a queue without ifq is EINVAL, before anything else', () => {
    expect(refusal(refused(otherDev, '6.18', null).make)).toEqual({ errno: 'EINVAL' });
  });

  test('a pool that does not map is EOPNOTSUPP: after the device, before the order', () => {
    // The core refuses it first; the provider does not rely on that.
    const { rig, ifq } = refused({});
    const pool = { mpPriv: ifq, dma: { dev: ifq.dev }, order: 1, params: { flags: 0 } } as unknown as PagePool;
    expect(named(ioUringProvider.init(pool))).toBe('EOPNOTSUPP');
    (pool as { dma: unknown }).dma = { dev: null };
    expect(named(ioUringProvider.init(pool))).toBe('EINVAL');
    expect(rig.netdev.driver.dmaDevice?.maps).toBe(0);
  });

  test('an area that cannot be mapped is EIO; nothing is held', () => {
    const { rig, ifq, make } = refused({});
    (rig.netdev.driver.dmaDevice as DmaDevice).mapFailEvery = 1;
    expect(refusal(make)).toEqual({ errno: 'EIO' });
    ifq.close();
    expect(ifq.state).toBe('freed');
  });

  test('every pool holds the ifq; the area is mapped once for all', () => {
    const { rig, ifq, make } = refused({});
    const pools = [make(), make()];
    expect(rig.netdev.driver.dmaDevice?.maps).toBe(1);
    ifq.close();
    pools[0].destroy();
    expect(ifq.state).toBe('closed');
    pools[1].destroy();
    expect(ifq.state).toBe('freed');
    expect(rig.netdev.driver.dmaDevice?.unmaps).toBe(1);
  });
});

test('the table is built in and cannot be changed', () => {
  expect(PROVIDERS).toContain(ioUringProvider);
  expect(Object.isFrozen(ioUringProvider)).toBe(true);
});

test('64 an allocation, synced for the device, and no slow allocation counted', () => {
  const rig = new ZcrxRig(128, 64);
  const pool = rig.pool(0);
  rig.alloc(1);
  expect([pool.inflight, pool.cacheCount, pool.dma.synced]).toEqual([64, 63, 64]);
  expect(rig.netdev.driver.dmaDevice?.syncs).toBe(64);
  expect(stats(pool)).toEqual({ 'alloc-empty': 1 });
});

test('an area that is used up gives nothing, again and again', () => {
  const rig = new ZcrxRig(2, 64);
  expect(rig.alloc(4)).toEqual([0, 1, -1, -1]);
  expect(stats(rig.pool(0))).toEqual({ 'alloc-empty': 3, 'alloc-fast': 1 });
  rig.check();
});

test('released net_iovs lose pool and references, and lie on top of the free list', () => {
  const rig = new ZcrxRig(70, 64);
  const pool = rig.pool(0);
  const [i] = rig.alloc(1);
  const ref = rig.ifq.area.base + i;
  while (pool.ring.produce(-1));
  pool.put(ref);
  expect([pool.netmems.pool[ref], pool.netmems.ppRef[ref], rig.ifq.area.free]).toEqual([0, 0, 7]);
  expect(rig.ifq.area.lend()).toBe(ref);
});

describe('netlink', () => {
  test.each([
    ['6.18', {}],
    ['7.3', { 'rx-buf-len': 4096 }],
  ] as const)('%s', (release, nest) => {
    const rig = new ZcrxRig(4, 4, { release });
    const [queue] = rig.netdev.rxQueues;
    expect(rig.pool(0).describe()['io-uring']).toEqual(nest);
    const reply = {};
    expect(queue.provider?.ops.nlFill(queue.provider.priv, reply, queue)).toBe(0);
    expect(reply).toEqual({ 'io-uring': nest });
  });
});

test('works on a device that is down: the memory is tried and given back', () => {
  const rig = new ZcrxRig(4, 4, { up: false });
  expect(rig.events()).toEqual(['add 1', 'del 1']);
  rig.netdev.open();
  expect(rig.alloc(4)).toEqual([0, 1, 2, 3]);
});

test('a pool that does not ask for unreadable memory: ENODATA, and the queue is free again', () => {
  const rig = new Rig().split();
  const { ifq } = newIfq(rig.kernel, rig.netdev, 4, 4);
  const { driver } = rig.netdev;
  const alloc = driver.allocQueueMemory.bind(driver);
  driver.allocQueueMemory = (queue) => {
    const { provider } = queue;
    queue.provider = null;
    const ring = alloc(queue);
    queue.provider = provider;
    return ring;
  };
  expect(refusal(() => ifq.open(rig.netdev.rxQueues[0], ioUringProvider))).toEqual({ errno: 'ENODATA' });
  expect(rig.netdev.rxQueues[0].provider).toBe(null);
  ifq.close();
  expect(ifq.state).toBe('freed');
});

describe('recvmsg on packets whose frags lie in an area', () => {
  const arrived = () => {
    const rig = new ZcrxRig(16, 16);
    const c = rig.connect(0);
    rig.send(c, 100);
    return { rig, socket: c.socket };
  };

  test('is ENODEV with MSG_SOCK_DEVMEM, EFAULT without; the data stays', () => {
    const { rig, socket } = arrived();
    expect(named(rig.recv(socket, 4096, 4096, MSG_SOCK_DEVMEM).ret)).toBe('ENODEV');
    expect(named(rig.recv(socket, 4096, 4096, 0).ret)).toBe('EFAULT');
    expect(named(rig.recv(socket, 4096, 4096, MSG_SOCK_DEVMEM).ret)).toBe('ENODEV');
    expect([socket.tokens.count, rig.ifq.area.references.outstanding]).toEqual([0, 0]);
    rig.check();
  });

  test('the payload was written into the area', () => {
    const { rig } = arrived();
    expect([...rig.zcrx.bytes.subarray(0, 100)]).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });
});
