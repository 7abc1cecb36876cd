import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countRun } from '../../../bench/providers/count-run.ts';
import { COUNT } from '../../../bench/providers/counts.ts';
import { DESIGNS, makeDesign } from '../../../bench/providers/design.ts';
import { fillSection } from '../../../bench/providers/doc-section.ts';
import { KIND, KIND_NAMES } from '../../../bench/providers/kinds.ts';
import { Machine } from '../../../bench/providers/machine.ts';
import { IoUringMemory } from '../../../bench/providers/memory/io-uring.ts';
import { STATE } from '../../../bench/providers/netmems.ts';
import { Queue } from '../../../bench/providers/queue.ts';
import { Random } from '../../../bench/providers/random.ts';
import { type Counts, countAll, countTables } from '../../../bench/providers/report.ts';
import { ADDED, without } from '../../../bench/providers/touched-lines.ts';
import { WORKLOADS } from '../../../bench/providers/workload.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
let counts: Counts;
const directories: string[] = [];
beforeAll(() => {
  counts = countAll();
}, 60_000);
afterAll(() => {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

describe('the designs for memory in a page pool', () => {
  it('count the same in every run', () => {
    const again = countRun('shuffled', 'hooks', [KIND.PAGES, KIND.DMABUF, KIND.IO_URING]);
    const before = counts.together.find(
      (r) => r.workload === 'shuffled' && r.design === 'hooks' && r.kinds.length === 3,
    );
    expect(again).toEqual(before);
  });

  // Each run checks payloads, conservation and the end of its pools by itself.
  it('deliver the same', () => {
    for (const runs of [counts.alone, counts.together]) {
      for (const workload of WORKLOADS) {
        const ofIt = runs.filter((r) => r.workload === workload);
        expect(ofIt.length % DESIGNS.length).toBe(0);
        const byKinds = new Map<string, Set<number>>();
        for (const run of ofIt) {
          const key = run.kinds.join();
          byKinds.set(key, (byKinds.get(key) ?? new Set()).add(run.counts.delivered));
        }
        for (const delivered of byKinds.values()) expect(delivered.size).toBe(1);
      }
    }
  });

  it('that keep the pool differ in how the owner is called and in nothing else', () => {
    const rest = ({ indirect, 'kind-test': _, ...others }: Record<string, number>) => others;
    for (const workload of WORKLOADS) {
      for (const kind of KIND_NAMES) {
        const [hooks, branches, copies] = ['hooks', 'branches', 'second-pool'].map((design) =>
          counts.alone.find((r) => r.workload === workload && r.design === design && r.kinds[0] === kind),
        );
        expect(rest(branches?.counts ?? {}), `${workload}, ${kind}`).toEqual(rest(hooks?.counts ?? {}));
        expect(rest(copies?.counts ?? {}), `${workload}, ${kind}`).toEqual(rest(hooks?.counts ?? {}));
        expect(branches?.counts['kind-test']).toBe(hooks?.counts['kind-test']);
      }
    }
  });

  it.each(['hooks', 'branches', 'second-pool', 'dmabuf-for-everything'] as const)(
    '%s: the lines that name a kind are all that it needs',
    async (design) => {
      const directory = mkdtempSync(join(root, 'dist', 'providers-'));
      directories.push(directory);
      mkdirSync(join(directory, 'bench'));
      symlinkSync(join(root, 'src'), join(directory, 'src'));
      cpSync(join(root, 'bench/providers'), join(directory, 'bench/providers'), { recursive: true });
      const file = join(directory, 'bench/providers', `${design}.ts`);
      const stripped = without(readFileSync(file, 'utf8'), ADDED);
      expect(stripped).not.toMatch(/capped|huge/i);
      writeFileSync(file, stripped);
      const url = pathToFileURL(join(directory, 'bench/providers/count-run.ts')).href;
      const copy = (await import(/* @vite-ignore */ url)) as { countRun: typeof countRun };
      const kinds = [KIND.PAGES, KIND.DMABUF, KIND.IO_URING];
      expect(copy.countRun('restart', design, kinds)).toEqual(countRun('restart', design, kinds));
    },
  );

  it('stand in the documentation as they are counted', async () => {
    const file = join(root, 'docs/provider-designs.md');
    let wanted = readFileSync(file, 'utf8');
    for (const [mark, table] of Object.entries(countTables(counts))) wanted = fillSection(wanted, mark, table);
    await expect(wanted).toMatchFileSnapshot(file);
  });
});

describe('a refill ring in memory that the client writes', () => {
  it('frees nothing that was not lent, nothing twice, and loses nothing', () => {
    const machine = new Machine();
    const queue = new Queue(machine, makeDesign('hooks', machine, { bulkDmabuf: false }), KIND.IO_URING);
    const memory = queue.pool.memory as IoUringMemory;
    expect(memory).toBeInstanceOf(IoUringMemory);
    const random = new Random(7);
    for (let round = 0; round < 200; round++) {
      queue.receive(64);
      for (let i = 0; i < 16; i++) memory.ring?.push(random.below(4 * memory.total) - memory.total);
      if (queue.held >= 512) queue.giveBackUnread(64);
      machine.assertConservation();
    }
    expect(machine.counts[COUNT.REFUSED]).toBeGreaterThan(1000);
    for (let ref = 1; ref <= machine.netmems.rows; ref++) {
      const lent = machine.netmems.userRef[ref];
      expect(lent === 0 || lent === 1).toBe(true);
      if (lent === 1) expect(machine.netmems.state[ref]).toBe(STATE.OUT);
    }
  });

  it('means a system call for each buffer where the client submits returns one by one, and none where it writes', () => {
    const of = (design: string): number =>
      counts.alone.find((r) => r.workload === 'one by one' && r.design === design && r.kinds[0] === 'io-uring')?.counts[
        'client-call'
      ] ?? -1;
    expect(of('hooks')).toBe(0);
    expect(of('hooks, by submission')).toBeGreaterThan(32_000);
  });
});
