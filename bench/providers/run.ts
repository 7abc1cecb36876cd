/**
 * The designs for memory in a page pool, side by side: counted, then timed.
 *
 *   npm run bench:providers -- [--json FILE] [--no-timing] [--write-docs]
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { fillSection } from './doc-section.ts';
import { countAll, countTables, timing, timingTable } from './report.ts';

const TITLES: Readonly<Record<string, string>> = {
  'by-design': 'For 1,000 frags, each kind alone, returned in order',
  mix: 'Where buffers come from again: % cache / ring / owner (design 1)',
  'final-free': 'Who does the final free, for 1,000 frags of io_uring',
  dma: 'DMA maps / unmaps / syncs for 1,000 frags',
  bulk: "Calls through a table for 1,000 frags of a dmabuf, by the owner's bulk",
  touched: 'What the fourth and the fifth kind add',
  views: 'What a client sees',
};

const options = {
  json: { type: 'string' },
  'no-timing': { type: 'boolean' },
  'write-docs': { type: 'boolean' },
} as const;

function commandLine() {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    console.error(`bench:providers: ${(error as Error).message}`);
    process.exit(2);
  }
}

const values = commandLine();

const counts = countAll();
const tables = countTables(counts);
for (const [mark, table] of Object.entries(tables)) console.log(`${TITLES[mark]}\n\n${table}\n`);
const timed = values['no-timing'] ? null : await timing();
if (timed !== null) {
  tables.timing = timingTable(timed);
  console.log(`JavaScript's time for a frag (${cpus()[0]?.model}, Node ${process.version}); no evidence about Linux.`);
  console.log(`hooks in ns, the others as ratio to it: median (min .. max)\n\n${tables.timing}\n`);
}
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ counts, timed }, null, 2)}\n`);
if (values['write-docs']) {
  const file = new URL('../../../docs/provider-designs.md', import.meta.url);
  let text = readFileSync(file, 'utf8');
  for (const [mark, table] of Object.entries(tables)) text = fillSection(text, mark, table);
  writeFileSync(file, text);
}
