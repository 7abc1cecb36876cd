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

  test('what is under way counts against it', () => {
    const rig = new Rig({ driver: 'split-perfect', rx: 512, mtu: 9000 });
    const c = rig.connect();
    c.socket.setRcvbuf(1);
    expect(c.flow.deliver(pattern(9000), 0, 9000)).toBe(c.flow.mss);
    expect([c.flow.windowClosed, c.socket.rmem]).toEqual([true, 0]);
    expect(c.flow.pendingBytes).toBe(c.flow.mss);
  });

  test('no socket: what the peer sends is taken and lost', () => {
    const rig = new Rig();
    const c = rig.connect();
    c.socket.abort();
    expect(c.peer.calls).toEqual(['reset']);
    expect([c.flow.deliver(pattern(10), 0, 10), c.flow.pendingBytes]).toEqual([10, 0]);
    expect(c.peer.calls).toEqual(['reset']);
  });

  test('a larger SO_RCVBUF opens it', () => {
    const rig = new Rig({ driver: 'split-perfect', rx: 64, mtu: 9000 });
    const c = rig.connect();
    c.socket.setRcvbuf(1);
    while (rig.send(c, 10_000) > 0);
    c.peer.calls.length = 0;
    c.socket.setRcvbuf(200_000);
    expect([c.peer.calls, c.flow.windowClosed]).toEqual([['window'], false]);
    expect(rig.send(c, 100)).toBe(100);
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
    rig.poll();
    expect(c.peer.calls).toEqual([]);
    rig.recv(c.socket);
    c.socket.devmemDontneed([{ start: 1, count: 1 }]);
    rig.poll();
    expect(c.peer.calls).toEqual(['window']);
    expect(rig.send(c, 100)).toBe(100);
  });

  test('the memory came back through another pool: the sender tries again after 200 ms', () => {
    const rig = new Rig({ driver: 'split-perfect', rx: 16 });
    const { pool } = rig.bound(16);
    const c = rig.connect();
    for (let i = 0; i < 17; i++) rig.send(c, 100);
    rig.recv(c.socket);
    expect(c.socket.tokens.count).toBe(16);
    // The new ring's pool finds nothing to post; what is outstanding belongs to the old pool.
    rig.netdev.rings.set({ rx: 32 });
    expect([pool.state, rig.pool(0).inflight]).toEqual(['detached', 0]);
    c.peer.calls.length = 0;
    expect(rig.send(c, 100)).toBe(0);
    expect(c.socket.devmemDontneed([{ start: 1, count: 16 }])).toBe(16);
    rig.poll();
    expect(c.peer.calls).toEqual([]);
    rig.clock.advance(1000);
    rig.poll();
    expect([pool.state, c.peer.calls]).toEqual(['gone', ['window']]);
    expect([rig.send(c, 100), c.socket.inq()]).toEqual([100, 100]);
    rig.clock.advance(200);
    expect(rig.clock.pending).toBe(0);
    rig.kernel.assertConservation();
  });

  test('two queues of one binding: what one gave back is there for the other', () => {
    const rig = new Rig({ driver: 'split-perfect', rx: 16, rxQueues: 2 }).split();
    const binding = rig.bind(rig.dmabuf(16).fd, [0, 1]);
    const [first, second] = [rig.connect(0), rig.connect(1)];
    for (let i = 0; i < 16; i++) rig.send(first, 100);
    rig.recv(first.socket);
    expect([first.socket.tokens.count, rig.pool(1).inflight]).toEqual([16, 0]);
    for (const c of [first, second]) expect(rig.send(c, 100)).toBe(0);
    rig.netdev.rings.set({ rx: 8 });
    for (const c of [first, second]) {
      rig.send(c, 100);
      c.peer.calls.length = 0;
    }
    first.socket.devmemDontneed([{ start: 1, count: 16 }]);
    rig.clock.advance(1000);
    rig.poll();
    expect([first.peer.calls, second.peer.calls]).toEqual([['window'], ['window']]);
    expect([rig.pool(0).inflight, rig.pool(1).inflight, binding.free]).toEqual([8, 8, 0]);
    expect([rig.send(first, 100), rig.send(second, 100)]).toEqual([100, 100]);
    rig.kernel.assertConservation();
  });

  test('one timer a ring, however many flows are stalled, and none once it is stopped', () => {
    const rig = new Rig({ driver: 'split-perfect', rx: 8 });
    rig.bound(8);
    const flows = Array.from({ length: 5 }, () => rig.connect());
    for (let i = 0; i < 8; i++) rig.send(flows[0], 100);
    const before = rig.clock.pending;
    for (const c of flows) expect(rig.send(c, 100)).toBe(0);
    expect(rig.clock.pending).toBe(before + 1);
    for (let i = 0; i < 10; i++) {
      rig.clock.advance(200);
      rig.poll();
    }
    expect(rig.clock.pending).toBe(before + 1);
    rig.netdev.close();
    rig.clock.advance(200);
    for (const c of flows) c.socket.abort();
    rig.clock.advance(10_000);
    expect(rig.clock.pending).toBe(0);
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

  test('with the link down the ACK of our FIN, the FIN and a reset are held, and taken in that order', () => {
    const rig = new Rig();
    const c = rig.connect();
    rig.netdev.close();
    c.socket.shutdown('wr');
    c.flow.fin();
    expect(c.socket.state).toBe('fin-wait1');
    c.flow.reset();
    rig.poll();
    expect(c.socket.state).toBe('fin-wait1');
    rig.netdev.open();
    rig.poll();
    // Both directions had ended before the reset: it finds the connection over and leaves no error.
    expect([c.socket.state, rig.recv(c.socket).ret, c.socket.takeError()]).toEqual(['close', 0, 0]);
    expect(rig.kernel.tcp.flowCount).toBe(0);
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
