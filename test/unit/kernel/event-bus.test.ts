import { describe, expect, test } from 'vitest';
import { EventBus } from '../../../src/kernel/event-bus.ts';
import { WaitQueue } from '../../../src/kernel/wait-queue.ts';

describe('event bus', () => {
  test('an event nobody hears is not built', () => {
    const bus = new EventBus();
    let built = 0;
    const build = () => ({ n: ++built });
    bus.emit('a/b', 'x', build);
    const end = bus.subscribe('a/b', () => {});
    bus.emit('a/c', 'x', build);
    expect(built).toBe(0);
    bus.emit('a/b', 'x', build);
    end();
    bus.emit('a/b', 'x', build);
    expect(built).toBe(1);
  });

  test('each group hears its own, in the order of subscription, one message for all', () => {
    const bus = new EventBus();
    const seen: unknown[] = [];
    bus.subscribe('a/b', (name, msg) => seen.push(['first', name, msg]));
    const end = bus.subscribe('a/b', (name, msg) => seen.push(['second', name, msg]));
    bus.emit('a/b', 'x', () => ({ n: 1 }));
    end();
    bus.emit('a/b', 'y', () => ({ n: 2 }));
    expect(seen).toEqual([
      ['first', 'x', { n: 1 }],
      ['second', 'x', { n: 1 }],
      ['first', 'y', { n: 2 }],
    ]);
  });
});

describe('wait queue', () => {
  test('wakes in order; adding and removing while waking is allowed', () => {
    const queue = new WaitQueue();
    const seen: string[] = [];
    const late = { wake: () => void seen.push('late') };
    const second = { wake: () => void seen.push('second') };
    const first = {
      wake: () => {
        seen.push('first');
        queue.remove(first);
        queue.remove(second);
        queue.add(late);
      },
    };
    queue.add(first);
    queue.add(second);
    queue.wake();
    expect(seen[0]).toBe('first');
    queue.wake();
    expect(seen.filter((s) => s === 'first')).toHaveLength(1);
    expect(seen.at(-1)).toBe('late');
    queue.remove(late);
    queue.remove(late);
    expect(queue.active).toBe(false);
  });
});
