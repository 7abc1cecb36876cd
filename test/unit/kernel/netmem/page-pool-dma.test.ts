import { describe, expect, test } from 'vitest';
import type { DmaDevice } from '../../../../src/kernel/driver/dma-device.ts';
import { PP_FLAG_DMA_MAP } from '../../../../src/kernel/netmem/page-pool-params.ts';
import { Script, type Setting } from './pool-script.ts';

/** A step, the rise of maps, unmaps and syncs, and the inflight count after it. */
type DmaRow = [step: string, maps: number, unmaps: number, syncs: number, inflight: number];

const DMA_TABLES: [name: string, setting: Setting, rows: DmaRow[]][] = [
  [
    'pages are mapped when they come and unmapped when they go; recycled ones are synced',
    { pool: { poolSize: 2 } },
    [
      ['alloc 5', 64, 0, 64, 64],
      ['put 1 napi', 0, 0, 1, 64],
      ['put 2', 0, 0, 2, 64],
      ['put 1', 0, 1, 1, 63],
      ['get', 0, 0, 0, 63],
      // Others may read it: it is not handed to the device.
      ['put 1', 0, 1, 0, 62],
      ['drop', 0, 0, 0, 62],
    ],
  ],
  [
    'a fragment page that is used again is synced once',
    {},
    [
      ['frag 2000', 64, 0, 64, 64],
      ['frag 2000', 0, 0, 0, 64],
      ['put 2', 0, 0, 0, 64],
      ['frag 2000', 0, 0, 1, 64],
    ],
  ],
  [
    'without the flag nothing is synced',
    { pool: { flags: PP_FLAG_DMA_MAP } },
    [
      ['alloc 2', 64, 0, 0, 64],
      ['put 2', 0, 0, 0, 64],
    ],
  ],
  [
    'without mapping nothing is counted',
    { pool: { flags: 0 } },
    [
      ['alloc 2', 0, 0, 0, 64],
      ['put 2', 0, 0, 0, 64],
      ['destroy', 0, 0, 0, 0],
    ],
  ],
  [
    'a larger page is mapped once',
    { pool: { order: 3 } },
    [
      ['alloc 2', 2, 0, 2, 2],
      ['put 2', 0, 0, 2, 2],
      ['destroy', 0, 2, 0, 0],
    ],
  ],
  ...(['6.18', '7.3'] as const).map((release): (typeof DMA_TABLES)[number] => [
    `${release} unmaps what is out when the pool is destroyed`,
    { rig: { release } },
    [
      ['alloc 3', 64, 0, 64, 64],
      ['destroy', 0, 64, 0, 3],
      ['put 3', 0, 0, 0, 3],
      ['tick 1000', 0, 0, 0, 0],
    ],
  ]),
  [
    '6.12 unmaps a page when it comes back',
    { rig: { release: '6.12' } },
    [
      ['alloc 3', 64, 0, 64, 64],
      ['destroy', 0, 61, 0, 3],
      ['put 3', 0, 0, 0, 3],
      ['tick 1000', 0, 3, 0, 0],
    ],
  ],
  [
    'net_iovs of a dmabuf are neither mapped nor synced by the pool',
    { provider: ['dmabuf', 8] },
    [
      ['alloc 4', 0, 0, 0, 4],
      ['put 4', 0, 0, 0, 4],
    ],
  ],
];

describe('DMA, exactly', () => {
  test.each(DMA_TABLES)('%s', (_, setting, rows) => {
    const script = new Script(setting);
    const { pool } = script;
    const dev = pool.dma.dev as DmaDevice;
    const seen: DmaRow[] = [];
    for (const [step] of rows) {
      const { maps, unmaps, syncs } = dev;
      script.run(step);
      seen.push([step, dev.maps - maps, dev.unmaps - unmaps, dev.syncs - syncs, pool.inflight]);
      script.check();
    }
    expect(seen).toEqual(rows);
    expect([pool.dma.mapped, pool.dma.unmapped, pool.dma.synced]).toEqual([dev.maps, dev.unmaps, dev.syncs]);
  });

  test.each([
    [4, 48, { 'alloc-empty': 1, 'alloc-slow': 1 }],
    [64, 63, { 'alloc-empty': 1, 'alloc-slow': 1 }],
    [1, 0, { 'alloc-empty': 1 }],
  ])('a page that cannot be mapped is dropped: every %i-th', (every, left, rise) => {
    const script = new Script({});
    script.dev.mapFailEvery = every;
    script.run('alloc 1');
    expect([script.held.length, script.pool.inflight, script.rig.kernel.pages.allocated]).toEqual([
      Math.sign(left),
      left,
      left,
    ]);
    expect(script.deltas()).toEqual(rise);
    script.check();
  });

  test('a larger page that cannot be mapped is a failed allocation', () => {
    const script = new Script({ pool: { order: 1 } });
    script.dev.mapFailEvery = 1;
    script.run('alloc 2');
    expect([script.held, script.pool.inflight, script.rig.kernel.pages.allocated]).toEqual([[], 0, 0]);
    expect(script.deltas()).toEqual({ 'alloc-empty': 2 });
  });
});
