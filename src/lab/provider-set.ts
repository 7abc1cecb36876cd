import { fail, refuse } from '../kernel/error.ts';
import { ERRORS } from '../kernel/error-catalogue.ts';
import type { Netdev } from '../kernel/netdev/netdev.ts';
import { closeProvider, openProvider } from '../kernel/netdev/queue-provider.ts';
import type { RxQueue } from '../kernel/netdev/rx-queue.ts';
import { CappedMemory, cappedProvider } from '../kernel/provider/capped.ts';
import { HugePages, hugePageProvider } from '../kernel/provider/huge-page.ts';
import type { MemoryProviderOps } from '../kernel/provider/memory-provider.ts';

/** What stands behind the queues from now on. */
export type ProviderChoice =
  | { provider: 'none' }
  | { provider: 'capped'; limit: number }
  | { provider: 'huge-page'; blocks: number };

/** Memory whose life is counted: a reference for each queue, one for each pool, one for whoever makes it. */
type CountedMemory = CappedMemory | HugePages;

/**
 * Sets a provider on RX queues, which share its memory, or takes it off. All or nothing: a queue that refuses leaves the
 * others as they were. The conditions are those of bind-rx.
 *
 * @throws KernelError EOPNOTSUPP, ERANGE, EINVAL, EEXIST as bind-rx; ENOMEM for huge pages; EBUSY: the provider to take off is
 *   a dmabuf or a zcrx area
 */
export function setProvider(netdev: Netdev, indices: readonly number[], choice: ProviderChoice): void {
  const queues = [...new Set(indices)].sort((a, b) => a - b).map((index) => queueOf(netdev, index));
  if (choice.provider === 'none') {
    takeOff(queues);
    return;
  }
  const { dmaDevice } = netdev.driver;
  if (!netdev.driver.queueManagement) fail('EOPNOTSUPP', { 'bad-attr': '.ifindex' });
  if (dmaDevice === null) refuse(ERRORS.noDma);
  const { netmems, pages } = netdev.kernel;
  if (choice.provider === 'capped') {
    install(queues, cappedProvider, new CappedMemory(netmems, pages, choice.limit, netdev.name));
  } else {
    install(queues, hugePageProvider, new HugePages(netmems, pages, choice.blocks, dmaDevice, netdev.name));
  }
}

function queueOf(netdev: Netdev, index: number): RxQueue {
  return netdev.rxQueues[index] ?? refuse(ERRORS.queueOutOfRange, { 'bad-attr': '.queues' });
}

function install(queues: readonly RxQueue[], ops: MemoryProviderOps, priv: CountedMemory): void {
  const done: RxQueue[] = [];
  try {
    for (const queue of queues) {
      openProvider(queue, { ops, priv });
      priv.get();
      done.push(queue);
    }
  } catch (err) {
    for (const queue of done.reverse()) close(queue, priv);
    throw err;
  } finally {
    priv.put();
  }
}

function takeOff(queues: readonly RxQueue[]): void {
  for (const { provider, index } of queues) {
    if (provider !== null && countedMemory(provider.priv) === null) refuse(ERRORS.otherProvider, {}, index);
  }
  for (const queue of queues) {
    const memory = countedMemory(queue.provider?.priv);
    if (memory !== null) close(queue, memory);
  }
}

function countedMemory(priv: unknown): CountedMemory | null {
  return priv instanceof CappedMemory || priv instanceof HugePages ? priv : null;
}

function close(queue: RxQueue, memory: CountedMemory): void {
  closeProvider(queue, memory);
  memory.put();
}
