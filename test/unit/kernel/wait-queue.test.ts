import { expect, test } from 'vitest';
import { EitherQueue, WaitQueue } from '../../../src/kernel/wait-queue.ts';

test('either of two: woken by both, forgotten by both', () => {
  const first = new WaitQueue();
  const second = new WaitQueue();
  const either = new EitherQueue(first, second);
  let woken = 0;
  const waiter = { wake: () => void woken++ };
  either.add(waiter);
  first.wake();
  second.wake();
  expect(woken).toBe(2);
  either.remove(waiter);
  first.wake();
  second.wake();
  expect([woken, first.active, second.active]).toEqual([2, false, false]);
});
