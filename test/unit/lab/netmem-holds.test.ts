import { beforeEach, describe, expect, test } from 'vitest';
import { netmemFault } from '../../../src/kernel/netmem/conservation.ts';
import { NetmemHolds } from '../../../src/lab/netmem-holds.ts';
import { setProvider } from '../../../src/lab/provider-set.ts';
import { Rig, refusal, stats } from '../kernel/rig.ts';

let rig: Rig;
let holds: NetmemHolds;

beforeEach(() => {
  rig = new Rig().split();
  holds = new NetmemHolds(rig.kernel);
});

const whole = () => expect(netmemFault(rig.kernel.netmems, rig.kernel.pools.all())).toBeNull();

describe('a plain hold', () => {
  test('takes netmems out of the pool and gives them back from process context', () => {
    const pool = rig.pool(1);
    const { posted, cacheCount } = { posted: pool.countIn(4), cacheCount: pool.cacheCount };
    const id = holds.hold(rig.netdev, 1, 3, false);
    expect([pool.countIn(4), pool.cacheCount]).toEqual([posted + 3, cacheCount - 3]);
    holds.release(id);
    expect([pool.countIn(4), stats(pool)['recycle-ring']]).toEqual([posted, 3]);
    whole();
  });

  test('outlives queue and device: the pool stays, orphaned, until the release', () => {
    const pool = rig.pool(0);
    const id = holds.hold(rig.netdev, 0, 2, false);
    rig.kernel.removeNetdev(rig.netdev);
    expect([pool.state, pool.orphaned, pool.inflight]).toEqual(['detached', true, 2]);
    holds.release(id);
    rig.clock.advance(1000);
    expect(pool.state).toBe('gone');
  });
});

describe('a foreign hold', () => {
  test('of a host page: the pool lets go, the page lives', () => {
    const pool = rig.pool(0);
    const { inflight } = pool;
    const { allocated } = rig.kernel.pages;
    const id = holds.hold(rig.netdev, 0, 2, true);
    expect([pool.inflight, rig.kernel.pages.allocated]).toEqual([inflight - 2, allocated]);
    expect(stats(pool)['recycle-released-refcnt']).toBe(2);
    whole();
    holds.release(id);
    expect(rig.kernel.pages.allocated).toBe(allocated - 2);
  });

  test('of a huge page: the provider waits', () => {
    setProvider(rig.netdev, [0], { provider: 'huge-page', blocks: 1 });
    const pool = rig.pool(0);
    const id = holds.hold(rig.netdev, 0, 5, true);
    expect(pool.owner).toMatchObject({ waiting: 5 });
    holds.release(id);
    // It looks when the pool asks next.
    const second = holds.hold(rig.netdev, 0, 300, false);
    expect(pool.owner).toMatchObject({ waiting: 0 });
    holds.release(second);
    whole();
  });

  test('does not keep the pool: it goes with its device', () => {
    const pool = rig.pool(0);
    const id = holds.hold(rig.netdev, 0, 1, true);
    rig.kernel.removeNetdev(rig.netdev);
    expect([pool.state, rig.kernel.pages.allocated]).toEqual(['gone', 1]);
    holds.release(id);
    expect(rig.kernel.pages.allocated).toBe(0);
  });

  test('of net_iovs is EOPNOTSUPP, and takes none', () => {
    rig.bound(64);
    const { inflight } = rig.pool(0);
    expect(refusal(() => holds.hold(rig.netdev, 0, 1, true))).toEqual({
      errno: 'EOPNOTSUPP',
      extack: { msg: 'net_iovs have no page references', 'bad-attr': '.foreign' },
    });
    // It had to take one to see what it is: that one lies in the ring.
    expect([rig.pool(0).inflight, rig.pool(0).ring.count, holds.size]).toEqual([inflight + 1, 1, 0]);
    whole();
  });
});

describe('refusals', () => {
  test('more than the pool can give is ENOMEM, and takes none', () => {
    setProvider(rig.netdev, [0], { provider: 'capped', limit: 64 * 4096 });
    const pool = rig.pool(0);
    const posted = pool.countIn(4);
    expect(refusal(() => holds.hold(rig.netdev, 0, 65, false)).errno).toBe('ENOMEM');
    expect([pool.countIn(4), pool.inflight, holds.size]).toEqual([posted, 64 - (pool.stats[9] as number), 0]);
    whole();
  });

  test('a device that is down is ENETDOWN, a queue that is none ERANGE', () => {
    rig.netdev.close();
    expect(refusal(() => holds.hold(rig.netdev, 0, 1, false)).errno).toBe('ENETDOWN');
    expect(refusal(() => holds.hold(rig.netdev, 2, 1, false)).errno).toBe('ERANGE');
  });

  test('an unknown id is ENOENT, a released one too', () => {
    const id = holds.hold(rig.netdev, 0, 1, false);
    holds.release(id);
    expect(refusal(() => holds.release(id)).errno).toBe('ENOENT');
    expect(refusal(() => holds.release(99)).errno).toBe('ENOENT');
  });
});

test('ids count on; releaseAll gives everything back and starts anew', () => {
  const { allocated } = rig.kernel.pages;
  expect([holds.hold(rig.netdev, 0, 1, false), holds.hold(rig.netdev, 1, 2, true)]).toEqual([1, 2]);
  holds.release(1);
  expect(holds.hold(rig.netdev, 0, 1, false)).toBe(3);
  holds.releaseAll();
  expect([holds.size, rig.kernel.pages.allocated]).toEqual([0, allocated - 2]);
  expect(holds.hold(rig.netdev, 0, 1, false)).toBe(1);
  whole();
});
