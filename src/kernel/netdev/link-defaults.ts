import type { Netdev } from './netdev.ts';

/** What rt-link can change of a device. */
export type LinkDefaults = Pick<Netdev, 'name' | 'mtu' | 'address' | 'broadcast' | 'flags' | 'up'>;

export function linkDefaults({ name, mtu, address, broadcast, flags, up }: Netdev): LinkDefaults {
  return { name, mtu, address, broadcast, flags, up };
}

/** Puts a device back to what it was, without a word: for one that cannot be made anew. */
export function restoreLink(netdev: Netdev, { up, ...link }: LinkDefaults): void {
  netdev.xdp.uninstall();
  netdev.xsk.clear();
  Object.assign(netdev, link);
  if (up) netdev.open();
  else netdev.close();
}
