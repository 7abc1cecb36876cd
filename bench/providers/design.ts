import { BranchesPool } from './branches.ts';
import { COUNT } from './counts.ts';
import { DmabufPool, EXPORTERS } from './dmabuf-for-everything.ts';
import { ioUringExporter } from './exporters/io-uring.ts';
import { systemExporter } from './exporters/system.ts';
import { type Front, OnePool } from './front.ts';
import { HooksPool } from './hooks.ts';
import { KIND } from './kinds.ts';
import type { Machine } from './machine.ts';
import { CappedMemory } from './memory/capped.ts';
import { DmabufMemory } from './memory/dmabuf.ts';
import { HugePageMemory } from './memory/huge-page.ts';
import { IoUringMemory } from './memory/io-uring.ts';
import { PoolCore } from './pool-core.ts';
import { RefillRing } from './refill-ring.ts';
import { ReturnByRead } from './returns/by-read.ts';
import { ReturnByRing } from './returns/by-ring.ts';
import { ReturnBySubmission } from './returns/by-submission.ts';
import { ReturnByToken } from './returns/by-token.ts';
import type { ClientReturn } from './returns/client-return.ts';
import { CopiedFront, copiedPools } from './second-pool.ts';
import { UserReferences } from './user-references.ts';

export const DESIGNS = [
  'hooks',
  'branches',
  'second-pool',
  'dmabuf-for-everything',
  'hooks, wrap-bulk',
  'hooks, by submission',
] as const;
export type DesignName = (typeof DESIGNS)[number];

export interface DesignOptions {
  /** The dmabuf owner gives 64 net_iovs at a time (newer kernels) instead of one (6.18). */
  bulkDmabuf: boolean;
  /** Copies of the pool's source for second-pool; without them its copies share compiled code, which only costs time. */
  copies?: readonly (typeof PoolCore)[];
}

/** A queue's memory, and how its client returns it. */
export interface Backing {
  readonly memory: unknown;
  /** Pages: others in the kernel can take references on them. */
  readonly pages: boolean;
  readonly returns: ClientReturn;
}

export interface Design {
  readonly front: Front;
  back(kind: number): Backing;
  pool(kind: number, memory: unknown): PoolCore;
}

function dmabufOf(machine: Machine, kind: number, bulk: boolean): Backing {
  const memory = new DmabufMemory(machine, kind, EXPORTERS[kind], bulk);
  if (kind !== KIND.IO_URING) return { memory, pages: false, returns: new ReturnByToken(machine) };
  const lent = new UserReferences(machine, memory.base, memory.total);
  return { memory, pages: false, returns: new ReturnBySubmission(machine, lent) };
}

function ioUringOf(machine: Machine, design: DesignName): Backing {
  const bySubmission = design === 'hooks, by submission';
  const memory = new IoUringMemory(machine, bySubmission ? null : new RefillRing(2048));
  if (design === 'hooks, wrap-bulk') {
    // The same one mapping, reached through the exporter's attach and map.
    ioUringExporter.attach();
    ioUringExporter.map();
    machine.counts[COUNT.INDIRECT] += 2;
  }
  const returns = bySubmission ? new ReturnBySubmission(machine, memory.lent) : new ReturnByRing(machine, memory);
  return { memory, pages: false, returns };
}

/** Puts a design onto a machine. */
export function makeDesign(name: DesignName, machine: Machine, { bulkDmabuf, copies }: DesignOptions): Design {
  const copied = name === 'second-pool' ? copiedPools((kind) => copies?.[kind] ?? PoolCore) : null;
  const Pool = name === 'branches' ? BranchesPool : name === 'dmabuf-for-everything' ? DmabufPool : HooksPool;
  const front = copied === null ? new OnePool(machine) : new CopiedFront(machine);
  machine.front = front;
  return {
    front,
    pool: (kind, memory) =>
      copied === null ? new Pool(machine, kind, memory) : new copied[kind](machine, kind, memory),
    back(kind) {
      if (kind === KIND.PAGES) return { memory: machine.pages, pages: true, returns: new ReturnByRead(machine) };
      if (name === 'dmabuf-for-everything') return dmabufOf(machine, kind, bulkDmabuf);
      if (kind === KIND.IO_URING) return ioUringOf(machine, name);
      if (kind === KIND.CAPPED)
        return { memory: new CappedMemory(machine), pages: true, returns: new ReturnByRead(machine) };
      if (kind === KIND.HUGE_PAGE) {
        machine.hugePages = new HugePageMemory(machine);
        return { memory: machine.hugePages, pages: true, returns: new ReturnByRead(machine) };
      }
      const memory = new DmabufMemory(machine, kind, systemExporter, bulkDmabuf);
      return { memory, pages: false, returns: new ReturnByToken(machine) };
    },
  };
}
