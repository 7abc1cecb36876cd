import { PAGE_SIZE } from '../../uapi/limits.ts';
import type { Dmabuf } from '../dmabuf/dmabuf.ts';
import { LowestFree } from '../netmem/lowest-free.ts';
import type { NetmemArea, NetmemRef, NetmemTable } from '../netmem/netmem.ts';
import { dmabufProvider } from '../provider/dmabuf.ts';
import type { Netdev } from './netdev.ts';
import { closeProvider, openProvider } from './queue-provider.ts';
import type { RxQueue } from './rx-queue.ts';

class DmabufArea implements NetmemArea {
  readonly unreadable = true;
  readonly base: NetmemRef;
  readonly count: number;
  readonly bindingId: number;
  readonly #bytes: Uint8Array;

  constructor(base: NetmemRef, count: number, bindingId: number, bytes: Uint8Array) {
    this.base = base;
    this.count = count;
    this.bindingId = bindingId;
    this.#bytes = bytes;
  }

  memory(): Uint8Array {
    return this.#bytes;
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
export class DevmemBinding {
  readonly id: number;
  readonly dmabuf: Dmabuf;
  netdev: Netdev | null;
  /** Bound queues in the order of binding. */
  readonly queues: RxQueue[] = [];
  state: BindingState = 'bound';
  readonly area: NetmemArea;
  readonly #netmems: NetmemTable;
  readonly #free: LowestFree;
  readonly #indexOfRank: Int32Array;
  readonly #rankOfIndex: Int32Array;
  #refs = 1;

  constructor(id: number, dmabuf: Dmabuf, netdev: Netdev, netmems: NetmemTable) {
    const pages = dmabuf.size / PAGE_SIZE;
    this.id = id;
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
    dmabuf.attach();
    this.area = netmems.addArea(pages, (base) => new DmabufArea(base, pages, id, dmabuf.memory.bytes));
  }

  /** net_iovs with the provider, not in any pool. */
  get freeCount(): number {
    return this.#free.free;
  }

  /** Takes the next free net_iov; 0 when all are out. */
  take(): NetmemRef {
    const rank = this.#free.takeLowest();
    return rank < 0 ? 0 : this.area.base + this.#indexOfRank[rank];
  }

  give(ref: NetmemRef): void {
    this.#free.release(this.#rankOfIndex[ref - this.area.base]);
  }

  get(): void {
    this.#refs++;
  }

  /** Drops a reference; the last one unmaps and detaches the dmabuf. */
  put(): void {
    if (--this.#refs > 0) return;
    if (this.#free.free !== this.area.count) throw new Error(`binding ${this.id} freed with net_iovs outstanding`);
    this.state = 'freed';
    this.#netmems.removeArea(this.area);
    this.dmabuf.detach();
  }

  /** Binds one more queue; on failure nothing changed. */
  bindQueue(queue: RxQueue): void {
    openProvider(queue, { ops: dmabufProvider, priv: this });
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
