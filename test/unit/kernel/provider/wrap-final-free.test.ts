import { describe, expect, test } from 'vitest';
import { FinalFreeIfq } from '../../../../src/kernel/io-uring/final-free.ts';
import { NETMEM_STATE } from '../../../../src/kernel/netmem/netmem.ts';
import { PROVIDERS } from '../../../../src/kernel/provider/registry.ts';
import { wrapFinalFreeProvider } from '../../../../src/kernel/provider/wrap-final-free.ts';
import { ERRNO } from '../../../../src/uapi/errno.ts';
import { PAGE_SIZE } from '../../../../src/uapi/limits.ts';
import { faultsOf } from '../io-uring/zcrx-rig.ts';
import { Rig, stats } from '../rig.ts';

function wrapped(pages: number) {
  const rig = new Rig({ driver: 'netdevsim-dma' }).split();
  const made = rig.dmabuf(pages);
  const attachment = made.dmabuf.attach(rig.netdev.ifindex);
  if (typeof attachment === 'number' || attachment.map() !== 0) throw new Error('no attachment');
  const ifq = new FinalFreeIfq(rig.kernel, 0, rig.netdev, attachment);
  ifq.open(rig.netdev.rxQueues[0]);
  const pool = rig.pool(0);
  const { base } = ifq.binding.area;
  /** Delivered; the packet is gone. */
  const deliver = (): number => {
    const ref = pool.allocNetmem();
    expect(ifq.deliver(ref)).toBe(0);
    pool.put(ref);
    return ref - base;
  };
  return { rig, made, ifq, pool, base, deliver };
}

/** A submission: buffers by index. */
const rqes = (...indices: number[]): Uint32Array =>
  Uint32Array.from(indices.flatMap((i) => [i * PAGE_SIZE, 0, PAGE_SIZE, 0]));

test("the table is built in, dmabuf's own, and cannot be changed", () => {
  expect(PROVIDERS).toContain(wrapFinalFreeProvider);
  expect(Object.isFrozen(wrapFinalFreeProvider)).toBe(true);
  expect(wrapFinalFreeProvider.name).toBe('wrap-final-free');
});

test('below the pool there is a dmabuf binding, and netlink says so', () => {
  const { ifq, pool, rig } = wrapped(4);
  expect(pool.describe()).toMatchObject({ dmabuf: ifq.binding.id });
  expect(pool.mpOps).toBe(wrapFinalFreeProvider);
  expect([pool.allocNetmem() - ifq.binding.area.base, pool.cacheCount]).toEqual([0, 0]);
  rig.kernel.assertConservation();
});

test('a submission puts buffers from process context: into the ptr ring, one by one', () => {
  const { rig, ifq, pool, deliver } = wrapped(4);
  const held = [deliver(), deliver()];
  expect(pool.countIn(NETMEM_STATE.USER)).toBe(2);
  expect(ifq.submitReturns(rqes(...held))).toBe(2);
  expect(stats(pool)).toMatchObject({ 'recycle-ring': 2 });
  expect([pool.countIn(NETMEM_STATE.RING), ifq.submissions, ifq.returned]).toEqual([2, 1, 2]);
  expect([pool.allocNetmem(), pool.allocNetmem()].map((ref) => ref - ifq.binding.area.base)).toEqual([
    held[1],
    held[0],
  ]);
  rig.kernel.assertConservation();
});

test('references are checked as with a ring', () => {
  const { ifq, deliver } = wrapped(4);
  const [a, b] = [deliver(), deliver()];
  const words = rqes(a, a, 3, 4, b, b, b);
  words[5 * 4 + 1] = 0x1_0000;
  words[6 * 4 + 3] = 1;
  expect(ifq.submitReturns(words)).toBe(2);
  expect(faultsOf(ifq.diagnostics)).toEqual({
    'double-return': 1,
    'not-held': 1,
    'bad-area': 1,
    'bad-index': 1,
    'bad-pad': 1,
  });
  // The beginning of an entry is none.
  expect(ifq.submitReturns(new Uint32Array(3))).toBe(0);
  expect(ifq.references.outstanding).toBe(0);
});

test('a buffer that a packet still holds is put by the packet', () => {
  const { ifq, pool, base } = wrapped(4);
  const ref = pool.allocNetmem();
  ifq.deliver(ref);
  expect(ifq.submitReturns(rqes(ref - base))).toBe(1);
  expect([pool.netmems.ppRef[ref], pool.countIn(NETMEM_STATE.SOCKET)]).toEqual([1, 1]);
  pool.put(ref);
  expect(pool.countIn(NETMEM_STATE.RING)).toBe(1);
});

test("a token of recvmsg and a completion can name the same buffer: it is the user's until both came back", () => {
  const { rig, ifq, pool, base } = wrapped(4);
  const c = rig.connect(0);
  rig.send(c, 100);
  const [{ fragOffset, fragToken, dmabufId }] = rig.recv(c.socket).cmsgs;
  const ref = base + fragOffset / PAGE_SIZE;
  expect([dmabufId, ifq.deliver(ref), pool.netmems.ppRef[ref]]).toEqual([ifq.binding.id, 0, 2]);
  c.socket.devmemDontneed([{ start: fragToken, count: 1 }]);
  expect([pool.countIn(NETMEM_STATE.USER), pool.countIn(NETMEM_STATE.RING)]).toEqual([1, 0]);
  ifq.submitReturns(rqes(ref - base));
  expect([pool.countIn(NETMEM_STATE.USER), pool.countIn(NETMEM_STATE.RING)]).toEqual([0, 1]);
  rig.kernel.assertConservation();
});

test('memory of somebody else is not delivered', () => {
  const { rig, ifq } = wrapped(4);
  const other = rig.bind(rig.dmabuf(4).fd, [1]);
  const foreign = rig.pool(1).allocNetmem();
  expect(ifq.deliver(foreign)).toBe(-ERRNO.EFAULT);
  expect(ifq.deliver(other.area.base + 3)).toBe(-ERRNO.EFAULT);
});

describe('the end', () => {
  test('takes back what the user holds, then unbinds; late submissions return nothing', () => {
    const { rig, made, ifq, pool, deliver } = wrapped(4);
    const held = deliver();
    rig.session.fds.close(made.fd);
    ifq.close();
    expect([pool.state, ifq.binding.state, made.released]).toEqual(['gone', 'freed', true]);
    expect([ifq.submitReturns(rqes(held)), rig.netdev.rxQueues[0].provider]).toEqual([0, null]);
    ifq.close();
    rig.kernel.assertConservation();
  });

  test('an unread packet keeps pool and binding', () => {
    const { rig, ifq, pool } = wrapped(4);
    const ref = pool.allocNetmem();
    ifq.deliver(ref);
    ifq.close();
    expect([pool.state, ifq.binding.state]).toEqual(['detached', 'unbound']);
    pool.put(ref);
    rig.clock.advance(1000);
    expect([pool.state, ifq.binding.state]).toEqual(['gone', 'freed']);
  });

  test('unregistering the device: the binding forgets it, the ifq still ends', () => {
    const { rig, ifq, pool, deliver } = wrapped(4);
    deliver();
    rig.kernel.removeNetdev(rig.netdev);
    expect([ifq.binding.netdev, ifq.binding.queues]).toEqual([null, []]);
    ifq.close();
    rig.clock.advance(1000);
    expect([pool.state, ifq.binding.state]).toEqual(['gone', 'freed']);
  });
});
