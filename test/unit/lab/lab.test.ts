import { beforeEach, describe, expect, test } from 'vitest';
import { VirtualClock } from '../../../src/kernel/clock.ts';
import { KernelError } from '../../../src/kernel/error.ts';
import { Kernel } from '../../../src/kernel/kernel.ts';
import { setLink } from '../../../src/kernel/netdev/link.ts';
import type { Netdev } from '../../../src/kernel/netdev/netdev.ts';
import { XdpProgram } from '../../../src/kernel/netdev/xdp-program.ts';
import type { TcpSocket } from '../../../src/kernel/stack/tcp-socket.ts';
import { formatAddress } from '../../../src/lab/address.ts';
import { Lab } from '../../../src/lab/lab.ts';
import { DEFAULT_TOPOLOGY } from '../../../src/lab/topology.ts';
import type { PublishOptions, WireFactory } from '../../../src/lab/wire-factory.ts';
import { Loop } from '../../../src/loop.ts';
import { IFF_LOOPBACK, IFF_PROMISC } from '../../../src/uapi/link.ts';
import { Wires } from '../../../src/wire/wires.ts';

class FakeWire {
  closed = 0;
  stopped = 0;
  readonly stats = { accepted: 0, refused: 0, flows: 0, packets: 7, bytes: 70, stalls: 0, done: false };
  readonly listen = { host: '127.0.0.1', port: 1234 };
  readonly to = { host: '127.0.0.1', port: 1 };
  readonly port = 80;
  close(): void {
    this.closed++;
  }
  stop(): void {
    this.stopped++;
  }
}

let kernel: Kernel;
let lab: Lab;
let plugged: FakeWire[];
let publishOptions: PublishOptions<Netdev, TcpSocket>[];
let beforePublish: () => void;

beforeEach(() => {
  plugged = [];
  publishOptions = [];
  beforePublish = () => {};
  const plug = () => {
    const wire = new FakeWire();
    plugged.push(wire);
    return wire;
  };
  const wires: WireFactory<Netdev, TcpSocket> = {
    publish: async (o) => {
      publishOptions.push(o);
      await Promise.resolve();
      beforePublish();
      return plug();
    },
    upstream: plug,
    pktgen: plug,
  };
  kernel = new Kernel({ clock: new VirtualClock() });
  lab = new Lab({ kernel, wires, topology: DEFAULT_TOPOLOGY });
});

const publish = (ifindex = 2) => lab.tcpPublish({ ifindex, listen: '127.0.0.1:0' }, kernel.initSession);

function errno(fn: () => unknown): string {
  try {
    fn();
  } catch (error) {
    if (error instanceof KernelError) return error.errno;
    throw error;
  }
  return 'ok';
}

describe('topology', () => {
  test('the default one', () => {
    const [lo, eth0] = kernel.netdevs.list();
    expect([lo.name, lo.ifindex, lo.loopback]).toEqual(['lo', 1, true]);
    expect([eth0.name, eth0.ifindex, eth0.mtu, eth0.up]).toEqual(['eth0', 2, 9000, true]);
    expect([eth0.rxQueues.length, eth0.txQueues]).toEqual([8, 8]);
    expect([formatAddress(eth0.ipv4!.address), eth0.ipv4!.prefix]).toEqual(['192.0.2.1', 24]);
    expect([formatAddress(eth0.ipv6!.address), eth0.ipv6!.prefix]).toEqual(['2001:db8::1', 64]);
  });

  test('more netdevs', () => {
    const eth1 = lab.addNetdev({ 'rx-queues': 2, mtu: 1500, driver: { profile: 'netdevsim-dma', post: 4 } });
    expect([eth1.name, eth1.ifindex, eth1.rxQueues.length, eth1.ipv4]).toEqual(['eth1', 3, 2, null]);
    expect(errno(() => lab.addNetdev({ name: 'eth1' }))).toBe('EEXIST');
    for (const name of ['', '.', '..', 'a/b', 'a b', 'a:b', 'x'.repeat(16)]) {
      expect(errno(() => lab.addNetdev({ name }))).toBe('EINVAL');
    }
    expect(errno(() => lab.addNetdev({ mtu: 67 }))).toBe('ERANGE');
    expect(errno(() => lab.addNetdev({ 'rx-queues': 1.5 }))).toBe('ERANGE');
    expect(errno(() => lab.addNetdev({ addresses: ['10.0.0.1/33'] }))).toBe('EINVAL');
    expect(errno(() => lab.addNetdev({ addresses: ['10.0.0.1/8', '10.0.0.2/8'] }))).toBe('EINVAL');
    expect(errno(() => lab.addNetdev({ driver: { profile: 'e1000' } }))).toBe('EINVAL');
    expect(errno(() => lab.addNetdev({ driver: { prost: 1 } }))).toBe('EINVAL');
    expect(kernel.netdevs.list()).toHaveLength(3);
  });
});

describe('wires', () => {
  test('numbers are shared by all kinds', async () => {
    expect((await publish()).id).toBe(1);
    expect(lab.tcpUpstream({ ifindex: 2, to: 'localhost:80' }).id).toBe(2);
    expect(lab.pktgenStart({ ifindex: 2, dstPort: 5201 }).id).toBe(3);
    expect([...lab.publishes()].map((p) => p.id)).toEqual([1]);
    expect(errno(() => lab.tcpUnpublish(2))).toBe('ENOENT');
    lab.tcpUnpublish(1);
    lab.tcpUpstreamDel(2);
    expect(lab.pktgenStop(3)).toMatchObject({ packets: 7 });
    expect(plugged.map((w) => [w.closed, w.stopped])).toEqual([
      [1, 0],
      [1, 0],
      [0, 1],
    ]);
    expect(errno(() => lab.tcpUnpublish(1))).toBe('ENOENT');
  });

  test('what makes no sense is refused before anything opens', async () => {
    await expect(publish(9)).rejects.toMatchObject({ errno: 'ENODEV' });
    for (const [request, why] of [
      [{ listen: 'nonsense' }, 'EINVAL'],
      [{ port: 0 }, 'ERANGE'],
      [{ to: { connect: '*:5201' } }, 'EINVAL'],
      [{ to: { connect: '127.0.0.1:0' } }, 'EINVAL'],
    ] as const) {
      const attempt = lab.tcpPublish({ ifindex: 2, listen: '127.0.0.1:0', ...request }, kernel.initSession);
      await expect(attempt).rejects.toMatchObject({ errno: why });
    }
    expect(errno(() => lab.pktgenStart({ ifindex: 2, dstPort: 70_000 }))).toBe('ERANGE');
    expect(publishOptions).toEqual([]);
  });

  test('a netdev goes after its wires', async () => {
    const eth1 = lab.addNetdev({});
    await publish(eth1.ifindex);
    await publish(2);
    let there = false;
    plugged[0].close = () => {
      there = kernel.netdevs.get(eth1.ifindex) === eth1;
    };
    lab.delNetdev(eth1.ifindex);
    expect(there).toBe(true);
    expect(plugged[1].closed).toBe(0);
    expect(kernel.netdevs.get(eth1.ifindex)).toBeUndefined();
    expect(errno(() => lab.delNetdev(eth1.ifindex))).toBe('ENODEV');
    expect(errno(() => lab.delNetdev(1))).toBe('EOPNOTSUPP');
  });

  test('a netdev that goes while its port opens', async () => {
    const eth1 = lab.addNetdev({});
    beforePublish = () => lab.delNetdev(eth1.ifindex);
    await expect(publish(eth1.ifindex)).rejects.toMatchObject({ errno: 'ENODEV' });
    expect(plugged[0].closed).toBe(1);
    expect([...lab.publishes()]).toEqual([]);
  });

  test('sockets of relayed connections become fds of the session, and can be taken back', async () => {
    const session = kernel.openSession();
    await lab.tcpPublish({ ifindex: 2, listen: '127.0.0.1:0', to: { connect: '127.0.0.1:9' } }, session);
    const adopt = publishOptions[0].to!.adopt;
    const peer = { onWindow() {}, onData() {}, onShutdown() {}, onReset() {} };
    const key = {
      family: 4,
      proto: 6,
      src: Uint8Array.of(192, 0, 2, 2),
      dst: Uint8Array.of(192, 0, 2, 1),
      sport: 1,
      dport: 2,
    } as const;
    const { socket } = kernel.tcp.attach(kernel.netdevs.get(2)!, key, peer);
    const release = adopt(socket);
    expect(session.fds.list()).toEqual([[3, socket]]);
    release();
    expect(session.fds.list()).toEqual([]);
    release();
    session.close();
    expect(errno(() => adopt(socket))).toBe('ESRCH');
  });
});

describe('reset', () => {
  test('puts loopback back, which no reset can replace', () => {
    const [lo] = kernel.netdevs.list();
    setLink(lo, { ifname: 'x', mtu: 100, address: Uint8Array.of(2, 0, 0, 0, 0, 1), flags: IFF_PROMISC });
    lo.xdp.attach(new XdpProgram(kernel, false), null, 0);
    expect(lo).toMatchObject({ name: 'x', up: false });
    lab.reset();
    expect(kernel.netdevs.get(1)).toBe(lo);
    expect(lo).toMatchObject({ name: 'lo', mtu: 65_536, up: true, flags: IFF_LOOPBACK, address: new Uint8Array(6) });
    expect(lo.xdp.programs).toBe(0);
  });

  test('brings the start topology back', async () => {
    lab.addNetdev({ name: 'eth7' });
    lab.delNetdev(2);
    await publish(3);
    const session = kernel.openSession();
    const lo = kernel.netdevs.get(1);
    lab.reset();
    expect(plugged[0].closed).toBe(1);
    expect(session.state).toBe('closed');
    expect(kernel.initSession.state).toBe('open');
    expect(kernel.netdevs.list().map((n) => [n.name, n.ifindex])).toEqual([
      ['lo', 1],
      ['eth0', 2],
    ]);
    expect(kernel.netdevs.get(1)).toBe(lo);
    expect((await publish(2)).id).toBe(1);
  });

  test("puts the daemon's own session back on CPU 0", () => {
    kernel.initSession.setAffinity(1);
    lab.reset();
    expect(kernel.initSession.cpu).toBe(0);
  });
});

test('the kernel fits the real wires', async () => {
  const loop = new Loop();
  const clock = new VirtualClock();
  const real = new Kernel({ clock, schedule: loop.schedule });
  loop.attach(real);
  const bench = new Lab({ kernel: real, wires: new Wires({ loop, kernel: real, clock }), topology: DEFAULT_TOPOLOGY });
  const { wire } = await bench.tcpPublish({ ifindex: 2, listen: '127.0.0.1:0' }, real.initSession);
  expect(wire.port).toBe(wire.listen.port);
  expect(errno(() => bench.pktgenStart({ ifindex: 2, dstPort: 5201 }))).toBe('ECONNREFUSED');
  bench.close();
  loop.close();
});
