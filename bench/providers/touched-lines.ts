import { readFileSync } from 'node:fs';
import type { DesignName } from './design.ts';

/** How a kind's name looks in the sources. A line that has it is there for that kind's sake. */
const SPELLING: Readonly<Record<string, RegExp>> = {
  capped: /capped/i,
  'huge-page': /huge[-_]?page/i,
};

/** The kinds that come fourth and fifth. */
export const ADDED = ['capped', 'huge-page'] as const;

interface Sources {
  /** Shared by all kinds, edited for each new one. */
  shared: readonly string[];
  /** Where a kind's new file stands: the memory itself, and what fits it to the design. */
  own: (kind: string) => readonly string[];
  /** Copied for each kind. */
  copied: readonly string[];
}

const SOURCES: Readonly<Partial<Record<DesignName, Sources>>> = {
  hooks: { shared: ['hooks.ts'], own: (kind) => [`memory/${kind}.ts`, `tables/${kind}.ts`], copied: [] },
  branches: { shared: ['branches.ts'], own: (kind) => [`memory/${kind}.ts`], copied: [] },
  'second-pool': {
    shared: ['second-pool.ts'],
    own: (kind) => [`memory/${kind}.ts`, `copies/${kind}-pool.ts`],
    copied: ['pool-core.ts'],
  },
  'dmabuf-for-everything': {
    shared: ['dmabuf-for-everything.ts'],
    own: (kind) => [`exporters/${kind}.ts`],
    copied: [],
  },
};

export interface Touched {
  design: string;
  kind: string;
  /** Lines added to files that other kinds use, and the places where they stand (runs of lines). */
  sharedLines: number;
  sharedPlaces: number;
  /** Of which on the pool's or its users' paths: neither an import nor an entry of a list. */
  pathPlaces: number;
  newFiles: number;
  newLines: number;
  copiedLines: number;
}

/** Lines of code: neither blank nor comment. */
export function codeLines(text: string): string[] {
  return text
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .split('\n')
    .map((line) => line.replace(/^\s*\/\/.*$/, '').trimEnd())
    .filter((line) => line.trim() !== '');
}

/** A source without the lines that are there for the given kinds. */
export function without(text: string, kinds: readonly string[]): string {
  const gone = kinds.map((kind) => SPELLING[kind]);
  return text
    .split('\n')
    .filter((line) => !gone.some((spelling) => spelling.test(line)))
    .join('\n');
}

/** Sources stand in the repository beside the compiled modules' origin. */
export function source(name: string): string {
  const inDist = import.meta.url.endsWith('.js');
  return readFileSync(new URL(inDist ? `../../../bench/providers/${name}` : name, import.meta.url), 'utf8');
}

/** What the fourth and the fifth kind add to each design, counted in its sources. */
export function touchedLines(): Touched[] {
  return Object.entries(SOURCES).flatMap(([design, { shared, own, copied }]) =>
    ADDED.map((kind): Touched => {
      const spelling = SPELLING[kind];
      let sharedLines = 0;
      let sharedPlaces = 0;
      let pathPlaces = 0;
      for (const file of shared) {
        let inRun = false;
        for (const line of codeLines(source(file))) {
          const ours = spelling.test(line);
          if (ours) sharedLines++;
          if (ours && !inRun) {
            sharedPlaces++;
            if (!/^import |^\s*\[KIND\./.test(line)) pathPlaces++;
          }
          inRun = ours;
        }
      }
      const files = own(kind);
      const count = (names: readonly string[]): number =>
        names.reduce((sum, name) => sum + codeLines(source(name)).length, 0);
      return {
        design,
        kind,
        sharedLines,
        sharedPlaces,
        pathPlaces,
        newFiles: files.length + copied.length,
        newLines: count(files),
        copiedLines: count(copied),
      };
    }),
  );
}
