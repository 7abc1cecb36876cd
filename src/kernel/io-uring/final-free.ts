import { ERRNO } from '../../uapi/errno.ts';
import { ZCRX_RQE_WORDS } from '../../uapi/zcrx.ts';
import type { Attachment } from '../dmabuf/attachment.ts';
import type { Kernel } from '../kernel.ts';
import { DevmemBinding } from '../netdev/devmem-binding.ts';
import type { Netdev } from '../netdev/netdev.ts';
import { openProvider } from '../netdev/queue-provider.ts';
import type { RxQueue } from '../netdev/rx-queue.ts';
import type { NetmemRef } from '../netmem/netmem.ts';
import { wrapFinalFreeProvider } from '../provider/wrap-final-free.ts';
import type { IfqState } from './ifq.ts';
import { RefillDiagnostics } from './refill-diagnostics.ts';
import { rqeNiov } from './rqe.ts';
import { UserReferences } from './user-references.ts';

/**
 * An ifq without a refill ring: its memory is a bound dma-buf like any other, and the client gives buffers back by
 * submissions.
 *
 * ```
 *  page pool --- frag ---> completion (user reference, pool reference)
 *      ^                        |
 *   ptr ring <--- put --- submission: { off, len, pad } ...        process context, one call of the client
 * ```
 * Every return crosses into the kernel and ends in the pool's ptr ring, under its producer lock, instead of being found by
 * the consumer when it needs one. User references are checked as with a ring.
 */
export class FinalFreeIfq {
  readonly kernel: Kernel;
  readonly id: number;
  readonly binding: DevmemBinding;
  readonly references: UserReferences;
  readonly diagnostics = new RefillDiagnostics();
  state: IfqState = 'registered';
  /** Calls of {@link submitReturns}, and the references that came back by them. */
  submissions = 0;
  returned = 0;
  #entries = 0;

  /** @param attachment of the wrapped memory, mapped; goes with the ifq */
  constructor(kernel: Kernel, id: number, netdev: Netdev, attachment: Attachment) {
    this.kernel = kernel;
    this.id = id;
    this.binding = new DevmemBinding(kernel.nextBindingId(), attachment, netdev, kernel.netmems);
    const { base, count } = this.binding.area;
    this.references = new UserReferences(kernel, base, count);
  }

  /** @throws KernelError as {@link openProvider} */
  open(queue: RxQueue): void {
    openProvider(queue, { ops: wrapFinalFreeProvider, priv: this.binding });
    this.binding.queues.push(queue);
  }

  /** As {@link ZcrxIfq.deliver}. @returns 0, or -EFAULT for a net_iov that is not this ifq's */
  deliver(ref: NetmemRef): number {
    const handle = this.kernel.netmems.pool[ref];
    if (handle === 0 || this.kernel.pools.byHandle(handle).mpPriv !== this.binding) return -ERRNO.EFAULT;
    this.kernel.netmems.ppRef[ref]++;
    this.references.take(ref);
    return 0;
  }

  /**
   * The client gives buffers back: each is put in process context. Entries that name no buffer, or one that is not held,
   * are skipped and counted.
   *
   * @param words entries laid out as in a refill ring, four 32-bit words each
   * @returns references that came back
   */
  submitReturns(words: Uint32Array): number {
    this.submissions++;
    if (this.state !== 'registered') return 0;
    const now = this.kernel.clock.now();
    const { base, count } = this.binding.area;
    let returned = 0;
    for (let at = 0; at + ZCRX_RQE_WORDS <= words.length; at += ZCRX_RQE_WORDS) {
      const entry = this.#entries;
      this.#entries = (entry + 1) >>> 0;
      const niov = rqeNiov(words[at], words[at + 1], words[at + 3], count);
      if (niov < 0) {
        this.diagnostics.noteBad(niov, entry);
        continue;
      }
      const ref = base + niov;
      if (!this.references.drop(ref, 1, now)) {
        this.diagnostics.noteNotHeld(entry, niov, this.references.returnedAt(ref));
        continue;
      }
      returned++;
      if (this.references.unref(ref, 1)) this.#recycle(ref);
    }
    this.returned += returned;
    return returned;
  }

  readonly #recycle = (ref: NetmemRef): void => {
    this.kernel.pools.byHandle(this.kernel.netmems.pool[ref]).put(ref);
  };

  /** Ring close: everything delivered is taken back, then the binding goes. */
  close(): void {
    if (this.state !== 'registered') return;
    this.state = 'closed';
    this.references.scrub(this.kernel.clock.now(), this.#recycle);
    this.binding.unbind();
  }
}
