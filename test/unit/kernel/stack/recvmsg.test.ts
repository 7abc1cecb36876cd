import { describe, expect, test } from 'vitest';
import { NETMEM_KIND, type NetmemKind } from '../../../../src/kernel/netmem/netmem.ts';
import { SKB_FIN } from '../../../../src/kernel/stack/skb.ts';
import {
  MSG_CTRUNC,
  MSG_DONTWAIT,
  MSG_PEEK,
  MSG_SOCK_DEVMEM,
  MSG_TRUNC,
  MSG_WAITALL,
  SCM_DEVMEM_DMABUF,
  SCM_DEVMEM_LINEAR,
  SOL_TCP,
  TCP_INQ,
} from '../../../../src/uapi/socket.ts';
import { type Connection, named, pattern, Rig, type RigOptions, tokens } from '../rig.ts';

function devmem(o: RigOptions = {}, pages = 64) {
  const rig = new Rig({ driver: 'netdevsim-dma', mtu: 9000, ...o });
  const { dmabuf, binding } = rig.bound(pages);
  const c = rig.connect(0);
  return { rig, c, dmabuf, binding };
}

/** The payload that the frags and linear bytes of messages stand for. */
function payload(rig: Rig, c: Connection, bytes: Uint8Array, controllen = 80_000, len = 819_200): Uint8Array {
  const out: number[] = [];
  for (;;) {
    const got = rig.recv(c.socket, len, controllen);
    if (got.ret <= 0) return Uint8Array.from(out);
    let linear = 0;
    for (const cmsg of got.cmsgs) {
      if (cmsg.type === SCM_DEVMEM_LINEAR) {
        out.push(...got.data.subarray(linear, linear + cmsg.fragSize));
        linear += cmsg.fragSize;
      } else {
        out.push(...bytes.subarray(cmsg.fragOffset, cmsg.fragOffset + cmsg.fragSize));
      }
    }
    expect(linear).toBe(got.data.length);
  }
}

describe('devmem data', () => {
  test('without the flag: EFAULT, nothing consumed, also for a peek', () => {
    const { rig, c } = devmem();
    rig.send(c, 100);
    for (const flags of [0, MSG_PEEK]) {
      expect(named(rig.recv(c.socket, 1000, 1000, flags).ret)).toBe('EFAULT');
      expect([c.socket.inq(), c.socket.tokens.count]).toEqual([100, 0]);
    }
    expect(rig.recv(c.socket).ret).toBe(100);
  });

  test('one DMABUF message a frag; frags take no room in the iov', () => {
    const { rig, c, binding } = devmem();
    rig.send(c, 8948);
    const got = rig.recv(c.socket);
    expect([got.ret, got.flags, got.controllen, got.data.length]).toEqual([8948, 0, 120, 0]);
    expect(got.cmsgs.map((m) => [m.type, m.fragOffset, m.fragSize, m.fragToken, m.dmabufId])).toEqual([
      [SCM_DEVMEM_DMABUF, 0, 4096, 1, binding.id],
      [SCM_DEVMEM_DMABUF, 4096, 4096, 2, binding.id],
      [SCM_DEVMEM_DMABUF, 8192, 756, 3, binding.id],
    ]);
  });

  test('linear bytes come first, in the iov, with a LINEAR message that has only a size', () => {
    const { rig, c } = devmem({ driverParams: { lin: 100 } });
    rig.send(c, pattern(500));
    const got = rig.recv(c.socket);
    expect(got.cmsgs).toMatchObject([
      { type: SCM_DEVMEM_LINEAR, fragOffset: 0, fragSize: 100, fragToken: 0, dmabufId: 0 },
      { type: SCM_DEVMEM_DMABUF, fragSize: 400, fragToken: 1 },
    ]);
    expect(got.data).toEqual(pattern(100));
  });

  test.each([
    [0, 'ETOOSMALL', 0],
    [39, 'ETOOSMALL', 0],
    [40, 4096, 1],
    [79, 4096, 1],
    [80, 8192, 2],
    [119, 8192, 2],
    [120, 8948, 3],
  ] as const)('control buffer of %i bytes: %s, %i messages, never MSG_CTRUNC', (controllen, ret, count) => {
    const { rig, c } = devmem();
    rig.send(c, 8948);
    const got = rig.recv(c.socket, 819_200, controllen);
    expect([named(got.ret), got.flags, got.cmsgs.length]).toEqual([ret, 0, count]);
    // After an error the length is what the caller had offered.
    expect(got.controllen).toBe(count === 0 ? controllen : count * 40);
    expect(c.socket.tokens.count).toBe(count);
    expect(payload(rig, c, new Uint8Array(64 * 4096)).length).toBe(
      8948 - 4096 * Math.min(count, 2) - (count === 3 ? 756 : 0),
    );
  });

  test('linear bytes whose message does not fit are not counted and come again', () => {
    const { rig, c, dmabuf } = devmem({ driverParams: { lin: 50 } });
    rig.send(c, pattern(100));
    expect(named(rig.recv(c.socket, 1000, 39).ret)).toBe('ETOOSMALL');
    expect(rig.recv(c.socket, 1000, 39).data.length).toBe(0);
    const short = rig.recv(c.socket, 1000, 40);
    expect([short.ret, short.data]).toEqual([50, pattern(50)]);
    expect(payload(rig, c, dmabuf.bytes)).toEqual(pattern(50, 50));
  });

  test('a frag split over calls: a token for each piece, offsets go on', () => {
    const { rig, c } = devmem();
    rig.send(c, 1000);
    const pieces = [300, 300, 1000].map((len) => rig.recv(c.socket, len).cmsgs[0]);
    expect(pieces.map((p) => [p.fragOffset, p.fragSize, p.fragToken])).toEqual([
      [0, 300, 1],
      [300, 300, 2],
      [600, 400, 3],
    ]);
  });

  test('length 0: 0 bytes, and a message of size 0 with a live token', () => {
    const { rig, c } = devmem();
    rig.send(c, 100);
    const got = rig.recv(c.socket, 0);
    expect([got.ret, got.cmsgs.map((m) => [m.fragSize, m.fragToken])]).toEqual([0, [[0, 1]]]);
    expect([c.socket.inq(), c.socket.tokens.count]).toEqual([100, 1]);
  });

  test('MSG_PEEK hands out tokens each time and consumes nothing', () => {
    const { rig, c } = devmem();
    rig.send(c, 100);
    const peek = () => tokens(rig.recv(c.socket, 1000, 1000, MSG_SOCK_DEVMEM | MSG_PEEK));
    expect([peek(), peek(), peek()]).toEqual([[1], [2], [3]]);
    expect(c.socket.inq()).toBe(100);
    expect(tokens(rig.recv(c.socket))).toEqual([4]);
    expect(c.socket.inq()).toBe(0);
  });

  test('a peek over several packets goes on to the next one', () => {
    const { rig, c } = devmem();
    rig.send(c, 8948);
    rig.send(c, 100);
    const got = rig.recv(c.socket, 819_200, 80_000, MSG_SOCK_DEVMEM | MSG_PEEK);
    expect([got.ret, got.cmsgs.length]).toEqual([9048, 4]);
    expect(c.socket.inq()).toBe(9048);
  });

  test('MSG_TRUNC skips data: no messages, no tokens, buffers go back', () => {
    const { rig, c } = devmem();
    rig.send(c, 300);
    const got = rig.recv(c.socket, 200, 1000, MSG_SOCK_DEVMEM | MSG_TRUNC);
    expect([got.ret, got.cmsgs, got.data.length, c.socket.tokens.count]).toEqual([200, [], 0, 0]);
    expect(rig.recv(c.socket, 200, 1000, MSG_TRUNC).ret).toBe(100);
    expect(rig.pool(0).ring.count).toBe(1);
  });

  test('GRO: one packet of 8 frags with room for 3 messages', () => {
    const { rig, c, dmabuf } = devmem({ driverParams: { gro: true, chunk: 4096 }, mtu: 4148 });
    c.flow.deliver(pattern(8 * 4096), 0, 8 * 4096);
    rig.poll();
    expect(rig.recv(c.socket, 819_200, 120).ret).toBe(3 * 4096);
    expect(rig.recv(c.socket, 819_200, 120).ret).toBe(3 * 4096);
    expect(payload(rig, c, dmabuf.bytes)).toEqual(pattern(2 * 4096, 6 * 4096));
  });

  test('chained packets of a merge: every byte, whatever the control length', () => {
    for (const controllen of [40, 120, 4000]) {
      const { rig, c, dmabuf } = devmem({ driverParams: { gro: true, lin: 10 } });
      c.flow.deliver(pattern(40_000), 0, 40_000);
      rig.poll();
      expect(payload(rig, c, dmabuf.bytes, controllen, 7001)).toEqual(pattern(40_000));
    }
  });

  test('linear payload in a page, merged by TCP: ENODEV on every call, only MSG_TRUNC gets past', () => {
    const { rig, c } = devmem({ driverParams: { lin: 1000 }, mtu: 4148 });
    for (let i = 0; i < 2; i++) rig.send(c, pattern(2000));
    expect(rig.recv(c.socket, 2000).ret).toBe(2000);
    for (let i = 0; i < 3; i++) expect(named(rig.recv(c.socket).ret)).toBe('ENODEV');
    expect(rig.recv(c.socket, 1000, 0, MSG_TRUNC).ret).toBe(1000);
    expect(c.socket.inq()).toBe(1000);
  });
});

describe('ordinary data', () => {
  test('with the flag it is a normal copy without messages', () => {
    const rig = new Rig({ driver: 'netdevsim-dma', mtu: 9000 });
    const c = rig.connect(1);
    rig.send(c, pattern(9000));
    const got = rig.recv(c.socket);
    expect([got.ret, got.cmsgs, got.controllen]).toEqual([9000, [], 0]);
    expect(got.data).toEqual(pattern(9000));
  });

  test.each(['split-perfect', 'bnxt-like'] as const)('%s: host pages are read, in pieces too', (driver) => {
    const rig = new Rig({ driver, mtu: 9000, rx: 64 });
    const c = rig.connect(1);
    const sent = pattern(100_000);
    const n = rig.send(c, sent);
    expect(n).toBeGreaterThan(50_000);
    const out: number[] = [];
    for (let got = rig.recv(c.socket, 777, 0, 0); got.ret > 0; got = rig.recv(c.socket, 777, 0, 0)) {
      out.push(...got.data);
    }
    expect(Uint8Array.from(out)).toEqual(sent.subarray(0, n));
  });
});

describe('a mixture', () => {
  /** 200 ordinary bytes, 200 devmem bytes, 200 ordinary bytes. */
  const mixed = () => {
    const { rig, c } = devmem();
    const binding = rig.kernel.bindings.get(1);
    rig.session.netlink.close();
    rig.send(c, pattern(200));
    const { fd } = rig.dmabuf(64);
    const again = rig.bind(fd, [0]);
    rig.send(c, pattern(200, 200));
    rig.session.netlink.unbind(again);
    rig.send(c, pattern(200, 400));
    expect(binding).toBeDefined();
    return { rig, c };
  };

  test('a call ends at the border', () => {
    const { rig, c } = mixed();
    const calls = [rig.recv(c.socket), rig.recv(c.socket), rig.recv(c.socket)];
    expect(calls.map((m) => [m.ret, m.cmsgs.length, m.data.length])).toEqual([
      [200, 0, 200],
      [200, 1, 0],
      [200, 0, 200],
    ]);
  });

  test('without the flag it ends before the devmem data, then EFAULT', () => {
    const { rig, c } = mixed();
    expect(rig.recv(c.socket, 1000, 0, 0).ret).toBe(200);
    expect(named(rig.recv(c.socket, 1000, 0, 0).ret)).toBe('EFAULT');
  });

  test('MSG_TRUNC crosses it', () => {
    const { rig, c } = mixed();
    expect(rig.recv(c.socket, 1000, 0, MSG_TRUNC).ret).toBe(600);
  });
});

describe('TCP_INQ', () => {
  test.each([
    [64, 24, 4, 0],
    [63, 23, 4, 0],
    [60, 20, 4, 0],
    [59, 19, 0, MSG_CTRUNC],
    [56, 16, 0, MSG_CTRUNC],
    [55, 0, 0, MSG_CTRUNC],
    [40, 0, 0, MSG_CTRUNC],
  ])('control of %i bytes: %i are left for it', (controllen, used, whole, flags) => {
    const { rig, c } = devmem();
    c.socket.inqEnabled = true;
    rig.send(c, 100);
    const got = rig.recv(c.socket, 60, controllen);
    expect([got.ret, got.flags, got.controllen]).toEqual([60, flags, 40 + used]);
    const inq = got.cmsgs.find((m) => m.level === SOL_TCP && m.type === TCP_INQ);
    expect(inq?.value ?? 0).toBe(whole === 4 ? 40 : 0);
  });
});

describe('TCP_INQ at the end', () => {
  test('the FIN counts as a byte, for the message only', () => {
    const { rig, c } = devmem();
    c.socket.inqEnabled = true;
    const inq = (len: number) => {
      const got = rig.recv(c.socket, len, 200);
      return [got.ret, got.cmsgs.find((m) => m.level === SOL_TCP && m.type === TCP_INQ)?.value];
    };
    rig.send(c, 100);
    expect(inq(60)).toEqual([60, 40]);
    c.flow.fin();
    rig.poll();
    expect([c.socket.inq(), c.socket.inqHint()]).toEqual([40, 41]);
    expect(inq(30)).toEqual([30, 11]);
    expect(inq(30)).toEqual([10, 1]);
    expect(inq(30)).toEqual([0, 1]);
    expect(c.socket.inq()).toBe(0);
  });
});

test('all sockets share the tokens there are; each that comes back, also with its socket, is there again', () => {
  const { rig, c } = devmem();
  const other = rig.connect(0);
  Object.assign(rig.kernel, { maxTokens: 4 });
  rig.send(c, 8948);
  rig.send(other, 8948);
  expect(rig.recv(c.socket).ret).toBe(8948);
  expect([rig.recv(other.socket).ret, named(rig.recv(other.socket).ret)]).toEqual([4096, 'ENOMEM']);
  expect([rig.kernel.tokensHeld, other.socket.inq()]).toEqual([4, 4852]);
  c.socket.devmemDontneed([{ start: 1, count: 1 }]);
  expect([rig.recv(other.socket).ret, rig.kernel.tokensHeld]).toEqual([4096, 4]);
  c.socket.abort();
  expect(rig.kernel.tokensHeld).toBe(2);
  expect([rig.recv(other.socket).ret, rig.kernel.tokensHeld]).toEqual([756, 3]);
  rig.kernel.assertConservation();
});

describe('how much a call waits for', () => {
  const DEVMEM = MSG_SOCK_DEVMEM;
  const call = (rig: Rig, c: Connection, len: number, flags: number) => {
    const got = rig.recv(c.socket, len, 1000, DEVMEM | flags);
    return [named(got.ret), got.controllen, c.socket.inq(), c.socket.tokens.count];
  };

  test('less than SO_RCVLOWAT: nothing is taken; a shorter read needs no more than it asks for', () => {
    const { rig, c } = devmem();
    c.socket.setRcvlowat(500);
    rig.send(c, 499);
    expect(call(rig, c, 1000, 0)).toEqual(['EAGAIN', 1000, 499, 0]);
    expect(call(rig, c, 1000, MSG_PEEK)).toEqual(['EAGAIN', 1000, 499, 0]);
    expect(call(rig, c, 99, 0)).toEqual([99, 40, 400, 1]);
    rig.send(c, 100);
    expect(call(rig, c, 1000, 0)).toEqual([500, 80, 0, 3]);
  });

  test('MSG_WAITALL: nothing before everything is there', () => {
    const { rig, c } = devmem();
    rig.send(c, 600);
    expect(call(rig, c, 1000, MSG_WAITALL)).toEqual(['EAGAIN', 1000, 600, 0]);
    rig.send(c, 600);
    expect(call(rig, c, 1000, MSG_WAITALL)).toEqual([1000, 80, 200, 2]);
  });

  test('MSG_DONTWAIT takes what is there', () => {
    const { rig, c } = devmem();
    c.socket.setRcvlowat(500);
    expect(call(rig, c, 1000, MSG_DONTWAIT)).toEqual(['EAGAIN', 1000, 0, 0]);
    rig.send(c, 100);
    expect(call(rig, c, 1000, MSG_DONTWAIT)).toEqual([100, 40, 0, 1]);
    rig.send(c, 100);
    expect(call(rig, c, 1000, MSG_DONTWAIT | MSG_WAITALL)).toEqual([100, 40, 0, 2]);
  });

  test.each(['fin', 'reset'] as const)('after a %s there is nothing to wait for', (how) => {
    const { rig, c } = devmem();
    c.socket.setRcvlowat(500);
    rig.send(c, 100);
    c.flow[how]();
    rig.poll();
    expect(call(rig, c, 1000, MSG_WAITALL)).toEqual([100, 40, 0, 1]);
  });

  test('with the window closed, or the buffer full, it takes what fitted', () => {
    const rig = new Rig({ driver: 'split-perfect', rx: 64, mtu: 9000 });
    rig.bound(200);
    const c = rig.connect();
    c.socket.setRcvbuf(20_000);
    while (rig.send(c, 1000) > 0);
    const there = c.socket.inq();
    expect([c.flow.windowClosed, there > 0]).toEqual([true, true]);
    expect(rig.recv(c.socket, 10_000_000, 80_000, DEVMEM | MSG_WAITALL).ret).toBe(there);
  });
});

describe('the end', () => {
  test('nothing yet: EAGAIN; after FIN: what is queued, then 0 again and again', () => {
    const { rig, c } = devmem();
    expect(named(rig.recv(c.socket).ret)).toBe('EAGAIN');
    rig.send(c, 10);
    c.flow.fin();
    rig.poll();
    expect([rig.recv(c.socket).ret, rig.recv(c.socket).ret, rig.recv(c.socket).ret]).toEqual([10, 0, 0]);
  });

  test('after a reset: what is queued, ECONNRESET once, then 0', () => {
    const { rig, c } = devmem();
    rig.send(c, 10);
    c.flow.reset();
    rig.poll();
    const rets = [1, 2, 3, 4].map(() => named(rig.recv(c.socket).ret));
    expect(rets).toEqual([10, 'ECONNRESET', 0, 0]);
  });

  test('a reset behind a FIN does not turn the end of the stream into an error', () => {
    const { rig, c } = devmem();
    c.flow.fin();
    rig.poll();
    c.flow.reset();
    rig.poll();
    expect([rig.recv(c.socket).ret, rig.recv(c.socket).ret]).toEqual([0, 0]);
    expect(c.socket.takeError()).toBe(32);
  });

  test('a flow that closed leaves no control entry behind', () => {
    const { rig, c } = devmem();
    c.flow.fin();
    expect(c.flow.pendingControl).toBe(1);
    rig.poll();
    expect([c.flow.pendingControl, rig.kernel.skbs.live]).toEqual([0, 0]);
    expect(SKB_FIN).toBeGreaterThan(0);
  });
});

test('another provider than devmem: ENODEV', () => {
  const { rig, c } = devmem();
  rig.send(c, 100);
  const area = rig.kernel.netmems.areas.find((a) => a?.unreadable);
  (area as { kind: NetmemKind }).kind = NETMEM_KIND.IO_URING;
  expect(named(rig.recv(c.socket).ret)).toBe('ENODEV');
  expect(c.socket.tokens.count).toBe(0);
});
