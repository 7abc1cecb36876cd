import { describe, expect, test } from 'vitest';
import { LifecycleReplay } from '../replay/lifecycle.ts';
import { type LifecycleRecording, type LifecycleStep, loadLifecycle } from '../replay/lifecycle-recording.ts';

const RECORDINGS = [
  ['netdevsim', '6.12.107', 'page-pool-lifecycle'],
  ['netdevsim', '6.12.107', 'binding'],
  ['netdevsim', '7.3.4', 'queue-changes'],
  ['netdevsim', '7.3.4', 'binding'],
  ['netdevsim-dma', '7.3.4', 'binding'],
] as const;

describe('page pools, queues and bindings step by step', () => {
  test.each(RECORDINGS)('%s on Linux %s: %s', (device, kernel, sequence) => {
    expect(new LifecycleReplay(loadLifecycle(device, kernel), kernel, sequence).run()).toEqual([]);
  });
});

describe('the comparison itself', () => {
  const recording = loadLifecycle('netdevsim', '6.12.107');

  const tampered = (at: number, change: (step: LifecycleStep) => LifecycleStep): LifecycleRecording => {
    const steps = recording.sequences['page-pool-lifecycle'];
    return {
      ...recording,
      sequences: { 'page-pool-lifecycle': steps.map((s, i) => (i === at ? change(s) : s)) },
    };
  };

  test.each<[string, number, (step: LifecycleStep) => LifecycleStep]>([
    ['notifications in another order', 5, (s) => ({ ...s, notifications: s.notifications?.toReversed() })],
    ['another order of a dump', 7, (s) => ({ ...s, 'page-pools': s['page-pools']?.toReversed() })],
    ['another inflight', 3, (s) => ({ ...s, 'page-pools': s['page-pools']?.map((p) => ({ ...p, inflight: 63 })) })],
    [
      'a pool that is still there',
      8,
      (s) => ({ ...s, 'page-pool': { ...s['page-pool'], 27: { id: 27, inflight: 0 } } }),
    ],
    [
      'an orphan with its ifindex',
      12,
      (s) => ({ ...s, 'page-pools': s['page-pools']?.map((p) => ({ ...p, ifindex: 8 })) }),
    ],
    [
      'another NAPI',
      7,
      (s) => ({
        ...s,
        'rx-queues': [
          [0, 8217],
          [1, 8220],
        ],
      }),
    ],
  ])('notices %s', (_, at, change) => {
    const found = new LifecycleReplay(tampered(at, change), '6.12.107', 'page-pool-lifecycle').run();
    expect(found.map((d) => d.step)).toContain(at);
  });
});
