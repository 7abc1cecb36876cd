import { expect, test } from 'vitest';
import { SourceViews } from '../../../../src/kernel/driver/source-views.ts';

const SOURCE = Uint8Array.from({ length: 70_000 }, (_, i) => i % 251);

test('every view shows the bytes that were asked for, whatever was asked before', () => {
  const views = new SourceViews();
  const other = SOURCE.slice().fill(7);
  let x = 1;
  for (let i = 0; i < 30_000; i++) {
    x = (Math.imul(x, 1_103_515_245) + 12_345) >>> 0;
    const offset = (x >>> 8) % 65_536;
    const size = 1 + (x % 4096);
    const source = x % 5 === 0 ? other : SOURCE;
    const view = views.view(source, offset, size);
    if (view.length !== size || view[0] !== source[offset] || view.at(-1) !== source[offset + size - 1]) {
      expect.fail(`wrong view of ${offset}, ${size}`);
    }
  }
});

test('the same cut of the same source is the same view', () => {
  const views = new SourceViews();
  const first = views.view(SOURCE, 4096, 1448);
  views.view(SOURCE, 5544, 1448);
  expect(views.view(SOURCE, 4096, 1448)).toBe(first);
});
