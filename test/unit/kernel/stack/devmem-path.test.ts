import { expect, test } from 'vitest';
import { VirtualClock } from '../../../../src/kernel/clock.ts';
import { Dmabuf, defaultRuns } from '../../../../src/kernel/dmabuf/dmabuf.ts';
import { Kernel } from '../../../../src/kernel/kernel.ts';
import { bindRx } from '../../../../src/kernel/netdev/bind-rx.ts';
import { Msghdr } from '../../../../src/kernel/stack/msghdr.ts';
import { decodeCmsgs } from '../../../../src/uapi/cmsg.ts';
import { MSG_SOCK_DEVMEM, SCM_DEVMEM_DMABUF } from '../../../../src/uapi/socket.ts';

const silentPeer = { onWindow() {}, onData() {}, onShutdown() {}, onReset() {} };

test.each(['split-perfect', 'bnxt-like', 'netdevsim-dma'] as const)(
  '%s: payload lands once in the dmabuf, comes out as tokens, and every buffer comes back',
  (driver) => {
    const clock = new VirtualClock(1000);
    const kernel = new Kernel({ clock });
    kernel.addNetdev({ name: 'lo', loopback: true, rxQueues: 1, txQueues: 1, rx: 0, mtu: 65_536, up: true });
    const ip = new Uint8Array([192, 0, 2, 1]);
    const netdev = kernel.addNetdev({
      name: 'eth0',
      rxQueues: 8,
      txQueues: 8,
      rx: 64,
      mtu: 1500,
      ipv4: { address: ip, prefix: 24 },
      driver,
      up: true,
    });
    const size = 256 * 4096;
    const bytes = new Uint8Array(size);
    let released = false;
    const memory = { bytes, size, path: '', release: () => (released = true) };
    const session = kernel.openSession();
    const fd = session.fds.install(new Dmabuf('system', memory, defaultRuns('system', 256, false)));
    netdev.rings.set({ tcpDataSplit: 'enabled', hdsThresh: 0 });
    const port = 5001;
    const key = {
      family: 4,
      proto: 6,
      src: new Uint8Array([192, 0, 2, 2]),
      dst: ip,
      sport: 40_000,
      dport: port,
    } as const;
    const id = bindRx(kernel, session, session.netlink, netdev.ifindex, fd, [{ id: netdev.steer(key).index, type: 0 }]);
    kernel.tcp.listen(port, null, 4);
    const flow = kernel.tcp.accept(netdev, key, silentPeer);
    const sock = flow.socket as NonNullable<typeof flow.socket>;
    const sent = new Uint8Array(200_000).map((_, i) => i % 251);
    const msg = new Msghdr();
    let delivered = 0;
    let received = 0;
    let wrong = 0;
    for (let turn = 0; received < sent.length && turn < 1000; turn++) {
      delivered += flow.deliver(sent, delivered, sent.length - delivered);
      while (kernel.runNapi());
      for (;;) {
        const ret = sock.recvmsg(msg, 819_200, 80_000, MSG_SOCK_DEVMEM);
        if (ret < 0) break;
        for (const cmsg of decodeCmsgs(msg.control, msg.controllen)) {
          expect(cmsg.type).toBe(SCM_DEVMEM_DMABUF);
          expect(cmsg.dmabufId).toBe(id);
          for (let i = 0; i < cmsg.fragSize; i++) if (bytes[cmsg.fragOffset + i] !== (received + i) % 251) wrong++;
          received += cmsg.fragSize;
        }
        sock.devmemDontneed([{ start: 1, count: 1024 }]);
        kernel.assertConservation();
      }
    }
    expect(received).toBe(sent.length);
    expect(wrong).toBe(0);
    session.close();
    clock.advance(2000);
    expect(released).toBe(true);
    kernel.assertConservation();
    expect(kernel.conservationFaults).toBe(0);
  },
);
