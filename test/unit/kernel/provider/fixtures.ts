import { DevicePlace } from '../../../../src/kernel/dmabuf/device-memory.ts';
import { Dmabuf, defaultRuns, type ExporterKind } from '../../../../src/kernel/dmabuf/dmabuf.ts';
import { type AreaMemory, PinnedMemory } from '../../../../src/kernel/io-uring/area-memory.ts';
import { DmabufMemory } from '../../../../src/kernel/io-uring/dmabuf-memory.ts';
import { FinalFreeIfq } from '../../../../src/kernel/io-uring/final-free.ts';
import { ZcrxIfq } from '../../../../src/kernel/io-uring/ifq.ts';
import { RefillRegion } from '../../../../src/kernel/io-uring/refill-region.ts';
import { DevmemBinding } from '../../../../src/kernel/netdev/devmem-binding.ts';
import type { Netdev } from '../../../../src/kernel/netdev/netdev.ts';
import { closeProvider, openProvider } from '../../../../src/kernel/netdev/queue-provider.ts';
import type { RxQueue } from '../../../../src/kernel/netdev/rx-queue.ts';
import type { NetmemOwner } from '../../../../src/kernel/netmem/owner.ts';
import { CappedMemory, cappedProvider } from '../../../../src/kernel/provider/capped.ts';
import { deviceVaProvider } from '../../../../src/kernel/provider/device-va.ts';
import { dmabufProvider } from '../../../../src/kernel/provider/dmabuf.ts';
import { HugePages, hugePageProvider } from '../../../../src/kernel/provider/huge-page.ts';
import { ioUringProvider } from '../../../../src/kernel/provider/io-uring.ts';
import type { MemoryProviderOps } from '../../../../src/kernel/provider/memory-provider.ts';
import { wrapBulkProvider } from '../../../../src/kernel/provider/wrap-bulk.ts';
import { wrapFinalFreeProvider } from '../../../../src/kernel/provider/wrap-final-free.ts';
import { PAGE_SIZE } from '../../../../src/uapi/limits.ts';
import { RefillClient } from '../io-uring/zcrx-rig.ts';

/** Memory of a provider, as whoever made it holds it. */
export interface ProviderMemory {
  /** What pools and queues see. */
  readonly priv: unknown;
  readonly owner: NetmemOwner;
  /** Netmems there are. */
  readonly total: number;
  /** Nothing is left of it. */
  readonly freed: boolean;
  /** Puts it behind a queue, as its user does: through the core, with a restart. */
  install(queue: RxQueue): void;
  /** The user lets go of it: off its queues, own reference dropped. */
  close(): void;
  /** io_uring's: the object that delivers, and the client that returns. */
  readonly zcrx?: { ifq: ZcrxIfq; client: RefillClient };
  readonly finalFree?: FinalFreeIfq;
}

/** What the tests of the contract need to know about a provider. */
export interface ProviderFixture {
  readonly ops: MemoryProviderOps;
  /** Host pages, which others may reference, or net_iovs. */
  readonly pages: boolean;
  /** releaseNetmem returns true: the page is given up; false: it stays with the provider. */
  readonly givesUp: boolean;
  /** Netmems that one slow allocation brings at most. */
  readonly batch: number;
  /** Each page is mapped and unmapped by the pool. */
  readonly mapsEach: boolean;
  /** Refusal of a pool of order 1. */
  readonly orderErrno: string;
  /** Takes more than one queue. */
  readonly manyQueues: boolean;
  /** What nlFill adds. */
  nl(memory: ProviderMemory): Record<string, unknown>;
  /** @param netmems wanted at least; what there are is in `total` */
  make(netdev: Netdev, netmems: number): ProviderMemory;
}

function newDmabuf(netdev: Netdev, netmems: number, kind: ExporterKind) {
  const memory = { bytes: new Uint8Array(netmems * PAGE_SIZE), size: netmems * PAGE_SIZE, path: '', release() {} };
  const place = kind === 'device' ? new DevicePlace(2 ** 40, [netdev.ifindex]) : undefined;
  return new Dmabuf(kind, memory, defaultRuns(kind, netmems, false), '', place);
}

/** From now on the attachment is all that holds the buffer. */
function attach(dmabuf: Dmabuf, netdev: Netdev) {
  const attachment = dmabuf.attach(netdev.ifindex);
  if (typeof attachment === 'number' || attachment.map() !== 0) throw new Error('dmabuf was not attached');
  dmabuf.put();
  return attachment;
}

function binding(kind: ExporterKind): ProviderFixture['make'] {
  return (netdev, netmems) => {
    const { kernel } = netdev;
    const dmabuf = newDmabuf(netdev, netmems, kind);
    const priv = new DevmemBinding(kernel.nextBindingId(), attach(dmabuf, netdev), netdev, kernel.netmems);
    kernel.bindings.set(priv.id, priv);
    return {
      priv,
      owner: priv,
      total: netmems,
      get freed() {
        return priv.state === 'freed' && !dmabuf.alive;
      },
      install: (queue) => priv.bindQueue(queue),
      close() {
        kernel.bindings.delete(priv.id);
        priv.unbind();
      },
    };
  };
}

/** Entries of the refill rings made here. */
const REFILL_ENTRIES = 64;

function zcrx(ops: MemoryProviderOps, wrapped: boolean): ProviderFixture['make'] {
  return (netdev, netmems) => {
    const { kernel } = netdev;
    const client = new RefillClient(kernel.profile.zcrx.offsets, REFILL_ENTRIES);
    const refill = new RefillRegion(client.bytes, client.offsets, REFILL_ENTRIES);
    let pinned = true;
    let memory: AreaMemory | number;
    let dmabuf: Dmabuf | null = null;
    if (wrapped) {
      dmabuf = newDmabuf(netdev, netmems, 'system');
      memory = DmabufMemory.import(dmabuf, netdev.ifindex);
      if (typeof memory === 'number') throw new Error('dmabuf was not imported');
      dmabuf.put();
    } else {
      memory = new PinnedMemory(new Uint8Array(netmems * PAGE_SIZE), () => {
        pinned = false;
      });
    }
    const ifq = new ZcrxIfq(kernel, { id: 0, netdev, memory, refill, entries: REFILL_ENTRIES });
    return {
      priv: ifq,
      owner: ifq.area,
      total: netmems,
      zcrx: { ifq, client },
      get freed() {
        return ifq.state === 'freed' && (dmabuf === null ? !pinned : !dmabuf.alive);
      },
      install: (queue) => ifq.open(queue, ops),
      close: () => ifq.close(),
    };
  };
}

/** Memory that takes a reference for each queue, as the lab installs it. */
function counted(make: (netdev: Netdev, netmems: number) => CappedMemory | HugePages): ProviderFixture['make'] {
  return (netdev, netmems) => {
    const priv = make(netdev, netmems);
    const ops = priv instanceof HugePages ? hugePageProvider : cappedProvider;
    const queues: RxQueue[] = [];
    return {
      priv,
      owner: priv,
      total: priv instanceof HugePages ? priv.total : netmems,
      get freed() {
        return !netdev.kernel.netmems.owners.has(priv);
      },
      install(queue) {
        openProvider(queue, { ops, priv });
        priv.get();
        queues.push(queue);
      },
      close() {
        for (const queue of queues) {
          // A device that went away gave its queues' references back.
          if (queue.netdev.state === 'unregistered') continue;
          closeProvider(queue, priv);
          priv.put();
        }
        priv.put();
      },
    };
  };
}

const NET_IOVS = { pages: false, givesUp: false, mapsEach: false } as const;
const DMABUF = {
  ...NET_IOVS,
  batch: 1,
  orderErrno: 'E2BIG',
  manyQueues: true,
  nl: ({ priv }: ProviderMemory) => ({ dmabuf: (priv as DevmemBinding).id }),
} as const;
const IO_URING = {
  ...NET_IOVS,
  batch: 64,
  orderErrno: 'EOPNOTSUPP',
  manyQueues: false,
  nl: () => ({ 'io-uring': {} }),
} as const;

/** One fixture a provider, by its name. */
export const FIXTURES: Readonly<Record<string, ProviderFixture>> = {
  dmabuf: { ...DMABUF, ops: dmabufProvider, make: binding('udmabuf') },
  'device-va': { ...DMABUF, ops: deviceVaProvider, make: binding('device') },
  'io-uring': { ...IO_URING, ops: ioUringProvider, make: zcrx(ioUringProvider, false) },
  'wrap-bulk': { ...IO_URING, ops: wrapBulkProvider, make: zcrx(wrapBulkProvider, true) },
  'wrap-final-free': {
    ...DMABUF,
    ops: wrapFinalFreeProvider,
    make(netdev, netmems) {
      const dmabuf = newDmabuf(netdev, netmems, 'system');
      const ifq = new FinalFreeIfq(netdev.kernel, 0, netdev, attach(dmabuf, netdev));
      return {
        priv: ifq.binding,
        owner: ifq.binding,
        total: netmems,
        finalFree: ifq,
        get freed() {
          return ifq.binding.state === 'freed' && !dmabuf.alive;
        },
        install: (queue) => ifq.open(queue),
        close: () => ifq.close(),
      };
    },
  },
  capped: {
    ops: cappedProvider,
    pages: true,
    givesUp: true,
    batch: 64,
    mapsEach: true,
    orderErrno: 'EINVAL',
    manyQueues: true,
    nl: () => ({}),
    make: counted(({ kernel }, netmems) => new CappedMemory(kernel.netmems, kernel.pages, netmems * PAGE_SIZE)),
  },
  'huge-page': {
    ops: hugePageProvider,
    pages: true,
    givesUp: false,
    batch: 64,
    mapsEach: false,
    orderErrno: 'EINVAL',
    manyQueues: true,
    nl: () => ({}),
    make: counted((netdev, netmems) => {
      const { dmaDevice } = netdev.driver;
      if (dmaDevice === null) throw new Error('no device to map blocks for');
      const { netmems: table, pages } = netdev.kernel;
      return new HugePages(table, pages, Math.ceil(netmems / 512), dmaDevice);
    }),
  },
};
