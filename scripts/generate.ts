import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import type { FamilySpec } from '../src/ynl/spec.ts';
import { readSpec } from './ynl-schema.ts';
import { renderFamily, renderIndex } from './ynl-types.ts';

const SPDX = '# SPDX-License-Identifier: Apache-2.0\n';
/** Order in which families are listed everywhere. */
const FAMILY_ORDER = ['netdev', 'ethtool', 'rt-link', 'rxnfc', 'session', 'mm', 'dmabuf', 'socket', 'lab'];
/** Schemas of files rather than families do not belong to YNL. */
const isFamily = (file: string): boolean => file.endsWith('.yaml') && !file.endsWith('.schema.yaml');

/** Reads and checks every family spec in a directory. Throws an Error that names file and place. */
export function readSpecs(schemaDir: string): FamilySpec[] {
  const specs = readdirSync(schemaDir)
    .filter(isFamily)
    .map((file) => {
      const text = readFileSync(join(schemaDir, file), 'utf8');
      if (!text.startsWith(SPDX)) throw new Error(`${file}: the first line must be ${SPDX.trim()}`);
      const spec = readSpec(file, parse(text));
      if (`${spec.name}.yaml` !== file) throw new Error(`${file}: holds family ${spec.name}`);
      return spec;
    });
  const rank = (spec: FamilySpec): number => {
    const at = FAMILY_ORDER.indexOf(spec.name);
    return at < 0 ? FAMILY_ORDER.length : at;
  };
  return specs.sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1));
}

/** File name to content of everything that belongs into src/ynl/generated. */
export function generate(schemaDir: string): Map<string, string> {
  const specs = readSpecs(schemaDir);
  const files = new Map(specs.map((spec) => [`${spec.name}.ts`, renderFamily(spec)]));
  files.set('index.ts', renderIndex(specs));
  return files;
}

/** Names of the files that are missing, different or left over. */
export function stale(files: ReadonlyMap<string, string>, outDir: string): string[] {
  const present = new Set(readdirSync(outDir));
  const wrong = [...present].filter((name) => !files.has(name));
  for (const [name, content] of files) {
    if (!present.has(name) || readFileSync(join(outDir, name), 'utf8') !== content) wrong.push(name);
  }
  return wrong.sort();
}

/** Nearest directory above that holds package.json: the script also runs from dist. */
function projectRoot(): string {
  let dir = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    if (readdirSync(dir).includes('package.json')) return dir;
    if (dirname(dir) === dir) throw new Error('no package.json above the generator');
    dir = dirname(dir);
  }
}

function main(args: string[]): number {
  const root = projectRoot();
  const outDir = join(root, 'src/ynl/generated');
  mkdirSync(outDir, { recursive: true });
  const files = generate(join(root, 'schemas'));
  const wrong = stale(files, outDir);
  if (args.includes('--check')) {
    for (const name of wrong) process.stderr.write(`stale: src/ynl/generated/${name}\n`);
    return wrong.length === 0 ? 0 : 1;
  }
  for (const name of wrong) {
    const content = files.get(name);
    if (content === undefined) rmSync(join(outDir, name));
    else writeFileSync(join(outDir, name), content);
    process.stdout.write(`${content === undefined ? 'removed' : 'wrote'} src/ynl/generated/${name}\n`);
  }
  return 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = main(process.argv.slice(2));
