import { describe, expect, test } from 'vitest';
import { POOL_EVENT, POOL_EVENT_NAMES, PoolHistory } from '../../../../src/kernel/netmem/pool-history.ts';
import { Script, type Setting } from './pool-script.ts';

describe('history', () => {
  test('is empty before the first event', () => {
    expect(new PoolHistory().entries()).toEqual([]);
  });

  test('keeps the last 32, oldest first', () => {
    const history = new PoolHistory();
    for (let i = 0; i < 32; i++) history.add(i, POOL_EVENT.SLOW, i, i);
    expect(history.entries().map((e) => e['at-ms'])).toEqual(Array.from({ length: 32 }, (_, i) => i));
    for (let i = 32; i < 40; i++) history.add(i, POOL_EVENT.SLOW, i, i);
    expect(history.entries().map((e) => e['at-ms'])).toEqual(Array.from({ length: 32 }, (_, i) => i + 8));
  });

  test('every event has its name, and values keep their sign', () => {
    const history = new PoolHistory();
    const codes = Object.values(POOL_EVENT);
    for (const code of codes) history.add(7.5, code, -code, -1);
    expect(history.entries()).toEqual(
      codes.map((code) => ({ 'at-ms': 7, event: POOL_EVENT_NAMES[code], value: 0 - code, inflight: -1 })),
    );
    expect(codes).toEqual(POOL_EVENT_NAMES.map((_, i) => i));
  });
});

/** Steps, and the events they leave: name and value (`*`: the netmem that was put last). */
const LIVES: [name: string, setting: Setting, steps: string[], events: [string, number | '*'][]][] = [
  ['fast paths leave nothing', {}, ['alloc 64', 'put 3 napi', 'alloc 3', 'put 3', 'alloc 3'], [['slow', 64]]],
  [
    'a page that others reference',
    {},
    ['alloc 1', 'get', 'put 1'],
    [
      ['slow', 64],
      ['foreign-reference', '*'],
    ],
  ],
  [
    'a full ring',
    { pool: { poolSize: 1 } },
    ['alloc 2', 'put 1', 'put 1'],
    [
      ['slow', 64],
      ['ring-full', '*'],
    ],
  ],
  ['nothing left', { rig: { hostPages: 0 } }, ['alloc 1'], [['empty', 0]]],
  [
    'a provider that gives, and has no more',
    { provider: ['dmabuf', 2] },
    ['alloc 3'],
    [
      ['slow', 1],
      ['slow', 1],
      ['empty', 0],
    ],
  ],
  [
    'another node',
    { rig: { numaNodes: 2 } },
    ['alloc 64', 'put 1', 'node 1', 'alloc 1'],
    [
      ['slow', 64],
      ['waive', '*'],
      ['slow', 64],
    ],
  ],
  [
    'the end',
    {},
    ['alloc 1', 'destroy', 'tick 1000', 'put 1', 'tick 1000'],
    [
      ['slow', 64],
      ['destroy', 0],
      ['retry', 1],
      ['retry', 0],
    ],
  ],
  [
    'a long wait',
    {},
    ['alloc 2', 'destroy', 'tick 60000', 'put 1', 'tick 1000'],
    [
      ['slow', 64],
      ['destroy', 0],
      ['retry', 2],
      ['retry', 1],
    ],
  ],
];

describe('a pool writes down what is not fast', () => {
  test.each(LIVES)('%s', (_, setting, steps, events) => {
    const script = new Script(setting);
    let last = 0;
    for (const step of steps) {
      if (step.startsWith('put')) last = script.held[0];
      script.run(step);
    }
    const seen = script.pool.history.entries().map((e) => [e.event, e.value]);
    expect(seen).toEqual(events.map(([event, value]) => [event, value === '*' ? last : value]));
  });
});
