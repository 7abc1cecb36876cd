import type { Kernel } from '../../src/kernel/kernel.ts';
import type { NetdevParams } from '../../src/kernel/netdev/netdev.ts';
import { Memfd } from '../../src/kernel/task/memfd.ts';
import { NetlinkSocket } from '../../src/kernel/task/netlink-socket.ts';
import { Pipe } from '../../src/kernel/task/pipe.ts';
import type { Session } from '../../src/kernel/task/session.ts';
import type { ConformanceDevices } from './conformance-recording.ts';

type Device = Omit<NetdevParams, 'txQueues' | 'rx' | 'mtu'> & { gro?: boolean };

const VETH = { driver: 'veth' } as const;
const NETDEVSIM = { driver: 'netdevsim' } as const;

/** The devices of a recording in the order of their ifindex, without loopback; the `setup` of its file in netmemd's words. */
const DEVICES: Readonly<Record<ConformanceDevices, readonly Device[]>> = {
  veth: [
    { ...VETH, name: 've1', rxQueues: 4, up: true },
    { ...VETH, name: 've0', rxQueues: 4, up: true, gro: true },
    { ...VETH, name: 'vd1', rxQueues: 1 },
    { ...VETH, name: 'vd0', rxQueues: 2, gro: true },
    { driver: 'tap', name: 'tap0', rxQueues: 2, up: true },
    { driver: 'tun', name: 'tun1', rxQueues: 1, up: true },
  ],
  netdevsim: [
    { ...NETDEVSIM, name: 'ns0', rxQueues: 4, up: true },
    { ...NETDEVSIM, name: 'ns1', rxQueues: 2 },
    { ...VETH, name: 've1', rxQueues: 2, up: true },
    { ...VETH, name: 've0', rxQueues: 4, up: true, gro: true },
  ],
};

/** Open files of the recording program that are no dmabufs: /dev/null, a socket, a memfd. */
const FDS: Readonly<Record<ConformanceDevices, readonly [number, number, number]>> = {
  veth: [7, 8, 9],
  netdevsim: [4, 5, 6],
};

/** Sets up the devices and open files that a recording was made with. */
export function setUp(kernel: Kernel, session: Session, devices: ConformanceDevices): void {
  kernel.addNetdev({ name: 'lo', loopback: true, rxQueues: 1, txQueues: 1, rx: 0, mtu: 65_536, up: true });
  // The first ids were used up by devices that are gone.
  kernel.removeNetdev(kernel.addNetdev({ name: 'old0', rxQueues: 4, txQueues: 1, rx: 16, mtu: 1500, up: true }));
  for (const { gro, up, ...device } of DEVICES[devices]) {
    const netdev = kernel.addNetdev({ ...device, txQueues: device.rxQueues, rx: 512, mtu: 1500 });
    if (gro) netdev.setFeature('rx-gro', true);
    if (up) netdev.open();
  }
  const [nothing, socket, memfd] = FDS[devices];
  const { fds } = session;
  // netmemd has no character devices; a pipe is as little of a dmabuf.
  fds.install(new Pipe(kernel.netmems), nothing);
  fds.install(new NetlinkSocket(kernel), socket);
  const file = {
    path: 'memfd',
    size: () => 4096,
    seals: () => 0,
    map: () => Promise.reject(new Error('nobody maps it')),
    close() {},
  };
  fds.install(new Memfd(file), memfd);
}
