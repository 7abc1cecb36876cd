import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ConformanceReplay } from '../replay/conformance.ts';
import { EXPECTED_DIFFERENCES } from '../replay/conformance-expected.ts';
import { CONFORMANCE_RECORDINGS, loadConformance } from '../replay/conformance-recording.ts';

describe('requests to family netdev, in the order of the recording', () => {
  test.each(CONFORMANCE_RECORDINGS)('%s on Linux %s', (devices, kernel) => {
    const found = new ConformanceReplay(loadConformance(devices, kernel), devices, kernel).run();
    const expected = EXPECTED_DIFFERENCES.filter((e) => e.kernel === kernel);
    const unexpected = [...found].filter(([id]) => !expected.some((e) => e.id === id));
    expect(unexpected).toEqual([]);
    for (const { id, paths } of expected) expect([id, found.get(id)?.map((d) => d.path)]).toEqual([id, paths]);
  });
});

describe('the comparison itself', () => {
  const recording = loadConformance('netdevsim', '7.3.4');
  const altered = (id: string, change: (record: Record<string, unknown>) => void) => {
    const copy = structuredClone(recording);
    const record = copy.records.find((r) => r.id === id);
    if (record === undefined) throw new Error(`no record ${id}`);
    change(record as unknown as Record<string, unknown>);
    return new ConformanceReplay(copy, 'netdevsim', '7.3.4').run().get(id);
  };

  test('sees another errno, text, attribute, missing attribute and policy', () => {
    const error = (id: string, key: string, value: unknown) =>
      altered(id, (r) => {
        (r.error as Record<string, unknown>)[key] = value;
      })?.map((d) => d.path);
    expect(error('dev-get.zero', 'errno', 'EINVAL')).toEqual(['error.errno']);
    expect(error('dev-get.zero', 'msg', 'integer is out of range')).toEqual(['error.msg']);
    expect(error('dev-get.zero', 'bad-attr', '.id')).toEqual(['error.bad-attr']);
    expect(error('dev-get.zero', 'policy', { 'min-value': 1, 'max-value': 9, type: 'u32' })).toEqual([
      'error.policy.max-value',
    ]);
    expect(error('queue-get.no-attrs', 'miss-type', 'ifindex')).toEqual(['error.miss-type']);
    expect(error('page-pool-stats-get.ifindex-only', 'miss-nest', '.queues')).toEqual(['error.miss-nest']);
  });

  test('sees an attribute too many, one too few, another name and another id', () => {
    const reply = (change: (reply: Record<string, unknown>) => void) =>
      altered('napi-get.ok', (r) => change(r.reply as Record<string, unknown>))?.map((d) => d.path);
    expect(reply((r) => delete r.threaded)).toEqual(['reply.threaded']);
    expect(reply((r) => Object.assign(r, { irq: 7 }))).toEqual(['reply.irq']);
    expect(reply((r) => Object.assign(r, { threaded: 'enabled' }))).toEqual(['reply.threaded']);
    expect(reply((r) => Object.assign(r, { id: '$napi:ns0:1' }))).toEqual(['reply.id']);
  });

  test('sees another order of a dump, and an answer in place of a refusal', () => {
    const swapped = altered('napi-get.dump', (r) => (r.reply as unknown[]).reverse());
    expect(swapped?.length).toBeGreaterThan(1);
    const accepted = altered('bind-tx.unpriv', (r) => {
      delete r.error;
      r.reply = { id: 1 };
    });
    expect(accepted?.map((d) => d.path)).toEqual(['reply', 'error']);
  });
});

test('docs/fidelity.md names every request that is answered otherwise', () => {
  const text = readFileSync(new URL('../../docs/fidelity.md', import.meta.url), 'utf8');
  const section = text.slice(
    text.indexOf('## The control plane, request by request'),
    text.indexOf('## The page pool'),
  );
  const rows = section.split('\n').filter((line) => /^\| [67]\.\d+\.\d+ \|/.test(line));
  expect(rows).toEqual(EXPECTED_DIFFERENCES.map((e) => `| ${e.kernel} | ${e.id} | ${e.reason} |`));
});
