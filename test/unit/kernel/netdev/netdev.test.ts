import { describe, expect, test } from 'vitest';
import { Netdev } from '../../../../src/kernel/netdev/netdev.ts';
import { Rig, refusal } from '../rig.ts';

test('ifindex 1 is loopback, names and numbers are unique', () => {
  const rig = new Rig();
  const add = (name: string, ifindex?: number) =>
    rig.kernel.addNetdev({ name, ifindex, rxQueues: 1, txQueues: 1, rx: 8, mtu: 1500 });
  expect(refusal(() => add('eth0'))).toEqual({ errno: 'EEXIST', extack: { 'bad-attr': '.name' } });
  expect(refusal(() => add('eth1', 2))).toEqual({ errno: 'EEXIST', extack: { 'bad-attr': '.ifindex' } });
  expect([add('eth1', 9).ifindex, add('eth2').ifindex]).toEqual([9, 10]);
  expect(rig.kernel.netdevs.list().map((n) => n.name)).toEqual(['lo', 'eth0', 'eth1', 'eth2']);
});

describe('adding a device that is up', () => {
  const params = { name: 'eth1', rxQueues: 1, txQueues: 1, rx: 8, mtu: 1500, up: true } as const;
  const observed = (rig: Rig) => {
    const seen: string[] = [];
    rig.kernel.events.subscribe('netdev/mgmt', (name, msg) => seen.push(`${name} ${msg.ifindex}`));
    rig.kernel.events.subscribe('netdev/page-pool', (name, msg) => seen.push(`${name} ${msg.ifindex}`));
    return seen;
  };

  test('is told before its pools are', () => {
    const rig = new Rig();
    const seen = observed(rig);
    rig.kernel.addNetdev(params);
    expect(seen.slice(0, 2)).toEqual(['dev-add-ntf 3', 'page-pool-add-ntf 3']);
  });

  test('is taken back when it cannot be opened', () => {
    const rig = new Rig();
    const seen = observed(rig);
    const { open } = Netdev.prototype;
    Netdev.prototype.open = () => {
      throw new Error('no memory');
    };
    try {
      expect(() => rig.kernel.addNetdev({ ...params, name: 'eth2' })).toThrow('no memory');
    } finally {
      Netdev.prototype.open = open;
    }
    expect(seen).toEqual(['dev-add-ntf 3', 'dev-del-ntf 3']);
    expect([rig.kernel.netdevs.byName('eth2'), rig.kernel.netdevs.get(3)]).toEqual([undefined, undefined]);
    expect(rig.kernel.addNetdev({ ...params, name: 'eth2' }).ifindex).toBe(4);
  });
});

test('an ifindex is not used again', () => {
  const rig = new Rig();
  rig.kernel.removeNetdev(rig.netdev);
  const again = rig.kernel.addNetdev({ name: 'eth0', rxQueues: 1, txQueues: 1, rx: 8, mtu: 1500 });
  expect(again.ifindex).toBe(3);
});

test('loopback cannot be removed', () => {
  const rig = new Rig();
  const lo = rig.kernel.netdevs.byName('lo');
  expect(refusal(() => rig.kernel.removeNetdev(lo as never))).toEqual({ errno: 'EOPNOTSUPP' });
});

describe('open and close', () => {
  test('twice is once', () => {
    const rig = new Rig();
    rig.events();
    rig.netdev.open();
    expect(rig.events()).toEqual([]);
    rig.netdev.close();
    rig.netdev.close();
    expect(rig.events()).toHaveLength(2);
  });

  test('a queue whose memory cannot be made: those before it are freed, the device stays down', () => {
    const rig = new Rig({ rxQueues: 3, up: false });
    const { driver } = rig.netdev;
    const alloc = driver.allocQueueMemory.bind(driver);
    driver.allocQueueMemory = (queue) => {
      if (queue.index === 2) throw new Error('no memory');
      return alloc(queue);
    };
    expect(() => rig.netdev.open()).toThrow('no memory');
    expect(rig.netdev.up).toBe(false);
    expect(rig.events().map((n) => n.split(' ')[0])).toEqual(['add', 'add', 'del', 'del']);
  });

  test('a flow that finds the device down waits and is called when it is up', () => {
    const rig = new Rig();
    const c = rig.connect();
    rig.netdev.close();
    expect(rig.send(c, 100)).toBe(0);
    expect(c.peer.calls).toEqual([]);
    rig.netdev.open();
    expect(c.peer.calls).toEqual(['window']);
    expect(rig.send(c, 100)).toBe(100);
  });

  test('state changes sent to a device that is down arrive after it is up', () => {
    const rig = new Rig();
    const c = rig.connect();
    rig.netdev.close();
    c.flow.fin();
    rig.poll();
    expect(c.socket.state).toBe('established');
    rig.netdev.open();
    rig.poll();
    expect(c.socket.state).toBe('close-wait');
  });
});

test('a state change kept for a device that is down dies with its flow', () => {
  const rig = new Rig();
  const c = rig.connect();
  rig.netdev.close();
  c.flow.fin();
  c.socket.abort();
  rig.netdev.open();
  rig.poll();
  expect([rig.kernel.tcp.flowCount, rig.kernel.skbs.live]).toEqual([0, 0]);
});

describe('removal', () => {
  test('connections are reset, in both directions, and forgotten', () => {
    const rig = new Rig();
    const c = rig.connect();
    c.flow.deliver(new Uint8Array(100), 0, 100);
    rig.kernel.removeNetdev(rig.netdev);
    expect(c.peer.calls).toEqual(['reset']);
    expect([c.socket.state, rig.kernel.tcp.flowCount, rig.netdev.flows.size]).toEqual(['close', 0, 0]);
    expect(rig.recv(c.socket).ret).toBeLessThan(0);
    rig.kernel.assertConservation();
  });

  test('what is queued stays readable until the error shows', () => {
    const rig = new Rig();
    const c = rig.connect();
    rig.send(c, 100);
    rig.kernel.removeNetdev(rig.netdev);
    expect([rig.recv(c.socket).ret, rig.recv(c.socket).ret, rig.recv(c.socket).ret]).toEqual([100, -104, 0]);
  });

  test('dev-del comes before the pools move', () => {
    const rig = new Rig();
    const c = rig.connect();
    rig.send(c, 100);
    const seen: string[] = [];
    rig.kernel.events.subscribe('netdev/mgmt', (name, msg) => seen.push(`${name} ${msg.ifindex}`));
    rig.kernel.events.subscribe('netdev/page-pool', (name) => seen.push(name));
    rig.kernel.removeNetdev(rig.netdev);
    const at = seen.indexOf('dev-del-ntf 2');
    expect(at).toBeGreaterThan(0);
    expect(seen.slice(at + 1)).toEqual(['page-pool-change-ntf']);
  });

  test('a connect that is answered after the removal finds no device', () => {
    const rig = new Rig();
    let request: Parameters<NonNullable<typeof rig.netdev.upstream>>[0] | undefined;
    rig.netdev.upstream = (r) => {
      request = r;
    };
    const socket = rig.kernel.tcp.connect(rig.netdev, Uint8Array.of(192, 0, 2, 2), 80);
    rig.kernel.removeNetdev(rig.netdev);
    const calls: string[] = [];
    request?.established({ onWindow() {}, onData() {}, onShutdown() {}, onReset: () => void calls.push('reset') });
    expect(calls).toEqual(['reset']);
    expect([socket.state, rig.kernel.tcp.flowCount]).toEqual(['close', 0]);
  });
});

test('features: fixed ones are listed, a change is told from none', () => {
  const { netdev } = new Rig();
  expect(netdev.setFeature('rx-gro', true)).toBe(false);
  expect(netdev.setFeature('rx-gro', false)).toBe(true);
  expect(netdev.features.has('rx-gro')).toBe(false);
  expect(netdev.fixedFeatures.has('rx-hashing')).toBe(true);
});

describe('netdevsim', () => {
  const napis = (rig: Rig) => rig.netdev.rxQueues.map((queue) => queue.napi.id);
  const shown = (rig: Rig) => rig.messages.splice(0).map((message) => message['napi-id']);

  test.each([
    ['6.12', 'has new NAPIs each time it is opened, and its pools say so at once', [8194, 8195], [8194, 8195]],
    ['7.3', 'keeps its NAPIs; the first pools do not know them yet', [8192, 8193], [8192, 8193]],
  ] as const)('%s: it %s', (release, _, reopened, told) => {
    const rig = new Rig({ driver: 'netdevsim', release, up: false });
    const first = napis(rig);
    rig.netdev.open();
    expect(napis(rig)).toEqual(first);
    expect(shown(rig)).toEqual(release === '6.12' ? first : [undefined, undefined]);
    rig.netdev.close();
    shown(rig);
    rig.netdev.open();
    const base = first[0] - 8192;
    expect([napis(rig), shown(rig)]).toEqual([reopened.map((id) => id + base), told.map((id) => id + base)]);
  });

  test('has no device for DMA and takes no provider', () => {
    const rig = new Rig({ driver: 'netdevsim' }).split();
    expect(rig.netdev.driver.dmaDevice).toBeNull();
    expect(refusal(() => rig.bind(rig.dmabuf(4).fd, [0]))).toEqual({
      errno: 'EOPNOTSUPP',
      extack: { msg: "Device doesn't support DMA" },
    });
  });

  test('packets do not come from its pools', () => {
    const rig = new Rig({ driver: 'netdevsim' });
    const c = rig.connect();
    rig.send(c, 3000);
    expect([rig.recv(c.socket, 4000, 0, 0).data.length, rig.pool(0).inflight]).toEqual([3000, 0]);
  });
});
