import { describe, expect, test } from 'vitest';
import {
  checkPagePoolParams,
  type PagePoolParams,
  PP_FLAG_ALLOW_UNREADABLE_NETMEM,
  PP_FLAG_DMA_MAP,
  PP_FLAG_DMA_SYNC_DEV,
  PP_FLAG_SYSTEM_POOL,
} from '../../../../src/kernel/netmem/page-pool-params.ts';
import { refusal } from '../rig.ts';

const DMA = PP_FLAG_DMA_MAP | PP_FLAG_DMA_SYNC_DEV;
const params = (over: Partial<PagePoolParams>): PagePoolParams => {
  return { poolSize: 0, napiId: 0, netdev: null, queueIdx: 0, flags: 0, maxLen: 4096, ...over };
};

describe('refused with EINVAL', () => {
  test.each<[string, Partial<PagePoolParams>]>([
    ['a flag that does not exist', { flags: 1 << 4 }],
    ['one beside others', { flags: DMA | (1 << 31) }],
    ['mapping for a device that only reads', { flags: PP_FLAG_DMA_MAP, dmaDir: 'to-device' }],
    ['sync without mapping', { flags: PP_FLAG_DMA_SYNC_DEV }],
    ['sync of no bytes', { flags: DMA, maxLen: 0 }],
    ['sync of nobody knows how many', { flags: DMA, maxLen: undefined }],
  ])('%s', (_, over) => {
    expect(refusal(() => checkPagePoolParams(params(over)))).toEqual({ errno: 'EINVAL' });
  });
});

describe('accepted', () => {
  test.each<[string, Partial<PagePoolParams>]>([
    ['nothing at all', {}],
    ['every flag there is', { flags: DMA | PP_FLAG_SYSTEM_POOL | PP_FLAG_ALLOW_UNREADABLE_NETMEM }],
    ['mapping for a device that writes', { flags: DMA, dmaDir: 'from-device' }],
    ['mapping both ways', { flags: DMA, dmaDir: 'bidirectional' }],
    ['any direction where nothing is mapped', { dmaDir: 'to-device' }],
    ['no length where nothing is synced', { flags: PP_FLAG_DMA_MAP, maxLen: 0 }],
  ])('%s', (_, over) => {
    expect(checkPagePoolParams(params(over))).toBe(1024);
  });
});

test.each([
  [0, 1024],
  [1, 1],
  [16_384, 16_384],
  [16_385, 16_384],
  [1_000_000, 16_384],
])('a ring of %i slots asked for has %i', (poolSize, slots) => {
  expect(checkPagePoolParams(params({ poolSize }))).toBe(slots);
});
