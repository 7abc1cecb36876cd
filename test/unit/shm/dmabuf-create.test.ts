import { expect, it, vi } from 'vitest';
import { dmabufHandlers } from '../../../src/family/dmabuf.ts';
import { VirtualClock } from '../../../src/kernel/clock.ts';
import type { SharedMemory, SharedMemoryFactory } from '../../../src/kernel/dmabuf/memory.ts';
import { refusal } from '../../../src/kernel/error.ts';
import { ERRORS } from '../../../src/kernel/error-catalogue.ts';
import { Kernel } from '../../../src/kernel/kernel.ts';
import { NetlinkSocket } from '../../../src/kernel/task/netlink-socket.ts';
import { MemoryBudget } from '../../../src/memory-budget.ts';

/** Gives memory when it is told to. */
class SlowFactory implements SharedMemoryFactory {
  readonly asked: { give: () => void; refuse: (error: Error) => void }[] = [];
  readonly released = vi.fn();

  create(size: number): Promise<SharedMemory> {
    return new Promise((resolve, reject) => {
      const memory = { bytes: new Uint8Array(size), size, path: '', release: this.released };
      this.asked.push({ give: () => resolve(memory), refuse: reject });
    });
  }
}

function budget(total = 10_000): { slow: SlowFactory; memory: MemoryBudget } {
  const slow = new SlowFactory();
  return { slow, memory: new MemoryBudget(slow, { largest: 8192, total, clientWritable: true }) };
}

it('counts what is being created, and gives back what came to nothing', async () => {
  const { slow, memory } = budget();
  const first = memory.create(6000);
  await expect(memory.create(6000)).rejects.toMatchObject({ errno: 'ENOMEM' });
  await expect(memory.create(8193)).rejects.toMatchObject({ errno: 'EINVAL' });
  expect([memory.used, slow.asked.length]).toEqual([6000, 1]);
  slow.asked[0].refuse(refusal(ERRORS.hostRefusedMemory, undefined, 6000));
  await expect(first).rejects.toMatchObject({ errno: 'ENOMEM' });
  expect(memory.used).toBe(0);
  const second = memory.create(6000);
  slow.asked[1].give();
  const piece = await second;
  piece.release();
  piece.release();
  expect([memory.used, slow.released.mock.calls.length]).toEqual([0, 1]);
});

it.each([
  ['the session has ended', 'ESRCH'],
  ['the number was taken', 'EBUSY'],
])('dmabuf create gives the memory back when %s meanwhile', async (_what, errno) => {
  const kernel = new Kernel({ clock: new VirtualClock() });
  const session = kernel.openSession();
  const { slow, memory } = budget();
  const context = { kernel, memory, session, netlink: session.netlink, admin: true } as never;
  const reply = dmabufHandlers.create.do?.(context, { size: 4096, fd: 5 });
  expect(memory.used).toBe(4096);
  if (errno === 'ESRCH') session.close();
  else session.fds.install(new NetlinkSocket(kernel), 5);
  slow.asked[0].give();
  await expect(reply).rejects.toMatchObject({ errno });
  expect([memory.used, slow.released.mock.calls.length]).toEqual([0, 1]);
});
