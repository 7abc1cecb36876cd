import { describe, expect, test } from 'vitest';
import {
  type PagePoolParams,
  PP_FLAG_ALLOW_UNREADABLE_NETMEM,
  PP_FLAG_DMA_MAP,
  PP_FLAG_DMA_SYNC_DEV,
} from '../../../../src/kernel/netmem/page-pool-params.ts';
import type { MemoryProviderOps } from '../../../../src/kernel/provider/memory-provider.ts';
import { PROVIDERS } from '../../../../src/kernel/provider/registry.ts';
import { ERRNO } from '../../../../src/uapi/errno.ts';
import { refusal, stats } from '../rig.ts';
import { ContractRig, DMA } from './contract-rig.ts';
import { FIXTURES, type ProviderMemory } from './fixtures.ts';

test('every provider has its fixture here', () => {
  expect(Object.keys(FIXTURES).sort()).toEqual(PROVIDERS.map((ops) => ops.name).sort());
  for (const ops of PROVIDERS) expect(FIXTURES[ops.name].ops).toBe(ops);
});

test('the tables are frozen, and so is their list', () => {
  expect(Object.isFrozen(PROVIDERS)).toBe(true);
  for (const ops of PROVIDERS) expect([ops.name, Object.isFrozen(ops)]).toEqual([ops.name, true]);
});

/** What pool creation does with the provider it finds on the queue. */
describe.each(Object.entries(FIXTURES))('a pool with %s', (name, fixture) => {
  const rigged = () => new ContractRig(fixture).install(100);

  test('an init that fails passes its errno on and leaves nothing', () => {
    const rig = rigged();
    const memory = rig.memory as ProviderMemory;
    expect(refusal(() => rig.create({ order: 1 }))).toEqual({ errno: fixture.orderErrno });
    expect(rig.log).toEqual([
      {
        level: 'warn',
        event: 'page-pool-init-failed',
        fields: { provider: name, errno: ERRNO[fixture.orderErrno as keyof typeof ERRNO] },
      },
    ]);
    expect([rig.kernel.pools.all(), rig.kernel.pools.providerPools, rig.notes]).toEqual([[], 0, []]);
    expect(memory.owner.lent).toBe(0);
    memory.close();
    expect(memory.freed).toBe(true);
  });

  test('a queue without a private pointer is EINVAL', () => {
    const rig = new ContractRig(fixture);
    for (const priv of [null, undefined]) {
      rig.netdev.rxQueues[0].provider = { ops: fixture.ops, priv };
      expect(refusal(() => rig.create())).toEqual({ errno: 'EINVAL' });
    }
    expect(rig.notes).toEqual([]);
  });

  const elsewhere = (rig: ContractRig, init?: () => number) => {
    const { priv } = rig.memory as ProviderMemory;
    rig.netdev.rxQueues[0].provider = { ops: { ...fixture.ops, ...(init === undefined ? {} : { init }) }, priv };
  };

  test('a table from elsewhere is EFAULT: told, not asked, nothing listed', () => {
    const rig = rigged();
    let asked = 0;
    elsewhere(rig, () => asked++);
    expect(refusal(() => rig.create())).toEqual({ errno: 'EFAULT' });
    expect(rig.log).toEqual([{ level: 'warn', event: 'page-pool-provider-not-built-in', fields: { provider: name } }]);
    expect([asked, rig.kernel.pools.all(), rig.kernel.pools.providerPools, rig.notes]).toEqual([0, [], 0, []]);
  });

  test.each<[string, Partial<PagePoolParams>]>([
    ['no mapping, no sync', { flags: PP_FLAG_ALLOW_UNREADABLE_NETMEM }],
    ['no sync', { flags: PP_FLAG_ALLOW_UNREADABLE_NETMEM | PP_FLAG_DMA_MAP }],
  ])('%s is EOPNOTSUPP', (_, over) => {
    const rig = rigged();
    expect(refusal(() => rig.create(over))).toEqual({ errno: 'EOPNOTSUPP' });
    expect([rig.kernel.pools.all(), rig.notes, rig.log]).toEqual([[], [], []]);
  });

  test('a pool that may not be unreadable is an ordinary one', () => {
    const rig = rigged();
    const pool = rig.create({ flags: DMA });
    expect([pool.mpOps, pool.owner, rig.kernel.pools.providerPools]).toEqual([null, null, 0]);
    pool.allocNetmem();
    expect(stats(pool)).toEqual({ 'alloc-empty': 1, 'alloc-slow': 1 });
  });

  test('and where such a pool comes from a restart, that is ENODATA and the queue is as before', () => {
    // A driver that looks for no provider.
    const rig = new ContractRig(fixture, { up: true });
    const old = rig.pool(0);
    const memory = fixture.make(rig.netdev, 100);
    const { driver } = rig.netdev;
    const real = driver.allocQueueMemory.bind(driver);
    driver.allocQueueMemory = (queue, napi) => {
      const { provider } = queue;
      queue.provider = null;
      const ring = real(queue, napi);
      queue.provider = provider;
      return ring;
    };
    expect(refusal(() => memory.install(rig.netdev.rxQueues[0]))).toEqual({ errno: 'ENODATA' });
    expect([rig.pool(0), old.state, rig.netdev.rxQueues[0].provider]).toEqual([old, 'attached', null]);
    memory.close();
    expect([memory.freed, rig.kernel.pools.all().length]).toEqual([true, 2]);
  });

  test('the order of the checks: flags, then DMA, then where the table lies, then init', () => {
    const rig = rigged();
    elsewhere(rig, () => -ERRNO.ENOMEM);
    const errno = (over: Partial<PagePoolParams>) => refusal(() => rig.create(over)).errno;
    expect(errno({ flags: 1 << 4 })).toBe('EINVAL');
    expect(errno({ flags: PP_FLAG_DMA_SYNC_DEV | PP_FLAG_ALLOW_UNREADABLE_NETMEM })).toBe('EINVAL');
    expect(errno({ flags: PP_FLAG_ALLOW_UNREADABLE_NETMEM })).toBe('EOPNOTSUPP');
    expect(errno({})).toBe('EFAULT');
    rig.builtIn(rig.netdev.rxQueues[0].provider as { ops: MemoryProviderOps });
    expect(errno({})).toBe('ENOMEM');
  });
});
