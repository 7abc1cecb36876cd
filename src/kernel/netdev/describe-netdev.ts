import { XDP_ACT_XSK_ZEROCOPY } from '../../uapi/link.ts';
import type { Netdev } from './netdev.ts';

/** Attributes of dev-get and the device notifications (net/core/netdev-genl.c). */
export function describeNetdev(netdev: Netdev): Record<string, unknown> {
  const { features } = netdev.xdp;
  const reply: Record<string, unknown> = {
    ifindex: netdev.ifindex,
    'xdp-features': features,
    'xdp-rx-metadata-features': netdev.xdpRxMetadata,
    'xsk-features': 0,
  };
  if ((features & XDP_ACT_XSK_ZEROCOPY) !== 0) reply['xdp-zc-max-segs'] = 1;
  return reply;
}
