import fc from 'fast-check';
import { VirtualClock } from '../../src/kernel/clock.ts';
import { Dmabuf } from '../../src/kernel/dmabuf/dmabuf.ts';
import { DRIVER_PROFILES, type DriverProfile, driverParams } from '../../src/kernel/driver/driver-params.ts';
import { KernelError } from '../../src/kernel/error.ts';
import { Kernel } from '../../src/kernel/kernel.ts';
import { bindRx } from '../../src/kernel/netdev/bind-rx.ts';
import type { DevmemBinding } from '../../src/kernel/netdev/devmem-binding.ts';
import type { Netdev } from '../../src/kernel/netdev/netdev.ts';
import { resetQueue } from '../../src/kernel/netdev/queue-reset.ts';
import { NETMEM_STATE } from '../../src/kernel/netmem/netmem.ts';
import type { PagePool } from '../../src/kernel/netmem/page-pool.ts';
import type { KernelRelease } from '../../src/kernel/profile.ts';
import { Msghdr } from '../../src/kernel/stack/msghdr.ts';
import type { TcpFlow } from '../../src/kernel/stack/tcp-flow.ts';
import type { TcpSocket } from '../../src/kernel/stack/tcp-socket.ts';
import { NetlinkSocket } from '../../src/kernel/task/netlink-socket.ts';
import { decodeCmsgs } from '../../src/uapi/cmsg.ts';
import { ERRNO } from '../../src/uapi/errno.ts';
import { PAGE_SIZE } from '../../src/uapi/limits.ts';
import { MSG_PEEK, MSG_SOCK_DEVMEM, MSG_TRUNC, SCM_DEVMEM_DMABUF } from '../../src/uapi/socket.ts';
import { type Model, often } from './command.ts';

const QUEUES = 2;
const MAX_CONNECTIONS = 4;
const MAX_BINDINGS = 4;

/** Drivers whose queues can be bound. */
export const BINDABLE: readonly DriverProfile[] = DRIVER_PROFILES.filter(
  (driver) => driverParams(driver, {}, 1500).dma,
);

/** A frag that user space holds, and the bytes that must stay under it. */
interface Held {
  at: number;
  size: number;
  from: number;
  /** The memory may have been bound a second time, and then is overwritten, as on Linux. */
  bytes: Uint8Array;
  epoch: number;
}

interface Connection {
  flow: TcpFlow;
  socket: TcpSocket;
  /** Stream positions: taken by deliver(), read by recvmsg(). */
  sent: number;
  read: number;
  tokens: Map<number, Held>;
  zeroUsable: boolean;
  fin: boolean;
  ended: boolean;
}

interface Binding {
  binding: DevmemBinding;
  netlink: NetlinkSocket;
  memory: Memory;
}

interface Memory {
  bytes: Uint8Array;
  dmabuf: Dmabuf;
  released: boolean;
  /** Times it was bound. */
  epoch: number;
}

/** Byte `position` of connection `salt`'s stream. */
const streamByte = (salt: number, position: number): number => (position * 7 + salt * 31 + (position >> 8)) & 0xff;

function assert(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(what);
}

/** What a run really did: a run in which nothing happened proves nothing. */
export interface Coverage {
  commands: number;
  frags: number;
  returned: number;
  bytes: number;
  binds: number;
  detached: number;
  /** Reads whose packets were left to another CPU. */
  deferred: number;
}

/** The kernel under test, and everything a careful observer knows about what it should do. */
export class World {
  readonly clock = new VirtualClock(1000);
  readonly kernel: Kernel;
  netdev: Netdev;
  readonly driver: DriverProfile;
  readonly connections: (Connection | null)[] = new Array(MAX_CONNECTIONS).fill(null);
  readonly bindings: Binding[] = [];
  readonly memories: Memory[] = [];
  readonly msg = new Msghdr(4096, 4096);
  readonly pools = new Map<number, 'attached' | 'detached'>();
  /** FNV-1a over everything that could be seen from outside. */
  trace = 0x811c_9dc5;
  readonly coverage: Coverage = { commands: 0, frags: 0, returned: 0, bytes: 0, binds: 0, detached: 0, deferred: 0 };
  #ports = 0;
  #netdevs = 0;

  constructor(release: KernelRelease, driver: DriverProfile) {
    this.driver = driver;
    this.kernel = new Kernel({
      clock: this.clock,
      release,
      log: (level, event, fields) => {
        this.note(`${level} ${event}`);
        if (level === 'error') throw new Error(`${event} ${JSON.stringify(fields)}`);
      },
    });
    this.kernel.events.subscribe('netdev/page-pool', (name, msg) => {
      this.note(`${name} ${JSON.stringify(msg)}`);
      const id = msg.id as number;
      const known = this.pools.get(id);
      if (name === 'page-pool-add-ntf') {
        assert(known === undefined, `pool ${id} added twice`);
        this.pools.set(id, 'attached');
      } else if (name === 'page-pool-del-ntf') {
        assert(known !== undefined, `pool ${id} deleted but never added`);
        assert(msg.inflight === 0, `pool ${id} deleted with ${msg.inflight} in flight`);
        this.pools.delete(id);
      } else {
        assert(known !== undefined, `pool ${id} changed but never added`);
        if (msg['detach-time'] !== undefined) {
          this.pools.set(id, 'detached');
          this.coverage.detached++;
        }
      }
    });
    this.kernel.addNetdev({ name: 'lo', loopback: true, rxQueues: 1, txQueues: 1, rx: 0, mtu: 65_536, up: true });
    this.netdev = this.addNetdev();
  }

  addNetdev(): Netdev {
    this.netdev = this.kernel.addNetdev({
      name: `eth${this.#netdevs++}`,
      rxQueues: QUEUES,
      txQueues: 1,
      rx: 8,
      mtu: 9000,
      driver: this.driver,
      up: true,
    });
    this.netdev.rings.set({ tcpDataSplit: 'enabled', hdsThresh: 0 });
    return this.netdev;
  }

  note(text: string): void {
    for (let i = 0; i < text.length; i++) this.mix(text.charCodeAt(i));
  }

  mix(n: number): void {
    this.trace = Math.imul(this.trace ^ (n & 0xff), 0x0100_0193);
  }

  poll(cpu = 0): void {
    for (let turn = 0; this.kernel.runNapi(cpu); turn++) assert(turn < 10_000, 'polling does not end');
  }

  // ---- what users and peers do ----

  connect(slot: number, queue: number): void {
    if (this.connections[slot] !== null) return;
    const n = this.#ports++;
    const dport = (1 + n) * QUEUES + queue;
    const key = {
      family: 4,
      proto: 6,
      src: Uint8Array.of(192, 0, 2, 2),
      dst: Uint8Array.of(192, 0, 2, 1),
      sport: 1024 + (n % 60_000),
      dport,
    } as const;
    const { flow, socket } = this.kernel.tcp.attach(this.netdev, key, {
      onWindow: () => this.note('w'),
      onData: () => this.note('d'),
      onShutdown: () => this.note('s'),
      onReset: () => this.note('r'),
    });
    this.connections[slot] = {
      flow,
      socket,
      sent: 0,
      read: 0,
      tokens: new Map(),
      zeroUsable: false,
      fin: false,
      ended: false,
    };
  }

  /** The peer sends; where there is no connection to send on, there is a new one first. */
  deliver(slot: number, size: number): void {
    if (this.connections[slot]?.fin || this.connections[slot]?.ended) this.closeSocket(slot);
    if (this.connections[slot] === null) this.connect(slot, slot % QUEUES);
    const c = this.connections[slot] as Connection;
    const bytes = new Uint8Array(size);
    for (let i = 0; i < size; i++) bytes[i] = streamByte(slot, c.sent + i);
    const n = c.flow.deliver(bytes, 0, size);
    assert(n >= 0 && n <= size, `deliver took ${n} of ${size}`);
    c.sent += n;
    this.mix(n);
  }

  recv(slot: number, len: number, controllen: number, flags: number, cpu: number): void {
    const c = this.connections[slot];
    if (c === null) return;
    const { msg } = this;
    const before = c.socket.inq();
    const { deferred } = this.kernel;
    const listed = deferred.count(0) + deferred.count(1);
    const ret = c.socket.recvmsg(msg, len, controllen, flags, cpu);
    if (deferred.count(0) + deferred.count(1) > listed) this.coverage.deferred++;
    this.note(`recv ${ret}`);
    if (ret < 0) {
      const allowed = [ERRNO.EAGAIN, ERRNO.EFAULT, ERRNO.ETOOSMALL, ERRNO.ECONNRESET, ERRNO.EPIPE];
      assert((allowed as number[]).includes(-ret), `recvmsg failed with ${ret}`);
      if (ret === -ERRNO.EFAULT) assert((flags & MSG_SOCK_DEVMEM) === 0, 'EFAULT despite the flag');
      if (ret === -ERRNO.ETOOSMALL) assert(controllen < 40, 'ETOOSMALL with room for a message');
      assert(c.socket.inq() === before, 'a failed call consumed data');
      return;
    }
    assert(ret <= Math.max(len, 0), `recvmsg returned ${ret} of ${len}`);
    let linear = 0;
    let covered = 0;
    for (const cmsg of decodeCmsgs(msg.control, msg.controllen)) {
      for (const n of [cmsg.type, cmsg.fragOffset >> 12, cmsg.fragOffset, cmsg.fragSize, cmsg.fragToken]) this.mix(n);
      if (cmsg.type === SCM_DEVMEM_DMABUF) {
        const ref = c.socket.tokens.ref[cmsg.fragToken];
        const { area } = this.kernel.netmems;
        const { bindingId } = this.kernel.netmems.areas[area[ref]];
        assert(bindingId === cmsg.dmabufId, `token ${cmsg.fragToken} names binding ${bindingId}`);
        const memory = this.#byBinding.get(cmsg.dmabufId);
        assert(memory !== undefined && !memory.released, `frag of binding ${cmsg.dmabufId}, which is gone`);
        assert(!c.tokens.has(cmsg.fragToken), `token ${cmsg.fragToken} handed out twice`);
        let lowest = c.zeroUsable ? 0 : 1;
        while (c.tokens.has(lowest)) lowest++;
        assert(cmsg.fragToken === lowest, `token ${cmsg.fragToken} where ${lowest} is free`);
        c.tokens.set(cmsg.fragToken, {
          at: cmsg.fragOffset,
          size: cmsg.fragSize,
          from: c.read + covered,
          bytes: memory.bytes,
          epoch: memory.epoch,
        });
        this.#checkHeld(slot, cmsg.fragToken);
        covered += cmsg.fragSize;
        this.coverage.frags++;
      } else {
        this.#checkBytes(slot, msg.iov, linear, cmsg.fragSize, c.read + covered);
        linear += cmsg.fragSize;
        covered += cmsg.fragSize;
      }
    }
    if ((flags & MSG_TRUNC) !== 0) assert(msg.controllen === 0 && msg.iovLen === 0, 'MSG_TRUNC delivered something');
    else if (msg.controllen === 0) this.#checkBytes(slot, msg.iov, 0, ret, c.read);
    else assert(covered === ret, `messages cover ${covered} of ${ret}`);
    if ((flags & MSG_PEEK) === 0) {
      c.read += ret;
      this.coverage.bytes += ret;
      assert(c.socket.inq() === before - ret, 'the queue did not shrink by what was read');
    } else {
      assert(c.socket.inq() === before, 'a peek consumed data');
    }
    assert(c.read <= c.sent, 'more read than sent');
  }

  dontneed(slot: number, ranges: readonly { start: number; count: number }[]): void {
    const c = this.connections[slot];
    if (c === null) return;
    let budget = 1024;
    let freed = 0;
    outer: for (const { start, count } of ranges) {
      for (let i = 0; i < count; i++) {
        if (budget-- === 0) break outer;
        const token = (start + i) >>> 0;
        const held = c.tokens.has(token);
        if (held) {
          this.#checkHeld(slot, token);
          c.tokens.delete(token);
          freed++;
        } else if (token === 0 && c.tokens.size > 0) {
          c.zeroUsable = true;
        }
        if (c.tokens.size === 0) c.zeroUsable = false;
      }
    }
    const ret = c.socket.devmemDontneed(ranges);
    assert(ret === freed, `DONTNEED returned ${ret} instead of ${freed}`);
    this.coverage.returned += ret;
    this.note(`dn ${ret}`);
  }

  fin(slot: number): void {
    const c = this.connections[slot];
    if (c === null || c.fin || c.ended) return;
    c.fin = true;
    c.flow.fin();
  }

  reset(slot: number): void {
    const c = this.connections[slot];
    if (c === null || c.ended) return;
    c.ended = true;
    c.flow.reset();
  }

  closeSocket(slot: number): void {
    const c = this.connections[slot];
    if (c === null) return;
    c.socket.close();
    this.connections[slot] = null;
  }

  readonly #byBinding = new Map<number, Memory>();

  bind(pages: number, queues: readonly number[], again: boolean): void {
    if (this.bindings.length >= MAX_BINDINGS) return;
    let memory = again ? this.memories.find((m) => !m.released) : undefined;
    if (memory === undefined) {
      const bytes = new Uint8Array(pages * PAGE_SIZE);
      const made: Memory = { bytes, dmabuf: undefined as unknown as Dmabuf, released: false, epoch: 0 };
      const release = (): void => {
        assert(!made.released, 'memory released twice');
        made.released = true;
      };
      const half = pages >> 1;
      const runs = half > 0 ? [half, pages - half] : [pages];
      made.dmabuf = new Dmabuf('system', { bytes, size: bytes.length, path: '', release }, runs);
      memory = made;
      this.memories.push(made);
    } else {
      memory.dmabuf.get();
    }
    const session = this.kernel.initSession;
    const netlink = new NetlinkSocket(this.kernel);
    const fd = session.fds.install(memory.dmabuf);
    const pools = this.pools.size;
    try {
      memory.epoch++;
      const attrs = queues.map((id) => ({ id, type: 0 }));
      const id = bindRx(this.kernel, session, netlink, this.netdev.ifindex, fd, attrs);
      const binding = this.kernel.bindings.get(id) as DevmemBinding;
      this.#byBinding.set(id, memory);
      this.bindings.push({ binding, netlink, memory });
      this.coverage.binds++;
      this.note(`bind ${id}`);
    } catch (err) {
      if (!(err instanceof KernelError)) throw err;
      this.note(`bind ${err.errno}`);
      const expected = ['EEXIST', ...(this.kernel.profile.restartsClosedDevice ? [] : ['ENETDOWN'])];
      assert(expected.includes(err.errno), `bind-rx failed with ${err.errno}`);
      assert(netlink.bindings.length === 0, 'a failed bind left a binding');
      assert(this.pools.size >= pools - QUEUES, 'a failed bind lost pools');
    } finally {
      session.fds.close(fd);
    }
  }

  unbind(which: number): void {
    if (this.bindings.length === 0) return;
    const [gone] = this.bindings.splice(which % this.bindings.length, 1);
    gone.netlink.close();
    assert(!this.kernel.bindings.has(gone.binding.id), 'the id of a closed binding resolves');
    assert(gone.binding.state !== 'bound', 'still bound after its socket closed');
  }

  link(up: boolean): void {
    if (up) this.netdev.open();
    else this.netdev.close();
  }

  resetQueue(queue: number, mode: number): void {
    if (this.netdev.up) resetQueue(this.netdev, queue, mode);
  }

  /** Rarely: a device lives longer than a command list is interesting. */
  replaceNetdev(dice: number): void {
    if (dice !== 0) return;
    this.kernel.removeNetdev(this.netdev);
    for (const { binding } of this.bindings) assert(binding.netdev === null, 'a binding kept a device that is gone');
    for (const c of this.connections) if (c !== null) c.ended = true;
    this.addNetdev();
  }

  advance(ms: number): void {
    this.clock.advance(ms);
  }

  // ---- what must hold ----

  #checkBytes(slot: number, bytes: Uint8Array, at: number, size: number, position: number): void {
    for (let i = 0; i < size; i++) {
      if (bytes[at + i] !== streamByte(slot, position + i)) {
        throw new Error(`connection ${slot}: byte ${position + i} is ${bytes[at + i]}`);
      }
    }
  }

  /** The payload of a frag is what was sent, for as long as its token is held. */
  #checkHeld(slot: number, token: number): void {
    const held = (this.connections[slot] as Connection).tokens.get(token) as Held;
    const memory = this.memories.find((m) => m.bytes === held.bytes) as Memory;
    assert(!memory.released, 'memory under a token was released');
    if (memory.epoch === 1) this.#checkBytes(slot, held.bytes, held.at, held.size, held.from);
  }

  /** After every command. */
  check(): void {
    const { kernel } = this;
    kernel.assertConservation();
    assert(kernel.conservationFaults === 0, 'a poll found a violation');
    this.#checkBindings();
    const pools = kernel.pools.all();
    assert(pools.length === this.pools.size, `${pools.length} pools, ${this.pools.size} announced`);
    const user = new Map<number, number>();
    for (const pool of pools) {
      assert(pool.inflight >= 0, `pool ${pool.id} has ${pool.inflight} in flight`);
      assert(pool.state === this.pools.get(pool.id), `pool ${pool.id} is ${pool.state}`);
      user.set(pool.handle, 0);
    }
    for (let slot = 0; slot < this.connections.length; slot++) {
      const c = this.connections[slot];
      if (c === null) continue;
      assert(c.socket.tokens.count === c.tokens.size, `${c.socket.tokens.count} tokens instead of ${c.tokens.size}`);
      assert(c.socket.rmem >= 0, `receive memory ${c.socket.rmem}`);
      assert(c.socket.inq() >= 0 && c.read + c.socket.inq() <= c.sent, 'bytes from nowhere');
      if (!c.ended) {
        const there = c.read + c.socket.inq() + c.flow.pendingBytes;
        assert(there === c.sent, `connection ${slot}: ${c.sent} sent, ${there} there`);
        assert(c.socket.ofoSegments === 0, 'segments out of order');
      }
      if (!c.ended) assert(c.socket.rcvqDrops === 0 && c.socket.duplicates === 0, 'a segment was lost or repeated');
      const refs = new Map<number, number>();
      for (const token of c.tokens.keys()) {
        const ref = c.socket.tokens.ref[token];
        refs.set(ref, (refs.get(ref) ?? 0) + 1);
      }
      for (const [ref, n] of refs) {
        assert(kernel.netmems.users[ref] >= n, `netmem ${ref}: ${kernel.netmems.users[ref]} users, ${n} tokens`);
        assert(kernel.netmems.state[ref] === NETMEM_STATE.USER, `netmem ${ref} is held but not in state user`);
      }
    }
  }

  /** Every free net_iov of a binding plus what its pools have is what the dmabuf has. */
  #checkBindings(): void {
    for (const { binding } of this.bindings) {
      let out = 0;
      for (const pool of this.kernel.pools.all()) if (pool.mpPriv === binding) out += pool.inflight;
      const { count } = binding.area;
      assert(binding.free + out === count, `binding ${binding.id}: ${binding.free} + ${out} of ${count}`);
    }
  }

  /** Everybody lets go: then everything must be back. */
  settle(): void {
    for (let slot = 0; slot < this.connections.length; slot++) {
      const c = this.connections[slot];
      if (c !== null) for (const token of c.tokens.keys()) this.#checkHeld(slot, token);
      this.closeSocket(slot);
    }
    while (this.bindings.length > 0) this.unbind(0);
    this.netdev.open();
    this.poll();
    this.kernel.deferred.flushAll();
    this.clock.advance(10_000);
    this.poll();
    // Longer than a closed connection waits for the FIN of its peer.
    this.clock.advance(62_000);
    this.check();
    const { kernel } = this;
    assert(
      this.memories.every((m) => m.released),
      'a dmabuf is still held',
    );
    assert(kernel.skbs.live === 0, `${kernel.skbs.live} packets left`);
    assert(kernel.tcp.sockets.size === 0, `${kernel.tcp.sockets.size} sockets left`);
    assert(kernel.tcp.flowCount === 0, `${kernel.tcp.flowCount} flows left`);
    assert(this.clock.pending === 0, `${this.clock.pending} timers left`);
    const left = kernel.pools.all().filter((pool: PagePool) => pool.state !== 'attached');
    assert(left.length === 0, `${left.length} pools still detached`);
    this.kernel.removeNetdev(this.netdev);
    assert(kernel.pages.allocated === 0, `${kernel.pages.allocated} host pages left`);
    assert(this.pools.size === 0, 'pools outlived their device');
  }
}

const slot = fc.nat(MAX_CONNECTIONS - 1);
const ranges = fc.array(
  fc.record({
    start: fc.oneof(fc.nat(12), fc.nat(60), fc.constantFrom(2 ** 31 - 1, 2 ** 32 - 1)),
    count: fc.oneof(fc.nat(4), fc.nat(40), fc.constant(2000)),
  }),
  { minLength: 1, maxLength: 4 },
);
const size = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 30_000 }));
const len = fc.oneof(fc.nat(5000), fc.constant(819_200));
const controllen = fc.oneof(fc.constantFrom(0, 39, 40, 80, 119), fc.constant(80_000), fc.constant(80_000));
const FLAGGED = MSG_SOCK_DEVMEM;
const flags = fc.constantFrom(FLAGGED, FLAGGED, FLAGGED, FLAGGED, FLAGGED, FLAGGED | MSG_PEEK, MSG_TRUNC, 0);
const cpu = fc.constantFrom(0, 0, 0, 1);
const pages = fc.integer({ min: 1, max: 40 });
const queues = fc.uniqueArray(fc.nat(QUEUES - 1), { minLength: 1 });

const command = often<World>();

/** Everything that may happen to a kernel, with the weights of a busy day. */
export const COMMANDS: fc.Arbitrary<fc.Command<Model, World>>[] = [
  ...command(3, 'connect', fc.tuple(slot, fc.nat(QUEUES - 1)), (w, s, q) => w.connect(s, q)),
  ...command(9, 'deliver', fc.tuple(slot, size), (w, s, n) => w.deliver(s, n)),
  ...command(7, 'poll', fc.tuple(cpu), (w, c) => w.poll(c)),
  ...command(9, 'recv', fc.tuple(slot, len, controllen, flags, cpu), (w, s, l, c, f, on) => w.recv(s, l, c, f, on)),
  ...command(6, 'dontneed', fc.tuple(slot, ranges), (w, s, r) => w.dontneed(s, r)),
  ...command(3, 'bind', fc.tuple(pages, queues, fc.boolean()), (w, p, q, again) => w.bind(p, q, again)),
  ...command(1, 'unbind', fc.tuple(fc.nat(MAX_BINDINGS)), (w, n) => w.unbind(n)),
  ...command(1, 'fin', fc.tuple(slot), (w, s) => w.fin(s)),
  ...command(1, 'reset', fc.tuple(slot), (w, s) => w.reset(s)),
  ...command(1, 'close', fc.tuple(slot), (w, s) => w.closeSocket(s)),
  ...command(1, 'link-down', fc.tuple(), (w) => w.link(false)),
  ...command(4, 'link-up', fc.tuple(), (w) => w.link(true)),
  ...command(2, 'queue-reset', fc.tuple(fc.nat(QUEUES - 1), fc.nat(3)), (w, q, m) => w.resetQueue(q, m)),
  ...command(3, 'advance', fc.tuple(fc.constantFrom(1, 200, 1000, 3500)), (w, ms) => w.advance(ms)),
  ...command(1, 'replace-netdev', fc.tuple(fc.nat(4)), (w, n) => w.replaceNetdev(n)),
];

/** The seed of this run: NETMEMD_SEED, or one that is printed when it finds something. */
export function seedOfRun(fallback: number): number {
  const text = process.env.NETMEMD_SEED;
  return text === undefined ? fallback : Number.parseInt(text, 10) | 0;
}

/**
 * Runs about `commands` commands, `perRun` at most in a world of their own, and settles each world. A failure names seed,
 * path and the shortest list of commands that was found (with NETMEMD_SHRINK=0 the first one).
 */
export function runModel(
  commands: number,
  perRun: number,
  seed: number,
  release: KernelRelease,
  driver: DriverProfile,
): Coverage {
  const total: Coverage = { commands: 0, frags: 0, returned: 0, bytes: 0, binds: 0, detached: 0, deferred: 0 };
  fc.assert(
    fc.property(fc.commands(COMMANDS, { maxCommands: perRun, size: 'max' }), (list) => {
      const world = new World(release, driver);
      fc.modelRun(() => ({ model: {}, real: world }), list);
      world.settle();
      for (const key of Object.keys(total) as (keyof Coverage)[]) total[key] += world.coverage[key];
    }),
    { numRuns: Math.ceil((commands * 2) / perRun), seed, endOnFailure: process.env.NETMEMD_SHRINK === '0' },
  );
  return total;
}
