import { describe, expect, test } from 'vitest';
import { closeProvider, openProvider } from '../../../../src/kernel/netdev/queue-provider.ts';
import type { MemoryProviderOps, ProviderParams } from '../../../../src/kernel/provider/memory-provider.ts';
import { Rig, refusal } from '../rig.ts';

const provider = (): ProviderParams => {
  const ops: MemoryProviderOps = {
    name: 'test',
    init: () => 0,
    destroy: () => {},
    allocNetmems: () => 0,
    releaseNetmem: () => true,
    nlFill: () => 0,
    uninstall: () => {},
  };
  return { ops, priv: {} };
};

describe('opening checks, in order', () => {
  test('no queue management: EOPNOTSUPP without text, before everything else', () => {
    const rig = new Rig();
    const queue = rig.kernel.netdevs.get(1)?.rxQueues[0];
    if (queue === undefined) throw new Error('no loopback');
    expect(refusal(() => openProvider(queue, rig.builtIn(provider())))).toEqual({ errno: 'EOPNOTSUPP' });
  });

  test('split, then threshold, then a provider that is there', () => {
    const rig = new Rig();
    const [queue] = rig.netdev.rxQueues;
    queue.provider = rig.builtIn(provider());
    const open = () => refusal(() => openProvider(queue, rig.builtIn(provider())));
    const because = (errno: string, msg: string) => ({ errno, extack: { msg } });
    rig.netdev.rings.config = { ...rig.netdev.rings.config, hdsThresh: 1 };
    // What rings-get reports as enabled is not configured: unknown is not enough.
    expect(rig.netdev.rings.reportedSplit).toBe('enabled');
    expect(open()).toEqual(because('EINVAL', 'tcp-data-split is disabled'));
    rig.netdev.rings.config.tcpDataSplit = 'disabled';
    expect(open()).toEqual(because('EINVAL', 'tcp-data-split is disabled'));
    rig.netdev.rings.config.tcpDataSplit = 'enabled';
    expect(open()).toEqual(because('EINVAL', 'hds-thresh is not zero'));
    rig.netdev.rings.config.hdsThresh = 0;
    expect(open()).toEqual(because('EEXIST', 'designated queue already memory provider bound'));
  });

  test('6.12 asks neither for split nor for the threshold', () => {
    const rig = new Rig({ release: '6.12' });
    openProvider(rig.netdev.rxQueues[0], rig.builtIn(provider()));
    expect(rig.pool(0).mpOps?.name).toBe('test');
  });
});

test('a restart that fails takes the provider off again', () => {
  const rig = new Rig().split();
  const [queue] = rig.netdev.rxQueues;
  const old = rig.pool(0);
  const p = rig.builtIn(provider());
  (p.ops as { init: MemoryProviderOps['init'] }).init = () => -12;
  expect(refusal(() => openProvider(queue, p))).toEqual({ errno: 'ENOMEM' });
  expect([queue.provider, queue.ring?.pool]).toEqual([null, old]);
});

describe('closing', () => {
  test('another provider than the one installed: a warning, nothing else', () => {
    const rig = new Rig().split();
    const [queue] = rig.netdev.rxQueues;
    const p = rig.builtIn(provider());
    openProvider(queue, p);
    closeProvider(queue, {});
    expect(queue.provider).toBe(p);
    expect(rig.log.map((l) => l.event)).toEqual(['queue-provider-mismatch']);
  });

  test('parameters go first: a restart that fails leaves a queue without provider on the old pool', () => {
    const rig = new Rig().split();
    const [queue] = rig.netdev.rxQueues;
    const p = rig.builtIn(provider());
    openProvider(queue, p);
    const pool = rig.pool(0);
    const { driver } = rig.netdev;
    const stop = driver.stopQueue;
    driver.stopQueue = () => {
      throw new Error('stuck');
    };
    closeProvider(queue, p.priv);
    driver.stopQueue = stop;
    expect([queue.provider, queue.ring?.pool, pool.state]).toEqual([null, pool, 'attached']);
    expect(rig.log.at(-1)).toMatchObject({ level: 'warn', event: 'queue-restart-failed' });
  });

  test('on a device that unregistered: nothing', () => {
    const rig = new Rig().split();
    const [queue] = rig.netdev.rxQueues;
    const p = rig.builtIn(provider());
    openProvider(queue, p);
    rig.kernel.removeNetdev(rig.netdev);
    rig.events();
    closeProvider(queue, p.priv);
    expect([rig.events(), queue.provider]).toEqual([[], p]);
  });

  test('on a device that is down: pools of the new kind come and go; on 6.12 nothing is there to restart', () => {
    for (const release of ['6.18', '6.12'] as const) {
      const rig = new Rig({ release }).split();
      const [queue] = rig.netdev.rxQueues;
      const p = rig.builtIn(provider());
      openProvider(queue, p);
      rig.netdev.close();
      rig.events();
      closeProvider(queue, p.priv);
      expect(queue.provider).toBeNull();
      expect(rig.events().map((n) => n.split(' ')[0])).toEqual(release === '6.12' ? [] : ['add', 'del']);
      // ENETDOWN is no reason for a warning.
      expect(rig.log).toEqual([]);
    }
  });
});
