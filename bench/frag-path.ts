import { VirtualClock } from '../src/kernel/clock.ts';
import { Dmabuf, defaultRuns } from '../src/kernel/dmabuf/dmabuf.ts';
import { Kernel } from '../src/kernel/kernel.ts';
import { bindRx } from '../src/kernel/netdev/bind-rx.ts';
import { Msghdr } from '../src/kernel/stack/msghdr.ts';
import type { TcpFlow } from '../src/kernel/stack/tcp-flow.ts';
import type { TcpSocket } from '../src/kernel/stack/tcp-socket.ts';
import { MSG_SOCK_DEVMEM } from '../src/uapi/socket.ts';
import { PATTERN_PERIOD, patternTable } from '../src/wire/pattern.ts';
import { type Figure, measurement } from './figure.ts';
import { ROUNDS, spread } from './rounds.ts';

const MTU = 4148;
const MSS = 4096;
const PAGES = 4096;
const PORT = 5201;
/** Frags of one round. */
const FRAGS = 1_000_000;
/** Segments delivered before the NAPI runs. */
const BURST = 64;

const silentPeer = { onWindow() {}, onData() {}, onShutdown() {}, onReset() {} };

/** A kernel without a daemon around it, and an established flow into a bound queue. */
function prepare(): { kernel: Kernel; flow: TcpFlow; sock: TcpSocket } {
  const kernel = new Kernel({ clock: new VirtualClock() });
  const ip = new Uint8Array([192, 0, 2, 1]);
  const netdev = kernel.addNetdev({
    name: 'eth0',
    rxQueues: 2,
    txQueues: 2,
    rx: 512,
    mtu: MTU,
    ipv4: { address: ip, prefix: 24 },
    driver: 'split-perfect',
    up: true,
  });
  netdev.rings.set({ tcpDataSplit: 'enabled', hdsThresh: 0 });
  const size = PAGES * 4096;
  const memory = { bytes: new Uint8Array(size), size, path: '', release() {} };
  const session = kernel.openSession();
  const fd = session.fds.install(new Dmabuf('system', memory, defaultRuns('system', PAGES, false)));
  const src = new Uint8Array([192, 0, 2, 2]);
  const key = { family: 4, proto: 6, src, dst: ip, sport: 40_000, dport: PORT } as const;
  bindRx(kernel, session, session.netlink, netdev.ifindex, fd, [{ id: netdev.steer(key).index, type: 0 }]);
  kernel.tcp.listen(PORT, null, 4);
  const flow = kernel.tcp.accept(netdev, key, silentPeer);
  return { kernel, flow, sock: flow.socket as TcpSocket };
}

/**
 * The kernel core alone, in this process: pool, driver with its copy, NAPI, GRO, TCP, recvmsg, token return. Also what a
 * million frags leave on the heap, and how much they allocate meanwhile.
 */
export async function fragPath(): Promise<Figure[]> {
  const { kernel, flow, sock } = prepare();
  const msg = new Msghdr();
  const table = patternTable();
  const all = [{ start: 1, count: 1024 }];
  let at = 0;
  const run = (frags: number): void => {
    for (let done = 0; done < frags; done += BURST) {
      for (let i = 0; i < BURST; i++) {
        if (flow.deliver(table, at % PATTERN_PERIOD, MSS) !== MSS) throw new Error('held back');
        at += MSS;
      }
      while (kernel.runNapi());
      while (sock.recvmsg(msg, 819_200, 80_000, MSG_SOCK_DEVMEM) > 0);
      if (sock.devmemDontneed(all) !== BURST) throw new Error('frags were lost');
    }
  };
  const copyOnly = (frags: number): void => {
    const target = new Uint8Array(PAGES * 4096);
    for (let i = 0; i < frags; i++) {
      const from = (i * MSS) % PATTERN_PERIOD;
      target.set(table.subarray(from, from + MSS), (i % 1024) * 4096);
    }
  };
  run(FRAGS / 10);
  copyOnly(FRAGS / 10);
  const whole: number[] = [];
  const copy: number[] = [];
  const heap: number[] = [];
  for (let i = 0; i < ROUNDS; i++) {
    const before = process.memoryUsage().heapUsed;
    let started = performance.now();
    run(FRAGS);
    whole.push(((performance.now() - started) * 1e6) / FRAGS);
    heap.push((process.memoryUsage().heapUsed - before) / FRAGS);
    started = performance.now();
    copyOnly(FRAGS);
    copy.push(((performance.now() - started) * 1e6) / FRAGS);
  }
  kernel.assertConservation();
  const about = { mtu: MTU, unit: 'ns' };
  return [
    measurement({ ...about, name: 'frag_path_ns', what: 'a 4 KiB frag through the kernel core' }, spread(whole)),
    measurement({ ...about, name: 'frag_copy_ns', what: 'of which the copy into the dmabuf' }, spread(copy)),
    measurement(
      { mtu: MTU, unit: 'bytes', name: 'frag_path_heap', what: 'heap growth a frag, over a million' },
      spread(heap),
    ),
  ];
}
