import { describe, expect, test } from 'vitest';
import type { POOL_STAT_NAMES } from '../../../../src/kernel/netmem/pool-statistics.ts';
import { Script, type Setting } from './pool-script.ts';

type Counters = Partial<Record<(typeof POOL_STAT_NAMES)[number], number>>;
/** A step, what exactly the statistics rise by, and inflight and detach time after it (`gone`: the pool is no more). */
type Row = [step: string, rise: Counters, inflight: number, detach?: number | 'gone'];

const TABLES: [name: string, setting: Setting, rows: Row[]][] = [
  [
    'cold: 64 pages for one slow allocation',
    {},
    [
      ['alloc 1', { 'alloc-empty': 1, 'alloc-slow': 1 }, 64],
      ['alloc 63', { 'alloc-fast': 63 }, 64],
      ['alloc 1', { 'alloc-empty': 1, 'alloc-slow': 1 }, 128],
    ],
  ],
  [
    'no page is left: only the empty ring is counted',
    { rig: { hostPages: 3 } },
    [
      ['alloc 3', { 'alloc-empty': 1, 'alloc-slow': 1, 'alloc-fast': 2 }, 3],
      ['alloc 2', { 'alloc-empty': 2 }, 3],
    ],
  ],
  [
    'the cache takes 128, then it is full and the ring takes over',
    {},
    [
      ['alloc 192', { 'alloc-empty': 3, 'alloc-slow': 3, 'alloc-fast': 189 }, 192],
      ['put 127 napi', { 'recycle-cached': 127 }, 192],
      ['put 1 napi', { 'recycle-cached': 1 }, 192],
      ['put 1 napi', { 'recycle-cache-full': 1, 'recycle-ring': 1 }, 192],
      ['put 63 napi', { 'recycle-cache-full': 63, 'recycle-ring': 63 }, 192],
      ['alloc 128', { 'alloc-fast': 128 }, 192],
      ['alloc 1', { 'alloc-refill': 1 }, 192],
      ['alloc 63', { 'alloc-fast': 63 }, 192],
    ],
  ],
  [
    'a full ring: each single put is counted, and the page is released',
    { pool: { poolSize: 4 } },
    [
      ['alloc 8', { 'alloc-empty': 1, 'alloc-slow': 1, 'alloc-fast': 7 }, 64],
      ['put 4', { 'recycle-ring': 4 }, 64],
      ['put 3', { 'recycle-ring-full': 3 }, 61],
    ],
  ],
  [
    'a full cache and a full ring are both counted',
    { pool: { poolSize: 1 } },
    [
      ['alloc 192', { 'alloc-empty': 3, 'alloc-slow': 3, 'alloc-fast': 189 }, 192],
      ['put 128 direct', { 'recycle-cached': 128 }, 192],
      ['put 3 direct', { 'recycle-cache-full': 3, 'recycle-ring': 1, 'recycle-ring-full': 2 }, 190],
    ],
  ],
  [
    'a ring of 32 and more clears what was read in batches of 16: it looks full although it is not',
    { pool: { poolSize: 40 } },
    [
      ['alloc 64', { 'alloc-empty': 1, 'alloc-slow': 1, 'alloc-fast': 63 }, 64],
      ['put 10', { 'recycle-ring': 10 }, 64],
      ['alloc 1', { 'alloc-refill': 1 }, 64],
      ['put 31', { 'recycle-ring': 30, 'recycle-ring-full': 1 }, 63],
      ['alloc 9', { 'alloc-fast': 9 }, 63],
      ['alloc 1', { 'alloc-refill': 1 }, 63],
      // The end of the array was read: all is clear again.
      ['put 34', { 'recycle-ring': 34 }, 63],
    ],
  ],
  [
    'a batch that is complete is clear',
    { pool: { poolSize: 40 } },
    [
      ['alloc 64', { 'alloc-empty': 1, 'alloc-slow': 1, 'alloc-fast': 63 }, 64],
      ['put 20', { 'recycle-ring': 20 }, 64],
      ['alloc 1', { 'alloc-refill': 1 }, 64],
      // 16 of the 20 slots are clear, 4 are not.
      ['put 37', { 'recycle-ring': 36, 'recycle-ring-full': 1 }, 63],
    ],
  ],
  [
    'a shorter ring clears slot by slot',
    { pool: { poolSize: 31 } },
    [
      ['alloc 64', { 'alloc-empty': 1, 'alloc-slow': 1, 'alloc-fast': 63 }, 64],
      ['put 10', { 'recycle-ring': 10 }, 64],
      ['alloc 1', { 'alloc-refill': 1 }, 64],
      ['put 32', { 'recycle-ring': 31, 'recycle-ring-full': 1 }, 63],
    ],
  ],
  [
    'a refill takes 64 from the ring and counts once',
    {},
    [
      ['alloc 128', { 'alloc-empty': 2, 'alloc-slow': 2, 'alloc-fast': 126 }, 128],
      ['put 100', { 'recycle-ring': 100 }, 128],
      ['alloc 1', { 'alloc-refill': 1 }, 128],
      ['alloc 63', { 'alloc-fast': 63 }, 128],
      ['alloc 1', { 'alloc-refill': 1 }, 128],
      ['alloc 35', { 'alloc-fast': 35 }, 128],
      ['alloc 1', { 'alloc-empty': 1, 'alloc-slow': 1 }, 192],
    ],
  ],
  [
    'a page on another node is waived; with nothing gained the slow path follows, and no empty ring is counted',
    { rig: { numaNodes: 2 } },
    [
      ['alloc 64', { 'alloc-empty': 1, 'alloc-slow': 1, 'alloc-fast': 63 }, 64],
      ['put 2', { 'recycle-ring': 2 }, 64],
      ['node 1', {}, 64],
      ['alloc 1', { 'alloc-waive': 1, 'alloc-slow': 1 }, 127],
      ['alloc 63', { 'alloc-fast': 63 }, 127],
      ['alloc 1', { 'alloc-waive': 1, 'alloc-slow': 1 }, 190],
      ['alloc 63', { 'alloc-fast': 63 }, 190],
      ['alloc 1', { 'alloc-empty': 1, 'alloc-slow': 1 }, 254],
    ],
  ],
  [
    'a page on another node ends a refill that has gained something: both are counted',
    { rig: { numaNodes: 2 } },
    [
      ['alloc 64', { 'alloc-empty': 1, 'alloc-slow': 1, 'alloc-fast': 63 }, 64],
      ['node 1', {}, 64],
      ['alloc 64', { 'alloc-empty': 1, 'alloc-slow': 1, 'alloc-fast': 63 }, 128],
      ['put 62 direct', { 'recycle-cached': 62 }, 128],
      // Two of node 0, then three of node 1.
      ['put 5', { 'recycle-ring': 5 }, 128],
      ['alloc 62', { 'alloc-fast': 62 }, 128],
      ['node 0', {}, 128],
      ['alloc 1', { 'alloc-refill': 1, 'alloc-waive': 1 }, 127],
      ['alloc 1', { 'alloc-fast': 1 }, 127],
      ['alloc 1', { 'alloc-waive': 1, 'alloc-slow': 1 }, 190],
    ],
  ],
  [
    'a pool with a node of its own does not follow the CPU',
    { rig: { numaNodes: 2 }, pool: { nid: 0 } },
    [
      ['node 1', {}, 0],
      ['alloc 64', { 'alloc-empty': 1, 'alloc-slow': 1, 'alloc-fast': 63 }, 64],
      ['put 64', { 'recycle-ring': 64 }, 64],
      ['alloc 64', { 'alloc-refill': 1, 'alloc-fast': 63 }, 64],
      ['put 2 direct', { 'recycle-cached': 2 }, 64],
      ['put 3', { 'recycle-ring': 3 }, 64],
      // The cache goes back at once, the ring entry by entry.
      ['nid 1', {}, 62],
      ['alloc 1', { 'alloc-waive': 1, 'alloc-slow': 1 }, 125],
    ],
  ],
  [
    'net_iovs are on the right node everywhere',
    { rig: { numaNodes: 2 }, provider: ['dmabuf', 8] },
    [
      ['alloc 2', { 'alloc-empty': 2 }, 2],
      ['put 2', { 'recycle-ring': 2 }, 2],
      ['node 1', {}, 2],
      ['alloc 2', { 'alloc-refill': 1, 'alloc-fast': 1 }, 2],
    ],
  ],
  [
    'larger pages come one by one',
    { pool: { order: 2 } },
    [
      ['alloc 1', { 'alloc-empty': 1, 'alloc-slow-high-order': 1 }, 1],
      ['alloc 3', { 'alloc-empty': 3, 'alloc-slow-high-order': 3 }, 4],
      ['put 4', { 'recycle-ring': 4 }, 4],
      ['alloc 4', { 'alloc-refill': 1, 'alloc-fast': 3 }, 4],
      ['put 1 napi', { 'recycle-cached': 1 }, 4],
      ['alloc 1', { 'alloc-fast': 1 }, 4],
    ],
  ],
  [
    'fragments: a page that all users dropped is used again in place, once cached and once fast',
    {},
    [
      ['frag 2000', { 'alloc-empty': 1, 'alloc-slow': 1 }, 64],
      ['frag 2000', {}, 64],
      ['put 2', {}, 64],
      ['frag 2000', { 'alloc-fast': 1, 'recycle-cached': 1 }, 64],
      // One user is left: the allocator moves on, and the last user recycles the page.
      ['frag 2000', {}, 64],
      ['frag 2000', { 'alloc-fast': 1 }, 64],
      ['put 1', {}, 64],
      ['put 1', { 'recycle-ring': 1 }, 64],
    ],
  ],
  [
    'fragments: a page that others reference is released when it is drained, and that is not counted',
    {},
    [
      ['frag 2000', { 'alloc-empty': 1, 'alloc-slow': 1 }, 64],
      ['frag 2000', {}, 64],
      ['get', {}, 64],
      ['put 2', {}, 64],
      ['frag 2000', { 'alloc-fast': 1 }, 63],
      ['drop', {}, 63],
    ],
  ],
  [
    'more than half a page is a page of its own; so many fit into one otherwise',
    {},
    [
      ['frag 2049', { 'alloc-empty': 1, 'alloc-slow': 1 }, 64],
      ['frag 1024', { 'alloc-fast': 1 }, 64],
      ['frag 1024', {}, 64],
      ['frag 1024', {}, 64],
      ['frag 1024', {}, 64],
      ['frag 1024', { 'alloc-fast': 1 }, 64],
      ['put 1', { 'recycle-ring': 1 }, 64],
    ],
  ],
  ...(['process', 'napi', 'other', 'direct'] as const).map((context): (typeof TABLES)[number] => [
    `a page that others reference leaves the pool, put in ${context}`,
    {},
    [
      ['alloc 2', { 'alloc-empty': 1, 'alloc-slow': 1, 'alloc-fast': 1 }, 64],
      ['get', {}, 64],
      [`put 1 ${context}`, { 'recycle-released-refcnt': 1 }, 63],
      ['drop', {}, 63],
    ],
  ]),
  [
    'contexts of a put',
    {},
    [
      ['alloc 4', { 'alloc-empty': 1, 'alloc-slow': 1, 'alloc-fast': 3 }, 64],
      ['put 1 process', { 'recycle-ring': 1 }, 64],
      ['put 1 napi', { 'recycle-cached': 1 }, 64],
      ['put 1 other', { 'recycle-ring': 1 }, 64],
      ['put 1 direct', { 'recycle-cached': 1 }, 64],
    ],
  ],
  [
    'a pool without a NAPI has no direct puts but its owner’s',
    { pool: { napiId: 0 } },
    [
      ['alloc 3', { 'alloc-empty': 1, 'alloc-slow': 1, 'alloc-fast': 2 }, 64],
      ['put 1 process', { 'recycle-ring': 1 }, 64],
      ['put 1 napi', { 'recycle-ring': 1 }, 64],
      ['put 1 direct', { 'recycle-cached': 1 }, 64],
    ],
  ],
  [
    'bulk: a ring that overflows is counted once a batch',
    { pool: { poolSize: 20 } },
    [
      ['alloc 64', { 'alloc-empty': 1, 'alloc-slow': 1, 'alloc-fast': 63 }, 64],
      ['bulk 16', { 'recycle-ring': 16 }, 64],
      ['bulk 16', { 'recycle-ring': 4, 'recycle-ring-full': 1 }, 52],
      ['bulk 16', { 'recycle-ring-full': 1 }, 36],
      ['put 2', { 'recycle-ring-full': 2 }, 34],
    ],
  ],
  [
    'bulk: direct as far as the cache goes, each refusal counted, the rest into the ring',
    {},
    [
      ['alloc 192', { 'alloc-empty': 3, 'alloc-slow': 3, 'alloc-fast': 189 }, 192],
      ['put 120 napi', { 'recycle-cached': 120 }, 192],
      ['bulk 16 napi', { 'recycle-cached': 8, 'recycle-cache-full': 8, 'recycle-ring': 8 }, 192],
      ['bulk 16 other', { 'recycle-ring': 16 }, 192],
    ],
  ],
  [
    'bulk: a page that others reference is released, the others are not kept up',
    {},
    [
      ['alloc 4', { 'alloc-empty': 1, 'alloc-slow': 1, 'alloc-fast': 3 }, 64],
      ['get', {}, 64],
      ['bulk 4', { 'recycle-released-refcnt': 1, 'recycle-ring': 3 }, 63],
      ['drop', {}, 63],
    ],
  ],
  [
    'destroyed: the cache goes at once, what comes back lies in the ring until the next second',
    {},
    [
      ['alloc 4', { 'alloc-empty': 1, 'alloc-slow': 1, 'alloc-fast': 3 }, 64],
      ['put 1', { 'recycle-ring': 1 }, 64],
      ['tick 2700', {}, 64],
      ['destroy', {}, 3, 7],
      ['put 1 napi', { 'recycle-ring': 1 }, 3, 7],
      ['put 1 direct', { 'recycle-ring': 1 }, 3, 7],
      ['tick 999', {}, 3, 7],
      ['tick 1', {}, 1, 7],
      ['put 1 process', { 'recycle-ring': 1 }, 1, 7],
      ['tick 999', {}, 1, 7],
      ['tick 1', {}, 0, 'gone'],
    ],
  ],
  [
    'destroyed: a page that others reference does not wait for the second, nor does one that finds the ring full',
    { pool: { poolSize: 1 } },
    [
      ['alloc 3', { 'alloc-empty': 1, 'alloc-slow': 1, 'alloc-fast': 2 }, 64],
      ['destroy', {}, 3, 5],
      ['get', {}, 3, 5],
      ['put 1', { 'recycle-released-refcnt': 1 }, 2, 5],
      ['bulk 2', { 'recycle-ring': 1, 'recycle-ring-full': 1 }, 1, 5],
      ['tick 1000', {}, 0, 'gone'],
      ['drop', {}, 0, 'gone'],
    ],
  ],
  [
    'destroyed with nothing out: no detach',
    {},
    [
      ['alloc 2', { 'alloc-empty': 1, 'alloc-slow': 1, 'alloc-fast': 1 }, 64],
      ['put 1', { 'recycle-ring': 1 }, 64],
      ['put 1 direct', { 'recycle-cached': 1 }, 64],
      ['destroy', {}, 0, 'gone'],
    ],
  ],
  [
    'destroyed: the current fragment page stays until its users have dropped it',
    {},
    [
      ['frag 100', { 'alloc-empty': 1, 'alloc-slow': 1 }, 64],
      ['frag 100', {}, 64],
      ['destroy', {}, 1, 5],
      ['put 1', {}, 1, 5],
      ['put 1', { 'recycle-ring': 1 }, 1, 5],
      ['tick 1000', {}, 0, 'gone'],
    ],
  ],
  [
    'destroyed: without users the fragment page goes at once',
    {},
    [
      ['frag 100', { 'alloc-empty': 1, 'alloc-slow': 1 }, 64],
      ['put 1', {}, 64],
      ['destroy', {}, 0, 'gone'],
    ],
  ],
  [
    'recorded: ring of 256, 300 of a dmabuf returned, 300 taken again',
    { provider: ['dmabuf', 300] },
    [
      ['alloc 300', { 'alloc-empty': 300 }, 300],
      ['put 300', { 'recycle-ring': 256, 'recycle-ring-full': 44 }, 256],
      ['alloc 300', { 'alloc-refill': 4, 'alloc-fast': 252, 'alloc-empty': 44 }, 300],
    ],
  ],
  [
    'io_uring memory comes by 64, and alloc-slow stays 0',
    { provider: ['io-uring', 100] },
    [
      ['alloc 1', { 'alloc-empty': 1 }, 64],
      ['alloc 63', { 'alloc-fast': 63 }, 64],
      ['alloc 1', { 'alloc-empty': 1 }, 100],
      ['alloc 37', { 'alloc-fast': 35, 'alloc-empty': 2 }, 100],
    ],
  ],
  [
    'capped memory: the limit is a failed allocation, and recovers',
    { provider: ['capped', 66], pool: { poolSize: 1 } },
    [
      ['alloc 66', { 'alloc-empty': 2, 'alloc-fast': 64 }, 66],
      ['alloc 1', { 'alloc-empty': 1 }, 66],
      ['put 3', { 'recycle-ring': 1, 'recycle-ring-full': 2 }, 64],
      ['alloc 3', { 'alloc-refill': 1, 'alloc-empty': 1, 'alloc-fast': 1 }, 66],
    ],
  ],
  [
    'huge pages: one that others reference waits, and is given when they let go',
    { provider: ['huge-page', 512] },
    [
      ['alloc 512', { 'alloc-empty': 8, 'alloc-fast': 504 }, 512],
      ['get', {}, 512],
      ['put 1', { 'recycle-released-refcnt': 1 }, 511],
      ['alloc 1', { 'alloc-empty': 1 }, 511],
      ['drop', {}, 511],
      ['alloc 1', { 'alloc-empty': 1 }, 512],
    ],
  ],
];

describe('counters, exactly', () => {
  test.each(TABLES)('%s', (_, setting, rows) => {
    const script = new Script(setting);
    const seen: unknown[] = [];
    const expected: unknown[] = [];
    for (const [step, rise, inflight, detach] of rows) {
      script.run(step);
      const { pool } = script;
      const after = pool.describe();
      const detached = pool.state === 'gone' ? 'gone' : after['detach-time'];
      seen.push({ step, rise: script.deltas(), inflight: after.inflight, mem: after['inflight-mem'], detached });
      expected.push({ step, rise, inflight, mem: inflight * (4096 << pool.order), detached: detach });
      script.check();
    }
    expect(seen).toEqual(expected);
  });
});

describe('order of netmems', () => {
  test('recorded: return 1..8 and the next eight are 8..1; return 8..1 and the order is restored', () => {
    const script = new Script({ provider: ['dmabuf', 64] });
    script.run('alloc 8');
    const order = [...script.held];
    script.run('put 8');
    script.run('alloc 8');
    expect(script.held).toEqual([...order].reverse());
    script.run('put 8');
    script.run('alloc 8');
    expect(script.held).toEqual(order);
  });

  test('the ring is first in first out, 64 of it at a time last in first out', () => {
    const script = new Script({});
    script.run('alloc 128');
    const order = [...script.held];
    script.run('put 128');
    script.run('alloc 128');
    expect(script.held).toEqual([...order.slice(0, 64).reverse(), ...order.slice(64).reverse()]);
  });
});
