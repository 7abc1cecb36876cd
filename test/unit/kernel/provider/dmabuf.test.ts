import { describe, expect, test } from 'vitest';
import { PagePool } from '../../../../src/kernel/netmem/page-pool.ts';
import { PP_FLAG_DMA_MAP, PP_FLAG_DMA_SYNC_DEV } from '../../../../src/kernel/netmem/page-pool-params.ts';
import { dmabufProvider } from '../../../../src/kernel/provider/dmabuf.ts';
import { Rig, refusal, stats } from '../rig.ts';

const ALL = PP_FLAG_DMA_MAP | PP_FLAG_DMA_SYNC_DEV | 8;

describe('init', () => {
  test('a queue without private pointer is EINVAL', () => {
    const rig = new Rig({ up: false });
    rig.netdev.rxQueues[0].provider = { ops: dmabufProvider, priv: null };
    const params = { poolSize: 8, flags: ALL, netdev: rig.netdev, queueIdx: 0, napiId: 0, maxLen: 4096 };
    expect(refusal(() => new PagePool(rig.kernel, params))).toEqual({ errno: 'EINVAL' });
  });

  test('an order above 0 is E2BIG', () => {
    const rig = new Rig();
    const { binding } = rig.bound(32);
    const params = { poolSize: 8, flags: ALL, netdev: rig.netdev, queueIdx: 0, napiId: 0, maxLen: 4096, order: 1 };
    expect(refusal(() => new PagePool(rig.kernel, params))).toEqual({ errno: 'E2BIG' });
    expect(binding.state).toBe('bound');
  });
});

test('one net_iov for each slow allocation, nothing left in the cache', () => {
  const rig = new Rig({ rx: 4 });
  const { pool, binding } = rig.bound(10);
  expect(stats(pool)).toEqual({ 'alloc-empty': 4 });
  expect([pool.inflight, pool.cacheCount, binding.free]).toEqual([4, 0, 6]);
});

test('a smaller dmabuf than the ring: what there is, and the failure is counted', () => {
  const rig = new Rig({ rx: 16 });
  const { pool, binding } = rig.bound(5);
  expect([pool.inflight, binding.free]).toEqual([5, 0]);
  expect(stats(pool)).toEqual({ 'alloc-empty': 6 });
  expect(rig.netdev.rxQueues[0].allocFail).toBe(1);
});

test('describes pool and queue by the binding id', () => {
  const rig = new Rig();
  const { pool, binding } = rig.bound(32);
  expect(pool.describe()).toMatchObject({ dmabuf: binding.id, 'napi-id': rig.netdev.rxQueues[0].napi.id });
});

test('released net_iovs lose pool and references, and go back to the provider', () => {
  const rig = new Rig({ rx: 4 });
  const { pool, binding } = rig.bound(10);
  const ref = pool.allocNetmem();
  expect(binding.free).toBe(5);
  for (let i = 0; i < 4; i++) pool.ring.produce(-1);
  pool.put(ref);
  expect([pool.netmems.pool[ref], pool.netmems.ppRef[ref], binding.free]).toEqual([0, 0, 6]);
});
