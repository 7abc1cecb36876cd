import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { handlers } from '../../src/family/index.ts';
import { families } from '../../src/ynl/generated/index.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

function walk(dir: string): string[] {
  return readdirSync(join(ROOT, dir), { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === 'node_modules' || entry.name === 'dist' || entry.name === '.git') return [];
    const path = posix.join(dir, entry.name);
    return entry.isDirectory() ? walk(path) : entry.isFile() ? [path] : [];
  });
}

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const sources = walk('src').filter((path) => path.endsWith('.ts'));
const under = (dirs: readonly string[]) => sources.filter((path) => dirs.some((dir) => path.startsWith(`src/${dir}/`)));

/** The text without comments, so that they may name what code must not use. */
const code = (path: string): string =>
  read(path)
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll(/(^|[^:])\/\/.*$/gm, '$1');

interface Import {
  from: string;
  to: string;
  typeOnly: boolean;
}

/** Imports of a source file; relative ones as paths from the root. */
function importsOf(path: string): Import[] {
  const found: Import[] = [];
  const statement = /^(?:import|export)\s+(type\s+)?(?:[\w*{][^;'"]*?\sfrom\s+)?'([^']+)'|\bimport\('([^']+)'\)/gm;
  for (const match of read(path).matchAll(statement)) {
    const target = match[2] ?? match[3];
    const to = target.startsWith('.') ? posix.join(posix.dirname(path), target) : target;
    found.push({ from: path, to, typeOnly: match[1] !== undefined });
  }
  return found;
}

const imports = sources.flatMap(importsOf);

describe('the pure part', () => {
  const PURE = ['kernel', 'uapi', 'ynl', 'family', 'lab'];

  test('imports nothing from outside the repository', () => {
    // TypeBox builds plain objects; ynl makes schemas with it.
    const allowed = new Map([['@sinclair/typebox', 'src/ynl/']]);
    const outside = imports.filter(
      ({ from, to }) =>
        PURE.some((dir) => from.startsWith(`src/${dir}/`)) &&
        !to.startsWith('src/') &&
        !from.startsWith(allowed.get(to) ?? '\0'),
    );
    expect(outside).toEqual([]);
  });

  test.each([
    ['wall clock', /\bDate\b|\bperformance\b|\bhrtime\b/],
    ['randomness', /\bMath\.random\b|\brandomBytes\b|\bgetRandomValues\b/],
    ['timers', /\bset(?:Timeout|Interval|Immediate)\b|\bqueueMicrotask\b|\bnextTick\b/],
    ['the process and its I/O', /\bprocess\b|\bconsole\b|\bfetch\(|\brequire\(|\bglobalThis\b/],
  ])('uses no %s', (_, forbidden) => {
    const bad = under(PURE).flatMap((path) => {
      // "process context" and the like stand in strings of specs.
      const text = path.includes('/generated/') ? '' : code(path).replaceAll(/'[^'\n]*'/g, "''");
      return text
        .split('\n')
        .filter((line) => forbidden.test(line))
        .map((line) => `${path}: ${line.trim()}`);
    });
    expect(bad).toEqual([]);
  });
});

describe('import directions', () => {
  /**
   * What each part may import besides itself: whole parts, or single files where only these are meant. `type:` means that
   * nothing of it may exist at run time.
   */
  const RULES: Record<string, readonly string[]> = {
    uapi: [],
    kernel: ['uapi'],
    ynl: ['uapi', 'kernel/error.ts', 'kernel/error-catalogue.ts'],
    // The lab takes the kernel's classes and hands out plain descriptions.
    lab: ['kernel', 'uapi'],
    family: ['kernel', 'lab', 'ynl', 'uapi'],
    // Wires carry a netdev's traffic: they implement lab's interface and parse its addresses.
    wire: ['kernel', 'uapi', 'lab/address.ts', 'lab/wire-factory.ts', 'type:loop.ts', 'memory-budget.ts'],
    loop: ['kernel', 'uapi', 'type:wire'],
    // Mapped memory implements the kernel's interface and refuses as the kernel does.
    shm: ['kernel/dmabuf/memory.ts', 'kernel/error.ts', 'kernel/error-catalogue.ts', 'uapi', 'memory-budget.ts'],
    // Handlers come in as data; streams read sockets, metrics read counters.
    http: [
      'family',
      'ynl',
      'kernel',
      'uapi',
      'type:loop.ts',
      'config.ts',
      'type:config-schema.ts',
      'log.ts',
      'type:lab',
    ],
    client: ['uapi', 'ynl/generated', 'shm/attach.ts', 'shm/memory-map.ts', 'shm/libc.ts'],
    // A client: the specs as data, nothing of the daemon.
    cli: ['ynl/generated', 'ynl/spec.ts', 'uapi', 'client'],
    config: ['config-schema.ts', 'memory-budget.ts', 'kernel/profile.ts', 'lab/topology.ts', 'uapi'],
    'config-schema': ['lab/topology.ts', 'kernel/profile.ts', 'kernel/driver/driver-params.ts', 'uapi', 'config.ts'],
    'memory-budget': ['kernel', 'uapi', 'config.ts', 'config-schema.ts', 'log.ts'],
    log: ['type:kernel', 'config.ts', 'type:config-schema.ts'],
    ping: ['config.ts', 'uapi'],
  };
  /** They put the parts together. */
  const UNRESTRICTED = ['daemon', 'main', 'index'];

  const partOf = (path: string): string => path.slice('src/'.length).split('/')[0].replace(/\.ts$/, '');

  test('every part has a rule', () => {
    const parts = new Set(sources.map(partOf));
    expect([...parts].filter((part) => !(part in RULES) && !UNRESTRICTED.includes(part))).toEqual([]);
  });

  test('are kept', () => {
    const broken = imports.filter(({ from, to, typeOnly }) => {
      const part = partOf(from);
      if (!to.startsWith('src/') || UNRESTRICTED.includes(part) || partOf(to) === part) return false;
      const target = to.slice('src/'.length);
      return !(RULES[part] ?? []).some((rule) => {
        const path = rule.replace('type:', '');
        const inside = target === path || target.startsWith(`${path}/`) || target === `${path}.ts`;
        return inside && (typeOnly || !rule.startsWith('type:'));
      });
    });
    expect(broken.map(({ from, to, typeOnly }) => `${from} -> ${to}${typeOnly ? ' (type)' : ''}`)).toEqual([]);
  });

  test('cli and client reach nothing of the daemon, not even over others', () => {
    const reached = new Set(under(['cli', 'client']));
    for (const path of reached) {
      for (const { to, typeOnly } of importsOf(path)) if (!typeOnly && to.startsWith('src/')) reached.add(to);
    }
    const daemon = [...reached].filter((path) => /^src\/(?:family|lab|wire|http|loop|daemon|main)/.test(path));
    expect(daemon).toEqual([]);
  });
});

describe('operations', () => {
  const specs = Object.values(families);

  test('every family has handlers and the other way round', () => {
    expect(Object.keys(handlers).sort()).toEqual(specs.map((spec) => spec.name).sort());
  });

  test.each(specs.map((spec) => [spec.name, spec] as const))('%s: spec and handlers agree', (name, spec) => {
    const inSpec: string[] = [];
    for (const op of spec.operations) {
      // The hold stream is a connection, kept by http; there is nothing to call.
      if (op.stream === 'hold') continue;
      if (op.do !== undefined) inSpec.push(`${op.name} do`);
      if (op.dump !== undefined) inSpec.push(`${op.name} dump`);
      if (op.blocking === true) inSpec.push(`${op.name} waitQueue`);
    }
    const handled = Object.entries(handlers[name]).flatMap(([op, handler]) =>
      Object.keys(handler).map((kind) => `${op} ${kind}`),
    );
    // Giving up is for operations that wait, and only where they begin something.
    const given = handled.filter((entry) => entry.endsWith(' abandon'));
    const waits = inSpec.filter((entry) => entry.endsWith(' waitQueue'));
    expect(waits).toEqual(expect.arrayContaining(given.map((entry) => entry.replace(/abandon$/, 'waitQueue'))));
    expect(handled.filter((entry) => !given.includes(entry)).sort()).toEqual(inSpec.sort());
  });
});

describe('files', () => {
  test('no source has more than 500 lines', () => {
    const long = sources
      .filter((path) => !path.includes('/generated/'))
      .map((path) => [path, read(path).split('\n').length - 1] as const)
      .filter(([, lines]) => lines > 500);
    expect(long).toEqual([]);
  });

  test('every file under src is named in kebab-case for one thing', () => {
    const bad = sources.filter((path) => {
      const name = posix.basename(path, '.ts');
      return !/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(name) || /^(?:utils?|helpers?|common|misc|manager|types)$/.test(name);
    });
    expect(bad).toEqual([]);
  });

  test('the lock file names no registry', () => {
    expect(read('package-lock.json')).not.toMatch(/"resolved"\s*:/);
  });

  test('nothing points outside the repository', () => {
    const own = relative(ROOT, fileURLToPath(import.meta.url));
    // Spelled so that this file may pass its own test.
    const forbidden = new RegExp(`(?<![\\w.-])/(?:${['work', 'tmp'].join('|')})/`);
    const bad = ['src', 'schemas', 'scripts', 'test', 'bench', 'docker', 'docs', 'examples']
      .flatMap((dir) => {
        try {
          return walk(dir);
        } catch {
          return [];
        }
      })
      .concat('README.md', 'package.json')
      .filter((path) => path !== own && forbidden.test(read(path)));
    expect(bad).toEqual([]);
  });
});
