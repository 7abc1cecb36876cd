import { expect, test } from 'vitest';
import { putNetmemBulk } from '../../../../src/kernel/netmem/bulk-put.ts';
import { netmemFault } from '../../../../src/kernel/netmem/conservation.ts';
import { NETMEM_STATE, type NetmemRef } from '../../../../src/kernel/netmem/netmem.ts';
import { PagePool } from '../../../../src/kernel/netmem/page-pool.ts';
import { stats } from '../rig.ts';
import { NAPI, Script } from './pool-script.ts';

const two = () => {
  const a = new Script({});
  const b = new PagePool(a.rig.kernel, { poolSize: 256, flags: 0, netdev: null, queueIdx: 0, napiId: NAPI + 1 });
  const mixed: NetmemRef[] = [];
  for (let i = 0; i < 4; i++) mixed.push(a.pool.allocNetmem(), b.allocNetmem());
  return { kernel: a.rig.kernel, a: a.pool, b, mixed };
};

test('each goes to its own, in the order of the batch', () => {
  const { kernel, a, b, mixed } = two();
  putNetmemBulk(kernel.netmems, kernel.pools, Int32Array.from(mixed), 8);
  expect([stats(a)['recycle-ring'], stats(b)['recycle-ring']]).toEqual([4, 4]);
  expect([a.ring.consume(), b.ring.consume(), a.ring.consume()]).toEqual([mixed[0], mixed[1], mixed[2]]);
});

test('direct is decided for each pool', () => {
  const { kernel, a, b, mixed } = two();
  kernel.napiContext = NAPI;
  putNetmemBulk(kernel.netmems, kernel.pools, Int32Array.from(mixed), 8);
  kernel.napiContext = 0;
  expect([stats(a)['recycle-cached'], stats(a)['recycle-ring']]).toEqual([4, undefined]);
  expect([stats(b)['recycle-cached'], stats(b)['recycle-ring']]).toEqual([undefined, 4]);
  expect(netmemFault(kernel.netmems, kernel.pools.all())).toBeNull();
});

test('it is decided once, before the first put of a pool, and its consumer is told once', () => {
  const { kernel, a, mixed } = two();
  let told = 0;
  a.onReturn = () => told++;
  putNetmemBulk(kernel.netmems, kernel.pools, Int32Array.from(mixed), 8);
  expect(told).toBe(1);
});

test('a netmem with another reference stays with whoever has it; the same one twice is two references', () => {
  const { kernel, a, mixed } = two();
  const [one, , two_, , three] = mixed;
  kernel.netmems.ppRef[one] = 2;
  kernel.netmems.ppRef[two_] = 2;
  putNetmemBulk(kernel.netmems, kernel.pools, Int32Array.of(one, two_, two_, three), 4);
  expect(stats(a)['recycle-ring']).toBe(2);
  expect([kernel.netmems.ppRef[one], kernel.netmems.state[one]]).toEqual([1, NETMEM_STATE.POSTED]);
  expect(netmemFault(kernel.netmems, kernel.pools.all())).toBeNull();
});
