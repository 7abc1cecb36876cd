import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { families } from '../../../src/ynl/generated/index.ts';
import { errorTable, familyTables, netdevTable, settingsTable } from './tables.ts';

function docFile(name: string): string {
  return fileURLToPath(new URL(`../../../docs/${name}`, import.meta.url));
}

/** The text with what stands between `<!-- mark -->` and `<!-- /mark -->` replaced. */
function fill(text: string, mark: string, content: string): string {
  const [from, to] = [`<!-- ${mark} -->`, `<!-- /${mark} -->`];
  const start = text.indexOf(from);
  const end = text.indexOf(to);
  if (start < 0 || end < start) throw new Error(`no section ${mark}`);
  return `${text.slice(0, start + from.length)}\n\n${content}\n\n${text.slice(end)}`;
}

// `npx vitest run --project unit test/unit/docs -u` writes the tables anew.
describe('the tables of docs/', () => {
  it('list every operation as specified', async () => {
    const file = docFile('api.md');
    const wanted = fill(readFileSync(file, 'utf8'), 'operations', familyTables(families));
    await expect(wanted).toMatchFileSnapshot(file);
  });

  it('list every error of the catalogue', async () => {
    const file = docFile('errors.md');
    await expect(fill(readFileSync(file, 'utf8'), 'errors', errorTable())).toMatchFileSnapshot(file);
  });

  it('list every setting as the schema has it', async () => {
    const file = docFile('configuration.md');
    const filled = fill(readFileSync(file, 'utf8'), 'settings', settingsTable());
    await expect(fill(filled, 'netdev', netdevTable())).toMatchFileSnapshot(file);
  });
});
