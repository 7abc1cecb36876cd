import { describe, expect, test } from 'vitest';
import { restartQueue } from '../../../../src/kernel/netdev/queue-restart.ts';
import { dmabufProvider } from '../../../../src/kernel/provider/dmabuf.ts';
import { Rig, refusal } from '../rig.ts';

const kinds = (rig: Rig): string[] => rig.events().map((n) => n.split(' ')[0]);

test('the new pool comes before the old one goes', () => {
  const rig = new Rig();
  const old = rig.pool(0);
  restartQueue(rig.netdev.rxQueues[0]);
  const fresh = rig.pool(0);
  expect(rig.events()).toEqual([`add ${fresh.id}`, `del ${old.id}`]);
  expect([fresh.inflight, old.inflight, old.state]).toEqual([64, 0, 'gone']);
  rig.kernel.assertConservation();
});

test('the other queue is not touched', () => {
  const rig = new Rig();
  const other = rig.pool(1);
  restartQueue(rig.netdev.rxQueues[0]);
  expect(rig.pool(1)).toBe(other);
});

test('packets the device had finished reach the stack first', () => {
  const rig = new Rig();
  const c = rig.connect();
  c.flow.deliver(new Uint8Array(500), 0, 500);
  restartQueue(rig.netdev.rxQueues[0]);
  expect(c.socket.inq()).toBe(500);
});

test('a driver that ignores the provider: ENODATA, and the old queue goes on', () => {
  const rig = new Rig();
  const [queue] = rig.netdev.rxQueues;
  const old = rig.pool(0);
  // The driver makes a pool of the queue next to it, which has no provider.
  const { driver } = rig.netdev;
  const alloc = driver.allocQueueMemory.bind(driver);
  driver.allocQueueMemory = () => alloc(rig.netdev.rxQueues[1]);
  queue.provider = { ops: dmabufProvider, priv: {} };
  expect(refusal(() => restartQueue(queue))).toEqual({ errno: 'ENODATA' });
  expect(queue.ring?.pool).toBe(old);
  expect(kinds(rig)).toEqual(['add', 'del']);
});

describe('driver failures', () => {
  const failing = (what: 'allocQueueMemory' | 'stopQueue' | 'startQueue', times: number) => {
    const rig = new Rig();
    const { driver } = rig.netdev;
    const old = rig.pool(0);
    const real = driver[what].bind(driver) as (...args: unknown[]) => unknown;
    let left = times;
    (driver as unknown as Record<string, unknown>)[what] = (...args: unknown[]) => {
      if (left-- > 0) throw new Error(`no ${what}`);
      return real(...args);
    };
    const [queue] = rig.netdev.rxQueues;
    return { rig, queue, old, restart: () => restartQueue(queue) };
  };

  test('mem_alloc: nothing happened', () => {
    const { rig, queue, old, restart } = failing('allocQueueMemory', 1);
    expect(restart).toThrow('no allocQueueMemory');
    expect([queue.ring?.pool, kinds(rig)]).toEqual([old, []]);
  });

  test('stop: the new memory goes, the old queue goes on', () => {
    const { rig, queue, old, restart } = failing('stopQueue', 1);
    expect(restart).toThrow('no stopQueue');
    expect([queue.ring?.pool, kinds(rig)]).toEqual([old, ['add', 'del']]);
    const c = rig.connect();
    expect(rig.send(c, 100)).toBe(100);
  });

  test('start: the old queue is started again', () => {
    const { rig, queue, old, restart } = failing('startQueue', 1);
    expect(restart).toThrow('no startQueue');
    expect([queue.ring?.pool, kinds(rig)]).toEqual([old, ['add', 'del']]);
    const c = rig.connect();
    rig.send(c, 100);
    expect(c.socket.inq()).toBe(100);
    rig.kernel.assertConservation();
  });

  test('start, and the old one too: both are freed, the queue is dead, the device can still close and open', () => {
    const { rig, queue, old, restart } = failing('startQueue', 2);
    expect(restart).toThrow('no startQueue');
    expect([queue.ring, old.state]).toEqual([null, 'gone']);
    expect(rig.log.at(-1)).toMatchObject({ level: 'error', event: 'queue-restart-rollback-failed' });
    // Traffic for it waits, and another restart brings the queue back.
    const c = rig.connect();
    expect(rig.send(c, 100)).toBe(0);
    rig.netdev.close();
    rig.netdev.open();
    expect(rig.send(c, 100)).toBe(100);
    rig.kernel.assertConservation();
  });

  test('a restart revives a queue whose last one failed altogether', () => {
    const { rig, queue, restart } = failing('startQueue', 2);
    expect(restart).toThrow('no startQueue');
    restartQueue(queue);
    const c = rig.connect();
    rig.send(c, 10);
    expect(c.socket.inq()).toBe(10);
  });
});

describe('a device that is down', () => {
  test('6.18: the new memory is freed at once, the provider stays and is used at the next open', () => {
    const rig = new Rig({ up: false }).split();
    const { fd } = rig.dmabuf(64);
    const binding = rig.bind(fd, [0]);
    expect(kinds(rig)).toEqual(['add', 'add', 'del', 'del']);
    expect(rig.netdev.rxQueues[0].ring).toBeNull();
    rig.netdev.open();
    expect(rig.pool(0).mpPriv).toBe(binding);
    rig.session.netlink.close();
    expect(binding.state).toBe('freed');
  });

  test('a device without the callbacks: EOPNOTSUPP', () => {
    const rig = new Rig();
    const lo = rig.kernel.netdevs.get(1);
    expect(refusal(() => restartQueue(lo?.rxQueues[0] as never))).toEqual({ errno: 'EOPNOTSUPP' });
  });
});
