import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const pages = ['README.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)].filter((name) =>
  name.endsWith('.md'),
);
/** Inside of the package, so that `netmemd/client` names it. */
const directory = mkdtempSync(join(root, 'dist', 'docs-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('documentation', () => {
  it('has examples that compile', () => {
    let count = 0;
    for (const page of pages) {
      for (const [, code] of readFileSync(join(root, page), 'utf8').matchAll(/^```ts\n(.*?)^```/gms)) {
        const comment = `// ${page}\nexport {};\n`;
        writeFileSync(join(directory, `example-${++count}.ts`), comment + code);
      }
    }
    expect(count).toBeGreaterThan(0);
    const compilerOptions = { noEmit: true, incremental: false, skipLibCheck: true, declaration: false, rootDir: root };
    const config = { extends: join(root, 'tsconfig.json'), compilerOptions, include: ['*.ts'], exclude: [] };
    writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify(config));
    const result = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', directory], { encoding: 'utf8' });
    expect(result.stdout).toBe('');
    expect(result.status).toBe(0);
  });

  it.each(pages)('%s links to files that exist', (page) => {
    for (const [, target] of readFileSync(join(root, page), 'utf8').matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)) {
      if (!/^[a-z]+:/.test(target)) expect(existsSync(join(root, dirname(page), target)), target).toBe(true);
    }
  });
});
