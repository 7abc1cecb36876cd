import { describe, expect, test } from 'vitest';
import { pattern, Rig } from '../rig.ts';

test('the MSS follows MTU and address family', () => {
  const rig = new Rig({ mtu: 1500 });
  expect(rig.connect().flow.mss).toBe(1448);
  const six = { ...rig.key(80), family: 6 as const, src: new Uint8Array(16), dst: new Uint8Array(16) };
  const { flow } = rig.kernel.tcp.attach(rig.netdev, six, {
    onWindow() {},
    onData() {},
    onShutdown() {},
    onReset() {},
  });
  expect([flow.mss, flow.headerBytes]).toEqual([1428, 86]);
});

describe('window', () => {
  test('closes when the receive buffer is full, opens when half of it is free', () => {
    const rig = new Rig({ driver: 'split-perfect', rx: 512, mtu: 9000 });
    rig.bound(4000);
    const c = rig.connect();
    let first = rig.send(c, 10_000_000);
    for (let more = first; more > 0; more = rig.send(c, 10_000)) first += more;
    expect(first).toBeGreaterThan(1_000_000);
    expect(first).toBeLessThan(10_000_000);
    c.peer.calls.length = 0;
    expect(rig.send(c, 100)).toBe(0);
    rig.recv(c.socket, 1000);
    expect(c.peer.calls).toEqual([]);
    while (rig.recv(c.socket).ret > 0);
    c.socket.devmemDontneed([{ start: 1, count: 1024 }]);
    rig.poll();
    expect(c.peer.calls).toContain('window');
    expect(rig.send(c, 100)).toBe(100);
  });

  test('is never negative', () => {
    const rig = new Rig({ driver: 'split-perfect', rx: 512, mtu: 9000 });
    const c = rig.connect();
    c.socket.setRcvbuf(1);
    c.flow.deliver(pattern(9000), 0, 9000);
    expect(c.flow.window()).toBe(0);
    expect(c.flow.pendingBytes).toBeGreaterThan(0);
  });

  test('no socket, no window; its data is taken, lost, and answered with a reset', () => {
    const rig = new Rig();
    const c = rig.connect();
    c.socket.abort();
    c.peer.calls.length = 0;
    expect([c.flow.window(), c.flow.deliver(pattern(10), 0, 10)]).toEqual([0, 10]);
  });
});

describe('no buffer', () => {
  test('split-perfect: held, woken as soon as buffers come back', () => {
    const rig = new Rig({ driver: 'split-perfect', rx: 8 });
    rig.bound(8);
    const c = rig.connect();
    let sent = 0;
    for (let i = 0; i < 9; i++) sent += rig.send(c, 100);
    expect(sent).toBe(800);
    expect([c.flow.retransmits, rig.netdev.rxQueues[0].dropOverruns]).toEqual([1, 1]);
    c.peer.calls.length = 0;
    rig.clock.advance(10_000);
    expect(c.peer.calls).toEqual([]);
    rig.recv(c.socket);
    c.socket.devmemDontneed([{ start: 1, count: 1 }]);
    rig.poll();
    expect(c.peer.calls).toEqual(['window']);
    expect(rig.send(c, 100)).toBe(100);
  });

  test('netdevsim-dma: nobody is woken, the sender tries again after 200, 400, 800 ms', () => {
    const rig = new Rig({ driver: 'netdevsim-dma' });
    rig.bound(2);
    const c = rig.connect();
    rig.send(c, 10);
    rig.send(c, 10);
    const times: number[] = [];
    const start = rig.clock.now();
    let free = false;
    c.peer.onWindow = () => {
      times.push(rig.clock.now() - start);
      if (!free) expect(c.flow.deliver(pattern(10), 0, 10)).toBe(0);
    };
    expect(c.flow.deliver(pattern(10), 0, 10)).toBe(0);
    rig.clock.advance(1399);
    expect(times).toEqual([200, 600]);
    rig.recv(c.socket);
    c.socket.devmemDontneed([{ start: 1, count: 2 }]);
    free = true;
    expect(times).toHaveLength(2);
    rig.clock.advance(1);
    expect(times).toEqual([200, 600, 1400]);
    expect(rig.send(c, 10)).toBe(10);
    // A success starts the waiting anew.
    rig.send(c, 10);
    free = false;
    times.length = 0;
    const again = rig.clock.now() - start;
    expect(c.flow.deliver(pattern(10), 0, 10)).toBe(0);
    rig.clock.advance(200);
    expect(times).toEqual([again + 200]);
  });

  test('a packet too large for what is posted leaves it to smaller ones', () => {
    const rig = new Rig({ driver: 'split-perfect', rx: 8, mtu: 9000 });
    rig.bound(8);
    const [big, small] = [rig.connect(), rig.connect()];
    expect(rig.send(big, 8948)).toBe(8948);
    expect(rig.send(big, 8948)).toBe(8948);
    expect(rig.send(big, 8948)).toBe(0);
    expect(rig.netdev.rxQueues[0].dropOverruns).toBe(1);
    expect([rig.send(small, 10), small.socket.inq()]).toEqual([10, 10]);
    rig.kernel.assertConservation();
  });
});

describe('steering', () => {
  test('a flow moves only when nothing of it is under way, so it is never reordered', () => {
    const rig = new Rig({ rxQueues: 2 });
    const c = rig.connect(0);
    c.flow.deliver(pattern(1000), 0, 1000);
    rig.steer(c.flow.key.dport, 1);
    rig.netdev.rules.remove(1023);
    rig.netdev.steeringChanged();
    expect(c.flow.queue.index).toBe(0);
    c.flow.deliver(pattern(1000, 1000), 0, 1000);
    expect(rig.netdev.rxQueues.map((q) => q.packets)).toEqual([2, 0]);
    rig.poll();
    expect(c.flow.queue.index).toBe(1);
    c.flow.deliver(pattern(1000, 2000), 0, 1000);
    rig.poll();
    expect(rig.netdev.rxQueues.map((q) => q.packets)).toEqual([2, 1]);
    expect(rig.recv(c.socket, 5000, 0, 0).data).toEqual(pattern(3000));
  });

  test('a rule takes a flow off a queue that has no buffers left', () => {
    const rig = new Rig({ driver: 'split-perfect', rx: 8, rxQueues: 2 });
    rig.bound(8);
    const c = rig.connect(0);
    for (let i = 0; i < 9; i++) rig.send(c, 100);
    expect(rig.send(c, 100)).toBe(0);
    c.peer.calls.length = 0;
    rig.netdev.rules.remove(1023);
    rig.steer(c.flow.key.dport, 1);
    expect(c.peer.calls).toEqual(['window']);
    expect(rig.send(c, 100)).toBe(100);
    expect(rig.netdev.rxQueues[1].packets).toBe(1);
  });
});

describe('end', () => {
  test('FIN is behind the data, also behind a packet the device is still filling', () => {
    const rig = new Rig({ driver: 'bnxt-like', mtu: 9000, rx: 64 });
    const c = rig.connect();
    c.flow.deliver(pattern(20_000), 0, 20_000);
    c.flow.fin();
    rig.poll();
    expect([c.socket.inq(), c.socket.state]).toEqual([20_000, 'close-wait']);
  });

  test('deliver after FIN is taken and dropped', () => {
    const rig = new Rig();
    const c = rig.connect();
    c.flow.fin();
    expect(c.flow.deliver(pattern(10), 0, 10)).toBe(10);
    rig.poll();
    expect(c.socket.inq()).toBe(0);
  });

  test('an id is used again only after the last packet of its flow is through', () => {
    const rig = new Rig();
    const c = rig.connect();
    c.flow.deliver(pattern(500), 0, 500);
    c.socket.abort();
    const other = rig.connect();
    expect(other.flow.id).not.toBe(c.flow.id);
    rig.poll();
    expect([other.socket.inq(), rig.kernel.tcp.noSocketDrops]).toEqual([0, 1]);
    expect(rig.connect().flow.id).toBe(c.flow.id);
  });

  test('what the socket sends counts as frames of the device', () => {
    const rig = new Rig({ mtu: 1500 });
    const c = rig.connect();
    c.socket.send(pattern(3000));
    c.flow.peerRead(10_000);
    expect([rig.netdev.txPackets, rig.netdev.txBytes]).toEqual([3, 3000 + 3 * 66]);
  });
});
