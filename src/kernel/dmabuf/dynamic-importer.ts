import type { WaitQueue } from '../wait-queue.ts';

/** What a dynamic importer needs of the binding it stands for. */
export interface ImportingBinding {
  /** No net_iov is out: with a pool, a socket or user space. */
  readonly idle: boolean;
  /** While true nothing is lent to pools. */
  paused: boolean;
  /** Takes posted, cached and ring buffers back. @throws KernelError what a queue's restart refuses */
  restartQueues(): void;
  /** The memory lies at the dmabuf's present place. */
  placed(): void;
  /** Lets the queues ask for buffers again. */
  wakeQueues(): void;
}

/**
 * - `mapped`: net_iovs are lent as ever
 * - `finishing`: a move was announced; nothing is lent, what is out is waited for
 */
export type ImporterState = 'mapped' | 'finishing';

/**
 * The importer's side of memory that may move, a design experiment: Linux's devmem imports statically (no move_notify in
 * net/core/devmem.c), so that a buffer once bound stays where it is.
 *
 * ```
 *  mapped -- moveNotify() --> finishing -- every net_iov back: the fence signals --> resume(): mapped, at the new place
 *     ^                           |
 *     +------ resume(): the move was given up, the place is the old one
 * ```
 * A frag that user space holds delays the fence for as long as it is held: nothing can take it away.
 */
export class DynamicImporter {
  /** Set by the binding that it stands for. */
  binding: ImportingBinding | null = null;
  state: ImporterState = 'mapped';
  #fence: WaitQueue | null = null;

  /**
   * The memory is about to move: stops lending and calls back what no socket or user holds.
   *
   * @param fence woken when every net_iov is back
   * @throws KernelError what a queue's restart refuses; {@link resume} undoes what was done until then
   */
  moveNotify(fence: WaitQueue): void {
    this.state = 'finishing';
    this.#fence = fence;
    if (this.binding === null) return;
    this.binding.paused = true;
    this.binding.restartQueues();
  }

  /** Nothing is out any more; true for good once the binding is gone. */
  get fenced(): boolean {
    return this.binding === null || this.binding.idle;
  }

  /** A net_iov came back, or the binding went. */
  returned(): void {
    if (this.#fence !== null && this.fenced) this.#fence.wake();
  }

  /** The memory has a place again, the new one or still the old one. */
  resume(): void {
    if (this.state !== 'finishing') return;
    this.state = 'mapped';
    this.#fence = null;
    if (this.binding === null) return;
    this.binding.paused = false;
    this.binding.placed();
    this.binding.wakeQueues();
  }
}
