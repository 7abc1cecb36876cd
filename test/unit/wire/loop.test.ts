import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HostClock, Loop } from '../../../src/loop.ts';
import { until } from './fake-kernel.ts';

const KIB = 1024;
let loop: Loop;

beforeEach(() => {
  loop = new Loop({ readBudget: 256 * KIB, napiRounds: 4, pullBudget: 6, turnMs: 1000 });
});

afterEach(() => loop.close());

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('NAPI', () => {
  test('runs from a turn, never from the call or a microtask, and goes idle', async () => {
    let polls = 0;
    loop.attach({ runNapi: () => ++polls < 0 });
    loop.schedule();
    loop.schedule();
    await Promise.resolve();
    expect(polls).toBe(0);
    await turn();
    expect(polls).toBe(1);
    expect(loop.armed).toBe(false);
  });

  test('rounds of a turn are bounded, what is left follows in the next', async () => {
    let polls = 0;
    const perTurn: number[] = [];
    loop.attach({
      runNapi: () => {
        perTurn[loop.turns] = (perTurn[loop.turns] ?? 0) + 1;
        return ++polls < 10;
      },
    });
    loop.schedule();
    await until('idle', () => !loop.armed);
    expect(perTurn.slice(1)).toEqual([4, 4, 2]);
  });

  test('work announced while polling is not lost', async () => {
    let polls = 0;
    loop.attach({
      runNapi: () => {
        if (++polls === 1) loop.schedule();
        return false;
      },
    });
    loop.schedule();
    await until('idle', () => !loop.armed);
    expect(polls).toBe(2);
  });

  test('the host gets to its I/O while the kernel always has work', async () => {
    loop.attach({ runNapi: () => true });
    loop.schedule();
    let fired = false;
    setTimeout(() => {
      fired = true;
    }, 1);
    await until('timer', () => fired);
    expect(loop.armed).toBe(true);
    loop.close();
    const turns = loop.turns;
    await turn();
    expect(loop.turns).toBe(turns);
  });
});

describe('pulls', () => {
  test('round robin, again in the same turn while the budget lasts', async () => {
    const calls: string[] = [];
    const turns: number[] = [];
    const left = { a: 5, b: 2 };
    const make = (name: 'a' | 'b') =>
      loop.addPull(() => {
        calls.push(name);
        turns.push(loop.turns);
        return --left[name] > 0;
      });
    const [a, b] = [make('a'), make('b')];
    a.wake();
    a.wake();
    loop.wakePull(b);
    await until('idle', () => !loop.armed);
    expect(calls.join('')).toBe('ababaaa');
    expect(turns).toEqual([1, 1, 1, 1, 1, 1, 2]);
  });

  test('a cancelled pull is not called', async () => {
    let calls = 0;
    const pull = loop.addPull(() => ++calls < 0);
    pull.wake();
    pull.cancel();
    await until('idle', () => !loop.armed);
    pull.wake();
    expect([calls, loop.armed]).toEqual([0, false]);
  });

  test('run after the polls of their turn', async () => {
    const order: string[] = [];
    const pull = loop.addPull(() => order.push('pull') < 0);
    loop.attach({ runNapi: () => order.push('napi') < 0 });
    pull.wake();
    loop.schedule();
    await until('idle', () => !loop.armed);
    expect(order).toEqual(['napi', 'pull']);
  });
});

describe('readers', () => {
  test('share the budget of a turn, and none is left out', async () => {
    const bytes = new Array<number>(10).fill(0);
    const perTurn: number[] = [];
    let stop = false;
    const readers = bytes.map((_, i) =>
      loop.addReader(() => {
        // Reads as long as it may, as a socket with a full queue does.
        while (!stop) {
          bytes[i] += 16 * KIB;
          perTurn[loop.turns] = (perTurn[loop.turns] ?? 0) + 16 * KIB;
          if (!readers[i].charge(16 * KIB)) return;
        }
      }),
    );
    for (const r of readers) r.request();
    await until('many turns', () => loop.turns >= 200);
    stop = true;
    expect(Math.max(...perTurn.slice(1))).toBeLessThanOrEqual(256 * KIB);
    expect(Math.max(...bytes) / Math.min(...bytes)).toBeLessThan(1.1);
  });

  test('a lone reader has the whole budget', async () => {
    const reader = loop.addReader(() => {});
    expect(reader.grant).toBe(256 * KIB);
    expect(reader.charge(255 * KIB)).toBe(true);
    expect(reader.grant).toBe(KIB);
    expect(reader.charge(64 * KIB)).toBe(false);
    expect(reader.grant).toBe(0);
    await turn();
    expect(reader.grant).toBe(256 * KIB);
    expect(loop.armed).toBe(false);
  });

  test('who asks while the budget is gone waits for the next turn', async () => {
    const resumed: string[] = [];
    const a = loop.addReader(() => resumed.push(`a${loop.turns}`));
    const b = loop.addReader(() => resumed.push(`b${loop.turns}`));
    const c = loop.addReader(() => resumed.push(`c${loop.turns}`));
    expect(a.charge(300 * KIB)).toBe(false);
    expect(b.charge(64 * KIB)).toBe(false);
    c.request();
    c.cancel();
    await turn();
    expect(resumed).toEqual(['a1', 'b1']);
  });
});

describe('HostClock', () => {
  test('goes forward, fires once and not early, cancels', async () => {
    const clock = new HostClock();
    const start = clock.now();
    let at = 0;
    let fired = 0;
    clock.after(5, () => {
      fired++;
      at = clock.now();
    });
    clock
      .after(1, () => {
        fired += 100;
      })
      .cancel();
    await until('timer', () => fired > 0);
    expect(at - start).toBeGreaterThanOrEqual(5);
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(fired).toBe(1);
  });
});
