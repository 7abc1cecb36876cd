/**
 * The benchmarks. Each comparison is a ratio of alternating rounds in one run; the median of five pairs counts and the
 * spread is printed beside it.
 *
 *   npm run bench -- [--only NAME]... [--json FILE]
 */
import { writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { controlLatency } from './control-latency.ts';
import { e2eHttp } from './e2e-http.ts';
import { type Figure, render } from './figure.ts';
import { fragPath } from './frag-path.ts';
import { pagePool } from './page-pool.ts';
import { startUp } from './start-up.ts';
import { tcpWire } from './tcp-wire.ts';

const BENCHMARKS: Record<string, () => Promise<Figure[]>> = {
  e2e_http_tokens_vs_http_payload_64k: e2eHttp,
  tcp_wire_vs_sink: tcpWire,
  start_up: startUp,
  control_latency: controlLatency,
  frag_path: fragPath,
  page_pool: pagePool,
};

const { values } = parseArgs({ options: { json: { type: 'string' }, only: { type: 'string', multiple: true } } });
const names = values.only ?? Object.keys(BENCHMARKS);
for (const name of names) {
  if (Object.hasOwn(BENCHMARKS, name)) continue;
  console.error(`no benchmark ${name}; there are ${Object.keys(BENCHMARKS).join(', ')}`);
  process.exit(2);
}

const machine = {
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  kernel: release(),
  node: process.version,
};
console.log(`${machine.cores} x ${machine.cpu}, Linux ${machine.kernel}, Node ${machine.node}\n`);
const figures: Figure[] = [];
for (const name of names) {
  for (const figure of await BENCHMARKS[name]()) {
    figures.push(figure);
    console.log(`${render(figure)}\n`);
  }
}
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ machine, figures }, null, 2)}\n`);
