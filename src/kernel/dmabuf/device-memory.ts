import { ERRNO } from '../../uapi/errno.ts';
import { PAGE_SIZE } from '../../uapi/limits.ts';
import { refuse } from '../error.ts';
import { ERRORS } from '../error-catalogue.ts';
import type { Attachment } from './attachment.ts';
import type { Dmabuf } from './dmabuf.ts';
import type { Exporter } from './exporter.ts';

/** Where memory of a device lies, and who reaches it. */
export class DevicePlace {
  /** Device address of byte 0. */
  virtualBase: number;
  /** ifindexes of the netdevs that reach the memory peer to peer. */
  readonly reachable: ReadonlySet<number>;
  revoked = false;

  constructor(virtualBase: number, reachable: Iterable<number>) {
    this.virtualBase = virtualBase;
    this.reachable = new Set(reachable);
  }
}

function placeOf(dmabuf: Dmabuf): DevicePlace {
  return dmabuf.priv as DevicePlace;
}

/**
 * Memory of a device, such as a GPU: the host cannot map it, a netdev gets at it only peer to peer. Its offsets are the
 * device's virtual addresses. Refuses as Linux's exporter of PCI device memory does (drivers/vfio/pci/vfio_pci_dmabuf.c,
 * 6.19): EOPNOTSUPP for an importer without a peer-to-peer way, ENODEV once it was revoked. Not being host memory it is
 * synced for nobody.
 */
export const deviceMemory: Exporter = Object.freeze<Exporter>({
  kind: 'device',
  movable: true,
  priv: () => new DevicePlace(0, []),
  runs: (pages) => [pages],
  attach(dmabuf, attachment: Attachment) {
    const place = placeOf(dmabuf);
    if (!place.reachable.has(attachment.device)) return -ERRNO.EOPNOTSUPP;
    return place.revoked ? -ERRNO.ENODEV : 0;
  },
  map: (attachment) => (placeOf(attachment.dmabuf).revoked ? -ERRNO.ENODEV : 0),
  beginCpuAccess: () => 0,
  endCpuAccess: () => 0,
  virtualBase: (dmabuf) => placeOf(dmabuf).virtualBase,
  place(dmabuf, virtualBase) {
    placeOf(dmabuf).virtualBase = virtualBase;
  },
  revoke(dmabuf) {
    placeOf(dmabuf).revoked = true;
  },
  revoked: (dmabuf) => placeOf(dmabuf).revoked,
  release() {},
});

/** First address given out: beyond every offset into host memory, so that the two are not mistaken for each other. */
const FIRST_ADDRESS = 2 ** 40;
/** Addresses end where numbers of the API end. */
const ADDRESS_END = Number.MAX_SAFE_INTEGER;
const ALIGN = 2 ** 21;

/** Gives out device addresses to buffers that ask for none of their own: ascending, none twice. */
export class DeviceAddresses {
  #next = FIRST_ADDRESS;

  /**
   * Where a buffer of `size` bytes goes.
   *
   * @param wanted device address of byte 0; absent: the next free one
   * @throws KernelError EINVAL for a place that is not whole pages or ends beyond 2^53 - 1
   */
  place(size: number, wanted?: number): number {
    const virtualBase = wanted ?? this.#next;
    if (virtualBase % PAGE_SIZE !== 0) refuse(ERRORS.addressNotWholePages, { 'bad-attr': '.va-base' });
    if (virtualBase > ADDRESS_END - size) refuse(ERRORS.addressTooHigh, { 'bad-attr': '.va-base' });
    if (wanted === undefined) this.#next = Math.ceil((virtualBase + size) / ALIGN) * ALIGN;
    return virtualBase;
  }
}

/**
 * Bytes of device memory as the device reads them: the only way to them, as the host cannot map it.
 *
 * @throws KernelError EINVAL: no device memory; ENODEV: revoked; EFAULT: beyond it
 */
export function readDevice(dmabuf: Dmabuf, address: number, length: number): Uint8Array {
  if (dmabuf.kind !== 'device') refuse(ERRORS.notDeviceMemory, { 'bad-attr': '.fd' });
  const { virtualBase, revoked } = placeOf(dmabuf);
  if (revoked) refuse(ERRORS.memoryRevoked, { 'bad-attr': '.fd' });
  if (address < virtualBase || length > virtualBase + dmabuf.size - address) {
    refuse(ERRORS.outsideDeviceMemory, { 'bad-attr': '.addr' }, virtualBase, virtualBase + dmabuf.size);
  }
  const offset = address - virtualBase;
  return dmabuf.memory.bytes.slice(offset, offset + length);
}
