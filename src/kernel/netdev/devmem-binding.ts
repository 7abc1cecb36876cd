import { PAGE_SIZE } from '../../uapi/limits.ts';
import type { Attachment } from '../dmabuf/attachment.ts';
import type { Dmabuf } from '../dmabuf/dmabuf.ts';
import type { ImportingBinding } from '../dmabuf/dynamic-importer.ts';
import { LowestFree } from '../netmem/lowest-free.ts';
import { NETMEM_KIND, type NetmemArea, type NetmemRef, type NetmemTable } from '../netmem/netmem.ts';
import type { NetmemOwner } from '../netmem/owner.ts';
import { deviceVaProvider } from '../provider/device-va.ts';
import { dmabufProvider } from '../provider/dmabuf.ts';
import type { MemoryProviderOps } from '../provider/memory-provider.ts';
import type { Netdev } from './netdev.ts';
import { closeProvider, openProvider } from './queue-provider.ts';
import { restartQueue } from './queue-restart.ts';
import type { RxQueue } from './rx-queue.ts';

class DmabufArea implements NetmemArea {
  readonly kind = NETMEM_KIND.DMABUF;
  readonly unreadable = true;
  readonly node = 0;
  /** Changes when the memory moves, which it does only while no net_iov is out. */
  virtualBase: number;
  readonly base: NetmemRef;
  readonly count: number;
  readonly bindingId: number;
  readonly #bytes: Uint8Array;

  constructor(base: NetmemRef, count: number, bindingId: number, dmabuf: Dmabuf) {
    this.base = base;
    this.count = count;
    this.bindingId = bindingId;
    this.virtualBase = dmabuf.virtualBase;
    this.#bytes = dmabuf.memory.bytes;
  }

  memory(): Uint8Array {
    return this.#bytes;
  }

  freePage(): never {
    throw new Error('a net_iov has no page references');
  }
}

/** A binding's life. `unbound`: its netlink socket let go, pools still hold it. */
export type BindingState = 'bound' | 'unbound' | 'freed';

/**
 * A dmabuf bound to RX queues of one netdev (net/core/devmem.c, 6.18). Held by its creator, the netlink socket, and by
 * every pool that draws from it; net_iovs hold nothing on it.
 *
 * Free net_iovs are found as the kernel's chunk pool does: the entry of the scatter list that was added last first, and
 * the lowest address inside it. `rank` is a net_iov's place in that order:
 *
 * ```
 *  buffer:  [ run 0: 2 pages ][ run 1: 1 ][ run 2: 3 pages ]
 *  index      0        1        2           3     4     5
 *  rank       4        5        3           0     1     2
 * ```
 */
export class DevmemBinding implements NetmemOwner, ImportingBinding {
  readonly id: number;
  readonly dmabuf: Dmabuf;
  readonly attachment: Attachment;
  netdev: Netdev | null;
  /** Bound queues in the order of binding. */
  readonly queues: RxQueue[] = [];
  state: BindingState = 'bound';
  readonly area: DmabufArea;
  readonly waiting = 0;
  readonly held = 0;
  /** In pools: every net_iov that is not free. */
  lent = 0;
  paused = false;
  readonly #netmems: NetmemTable;
  readonly #free: LowestFree;
  readonly #indexOfRank: Int32Array;
  readonly #rankOfIndex: Int32Array;
  #refs = 1;

  /** @param attachment mapped; goes with the binding */
  constructor(id: number, attachment: Attachment, netdev: Netdev, netmems: NetmemTable) {
    const { dmabuf, importer } = attachment;
    const pages = dmabuf.size / PAGE_SIZE;
    this.id = id;
    this.attachment = attachment;
    attachment.importedBy = this;
    this.dmabuf = dmabuf;
    this.netdev = netdev;
    this.#netmems = netmems;
    this.#indexOfRank = new Int32Array(pages);
    this.#rankOfIndex = new Int32Array(pages);
    let rank = 0;
    let end = pages;
    for (let r = dmabuf.runs.length - 1; r >= 0; r--) {
      const start = end - dmabuf.runs[r];
      for (let i = start; i < end; i++) this.#indexOfRank[rank++] = i;
      end = start;
    }
    for (let i = 0; i < pages; i++) this.#rankOfIndex[this.#indexOfRank[i]] = i;
    this.#free = new LowestFree(pages);
    if (importer !== null) importer.binding = this;
    this.area = netmems.addArea(pages, (base) => new DmabufArea(base, pages, id, dmabuf));
    netmems.owners.add(this);
  }

  get ownerName(): string {
    return `binding ${this.id}`;
  }

  get total(): number {
    return this.area.count;
  }

  /** net_iovs with the provider, not in any pool. */
  get free(): number {
    return this.#free.free;
  }

  get idle(): boolean {
    return this.lent === 0;
  }

  /** Takes the next free net_iov; 0 when all are out, or the memory is about to move. */
  take(): NetmemRef {
    if (this.paused) return 0;
    const rank = this.#free.takeLowest();
    if (rank < 0) return 0;
    this.lent++;
    return this.area.base + this.#indexOfRank[rank];
  }

  give(ref: NetmemRef): void {
    this.lent--;
    this.#free.release(this.#rankOfIndex[ref - this.area.base]);
    if (this.paused && this.lent === 0) this.attachment.importer?.returned();
  }

  restartQueues(): void {
    for (const queue of this.queues) if (queue.netdev.up) restartQueue(queue);
  }

  placed(): void {
    this.area.virtualBase = this.dmabuf.virtualBase;
  }

  wakeQueues(): void {
    for (const queue of this.queues) if (queue.ring !== null) queue.napi.schedule();
  }

  get(): void {
    this.#refs++;
  }

  /** Drops a reference; the last one unmaps and detaches the dmabuf. */
  put(): void {
    if (--this.#refs > 0) return;
    if (this.#free.free !== this.area.count) throw new Error(`binding ${this.id} freed with net_iovs outstanding`);
    this.state = 'freed';
    this.#netmems.owners.delete(this);
    this.#netmems.removeArea(this.area);
    this.attachment.unmap();
    this.attachment.detach();
    const { importer } = this.attachment;
    if (importer === null) return;
    importer.binding = null;
    importer.returned();
  }

  /** Offsets of device memory are device addresses. */
  get provider(): MemoryProviderOps {
    return this.dmabuf.kind === 'device' ? deviceVaProvider : dmabufProvider;
  }

  /** Binds one more queue; on failure nothing changed. */
  bindQueue(queue: RxQueue, rxPageSize?: number): void {
    openProvider(queue, { ops: this.provider, priv: this }, rxPageSize);
    this.queues.push(queue);
  }

  /** Takes the binding off its queues and drops the creator's reference. */
  unbind(): void {
    if (this.state !== 'bound') return;
    this.state = 'unbound';
    for (const queue of this.queues) closeProvider(queue, this);
    this.queues.length = 0;
    this.put();
  }
}
