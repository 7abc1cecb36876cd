import fc from 'fast-check';
import { VirtualClock } from '../../src/kernel/clock.ts';
import { PinnedMemory } from '../../src/kernel/io-uring/area-memory.ts';
import { ZcrxIfq } from '../../src/kernel/io-uring/ifq.ts';
import { RefillRegion } from '../../src/kernel/io-uring/refill-region.ts';
import { Kernel } from '../../src/kernel/kernel.ts';
import type { Netdev } from '../../src/kernel/netdev/netdev.ts';
import { restartQueue } from '../../src/kernel/netdev/queue-restart.ts';
import { netmemFault } from '../../src/kernel/netmem/conservation.ts';
import { NETMEM_STATE } from '../../src/kernel/netmem/netmem.ts';
import type { PagePool } from '../../src/kernel/netmem/page-pool.ts';
import type { KernelRelease } from '../../src/kernel/profile.ts';
import { ioUringProvider } from '../../src/kernel/provider/io-uring.ts';
import { ERRNO } from '../../src/uapi/errno.ts';
import { PAGE_SIZE } from '../../src/uapi/limits.ts';
import { type Model, often } from './command.ts';

const QUEUES = 2;

function assert(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(what);
}

/** An ifq and what a careful observer knows about each of its buffers and about its ring. */
class Observed {
  readonly ifq: ZcrxIfq;
  readonly queue: number;
  readonly pages: number;
  readonly entries: number;
  /** Frags of packets, and completions, that name each buffer; and whether a copy lies in it. */
  readonly packets: Int32Array;
  readonly user: Int32Array;
  readonly copied: Uint8Array;
  head: number;
  closed = false;
  unpinned = 0;
  readonly #view: DataView;
  readonly #offsets;

  constructor(kernel: Kernel, netdev: Netdev, id: number, queue: number, pages: number, order: number, first: number) {
    const offsets = kernel.profile.zcrx.offsets;
    this.#offsets = offsets;
    this.queue = queue;
    this.pages = pages;
    this.entries = 2 ** order;
    this.packets = new Int32Array(pages);
    this.user = new Int32Array(pages);
    this.copied = new Uint8Array(pages);
    const bytes = new Uint8Array(RefillRegion.bytes(offsets, this.entries));
    this.#view = new DataView(bytes.buffer);
    this.head = first;
    this.tail = first;
    this.ifq = new ZcrxIfq(kernel, {
      id,
      netdev,
      memory: new PinnedMemory(new Uint8Array(pages * PAGE_SIZE), () => this.unpinned++),
      refill: new RefillRegion(bytes, offsets, this.entries),
      entries: this.entries,
      first,
    });
  }

  get tail(): number {
    return this.#view.getUint32(this.#offsets.tail, true);
  }

  set tail(value: number) {
    this.#view.setUint32(this.#offsets.tail, value >>> 0, true);
  }

  get sharedHead(): number {
    return this.#view.getUint32(this.#offsets.head, true);
  }

  set sharedHead(value: number) {
    this.#view.setUint32(this.#offsets.head, value >>> 0, true);
  }

  #slot(index: number): number {
    return this.#offsets.rqes + (index % this.entries) * 16;
  }

  write(off: bigint, len: number, pad: number): void {
    const at = this.#slot(this.tail);
    this.#view.setBigUint64(at, off, true);
    this.#view.setUint32(at + 8, len, true);
    this.#view.setUint32(at + 12, pad, true);
    this.tail += 1;
  }

  /** The buffer an entry names by Linux's rules, -1 for none. */
  named(index: number): number {
    const at = this.#slot(index);
    const off = this.#view.getBigUint64(at, true);
    if (this.#view.getUint32(at + 12, true) !== 0 || off >> 48n !== 0n) return -1;
    const niov = off / BigInt(PAGE_SIZE);
    return niov < this.pages ? Number(niov) : -1;
  }

  /** Whether anybody outside of pools and free list holds the buffer. */
  holds(niov: number): boolean {
    return this.packets[niov] > 0 || this.user[niov] > 0 || this.copied[niov] > 0;
  }

  /** `n` references come back, if the user holds as many. @returns whether it did */
  returned(niov: number, n: number): boolean {
    if (this.user[niov] < n) return false;
    this.user[niov] -= n;
    if (this.copied[niov] > 0) this.copied[niov] = 0;
    return true;
  }

  /** What the kernel must have made of the entries it consumed in one pull. */
  pulled(rows: boolean): void {
    const to = this.ifq.ring.head;
    let row = -1;
    let length = 0;
    for (; this.head !== to; this.head = (this.head + 1) >>> 0) {
      const niov = this.named(this.head);
      if (niov < 0) continue;
      if (rows && niov === row) {
        length++;
        continue;
      }
      if (row >= 0) this.returned(row, length);
      row = niov;
      length = 1;
    }
    if (row >= 0) this.returned(row, length);
  }

  /** FLUSH_RQ by the book. @returns references that came back */
  flushed(): number {
    let total = 0;
    let back = 0;
    let n: number;
    do {
      const limit = Math.min((this.tail - this.head) >>> 0, this.entries, 32);
      n = 0;
      let niov = 0;
      while (n < limit && niov >= 0) {
        niov = this.named(this.head);
        this.head = (this.head + 1) >>> 0;
        if (niov < 0) break;
        n++;
        if (this.returned(niov, 1)) back++;
      }
      total += n;
    } while (n === 32 && total < this.entries);
    return back;
  }
}

/** What a run really did. */
export interface Coverage {
  commands: number;
  allocated: number;
  delivered: number;
  copied: number;
  returned: number;
  ignored: number;
  /** Buffers that came back after their pool was replaced. */
  older: number;
  scrubbed: number;
  wrapped: number;
}

/** The kernel under test with up to one ifq a queue, and ifqs that are ending. */
export class World {
  readonly clock = new VirtualClock(1000);
  readonly kernel: Kernel;
  netdev: Netdev;
  readonly all: Observed[] = [];
  readonly coverage: Coverage = {
    commands: 0,
    allocated: 0,
    delivered: 0,
    copied: 0,
    returned: 0,
    ignored: 0,
    older: 0,
    scrubbed: 0,
    wrapped: 0,
  };
  #ids = 0;

  constructor(release: KernelRelease) {
    this.kernel = new Kernel({
      clock: this.clock,
      release,
      log: (level, event, fields) => assert(level !== 'error', `${event} ${JSON.stringify(fields)}`),
    });
    this.kernel.addNetdev({ name: 'lo', loopback: true, rxQueues: 1, txQueues: 1, rx: 0, mtu: 65_536, up: true });
    this.netdev = this.#addNetdev();
  }

  #addNetdev(): Netdev {
    this.netdev = this.kernel.addNetdev({
      name: `eth${this.#ids++}`,
      rxQueues: QUEUES,
      txQueues: 1,
      rx: 16,
      mtu: 1500,
      driver: 'netdevsim-dma',
      driverParams: { 'pool-ring': 16 },
      up: true,
    });
    this.netdev.rings.set({ tcpDataSplit: 'enabled', hdsThresh: 0 });
    return this.netdev;
  }

  #on(queue: number): Observed | undefined {
    return this.all.find((o) => !o.closed && o.queue === queue && o.ifq.queue?.netdev === this.netdev);
  }

  /** Any ifq there is, ending ones too. */
  #any(pick: number): Observed | undefined {
    return this.all.length === 0 ? undefined : this.all[pick % this.all.length];
  }

  register(queue: number, pages: number, order: number, first: number): void {
    if (this.#on(queue) !== undefined || this.all.length > 8) return;
    const o = new Observed(this.kernel, this.netdev, this.#ids++, queue, pages, order, first);
    this.all.push(o);
    o.ifq.open(this.netdev.rxQueues[queue], ioUringProvider);
  }

  /** Work goes on on a queue whose ifq has ended: small areas see their ring often, larger ones have buffers for copies. */
  #registered(queue: number): void {
    if (this.#on(queue) === undefined) this.register(queue, queue === 0 ? 20 : 80, 4, 0xffff_ffe0);
  }

  /** Runs in the context of a queue's NAPI, or of a process. */
  #in(queue: number, napi: boolean, work: () => void): void {
    this.kernel.napiContext = napi ? this.netdev.rxQueues[queue].napi.id : 0;
    work();
    this.kernel.napiContext = 0;
  }

  alloc(queue: number, n: number): void {
    this.#registered(queue);
    const o = this.#on(queue);
    const pool = this.netdev.rxQueues[queue].ring?.pool;
    if (o === undefined || pool === undefined) return;
    const { mergesRuns, keepsTail, refillCap } = this.kernel.profile.zcrx;
    const most = (keepsTail ? 2 : 1) * Math.min(refillCap, o.entries);
    this.#in(queue, true, () => {
      for (let i = 0; i < n; i++) {
        const before = o.ifq.ring.head;
        const held = this.#userRefs(o);
        const older = this.#elsewhere(o, pool);
        const ref = pool.allocNetmem();
        const consumed = (o.ifq.ring.head - before) >>> 0;
        assert(consumed <= most, `${consumed} entries consumed by one allocation`);
        if (o.ifq.ring.head < before) this.coverage.wrapped++;
        o.pulled(mergesRuns);
        this.coverage.returned += held - this.#userRefs(o);
        this.coverage.ignored += Math.max(0, consumed - (held - this.#userRefs(o)));
        this.coverage.older += Math.max(0, older - this.#elsewhere(o, pool));
        if (ref === 0) break;
        const niov = ref - o.ifq.area.base;
        assert(niov >= 0 && niov < o.pages, `buffer ${ref} is not of this area`);
        assert(!o.holds(niov), `buffer ${niov} was given out while somebody holds it`);
        o.packets[niov] = 1;
        this.coverage.allocated++;
      }
    });
  }

  #userRefs(o: Observed): number {
    let n = 0;
    for (let i = 0; i < o.pages; i++) n += o.user[i];
    return n;
  }

  /** User references to buffers of other pools than this one. */
  #elsewhere(o: Observed, pool: PagePool): number {
    const { netmems } = this.kernel;
    let n = 0;
    for (let i = 0; i < o.pages; i++) {
      const handle = netmems.pool[o.ifq.area.base + i];
      if (handle !== 0 && handle !== pool.handle) n += o.user[i];
    }
    return n;
  }

  /** The `pick`-th buffer for which `is` holds, -1 when there is none. */
  #find(o: Observed, pick: number, is: (niov: number) => boolean): number {
    for (let i = 0; i < o.pages; i++) {
      const niov = (pick + i) % o.pages;
      if (is(niov)) return niov;
    }
    return -1;
  }

  /** A frag of a packet gets into completions. */
  deliver(which: number, pick: number, times: number): void {
    const o = this.#any(which);
    if (o === undefined || o.closed) return;
    const niov = this.#find(o, pick, (i) => o.packets[i] > 0);
    if (niov < 0) return;
    for (let i = 0; i < times; i++) assert(o.ifq.deliver(o.ifq.area.base + niov) === 0, 'not delivered');
    o.user[niov] += times;
    this.coverage.delivered += times;
  }

  /** A frag of another ifq, or of none, does not. */
  deliverForeign(which: number, pick: number): void {
    const o = this.#any(which);
    const other = this.#any(which + 1);
    if (o === undefined || other === undefined || o === other || o.closed || other.ifq.state === 'freed') return;
    const ret = o.ifq.deliver(other.ifq.area.base + (pick % other.pages));
    assert(ret === -ERRNO.EFAULT, 'foreign memory was delivered');
  }

  /** Another skb takes the frag, or one that had it is freed. */
  packet(which: number, pick: number, more: boolean, napi: boolean): void {
    const o = this.#any(which);
    if (o === undefined) return;
    const niov = this.#find(o, pick, (i) => o.packets[i] > 0);
    if (niov < 0) return;
    const ref = o.ifq.area.base + niov;
    const { netmems, pools } = this.kernel;
    if (more) {
      netmems.ppRef[ref]++;
      o.packets[niov]++;
      return;
    }
    o.packets[niov]--;
    this.#in(o.queue, napi, () => pools.byHandle(netmems.pool[ref]).put(ref));
  }

  copy(queue: number, delivered: boolean): void {
    this.#registered(queue);
    const o = this.#on(queue);
    if (o === undefined) return;
    const ref = o.ifq.area.lend();
    if (ref === 0) return;
    const niov = ref - o.ifq.area.base;
    assert(!o.holds(niov), `buffer ${niov} was lent while somebody holds it`);
    if (!delivered) {
      o.ifq.area.takeBack(ref);
      return;
    }
    o.ifq.deliverCopy(ref);
    o.user[niov] = 1;
    o.copied[niov] = 1;
    this.coverage.copied++;
  }

  /** The client writes entries: good ones and everything else. */
  give(queue: number, entries: readonly Written[]): void {
    const o = this.#on(queue);
    if (o === undefined) return;
    let last = 0n;
    for (const { kind, pick, inside } of entries) {
      if ((o.tail - o.ifq.ring.head) >>> 0 >= o.entries) return;
      const held = this.#find(o, pick, (i) => o.user[i] > 0);
      const off = BigInt(Math.max(held, 0) * PAGE_SIZE + inside);
      if (kind === 'held') last = off;
      else if (kind === 'never') last = BigInt((pick % o.pages) * PAGE_SIZE);
      else if (kind === 'index') last = BigInt((o.pages + pick) * PAGE_SIZE);
      else if (kind === 'area') last = off + (BigInt(1 + (pick % 65_535)) << 48n);
      o.write(last, inside, kind === 'pad' ? 1 + pick : 0);
    }
  }

  /** The client scribbles over the indices. */
  scribble(queue: number, head: boolean, by: number): void {
    const o = this.#on(queue);
    if (o === undefined) return;
    if (head) o.sharedHead = o.head + by;
    else o.tail = o.head + by;
  }

  flush(queue: number): void {
    const o = this.#on(queue);
    if (o === undefined) return;
    o.ifq.flush();
    this.coverage.returned += o.flushed();
    assert(o.head === o.ifq.ring.head, `flush consumed up to ${o.ifq.ring.head}, not ${o.head}`);
    assert(o.sharedHead === o.head, 'flush did not tell the client');
  }

  restart(queue: number): void {
    restartQueue(this.netdev.rxQueues[queue]);
  }

  link(up: boolean): void {
    if (up) this.netdev.open();
    else this.netdev.close();
  }

  /** The client's ring closes. */
  close(which: number): void {
    const o = this.#any(which);
    if (o === undefined || o.closed) return;
    o.ifq.close();
    o.closed = true;
    this.coverage.scrubbed += this.#userRefs(o);
    o.user.fill(0);
    o.copied.fill(0);
  }

  replaceNetdev(): void {
    this.kernel.removeNetdev(this.netdev);
    this.#addNetdev();
  }

  advance(ms: number): void {
    this.clock.advance(ms);
  }

  check(): void {
    const { netmems, pools } = this.kernel;
    const fault = netmemFault(netmems, pools.all());
    assert(fault === null, `conservation: ${fault}`);
    for (let at = this.all.length - 1; at >= 0; at--) {
      const o = this.all[at];
      const { area, state } = o.ifq;
      assert(o.unpinned === (state === 'freed' ? 1 : 0), `memory unpinned ${o.unpinned} times while ${state}`);
      if (state === 'freed') {
        assert(
          o.packets.every((n) => n === 0),
          'an area was freed under a packet',
        );
        this.all.splice(at, 1);
        continue;
      }
      for (let i = 0; i < o.pages; i++) {
        const ref = area.base + i;
        assert(area.references.of(ref) === o.user[i], `buffer ${i}: ${area.references.of(ref)} user references`);
        assert(netmems.users[ref] === o.user[i], `buffer ${i}: ${netmems.users[ref]} users`);
        if (!o.holds(i)) continue;
        const refs = o.copied[i] > 0 ? 1 : o.packets[i] + o.user[i];
        assert(netmems.ppRef[ref] === refs, `buffer ${i}: ${netmems.ppRef[ref]} pool references, not ${refs}`);
        const isUser = netmems.state[ref] === NETMEM_STATE.USER;
        assert(isUser === o.user[i] > 0, `buffer ${i} is in state ${netmems.state[ref]}`);
      }
    }
  }

  /** Everybody lets go: everything must be back, and gone. */
  settle(): void {
    for (const o of [...this.all]) {
      for (let i = 0; i < o.pages; i++) while (o.packets[i] > 0) this.packet(this.all.indexOf(o), i, false, false);
      this.close(this.all.indexOf(o));
    }
    this.clock.advance(2000);
    this.check();
    assert(this.all.length === 0, `${this.all.length} ifqs are left`);
    assert(this.kernel.netmems.owners.size === 0, 'an owner is left');
  }
}

/** An entry a client writes; `same` repeats the one before. */
interface Written {
  kind: 'held' | 'same' | 'never' | 'index' | 'area' | 'pad';
  pick: number;
  inside: number;
}

const queue = fc.nat(QUEUES - 1);
const pick = fc.nat(200);
const entry: fc.Arbitrary<Written> = fc.record({
  kind: fc.constantFrom('held', 'held', 'held', 'held', 'held', 'same', 'same', 'never', 'index', 'area', 'pad'),
  pick,
  inside: fc.oneof(fc.constant(0), fc.nat(PAGE_SIZE - 1)),
});
const entries = fc.array(entry, { minLength: 1, maxLength: 12 });
/** Close to the wrap at 2^32, mostly. */
const first = fc.oneof(fc.constant(0), fc.integer({ min: 0xffff_ff80, max: 0xffff_ffff }), fc.constant(0xffff_ffff));
const by = fc.oneof(fc.nat(20), fc.constantFrom(-1, -7, 300, 2 ** 31, 2 ** 31 - 1));

const command = often<World>();

const COMMANDS: fc.Arbitrary<fc.Command<Model, World>>[] = [
  ...command(3, 'register', fc.tuple(queue, fc.integer({ min: 1, max: 150 }), fc.nat(9), first), (w, ...a) =>
    w.register(...a),
  ),
  ...command(10, 'alloc', fc.tuple(queue, fc.integer({ min: 1, max: 30 })), (w, ...a) => w.alloc(...a)),
  ...command(12, 'deliver', fc.tuple(fc.nat(8), pick, fc.integer({ min: 1, max: 4 })), (w, ...a) => w.deliver(...a)),
  ...command(1, 'deliver-foreign', fc.tuple(fc.nat(8), pick), (w, ...a) => w.deliverForeign(...a)),
  ...command(16, 'packet', fc.tuple(fc.nat(8), pick, fc.boolean(), fc.boolean()), (w, a, b, c, d) =>
    w.packet(a, b, c && d, d),
  ),
  ...command(5, 'copy', fc.tuple(queue, fc.boolean()), (w, ...a) => w.copy(...a)),
  ...command(12, 'give', fc.tuple(queue, entries), (w, ...a) => w.give(...a)),
  ...command(1, 'scribble', fc.tuple(queue, fc.boolean(), by), (w, ...a) => w.scribble(...a)),
  ...command(3, 'flush', fc.tuple(queue), (w, ...a) => w.flush(...a)),
  ...command(2, 'restart', fc.tuple(queue), (w, ...a) => w.restart(...a)),
  ...command(1, 'link-down', fc.tuple(), (w) => w.link(false)),
  ...command(4, 'link-up', fc.tuple(), (w) => w.link(true)),
  ...command(1, 'close', fc.tuple(fc.nat(8)), (w, ...a) => w.close(...a)),
  ...command(1, 'replace-netdev', fc.tuple(), (w) => w.replaceNetdev()),
  ...command(2, 'advance', fc.tuple(fc.constantFrom(1, 1000, 2500)), (w, ...a) => w.advance(...a)),
];

/** Runs about `commands` commands in worlds of up to `perRun`, and settles each. */
export function runZcrx(commands: number, perRun: number, seed: number, release: KernelRelease): Coverage {
  const total = new World(release).coverage;
  fc.assert(
    fc.property(fc.commands(COMMANDS, { maxCommands: perRun, size: 'max' }), (list) => {
      const world = new World(release);
      fc.modelRun(() => ({ model: {}, real: world }), list);
      world.settle();
      for (const key of Object.keys(total) as (keyof Coverage)[]) total[key] += world.coverage[key];
    }),
    { numRuns: Math.ceil((commands * 2) / perRun), seed, endOnFailure: process.env.NETMEMD_SHRINK === '0' },
  );
  return total;
}
