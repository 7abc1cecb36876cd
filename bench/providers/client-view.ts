import { DESIGNS, type DesignName, makeDesign } from './design.ts';
import { KIND_NAMES } from './kinds.ts';
import { Machine } from './machine.ts';
import { CappedMemory } from './memory/capped.ts';
import { DmabufMemory } from './memory/dmabuf.ts';
import { HugePageMemory } from './memory/huge-page.ts';
import { IoUringMemory } from './memory/io-uring.ts';
import { ReturnByRead } from './returns/by-read.ts';
import { ReturnByRing } from './returns/by-ring.ts';
import { ReturnByToken } from './returns/by-token.ts';

/** What a kind of memory looks like from outside under a design. */
export interface ClientView {
  design: DesignName;
  kind: string;
  /** How a client returns a buffer. */
  returns: 'by reading' | 'by token' | 'by ring' | 'by submission';
  /** Whether that is another interface than the one that the kind has with hooks. */
  changed: boolean;
  /** A page reference of somebody else: the pool takes another page instead, or the owner waits for this one. */
  foreignReferences: 'impossible' | 'replaced' | 'awaited';
  /** Buffers that are taken while nothing is in flight. */
  atRest: number;
}

function view(design: DesignName, kind: number): Omit<ClientView, 'changed'> {
  const machine = new Machine();
  const { memory, returns, pages } = makeDesign(design, machine, { bulkDmabuf: false }).back(kind);
  const way =
    returns instanceof ReturnByRead
      ? 'by reading'
      : returns instanceof ReturnByToken
        ? 'by token'
        : returns instanceof ReturnByRing
          ? 'by ring'
          : 'by submission';
  const fixed = memory instanceof DmabufMemory || memory instanceof IoUringMemory || memory instanceof HugePageMemory;
  return {
    design,
    kind: KIND_NAMES[kind],
    returns: way,
    foreignReferences: !pages ? 'impossible' : memory instanceof HugePageMemory ? 'awaited' : 'replaced',
    atRest: fixed ? memory.total : memory instanceof CappedMemory ? memory.taken : 0,
  };
}

/** Every kind under every design. */
export function clientViews(): ClientView[] {
  return DESIGNS.flatMap((design) =>
    KIND_NAMES.map((_, kind) => {
      const seen = view(design, kind);
      return { ...seen, changed: seen.returns !== view('hooks', kind).returns };
    }),
  );
}
