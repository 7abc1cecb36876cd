import type { FamilyHandlers } from './context.ts';
import { dmabufHandlers } from './dmabuf.ts';
import { ethtoolHandlers } from './ethtool.ts';
import { labHandlers } from './lab.ts';
import { mmHandlers } from './mm.ts';
import { netdevHandlers } from './netdev.ts';
import { rtLinkHandlers } from './rt-link.ts';
import { rxnfcHandlers } from './rxnfc.ts';
import { sessionHandlers } from './session.ts';
import { socketHandlers } from './socket.ts';

/** The operations of every family. */
export const handlers: Readonly<Record<string, FamilyHandlers>> = {
  netdev: netdevHandlers,
  ethtool: ethtoolHandlers,
  'rt-link': rtLinkHandlers,
  rxnfc: rxnfcHandlers,
  session: sessionHandlers,
  mm: mmHandlers,
  dmabuf: dmabufHandlers,
  socket: socketHandlers,
  lab: labHandlers,
};
