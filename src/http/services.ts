import type { Config } from '../config.ts';
import type { FamilyHandlers, Lab } from '../family/context.ts';
import type { SharedMemoryFactory } from '../kernel/dmabuf/memory.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Logger } from '../log.ts';
import type { Loop } from '../loop.ts';
import type { FamilySpec } from '../ynl/spec.ts';
import type { OpenStreams } from './open-streams.ts';

/** What the routes work on. */
export interface Services {
  readonly config: Pick<Config, 'http' | 'auth' | 'limits'>;
  readonly logger: Logger;
  readonly kernel: Kernel;
  readonly lab: Lab;
  readonly memory: SharedMemoryFactory;
  readonly loop: Loop;
  /** Every family, in the order in which they are listed. */
  readonly families: readonly FamilySpec[];
  readonly handlers: Readonly<Record<string, FamilyHandlers>>;
  readonly streams: OpenStreams;
  /** Aborted when the daemon stops: waits end, streams end, /readyz says no. */
  readonly stopping: AbortSignal;
}
