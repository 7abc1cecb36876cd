import { expect, test } from 'vitest';
import { VirtualClock } from '../../../../src/kernel/clock.ts';
import { Kernel } from '../../../../src/kernel/kernel.ts';
import { Msghdr } from '../../../../src/kernel/stack/msghdr.ts';

const IP = new Uint8Array([192, 0, 2, 1]);

test.each(['split-perfect', 'bnxt-like', 'netdevsim-dma'] as const)(
  '%s: a full receive buffer holds the sender back and loses nothing, whatever a segment is charged',
  (driver) => {
    const kernel = new Kernel({ clock: new VirtualClock() });
    const netdev = kernel.addNetdev({ name: 'eth0', rxQueues: 1, txQueues: 1, rx: 64, mtu: 576, driver, up: true });
    kernel.tcp.listen(80, null, 1);
    let windows = 0;
    const peer = { onWindow: () => windows++, onData() {}, onShutdown() {}, onReset() {} };
    const key = { family: 4, proto: 6, src: new Uint8Array([192, 0, 2, 2]), dst: IP, sport: 1, dport: 80 } as const;
    const flow = kernel.tcp.accept(netdev, key, peer);
    const sock = flow.socket as NonNullable<typeof flow.socket>;
    sock.setRcvbuf(20_000);
    const sent = new Uint8Array(300_000).map((_, i) => i % 253);
    const msg = new Msghdr();
    let delivered = 0;
    let received = 0;
    let held = 0;
    let wrong = 0;
    for (let turn = 0; received < sent.length && turn < 10_000; turn++) {
      const offered = Math.min(65_536, sent.length - delivered);
      const taken = flow.deliver(sent, delivered, offered);
      delivered += taken;
      if (taken < offered) held++;
      while (kernel.runNapi());
      // The reader is slower than the sender: one small read for every offer.
      const ret = sock.recvmsg(msg, 3000, 0, 0);
      for (let i = 0; i < ret; i++) if (msg.iov[i] !== (received + i) % 253) wrong++;
      if (ret > 0) received += ret;
    }
    expect(received).toBe(sent.length);
    expect([sock.rcvqDrops, sock.ofoSegments]).toEqual([0, 0]);
    expect(wrong).toBe(0);
    expect(held).toBeGreaterThan(0);
    expect(windows).toBeGreaterThan(0);
    kernel.assertConservation();
  },
);
