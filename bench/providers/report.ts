import type { ClientView } from './client-view.ts';
import { clientViews } from './client-view.ts';
import { type Counted, countRun } from './count-run.ts';
import { DESIGNS, type DesignName } from './design.ts';
import { KIND, KIND_NAMES, LIVE } from './kinds.ts';
import { type Timed, timing } from './timing.ts';
import { type Touched, touchedLines } from './touched-lines.ts';
import { WORKLOADS } from './workload.ts';

/** Everything that is counted, and hence the same on every machine. */
export interface Counts {
  /** Every workload under every design, one kind alone. */
  alone: Counted[];
  /** The same with 1, 3 and 5 kinds live at once. */
  together: Counted[];
  /** dmabuf with bulks of 64. */
  bulk: Counted[];
  touched: Touched[];
  views: ClientView[];
}

/** Counts everything. Throws where a design loses a netmem or delivers something else than the others. */
export function countAll(): Counts {
  const alone: Counted[] = [];
  const together: Counted[] = [];
  const bulk: Counted[] = [];
  for (const workload of WORKLOADS) {
    for (const design of DESIGNS) {
      KIND_NAMES.forEach((_, kind) => {
        alone.push(countRun(workload, design, [kind]));
      });
      for (const live of LIVE) together.push(countRun(workload, design, Object.values(KIND).slice(0, live)));
    }
    bulk.push(countRun(workload, 'hooks', [KIND.DMABUF], true));
  }
  return { alone, together, bulk, touched: touchedLines(), views: clientViews() };
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '--:'))), ...rows.map(line)].join('\n');
}

/** For 1,000 frags; 0 is exactly none. */
function rate(n: number, frags: number): string {
  const value = (n * 1000) / frags;
  if (value === 0) return '0';
  return value >= 99.5 ? value.toFixed(0) : value >= 0.1 ? value.toFixed(1) : '<0.1';
}

const rates = (run: Counted, names: readonly string[]): string[] =>
  names.map((name) =>
    rate(
      name.split('+').reduce((sum, part) => sum + (run.counts[part] ?? run.statistics[part]), 0),
      run.frags,
    ),
  );

function find(runs: readonly Counted[], workload: string, design: string, kind: string): Counted {
  const found = runs.find((r) => r.workload === workload && r.design === design && r.kinds[0] === kind);
  if (found === undefined) throw new Error(`nothing counted for ${workload}, ${design}, ${kind}`);
  return found;
}

const PATH = ['indirect', 'kind-test', 'lock-producer', 'lock-pages+lock-free-list', 'atomic-chunk', 'lock-refill'];
const PATH_HEAD = ['through a table', 'asks the kind', 'ring lock', 'owner lock', 'chunk bitmap', 'refill lock'];
const REST = ['lock-tokens', 'client-call', 'dma-sync'];
const REST_HEAD = ['token lock', 'client calls', 'DMA syncs'];

function byDesign(alone: readonly Counted[]): string {
  const rows: string[][] = [];
  for (const design of DESIGNS) {
    for (const kind of KIND_NAMES) {
      if (design.includes(',') && kind !== 'io-uring') continue;
      rows.push([design, kind, ...rates(find(alone, 'in order', design, kind), [...PATH, ...REST])]);
    }
  }
  return table(['design', 'kind', ...PATH_HEAD, ...REST_HEAD], rows);
}

function mix(alone: readonly Counted[]): string {
  const percent = (n: number, run: Counted): string => ((n * 100) / run.frags).toFixed(0);
  const rows = WORKLOADS.map((workload) => [
    workload,
    ...KIND_NAMES.map((kind) => {
      const run = find(alone, workload, 'hooks', kind);
      const { 'recycle-cached': cached, 'recycle-ring': ring } = run.statistics;
      return `${percent(cached, run)} / ${percent(ring, run)} / ${percent(run.frags - cached - ring, run)}`;
    }),
  ]);
  return table(['workload', ...KIND_NAMES], rows);
}

function finalFree(alone: readonly Counted[]): string {
  const names = [
    'client-call',
    'lock-producer',
    'lock-consumer',
    'lock-refill',
    'lock-free-list',
    'indirect',
    'examined',
  ];
  const rows = WORKLOADS.slice(0, 5).flatMap((workload) =>
    (['hooks', 'hooks, by submission'] as const).map((design) => [
      workload,
      design === 'hooks' ? 'ring' : 'submission',
      ...rates(find(alone, workload, design, 'io-uring'), names),
    ]),
  );
  const head = ['client calls', 'ring lock, producer', 'ring lock, consumer', 'refill lock', 'free-list lock'];
  return table(['workload', 'return by', ...head, 'provider calls', 'entries checked'], rows);
}

function dma(alone: readonly Counted[]): string {
  const rows: string[][] = [];
  for (const design of ['hooks', 'dmabuf-for-everything'] as const) {
    for (const kind of KIND_NAMES) {
      const cells = (['in order', 'restart', 'foreign references'] as const).map((workload) =>
        rates(find(alone, workload, design, kind), ['dma-map', 'dma-unmap', 'dma-sync']).join(' / '),
      );
      rows.push([design, kind, ...cells]);
    }
  }
  return table(['design', 'kind', 'in order', 'restart', 'foreign references'], rows);
}

function bulks(alone: readonly Counted[], bulk: readonly Counted[]): string {
  const rows = WORKLOADS.slice(0, 5).map((workload) => [
    workload,
    ...rates(find(alone, workload, 'hooks', 'dmabuf'), ['indirect']),
    ...rates(find(bulk, workload, 'hooks', 'dmabuf'), ['indirect']),
  ]);
  return table(['workload', 'one at a time (6.18)', '64 at a time'], rows);
}

function touched(lines: readonly Touched[]): string {
  const rows = lines.map((t) => [
    t.design,
    t.kind,
    ...[t.sharedLines, t.sharedPlaces, t.pathPlaces, t.newFiles, t.newLines, t.copiedLines].map(String),
  ]);
  const head = ['lines in shared files', 'places there', 'of them on a path', 'new files', 'new lines', 'copied lines'];
  return table(['design', 'kind', ...head], rows);
}

function views(all: readonly ClientView[]): string {
  const rows = all
    .filter((v) => v.design === 'hooks' || v.changed)
    .map((v) => [v.design, v.kind, v.returns, v.changed ? 'yes' : 'no', v.foreignReferences, String(v.atRest)]);
  const head = ['buffers return', 'changed interface', 'foreign page reference', 'buffers held at rest'];
  return table(['design', 'kind', ...head], rows);
}

/** The counted tables, by the mark between which they stand in docs/provider-designs.md. */
export function countTables(counts: Counts): Record<string, string> {
  return {
    'by-design': byDesign(counts.alone),
    mix: mix(counts.alone),
    'final-free': finalFree(counts.alone),
    dma: dma(counts.alone),
    bulk: bulks(counts.alone, counts.bulk),
    touched: touched(counts.touched),
    views: views(counts.views),
  };
}

/** The timing table. */
export function timingTable(timed: readonly Timed[]): string {
  const number = (n: number): string => n.toFixed(2);
  const cell = (t: Timed): string =>
    t.design === 'hooks'
      ? `${t.ns.median.toFixed(0)} ns`
      : `${number(t.ratio.median)} (${number(t.ratio.min)} .. ${number(t.ratio.max)})`;
  const workloads = [...new Set(timed.map((t) => t.workload))];
  const rows = workloads.flatMap((workload) =>
    LIVE.map((live) => [
      workload,
      String(live),
      ...DESIGNS.map((design: DesignName) =>
        cell(timed.find((t) => t.design === design && t.live === live && t.workload === workload) as Timed),
      ),
    ]),
  );
  return table(['workload', 'kinds live', ...DESIGNS], rows);
}

export { timing };
