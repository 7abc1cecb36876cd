import { dmabufProvider } from './dmabuf.ts';
import type { MemoryProviderOps } from './memory-provider.ts';

/**
 * net_iovs of a dmabuf that is memory of a device. They circulate as those of any dmabuf; what differs is what user space is
 * told: an offset in a control message is the device's virtual address of the payload (the area's `virtualBase` plus the
 * byte offset), so that a program on the device finds it without the host. The host stack cannot read them, nor can the host
 * map them. Linux gives offsets from 0 for every dmabuf. `priv` is the DevmemBinding.
 */
export const deviceVaProvider: MemoryProviderOps = Object.freeze({
  ...dmabufProvider,
  name: 'device-va',
} satisfies MemoryProviderOps);
