import { expect, test } from 'vitest';
import { VirtualClock } from '../../../src/kernel/clock.ts';

test('timers fire in order of time, of the same time the last armed first', () => {
  const clock = new VirtualClock(100);
  const fired: string[] = [];
  const at = (ms: number, name: string) => clock.after(ms, () => fired.push(`${name} ${clock.now()}`));
  at(20, 'b');
  at(10, 'a');
  at(20, 'c');
  clock.advance(19);
  expect(fired).toEqual(['a 110']);
  clock.advance(1);
  expect(fired).toEqual(['a 110', 'c 120', 'b 120']);
  expect(clock.now()).toBe(120);
});

test('a timer armed by a timer fires in the same move when it is due', () => {
  const clock = new VirtualClock();
  const fired: number[] = [];
  const again = (): void => {
    fired.push(clock.now());
    if (fired.length < 4) clock.after(10, again);
  };
  clock.after(10, again);
  clock.advance(35);
  expect([fired, clock.pending]).toEqual([[10, 20, 30], 1]);
});

test('a cancelled timer does not fire, also from within another', () => {
  const clock = new VirtualClock();
  let fired = 0;
  const late = clock.after(10, () => fired++);
  clock.after(5, () => late.cancel());
  clock.advance(100);
  expect([fired, clock.pending]).toEqual([0, 0]);
});
