import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { type CatalogueEntry, ERRORS, errorText } from '../../../src/kernel/error-catalogue.ts';
import { ERRNO } from '../../../src/uapi/errno.ts';

const SRC = fileURLToPath(new URL('../../../src', import.meta.url));
const CATALOGUE = 'kernel/error-catalogue.ts';
const entries: [string, CatalogueEntry][] = Object.entries(ERRORS);

/** Every source without its comments. */
const sources = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path): [string, string] => [
    path,
    readFileSync(join(SRC, path), 'utf8')
      .replaceAll(/\/\*[\s\S]*?\*\//g, '')
      .replaceAll(/(^|[^:])\/\/.*$/gm, '$1'),
  ]);
const users = sources.filter(([path]) => path !== CATALOGUE);

/** Refusals whose text is not the catalogue's. */
function foreignTexts(code: string): string[] {
  const patterns = [
    // A text as such, in whatever object.
    /\bmsg\s*:\s*['"`].*/g,
    // A kernel error made by hand takes an errno and nothing else.
    /\bnew KernelError\((?!\s*'\w+'\s*,?\s*\)).*/g,
    /\bnew HttpError\((?!\s*\w+,\s*ERRORS\.|\.\.\.FOREIGN\[).*/g,
    /(?<![.\w])refus(?:e|al)\(\s*[{'"`].*/g,
    /(?<![.\w])refuseAs\((?!.*,\s*ERRORS\.).*/g,
  ];
  return patterns.flatMap((pattern) => code.match(pattern) ?? []);
}

describe('the error catalogue', () => {
  test.each(entries)('%s has an errno, a text and an origin', (_, { errno, msg, origin }) => {
    expect(Object.hasOwn(ERRNO, errno)).toBe(true);
    expect(msg).not.toBe('');
    expect(msg).toBe(msg.trim());
    expect(['linux', 'netmemd', 'host', 'bug']).toContain(origin);
  });

  test('has nothing that no code uses', () => {
    const all = users.map(([, code]) => code).join('\n');
    const used = new Set([...all.matchAll(/\bERRORS\.(\w+)/g)].map(([, name]) => name));
    expect(entries.map(([name]) => name).filter((name) => !used.has(name))).toEqual([]);
  });

  test('has one entry for an errno and a text', () => {
    const pairs = entries.map(([, { errno, msg }]) => `${errno} ${msg}`);
    expect(pairs.filter((pair, i) => pairs.indexOf(pair) !== i)).toEqual([]);
  });

  test('spells each text once, and no other source spells it again', () => {
    const all = sources.map(([, code]) => code).join('\n');
    const spelled = (text: string): number =>
      [`'${text}'`, `"${text}"`, `\`${text}\``].reduce((n, literal) => n + all.split(literal).length - 1, 0);
    // A text that is all value spells nothing.
    const texts = new Set(entries.map(([, { msg }]) => msg).filter((msg) => msg !== '%s'));
    expect([...texts].filter((text) => spelled(text) !== 1)).toEqual([]);
  });

  test('has every text that there is', () => {
    const outside = users
      .filter(([path]) => path !== 'kernel/error.ts')
      .flatMap(([path, code]) => foreignTexts(code).map((line) => `${path}: ${line}`));
    expect(outside).toEqual([]);
  });

  test.each([
    "fail('EINVAL', { msg: 'no' })",
    'return { extack: { msg: `no` } };',
    "throw new KernelError('EINVAL', { msg })",
    'throw new KernelError(code, extack)',
    "throw new HttpError(400, { ...entry, errno: 'EINVAL' })",
    "refuse({ errno: 'EINVAL', msg, origin: 'netmemd' })",
    "refuseAs('EINVAL', { errno: 'EIO', msg, origin: 'netmemd' })",
  ])('would not let pass: %s', (code) => {
    expect(foreignTexts(code)).not.toEqual([]);
  });
});

describe('the text of an error', () => {
  test('has its values in order', () => {
    expect(errorText(ERRORS.netdevNumber, 'mtu', 68, 65_536)).toBe('mtu must be 68 to 65536');
    expect(errorText(ERRORS.noDma)).toBe("Device doesn't support DMA");
  });

  test('takes values as they are', () => {
    expect(errorText(ERRORS.wrongMethod, '/%s/$&', 'GET')).toBe('/%s/$& takes GET');
  });
});
