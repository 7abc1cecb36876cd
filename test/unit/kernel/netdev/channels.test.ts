import { describe, expect, test } from 'vitest';
import { fail } from '../../../../src/kernel/error.ts';
import { FamilyRig } from '../../family/context.ts';
import { pattern, Rig, refusal } from '../rig.ts';

const four = { rxQueues: 4, txQueues: 4 };

describe('queues that go', () => {
  test('take their pools and NAPIs along, and come back with new pools and the same NAPIs', () => {
    const rig = new FamilyRig(four);
    const napis = () => rig.dump('netdev', 'napi-get', { ifindex: 2 }).map((napi) => napi.id);
    const before = napis();
    const gone = [rig.pool(2).id, rig.pool(3).id];
    const kept = [rig.pool(0).id, rig.pool(1).id];
    rig.events();
    rig.netdev.channels.set({ combined: 2 });
    expect(rig.events()).toEqual(gone.map((id) => `del ${id}`));
    expect(napis()).toEqual(before.slice(2));
    expect(refusal(() => rig.do('netdev', 'napi-get', { id: before[0] }))).toMatchObject({ errno: 'ENOENT' });
    rig.netdev.channels.set({ combined: 4 });
    expect(rig.events().map((note) => note.split(' ')[0])).toEqual(['add', 'add']);
    expect([rig.pool(0).id, rig.pool(1).id]).toEqual(kept);
    expect(napis()).toEqual(before);
    rig.kernel.assertConservation();
  });

  test('keep both on netdevsim, as its driver never frees them', () => {
    const rig = new FamilyRig({ ...four, driver: 'netdevsim' });
    const pools = () => rig.dump('netdev', 'page-pool-get').map((pool) => pool.id);
    const before = pools();
    rig.events();
    rig.netdev.channels.set({ combined: 2 });
    expect(rig.events()).toEqual([]);
    expect(pools()).toEqual(before);
    expect(rig.dump('netdev', 'queue-get', { ifindex: 2 })).toHaveLength(4);
    expect(rig.dump('netdev', 'napi-get', { ifindex: 2 })).toHaveLength(4);
    rig.netdev.close();
    expect(pools()).toEqual([]);
    rig.netdev.open();
    expect(pools()).toHaveLength(4);
  });

  test('of a device that is down are only counted', () => {
    const rig = new FamilyRig({ ...four, up: false });
    rig.netdev.channels.set({ combined: 1 });
    rig.netdev.open();
    expect(rig.dump('netdev', 'page-pool-get')).toHaveLength(1);
  });

  test('hand their connections to the queues that stay', () => {
    const rig = new Rig(four);
    // Without a rule, which would keep its queue: found by its port.
    const at = (queue: number): number => {
      for (let port = 5000; ; port++) if (rig.netdev.rss.queueOf(rig.key(port)) === queue) return port;
    };
    const port = at(3);
    const calls: string[] = [];
    const peer = { onWindow: () => void calls.push('window'), onShutdown() {}, onReset() {}, onData() {} };
    const { flow, socket } = rig.kernel.tcp.attach(rig.netdev, rig.key(port), peer as never);
    const bytes = pattern(3000);
    expect(flow.queue.index).toBe(3);
    expect(flow.deliver(bytes, 0, 1500)).toBe(1500);
    // Packets the queue has finished go up before it is gone.
    rig.netdev.channels.set({ combined: 2 });
    expect(flow.deliver(bytes, 1500, 1500)).toBe(1500);
    expect(flow.queue.index).toBeLessThan(2);
    rig.poll();
    expect(rig.recv(socket, 5000, 0, 0).data).toEqual(bytes);
    rig.kernel.assertConservation();
  });

  test('let go a connection that waited for their buffers', () => {
    const rig = new Rig({ ...four, rx: 2 });
    const to = rig.connect(3);
    const held = rig.pool(3);
    // Two posted buffers, three segments.
    expect(to.flow.deliver(pattern(4000), 0, 4000)).toBeLessThan(4000);
    expect(to.peer.calls).toEqual([]);
    rig.netdev.rules.clear();
    rig.netdev.channels.set({ combined: 3 });
    expect(to.peer.calls).toContain('window');
    expect(to.flow.queue.index).toBeLessThan(3);
    expect(rig.send(to, 1000)).toBe(1000);
    expect(held.state).toBe('detached');
  });
});

describe('channels-set', () => {
  test('tells group monitor once, and nothing when nothing changed or it failed', () => {
    const rig = new FamilyRig(four);
    const seen: unknown[] = [];
    rig.kernel.events.subscribe('ethtool/monitor', (name, msg) => seen.push([name, msg['combined-count']]));
    const set = (n: number) => rig.do('ethtool', 'channels-set', { header: { 'dev-index': 2 }, 'combined-count': n });
    set(4);
    set(3);
    expect(refusal(() => set(5))).toMatchObject({ errno: 'EINVAL' });
    expect(seen).toEqual([['channels-ntf', 3]]);
  });

  test('blames no attribute that was not sent', () => {
    const rig = new Rig({ rxQueues: 4, txQueues: 2 });
    rig.netdev.channels.set({ combined: 2, rx: 0 });
    expect(refusal(() => rig.netdev.channels.set({ combined: 0, rx: 2 })).extack).toMatchObject({
      'bad-attr': '.combined-count',
    });
    const tx = new Rig({ rxQueues: 2, txQueues: 4 });
    expect(refusal(() => tx.netdev.channels.set({ combined: 0, tx: 1 })).extack).toMatchObject({
      'bad-attr': '.combined-count',
    });
    expect(tx.netdev.txQueues).toBe(4);
  });

  test('that finds no memory leaves everything as it was', () => {
    const rig = new Rig({ ...four, driver: 'split-perfect' });
    rig.netdev.channels.set({ combined: 1 });
    rig.split();
    const { driver } = rig.netdev;
    const original = driver.allocQueueMemory.bind(driver);
    driver.allocQueueMemory = (queue, napi) => {
      if (queue.index === 3) fail('ENOMEM');
      return original(queue, napi);
    };
    rig.events();
    expect(refusal(() => rig.netdev.channels.set({ combined: 4 }))).toEqual({ errno: 'ENOMEM' });
    expect(rig.netdev.rxQueues).toHaveLength(1);
    expect(rig.netdev.channels.count).toEqual({ combined: 1, rx: 0, tx: 0 });
    const notes = rig.events().map((note) => note.split(' ')[0]);
    expect(notes).toEqual(['add', 'add', 'del', 'del']);
    rig.kernel.assertConservation();
  });
});
