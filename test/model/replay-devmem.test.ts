import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { planArrivals } from '../replay/arrivals.ts';
import { EXPECTED } from '../replay/expected.ts';
import { KernelTarget } from '../replay/kernel-target.ts';
import { loadRecording, type RecordedStep, type Scenario } from '../replay/recording.ts';
import { Replay } from '../replay/replay.ts';

const KERNELS = ['7.3.4', '6.12.107'] as const;
type RecordedKernel = (typeof KERNELS)[number];

function replay(scenario: Scenario, kernel: RecordedKernel) {
  return new Replay(scenario, kernel, new KernelTarget(scenario, kernel)).run();
}

describe.each(KERNELS)('packet by packet against Linux %s', (kernel) => {
  const recording = loadRecording(kernel);
  for (const scenario of recording.records) {
    test(scenario.id, () => {
      const expected = EXPECTED.find((e) => e.kernel === kernel && e.id === scenario.id);
      const found = replay(scenario, kernel);
      const unexpected = found.filter((d) => !expected?.steps.includes(d.step));
      expect(unexpected).toEqual([]);
      // An entry that no longer applies must leave the list.
      expect([...new Set(found.map((d) => d.step))]).toEqual(expected?.steps ?? []);
    });
  }
});

describe('the comparison itself', () => {
  const recording = loadRecording('7.3.4');
  const original = recording.records.find((r) => r.id === 'basic.mtu4148.send9000') as Scenario;

  const tampered = (name: string, change: (step: RecordedStep) => RecordedStep): Scenario => {
    const at = original.steps.findIndex((s) => s.step === name);
    expect(at).toBeGreaterThan(0);
    return { ...original, steps: original.steps.map((s, i) => (i === at ? change(s) : s)) };
  };

  test.each<[string, string, (step: RecordedStep) => RecordedStep]>([
    [
      'a frag at another offset',
      'recvmsg',
      (s) => ({
        ...s,
        cmsgs: s.cmsgs?.map((c, i) => (i === 1 && c.length === 4 ? [c[0] + 4096, c[1], c[2], c[3]] : c)),
      }),
    ],
    [
      'another token',
      'recvmsg',
      (s) => ({ ...s, cmsgs: s.cmsgs?.map((c) => (c.length === 4 ? [c[0], c[1], c[2] + 1, c[3]] : c)) }),
    ],
    [
      'another binding',
      'recvmsg',
      (s) => ({ ...s, cmsgs: s.cmsgs?.map((c, i) => (i === 0 && c.length === 4 ? [c[0], c[1], c[2], 99] : c)) }),
    ],
    ['another control length', 'recvmsg', (s) => ({ ...s, msg_controllen: 80 })],
    ['other message flags', 'recvmsg', (s) => ({ ...s, msg_flags: 8 })],
    ['another count of returned frags', 'SO_DEVMEM_DONTNEED', (s) => ({ ...s, ret: 2 })],
    [
      'another statistic',
      'returned',
      (s) => ({ ...s, 'bound-pools': s['bound-pools']?.map((p) => ({ ...p, stats: { 'alloc-empty': 3 } })) }),
    ],
    [
      'another inflight',
      'returned',
      (s) => ({ ...s, 'bound-pools': s['bound-pools']?.map((p) => ({ ...p, get: { ...p.get, inflight: 2 } })) }),
    ],
    [
      'an attribute too many',
      'returned',
      (s) => ({ ...s, 'bound-pools': s['bound-pools']?.map((p) => ({ ...p, get: { ...p.get, 'detach-time': 1 } })) }),
    ],
    ['one notification less', 'watch notifications', (s) => ({ ...s, notifications: s.notifications?.slice(1) })],
    [
      'notifications in another order',
      'watch notifications',
      (s) => ({ ...s, notifications: s.notifications?.toReversed() }),
    ],
    ['no queue bound', 'received', (s) => ({ ...s, 'bound-queues': [] })],
  ])('notices %s', (_, step, change) => {
    const at = original.steps.findIndex((s) => s.step === step);
    const found = replay(tampered(step, change), '7.3.4');
    expect(found.map((d) => d.step)).toContain(at);
  });

  test('notices payload that is not where the control message says', () => {
    const target = new KernelTarget(original, '7.3.4');
    const create = target.createDmabuf.bind(target);
    target.createDmabuf = (chunks) => {
      const dmabuf = create(chunks);
      return { ...dmabuf, bytes: new Uint8Array(dmabuf.bytes.length) };
    };
    const found = new Replay(original, '7.3.4', target).run();
    expect(found.map((d) => d.what).join('\n')).toMatch(/bytes of cmsg 0: byte/);
  });

  test('finds the duplicates of a recording', () => {
    const plan = planArrivals(recording.records.find((r) => r.id === 'basic.mtu1500.send65536') as Scenario, '7.3.4');
    const duplicates = plan.flat().filter((a) => a.duplicate);
    expect(duplicates.map((a) => a.length)).toEqual([376, 920, 264]);
    expect(plan.flat().reduce((sum, a) => sum + (a.duplicate ? 0 : a.length), 0)).toBe(2 * 65536);
  });
});

test('docs/fidelity.md names everything that is not equal', () => {
  const text = readFileSync(new URL('../../docs/fidelity.md', import.meta.url), 'utf8');
  const section = text.slice(text.indexOf('## What cannot agree'), text.indexOf('## Rules that'));
  const rows = section.split('\n').filter((line) => /^\| [67]\./.test(line));
  expect(rows).toEqual(EXPECTED.map((e) => `| ${e.kernel} | ${e.id} | ${e.steps.join(', ')} | ${e.reason} |`));
});
