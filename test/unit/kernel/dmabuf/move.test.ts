import { describe, expect, test } from 'vitest';
import { DevicePlace } from '../../../../src/kernel/dmabuf/device-memory.ts';
import { Dmabuf } from '../../../../src/kernel/dmabuf/dmabuf.ts';
import { DmabufMove } from '../../../../src/kernel/dmabuf/move.ts';
import { ERRORS } from '../../../../src/kernel/error-catalogue.ts';
import { ERRNO } from '../../../../src/uapi/errno.ts';
import { Rig, refusal, tokens } from '../rig.ts';

const OLD = 2 ** 40;
const NEW = 2 ** 50;
const PAGES = 16;

class DeviceRig extends Rig {
  readonly dmabufs: Dmabuf[] = [];

  /** A device dmabuf that the netdev reaches. */
  device(pages = PAGES): { fd: number; dmabuf: Dmabuf } {
    const size = pages * 4096;
    const memory = { bytes: new Uint8Array(size), size, path: '', release() {} };
    const dmabuf = new Dmabuf('device', memory, [pages], '', new DevicePlace(OLD, [this.netdev.ifindex]));
    return { fd: this.session.fds.install(dmabuf), dmabuf };
  }

  dynamic() {
    this.kernel.experiments.dynamicImporter = true;
    this.split();
    const { fd, dmabuf } = this.device();
    return { fd, dmabuf, binding: this.bind(fd, [0]) };
  }
}

const stateOf = (dmabuf: Dmabuf) => [...dmabuf.attachments].map((a) => a.importer?.state ?? 'static');

describe('static importers, as Linux has them', () => {
  test.each(['6.12', '6.18', '7.3'] as const)('%s: a bound dmabuf can be neither moved nor revoked', (release) => {
    const rig = new DeviceRig({ release, rx: 4 }).split();
    const { fd, dmabuf } = rig.device();
    const binding = rig.bind(fd, [0]);
    const busy = { errno: 'EBUSY', extack: { msg: ERRORS.dmabufPinned.msg, 'bad-attr': '.fd' } };
    expect(refusal(() => new DmabufMove(dmabuf, NEW))).toEqual(busy);
    expect(refusal(() => dmabuf.revoke())).toEqual(busy);
    expect([binding.paused, dmabuf.virtualBase, dmabuf.move]).toEqual([false, OLD, null]);
  });

  test('frags that user space holds keep it where it is after the unbind, too', () => {
    const rig = new DeviceRig({ rx: 4 }).split();
    const { fd, dmabuf } = rig.device();
    const binding = rig.bind(fd, [0]);
    const c = rig.connect();
    rig.send(c, 100);
    const [token] = tokens(rig.recv(c.socket));
    rig.session.netlink.unbind(binding);
    rig.clock.advance(600_000);
    expect(refusal(() => dmabuf.revoke())).toMatchObject({ errno: 'EBUSY' });
    c.socket.devmemDontneed([{ start: token, count: 1 }]);
    rig.clock.advance(1000);
    dmabuf.revoke();
    expect(dmabuf.revoked).toBe(true);
  });
});

describe('nobody attached', () => {
  test('device memory goes to the new place at once', () => {
    const { dmabuf } = new DeviceRig().device();
    const move = new DmabufMove(dmabuf, NEW);
    expect([move.fenced, move.commit(), move.state, dmabuf.virtualBase]).toEqual([true, 0, 'done', NEW]);
  });
  test.each(['system', 'udmabuf'] as const)('%s memory stays: EOPNOTSUPP', (kind) => {
    const { dmabuf } = new Rig().dmabuf(1, undefined, kind);
    expect(refusal(() => new DmabufMove(dmabuf, NEW))).toMatchObject({ errno: 'EOPNOTSUPP' });
  });
  test('revoked memory has no place: ENODEV', () => {
    const { dmabuf } = new DeviceRig().device();
    dmabuf.revoke();
    expect(refusal(() => new DmabufMove(dmabuf, NEW))).toMatchObject({ errno: 'ENODEV' });
  });
});

describe('a dynamic importer', () => {
  test('without held frags lets go at once, maps the new place and goes on', () => {
    const rig = new DeviceRig({ rx: 4 });
    const { dmabuf, binding } = rig.dynamic();
    const c = rig.connect();
    rig.send(c, 10);
    const before = rig.recv(c.socket).cmsgs[0];
    expect(before.fragOffset).toBe(OLD);
    c.socket.devmemDontneed([{ start: before.fragToken, count: 1 }]);
    const move = new DmabufMove(dmabuf, NEW);
    expect([move.fenced, binding.lent, stateOf(dmabuf)]).toEqual([true, 0, ['finishing']]);
    expect(rig.pool(0).inflight).toBe(0);
    expect(move.commit()).toBe(0);
    rig.poll();
    expect([binding.lent, stateOf(dmabuf), dmabuf.maps, dmabuf.unmaps]).toEqual([4, ['mapped'], 2, 1]);
    rig.send(c, 10);
    expect(rig.recv(c.socket).cmsgs[0].fragOffset).toBe(NEW);
    rig.kernel.assertConservation();
  });

  test.each(['split-perfect', 'bnxt-like', 'netdevsim-dma'] as const)('%s: every buffer comes back', (driver) => {
    const rig = new DeviceRig({ rx: 4, driver });
    const { dmabuf, binding } = rig.dynamic();
    const c = rig.connect();
    for (let round = 1; round <= 3; round++) {
      rig.send(c, 3000);
      const frags = rig.recv(c.socket).cmsgs;
      expect(frags.every((f) => f.fragOffset >= dmabuf.virtualBase)).toBe(true);
      const unread = rig.send(c, 1000);
      const move = new DmabufMove(dmabuf, NEW * round);
      expect([move.fenced, binding.lent > 0, unread]).toEqual([false, true, 1000]);
      // What waits in the socket is read at the old place.
      frags.push(...rig.recv(c.socket).cmsgs);
      expect(frags.every((f) => f.fragOffset < NEW * round)).toBe(true);
      for (const { fragToken } of frags) c.socket.devmemDontneed([{ start: fragToken, count: 1 }]);
      rig.clock.advance(1000);
      expect([move.fenced, move.commit(), binding.lent]).toEqual([true, 0, 0]);
      rig.poll();
      rig.clock.advance(4000);
      rig.poll();
      rig.kernel.assertConservation();
    }
    expect([dmabuf.maps, dmabuf.unmaps]).toEqual([4, 3]);
  });

  test('waits for every frag that user space holds, and lends nothing meanwhile', () => {
    const rig = new DeviceRig({ rx: 4 });
    const { dmabuf, binding } = rig.dynamic();
    const c = rig.connect();
    rig.send(c, 10);
    const [token] = tokens(rig.recv(c.socket));
    const move = new DmabufMove(dmabuf, NEW);
    let woken = 0;
    move.fence.add({ wake: () => woken++ });
    expect([move.fenced, binding.lent, rig.pool(0).inflight]).toEqual([false, 1, 0]);
    expect(rig.send(c, 10)).toBe(0);
    rig.clock.advance(60_000);
    rig.poll();
    expect([move.fenced, binding.lent, c.socket.inqHint()]).toEqual([false, 1, 0]);
    c.socket.devmemDontneed([{ start: token, count: 1 }]);
    expect([move.fenced, woken]).toEqual([false, 0]);
    rig.clock.advance(1000);
    expect([move.fenced, woken]).toEqual([true, 1]);
    c.peer.calls.length = 0;
    expect(move.commit()).toBe(0);
    rig.poll();
    expect(c.peer.calls).toContain('window');
    expect(rig.send(c, 10)).toBe(10);
    expect(rig.recv(c.socket).cmsgs[0].fragOffset).toBe(NEW);
    rig.kernel.assertConservation();
  });

  test('given up: the old place, and traffic goes on there', () => {
    const rig = new DeviceRig({ rx: 4 });
    const { dmabuf, binding } = rig.dynamic();
    const c = rig.connect();
    rig.send(c, 10);
    rig.recv(c.socket);
    const move = new DmabufMove(dmabuf, NEW);
    move.cancel();
    move.cancel();
    rig.poll();
    expect([move.state, dmabuf.virtualBase, dmabuf.move, binding.paused]).toEqual(['cancelled', OLD, null, false]);
    expect([dmabuf.maps, dmabuf.unmaps, stateOf(dmabuf)]).toEqual([1, 0, ['mapped']]);
    rig.send(c, 10);
    expect(rig.recv(c.socket).cmsgs[0].fragOffset).toBeLessThan(NEW);
    rig.kernel.assertConservation();
  });

  test('whose new mapping is refused keeps the old one', () => {
    const rig = new DeviceRig({ rx: 4, rxQueues: 3 });
    const { fd, dmabuf, binding } = rig.dynamic();
    const other = rig.bind(fd, [1]);
    const { exporter } = dmabuf;
    let calls = 0;
    const refusing = { ...exporter, map: () => (++calls === 2 ? -ERRNO.EIO : 0) };
    (dmabuf as { exporter: typeof exporter }).exporter = refusing;
    const move = new DmabufMove(dmabuf, NEW);
    expect([move.commit(), move.state, dmabuf.virtualBase]).toEqual([-ERRNO.EIO, 'cancelled', OLD]);
    expect([...dmabuf.attachments].map((a) => [a.state, a.maps - a.unmaps])).toEqual([
      ['mapped', 1],
      ['mapped', 1],
    ]);
    rig.poll();
    expect([binding.area.virtualBase, binding.lent, other.lent]).toEqual([OLD, 4, 4]);
  });

  test('that goes away meanwhile is waited for no longer', () => {
    const rig = new DeviceRig({ rx: 4 });
    const { dmabuf, binding } = rig.dynamic();
    const c = rig.connect();
    rig.send(c, 10);
    const [token] = tokens(rig.recv(c.socket));
    const move = new DmabufMove(dmabuf, NEW);
    let woken = 0;
    move.fence.add({ wake: () => woken++ });
    rig.session.netlink.unbind(binding);
    expect(move.fenced).toBe(false);
    c.socket.devmemDontneed([{ start: token, count: 1 }]);
    rig.clock.advance(2000);
    expect([binding.state, move.fenced, woken > 0]).toEqual(['freed', true, true]);
    expect([move.commit(), dmabuf.virtualBase]).toEqual([0, NEW]);
  });

  test('cannot be moved by two, and nobody may come while it moves', () => {
    const rig = new DeviceRig({ rx: 4 });
    const { fd, dmabuf } = rig.dynamic();
    const move = new DmabufMove(dmabuf, NEW);
    expect(refusal(() => new DmabufMove(dmabuf, NEW))).toMatchObject({
      errno: 'EBUSY',
      extack: { msg: ERRORS.dmabufMoving.msg },
    });
    expect(refusal(() => rig.bind(fd, [1]))).toEqual({ errno: 'EBUSY', extack: { msg: ERRORS.attachFailed.msg } });
    move.cancel();
    rig.bind(fd, [1]);
  });

  test('beside a static one does not move', () => {
    const rig = new DeviceRig({ rx: 4 });
    const { fd, dmabuf, binding } = rig.dynamic();
    rig.kernel.experiments.dynamicImporter = false;
    rig.bind(fd, [1]);
    expect(refusal(() => new DmabufMove(dmabuf, NEW))).toMatchObject({ errno: 'EBUSY' });
    expect([stateOf(dmabuf), binding.paused]).toEqual([['mapped', 'static'], false]);
  });

  test('is not revoked either', () => {
    const { dmabuf } = new DeviceRig({ rx: 4 }).dynamic();
    expect(refusal(() => dmabuf.revoke())).toMatchObject({ errno: 'EBUSY' });
  });

  test('whose queue cannot be restarted: the refusal, and all is as before', () => {
    const rig = new DeviceRig({ rx: 4 });
    const { dmabuf, binding } = rig.dynamic();
    const { driver } = rig.netdev;
    const alloc = driver.allocQueueMemory;
    driver.allocQueueMemory = () => {
      throw Object.assign(new Error('no'), {});
    };
    expect(() => new DmabufMove(dmabuf, NEW)).toThrow('no');
    driver.allocQueueMemory = alloc;
    expect([dmabuf.move, binding.paused, stateOf(dmabuf), binding.lent]).toEqual([null, false, ['mapped'], 4]);
  });

  test('of a device that is down has nothing to restart', () => {
    const rig = new DeviceRig({ rx: 4 });
    const { dmabuf } = rig.dynamic();
    rig.netdev.close();
    rig.events();
    const move = new DmabufMove(dmabuf, NEW);
    expect([move.fenced, rig.events()]).toEqual([true, []]);
    expect(move.commit()).toBe(0);
    rig.netdev.open();
    const c = rig.connect();
    rig.send(c, 10);
    expect(rig.recv(c.socket).cmsgs[0].fragOffset).toBe(NEW);
  });

  test('is what a binding is from its start: the switch changes nothing later', () => {
    const rig = new DeviceRig({ rx: 4 });
    const { dmabuf } = rig.dynamic();
    rig.kernel.experiments.dynamicImporter = false;
    expect(stateOf(dmabuf)).toEqual(['mapped']);
    expect(new DmabufMove(dmabuf, NEW).commit()).toBe(0);
  });
});
