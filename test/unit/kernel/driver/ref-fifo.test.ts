import { expect, test } from 'vitest';
import { RefFifo } from '../../../../src/kernel/driver/ref-fifo.ts';

test.each([0, 1, 7])('first in, first out, past its first capacity of %i', (capacity) => {
  const fifo = new RefFifo(capacity);
  const model: number[] = [];
  let next = 1;
  let x = 3;
  for (let i = 0; i < 2000; i++) {
    x = (Math.imul(x, 1_103_515_245) + 12_345) >>> 0;
    if ((x >>> 16) % 5 < 3) {
      fifo.push(next);
      model.push(next++);
    } else if (fifo.shift() !== (model.shift() ?? 0)) {
      expect.fail(`wrong order at step ${i}`);
    }
    if (fifo.count !== model.length) expect.fail(`wrong count at step ${i}`);
  }
  expect(next).toBeGreaterThan(1000);
});
