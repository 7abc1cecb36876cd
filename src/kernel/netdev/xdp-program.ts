import type { Kernel } from '../kernel.ts';

/**
 * An XDP program as far as settings look at one: that it is there, and whether it takes packets of several buffers. It is
 * never run. Held by fds and by the devices it is attached to.
 */
export class XdpProgram {
  /** Id, as BPF programs have it: from 1, never used again. */
  readonly id: number;
  /** Loaded with BPF_F_XDP_HAS_FRAGS: takes packets of several buffers. */
  readonly frags: boolean;

  constructor(kernel: Kernel, frags: boolean) {
    this.id = kernel.nextProgramId();
    this.frags = frags;
  }

  /** An fd of it was closed. Devices keep theirs. */
  close(): void {}
}
