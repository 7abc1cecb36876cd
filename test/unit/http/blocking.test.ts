import { EventEmitter } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { ClientGone, untilReady, type WaitLimits } from '../../../src/http/blocking.ts';
import { fail } from '../../../src/kernel/error.ts';
import { WaitQueue } from '../../../src/kernel/wait-queue.ts';

let queue: WaitQueue;
let response: EventEmitter & { writableFinished: boolean };
let stop: AbortController;
let sessionEnds: Set<() => void>;
let value: string | null;
let calls: number;

beforeEach(() => {
  queue = new WaitQueue();
  response = Object.assign(new EventEmitter(), { writableFinished: false });
  stop = new AbortController();
  sessionEnds = new Set();
  value = null;
  calls = 0;
});

function limits(timeoutMs?: number): WaitLimits {
  return {
    timeoutMs,
    response: response as unknown as WaitLimits['response'],
    onSessionEnd: (fn) => {
      sessionEnds.add(fn);
      return () => sessionEnds.delete(fn);
    },
    stopping: stop.signal,
  };
}

function operation(): string {
  calls++;
  return value ?? fail('EAGAIN');
}

/** Nothing of a wait that is over may stay behind. */
function expectClean(): void {
  expect(queue.active).toBe(false);
  expect(sessionEnds.size).toBe(0);
  expect(response.listenerCount('close')).toBe(0);
}

const run = (timeoutMs?: number) => untilReady(operation, () => queue, limits(timeoutMs));

describe('an operation that need not wait', () => {
  it('is called once', async () => {
    value = 'now';
    expect(await run()).toBe('now');
    expect(calls).toBe(1);
  });

  it('refuses at once when told not to wait, or when there is nothing to wait on', async () => {
    expect(() => run(0)).toThrow(expect.objectContaining({ errno: 'EAGAIN' }));
    expect(() => untilReady(operation, () => undefined, limits())).toThrow(
      expect.objectContaining({ errno: 'EAGAIN' }),
    );
    expect(() =>
      untilReady(
        () => fail('EBADF'),
        () => queue,
        limits(),
      ),
    ).toThrow(expect.objectContaining({ errno: 'EBADF' }));
    expectClean();
  });
});

describe('a waiting operation', () => {
  it('is tried again after each wake, never inside of it', async () => {
    const result = run();
    queue.wake();
    queue.wake();
    expect(calls).toBe(1);
    await nextTurn();
    await nextTurn();
    expect(calls).toBe(2);
    value = 'later';
    queue.wake();
    expect(await result).toBe('later');
    expectClean();
  });

  it('ends with EAGAIN when its time is up', async () => {
    await expect(run(1)).rejects.toMatchObject({ errno: 'EAGAIN' });
    expectClean();
  });

  it('ends with what a retry refuses', async () => {
    let error: 'EAGAIN' | 'EBADF' = 'EAGAIN';
    const result = untilReady(
      () => fail(error),
      () => queue,
      limits(),
    );
    error = 'EBADF';
    queue.wake();
    await expect(result).rejects.toMatchObject({ errno: 'EBADF' });
    expectClean();
  });

  it('ends with its session', async () => {
    const result = run();
    for (const fn of sessionEnds) fn();
    await expect(result).rejects.toMatchObject({ errno: 'ESRCH' });
    expectClean();
  });

  it('ends with the daemon', async () => {
    const result = run();
    stop.abort();
    await expect(result).rejects.toMatchObject({ errno: 'EINTR' });
    expectClean();
    await expect(run()).rejects.toMatchObject({ errno: 'EINTR' });
  });

  it('ends without being tried again when the client is gone', async () => {
    const result = run();
    queue.wake();
    response.emit('close');
    await expect(result).rejects.toBeInstanceOf(ClientGone);
    expect(calls).toBe(1);
    expectClean();
  });

  it('may be asynchronous, and misses no wake', async () => {
    const result = untilReady(
      async () => {
        calls++;
        await nextTurn();
        if (calls === 1) queue.wake(); // before anybody waits
        return calls < 3 ? fail('EAGAIN') : 'done';
      },
      () => queue,
      limits(),
    );
    while (calls < 2) await nextTurn();
    queue.wake(); // while the second try runs
    expect(await result).toBe('done');
    expectClean();
  });
});
