// Made by scripts/generate.ts from schemas. Do not edit: npm run generate
import type { FamilySpec } from '../spec.ts';
import { dmabufSpec } from './dmabuf.ts';
import { ethtoolSpec } from './ethtool.ts';
import { labSpec } from './lab.ts';
import { mmSpec } from './mm.ts';
import { netdevSpec } from './netdev.ts';
import { rtLinkSpec } from './rt-link.ts';
import { rxnfcSpec } from './rxnfc.ts';
import { sessionSpec } from './session.ts';
import { socketSpec } from './socket.ts';

export const families: readonly FamilySpec[] = [
  netdevSpec,
  ethtoolSpec,
  rtLinkSpec,
  rxnfcSpec,
  sessionSpec,
  mmSpec,
  dmabufSpec,
  socketSpec,
  labSpec,
];

const byName = new Map(families.map((family) => [family.name, family]));

/** The family of that name. */
export function findFamily(name: string): FamilySpec | undefined {
  return byName.get(name);
}
