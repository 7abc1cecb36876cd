import { describe, expect, test } from 'vitest';
import { TcpListener } from '../../../../src/kernel/stack/tcp-listener.ts';
import { named, RecordingPeer, Rig, refusal } from '../rig.ts';

const accept = (rig: Rig, port = 5201, peer = new RecordingPeer(), sport = 40_000) =>
  rig.kernel.tcp.accept(rig.netdev, rig.key(port, sport), peer);

describe('listening', () => {
  test('a port is taken once for an address, and once for all of them', () => {
    const { tcp } = new Rig().kernel;
    const [a, b] = [Uint8Array.of(192, 0, 2, 1), Uint8Array.of(192, 0, 2, 2)];
    tcp.listen(80, a, 1);
    tcp.listen(80, b, 1);
    expect(refusal(() => tcp.listen(80, a, 1))).toEqual({ errno: 'EADDRINUSE' });
    expect(refusal(() => tcp.listen(80, null, 1))).toEqual({ errno: 'EADDRINUSE' });
    const any = tcp.listen(81, null, 1);
    expect(refusal(() => tcp.listen(81, a, 1))).toEqual({ errno: 'EADDRINUSE' });
    any.close();
    tcp.listen(81, a, 1);
  });

  test('nobody listens: ECONNREFUSED; an address of its own hears only that', () => {
    const rig = new Rig();
    expect(refusal(() => accept(rig))).toEqual({ errno: 'ECONNREFUSED' });
    rig.kernel.tcp.listen(5201, Uint8Array.of(10, 0, 0, 1), 1);
    expect(refusal(() => accept(rig))).toEqual({ errno: 'ECONNREFUSED' });
  });

  test('backlog n admits n + 1, then refuses and counts', () => {
    const rig = new Rig();
    const listener = rig.kernel.tcp.listen(5201, null, 2);
    let woken = 0;
    listener.waitQueue.add({ wake: () => woken++ });
    for (let i = 0; i < 3; i++) accept(rig, 5201, new RecordingPeer(), 40_000 + i);
    expect(refusal(() => accept(rig))).toEqual({ errno: 'ECONNREFUSED' });
    expect([listener.overflows, woken, listener.queue.length, rig.kernel.tcp.flowCount]).toEqual([1, 3, 3, 3]);
    listener.queue.shift();
    accept(rig);
  });

  test.each([
    [-1, 0],
    [7, 7],
    [100_000, 4096],
  ])('backlog %i counts as %i', (asked, got) => {
    expect(new TcpListener(1, null, asked, () => {}).backlog).toBe(got);
  });

  test('close resets whom nobody accepted, with the data they had sent', () => {
    const rig = new Rig();
    const listener = rig.kernel.tcp.listen(5201, null, 2);
    const peer = new RecordingPeer();
    const flow = accept(rig, 5201, peer);
    flow.deliver(new Uint8Array(100), 0, 100);
    rig.poll();
    listener.close();
    expect(peer.calls).toEqual(['reset']);
    expect([rig.kernel.tcp.flowCount, rig.kernel.tcp.sockets.size, rig.kernel.skbs.live]).toEqual([0, 0, 0]);
    rig.kernel.assertConservation();
  });
});

describe('connecting', () => {
  const PEER = Uint8Array.of(192, 0, 2, 2);
  const dial = (rig: Rig) => {
    const requests: Parameters<NonNullable<typeof rig.netdev.upstream>>[0][] = [];
    rig.netdev.upstream = (request) => void requests.push(request);
    const socket = rig.kernel.tcp.connect(rig.netdev, PEER, 80);
    return { socket, request: requests[0] };
  };

  test('no way out: ECONNREFUSED; no address of that family comes before it', () => {
    const rig = new Rig();
    const { tcp } = rig.kernel;
    expect(refusal(() => tcp.connect(rig.netdev, PEER, 80))).toEqual({ errno: 'ECONNREFUSED' });
    expect(refusal(() => tcp.connect(rig.netdev, new Uint8Array(16), 80))).toEqual({
      errno: 'EADDRNOTAVAIL',
      extack: { msg: 'the device has no address of that family', 'bad-attr': '.addr' },
    });
    expect(tcp.sockets.size).toBe(0);
  });

  test('what the wire is asked for: the peer, the own address, a port of the ephemeral range', () => {
    const { request } = dial(new Rig());
    expect(request.key).toMatchObject({ family: 4, proto: 6, src: PEER, dst: Uint8Array.of(192, 0, 2, 1), sport: 80 });
    expect(request.key.dport).toBeGreaterThanOrEqual(32_768);
    expect(request.key.dport).toBeLessThanOrEqual(60_999);
  });

  test('local ports: no two alike, the last one is followed by the first, and free again at the end', () => {
    const rig = new Rig({ random: () => 60_999 - 32_768 });
    const port = (c: ReturnType<typeof dial>) => c.request.key.dport;
    const all = [dial(rig), dial(rig), dial(rig)];
    expect(all.map(port)).toEqual([60_999, 32_768, 32_769]);
    all[0].socket.close();
    expect(port(dial(rig))).toBe(60_999);
    all[1].request.refuse('ECONNREFUSED');
    expect(port(dial(rig))).toBe(32_768);
    all[2].request.established(new RecordingPeer()).reset();
    rig.poll();
    expect([all[2].socket.state, port(dial(rig))]).toEqual(['close', 32_769]);
    expect(rig.clock.pending).toBe(0);
  });

  test('every local port taken: EADDRNOTAVAIL', () => {
    const rig = new Rig();
    const { tcp } = rig.kernel;
    rig.netdev.upstream = () => {};
    let last = tcp.connect(rig.netdev, PEER, 80);
    for (let i = 32_769; i <= 60_999; i++) last = tcp.connect(rig.netdev, PEER, 80);
    expect(refusal(() => tcp.connect(rig.netdev, PEER, 80))).toEqual({ errno: 'EADDRNOTAVAIL' });
    last.close();
    expect(tcp.connect(rig.netdev, PEER, 80).localPort).toBeGreaterThan(0);
  });

  test('syn-sent, then established', () => {
    const rig = new Rig();
    const { socket, request } = dial(rig);
    expect([socket.state, named(rig.recv(socket).ret), named(socket.send(new Uint8Array(1)))]).toEqual([
      'syn-sent',
      'EAGAIN',
      'ENOTCONN',
    ]);
    const flow = request.established(new RecordingPeer());
    expect([socket.state, flow.socket, socket.send(new Uint8Array(1))]).toEqual(['established', socket, 1]);
  });

  test('refused: the error shows once', () => {
    const rig = new Rig();
    const { socket, request } = dial(rig);
    request.refuse('EHOSTUNREACH');
    expect([socket.state, socket.takeError(), socket.takeError()]).toEqual(['close', 113, 0]);
    socket.close();
    expect(rig.kernel.tcp.sockets.size).toBe(0);
    request.refuse('EHOSTUNREACH');
  });

  test('an answer to a socket that was closed meanwhile is reset', () => {
    const rig = new Rig();
    const { socket, request } = dial(rig);
    socket.close();
    const peer = new RecordingPeer();
    request.established(peer);
    expect([peer.calls, rig.kernel.tcp.flowCount, rig.netdev.flows.size]).toEqual([['reset'], 0, 0]);
  });
});
