import { ERRNO } from '../../uapi/errno.ts';
import { PAGE_SIZE } from '../../uapi/limits.ts';
import { F_SEAL_FUTURE_WRITE, F_SEAL_SHRINK, F_SEAL_WRITE } from '../../uapi/memfd.ts';
import { refuse } from '../error.ts';
import { ERRORS } from '../error-catalogue.ts';
import type { FdTable } from '../task/fd-table.ts';
import type { Memfd } from '../task/memfd.ts';
import type { Dmabuf } from './dmabuf.ts';
import { type Exporter, STAYS_IN_PLACE } from './exporter.ts';

/** The buffer's own mapping, made by the first access of the host. */
interface UdmabufState {
  mapped: boolean;
}

/**
 * Pages of a memfd (drivers/dma-buf/udmabuf.c, 6.18). The scatter list has one entry a page on 6.12; later one for each
 * contiguous run, which is all of it here, because the simulated memory has no fragmentation of its own.
 *
 * Host accesses are synced for a mapping that the buffer keeps for itself: the first start of an access makes it, and an
 * end before any start is EINVAL.
 */
export const udmabuf: Exporter = Object.freeze<Exporter>({
  ...STAYS_IN_PLACE,
  kind: 'udmabuf',
  priv: (): UdmabufState => ({ mapped: false }),
  runs: (pages, entryPerPage) => (entryPerPage ? new Array<number>(pages).fill(1) : [pages]),
  attach: () => 0,
  map: () => 0,
  beginCpuAccess(dmabuf: Dmabuf) {
    const state = dmabuf.priv as UdmabufState;
    if (state.mapped) {
      dmabuf.syncs++;
    } else {
      state.mapped = true;
      dmabuf.maps++;
    }
    return 0;
  },
  endCpuAccess(dmabuf: Dmabuf) {
    if (!(dmabuf.priv as UdmabufState).mapped) return -ERRNO.EINVAL;
    dmabuf.syncs++;
    return 0;
  },
  release(dmabuf: Dmabuf) {
    if ((dmabuf.priv as UdmabufState).mapped) dmabuf.unmaps++;
  },
});

/** What UDMABUF_CREATE takes. */
export interface UdmabufItem {
  readonly memfd: number;
  /** Bytes, as `size`. */
  readonly offset: number;
  readonly size: number;
}

/**
 * The checks of UDMABUF_CREATE in the kernel's order; the range is looked at when the pages are pinned.
 *
 * @param limit bytes of one buffer (Linux: module parameter size_limit_mb)
 * @throws KernelError EINVAL: not whole pages, too large, empty, wrong seals, beyond the memfd's end; EBADFD: no memfd
 */
export function udmabufMemfd(fds: FdTable, item: UdmabufItem, limit: number): Memfd {
  const { memfd, offset, size } = item;
  if (offset % PAGE_SIZE !== 0) refuse(ERRORS.offsetNotWholePages, { 'bad-attr': '.offset' });
  if (size % PAGE_SIZE !== 0) refuse(ERRORS.notWholePages, { 'bad-attr': '.size' });
  if (size > limit) refuse(ERRORS.udmabufTooLarge, { 'bad-attr': '.size' }, limit);
  if (size === 0) refuse(ERRORS.emptyUdmabuf, { 'bad-attr': '.size' });
  const file = fds.memfd(memfd);
  const seals = file.seals();
  if ((seals & F_SEAL_SHRINK) === 0) refuse(ERRORS.memfdCanShrink, { 'bad-attr': '.memfd' });
  if ((seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)) !== 0) refuse(ERRORS.memfdNotWritable, { 'bad-attr': '.memfd' });
  if (offset + size > file.size()) refuse(ERRORS.memfdTooShort, { 'bad-attr': '.size' }, file.size());
  return file;
}
