import { BULK_MAX, putNetmemBulk } from '../../src/kernel/netmem/bulk-put.ts';
import { netmemFault } from '../../src/kernel/netmem/conservation.ts';
import { NETMEM_STATE } from '../../src/kernel/netmem/netmem.ts';
import { POOL_STAT_NAMES } from '../../src/kernel/netmem/pool-statistics.ts';
import { Msghdr } from '../../src/kernel/stack/msghdr.ts';
import { SKB_UNREADABLE } from '../../src/kernel/stack/skb.ts';
import type { TcpSocket, TokenRange } from '../../src/kernel/stack/tcp-socket.ts';
import { decodeCmsgs } from '../../src/uapi/cmsg.ts';
import { PAGE_SIZE } from '../../src/uapi/limits.ts';
import { MSG_PEEK, MSG_SOCK_DEVMEM } from '../../src/uapi/socket.ts';
import { assert, type Memory, PoolMachine, QUEUES } from './page-pool-machine.ts';
import type { PoolModel } from './page-pool-model.ts';
import { type Cached, NetIovsModel, type Netmem, ZcrxModel } from './page-pool-owners.ts';

/** A NAPI that consumes no pool here. */
const OTHER_NAPI = 99_999;

export const CONTEXTS = ['process', 'napi', 'other', 'direct'] as const;
export type Context = (typeof CONTEXTS)[number];

interface Reader {
  socket: TcpSocket;
  tokens: Map<number, Netmem>;
}

/** What a driver, the stack, outsiders and user space do with netmems, next to what the model says should happen. */
export class PoolWorld extends PoolMachine {
  /** Every reference that may be put, one entry each. */
  readonly #held: Netmem[] = [];
  /** Netmems out of the owner's hands whose name is known, by that. */
  readonly #known = new Map<number, Netmem>();
  /** Foreign references, one entry each. */
  readonly #foreign: Netmem[] = [];
  readonly #readers: Reader[] = [];
  readonly #msg = new Msghdr(4096, 65_536);
  #ports = 0;

  // ---- netmems come and go ----

  #attached(which: number): PoolModel | null {
    const pools = this.pools.filter((pool) => pool.state === 'attached');
    return pools.length === 0 ? null : pools[which % pools.length];
  }

  #one(pool: PoolModel, real: () => number): Netmem | null {
    let ref = 0;
    return pool.alloc(pool.napiId, this.kernel.numaNode, (expected: Cached | null) => {
      this.inContext(pool.napiId, () => {
        ref = real();
      });
      return this.#took(pool, expected, ref);
    });
  }

  /** Compares what a pool gave with what it should give. */
  #took(pool: PoolModel, expected: Cached | null, ref: number): Netmem | null {
    this.coverage.allocs++;
    if (expected === null) {
      this.coverage.empty++;
      assert(ref === 0, `netmem ${ref} where there should be none`);
      return null;
    }
    assert(ref !== 0, 'no netmem where there should be one');
    if (expected !== 'fresh') {
      assert(ref === expected.ref, `netmem ${ref} instead of ${expected.ref}`);
      return expected;
    }
    const before = this.#known.get(ref);
    assert(
      before === undefined || (before.gone && before.foreign === 0),
      `netmem ${ref} is given out while it is held`,
    );
    const { node } = this.kernel.netmems.areaOf(ref);
    const netmem: Netmem = { ref, pool, node, pp: 1, users: 0, foreign: 0, gone: false };
    this.#known.set(ref, netmem);
    return netmem;
  }

  alloc(which: number, n: number): void {
    const pool = this.#attached(which);
    if (pool === null) return;
    for (let i = 0; i < n; i++) {
      const netmem = this.#one(pool, () => pool.real.allocNetmem());
      if (netmem === null) break;
      assert(
        this.kernel.netmems.state[netmem.ref] === NETMEM_STATE.POSTED,
        `netmem ${netmem.ref} is not with the driver`,
      );
      this.#held.push(netmem);
    }
  }

  allocFrag(which: number, size: number): void {
    const pool = this.#attached(which);
    if (pool === null) return;
    if (size * 2 > PAGE_SIZE) {
      const whole = this.#one(pool, () => pool.real.alloc(size));
      if (whole !== null) this.#held.push(whole);
      return;
    }
    let ref = -1;
    const real = (): number => {
      this.inContext(pool.napiId, () => {
        ref = pool.real.alloc(size);
      });
      return ref;
    };
    const got = pool.allocFrag(size, () => this.#one(pool, real));
    if (ref < 0) real();
    assert(ref === (got?.netmem.ref ?? 0), `a fragment of netmem ${ref} instead of ${got?.netmem.ref}`);
    if (got === null) return;
    assert(pool.real.fragOffset === got.at, `a fragment at ${pool.real.fragOffset} instead of ${got.at}`);
    this.#held.push(got.netmem);
    this.coverage.frags++;
  }

  /** Somebody else uses a netmem that is held, inside of the networking stack. */
  share(which: number): void {
    const netmem = this.pick(this.#held, which);
    if (netmem === null) return;
    this.kernel.netmems.ppRef[netmem.ref]++;
    netmem.pp++;
    this.#held.push(netmem);
  }

  put(which: number, n: number, context: Context): void {
    for (let i = 0; i < n && this.#held.length > 0; i++) {
      const [netmem] = this.#held.splice(which % this.#held.length, 1);
      const { pool, ref } = netmem;
      const napi = contextOf(pool, context);
      pool.put(netmem, pool.direct(napi));
      this.inContext(napi, () => {
        if (context === 'direct') pool.real.putDirect(ref);
        else pool.real.put(ref);
      });
      this.coverage.puts++;
    }
  }

  putBulk(which: number, n: number, context: Context): void {
    if (this.#held.length === 0) return;
    const batch = this.#held.splice(which % this.#held.length, Math.min(n, BULK_MAX));
    const napi = contextOf(batch[0].pool, context);
    const last = batch.filter((netmem) => --netmem.pp === 0);
    for (const netmem of last) netmem.pp = 1;
    for (const pool of new Set(last.map((netmem) => netmem.pool))) {
      pool.recycleBulk(
        last.filter((netmem) => netmem.pool === pool),
        pool.direct(napi),
      );
    }
    const refs = Int32Array.from(batch, (netmem) => netmem.ref);
    this.inContext(napi, () => putNetmemBulk(this.kernel.netmems, this.kernel.pools, refs, refs.length));
    this.coverage.puts += refs.length;
  }

  updateNid(which: number, nid: number): void {
    const pool = this.#attached(which);
    if (pool === null) return;
    pool.updateNid(nid);
    pool.real.updateNid(nid);
  }

  // ---- foreign references ----

  getPage(which: number): void {
    const netmem = this.pick(this.#held, which);
    if (netmem === null || !netmem.pool.owner.pages || this.#foreign.length >= 60) return;
    this.kernel.netmems.getPage(netmem.ref);
    netmem.foreign++;
    this.#foreign.push(netmem);
    this.coverage.foreign++;
  }

  putPage(which: number): void {
    if (this.#foreign.length === 0) return;
    const [netmem] = this.#foreign.splice(which % this.#foreign.length, 1);
    this.kernel.netmems.putPage(netmem.ref);
    if (--netmem.foreign === 0 && netmem.gone) netmem.pool.owner.alone();
  }

  // ---- user space ----

  /** Held netmems of a dmabuf arrive at a socket as one packet, are read (twice, if peeked at first), and the packet goes. */
  read(which: number, n: number, peek: boolean): void {
    const netmem = this.pick(this.#held, which);
    if (netmem === null || netmem.pool.owner.constructor !== NetIovsModel) return;
    const batch = this.#held.filter((other) => other.pool.owner === netmem.pool.owner).slice(0, n);
    for (const taken of batch) this.#held.splice(this.#held.indexOf(taken), 1);
    const { kernel } = this;
    const { socket, tokens } = this.#reader();
    const { skbs, netmems } = kernel;
    const skb = skbs.alloc((socket.flow as { id: number }).id, socket.rcvNxt, SKB_UNREADABLE);
    for (const { ref, pool } of batch) {
      if (netmems.users[ref] === 0) pool.real.move(ref, NETMEM_STATE.STACK);
      skbs.addFrag(skb, ref, 0, 100);
    }
    socket.receive(skb);
    for (const flags of peek ? [MSG_PEEK, 0] : [0]) {
      const ret = socket.recvmsg(this.#msg, 4096, 4096, flags | MSG_SOCK_DEVMEM);
      assert(ret === batch.length * 100, `recvmsg returned ${ret} for ${batch.length} frags`);
      const cmsgs = decodeCmsgs(this.#msg.control, this.#msg.controllen);
      cmsgs.forEach(({ fragToken }, i) => {
        assert(!tokens.has(fragToken), `token ${fragToken} was handed out twice`);
        tokens.set(fragToken, batch[i]);
        batch[i].users++;
        batch[i].pp++;
        this.coverage.users++;
      });
    }
    for (const freed of batch) freed.pp--;
  }

  #reader(): Reader {
    const last = this.#readers.at(-1);
    if (last !== undefined && last.socket.state === 'established') return last;
    const n = this.#ports++;
    const key = { family: 4, proto: 6, src: Uint8Array.of(192, 0, 2, 2), dst: Uint8Array.of(192, 0, 2, 1) } as const;
    const deaf = { onWindow() {}, onData() {}, onShutdown() {}, onReset() {} };
    const { socket } = this.kernel.tcp.attach(this.netdev, { ...key, sport: 1024 + (n % 60_000), dport: 1 }, deaf);
    const reader = { socket, tokens: new Map<number, Netmem>() };
    this.#readers.push(reader);
    return reader;
  }

  /** The user returns tokens, also those it does not have or has returned already. */
  dontneed(which: number, ranges: readonly TokenRange[]): void {
    const reader = this.pick(this.#readers, which);
    if (reader === null) return;
    let freed = 0;
    for (const { start, count } of ranges) {
      for (let token = start; token < start + count; token++) {
        const netmem = reader.tokens.get(token);
        if (netmem === undefined) {
          this.coverage.refused++;
          continue;
        }
        reader.tokens.delete(token);
        netmem.users--;
        netmem.pool.put(netmem, false);
        freed++;
      }
    }
    const ret = reader.socket.devmemDontneed(ranges);
    assert(ret === freed, `DONTNEED returned ${ret} instead of ${freed}`);
    this.coverage.returned += ret;
  }

  /** Completions name held netmems; the packet goes, or stays a while. */
  deliver(which: number, n: number, stays: boolean): void {
    for (let i = 0; i < n; i++) {
      const netmem = this.pick(this.#held, which + i);
      const memory = this.memories.find((m) => m.model === netmem?.pool.owner);
      if (netmem === null || memory === undefined || memory.closed || !(memory.model instanceof ZcrxModel)) return;
      const { zcrx, finalFree } = memory.real;
      const ret = (zcrx?.ifq ?? finalFree)?.deliver(netmem.ref);
      assert(ret === 0, `deliver returned ${ret}`);
      netmem.pp++;
      netmem.users++;
      memory.model.users.set(this.#indexOf(netmem), netmem);
      this.coverage.users++;
      if (stays) continue;
      this.#held.splice(this.#held.indexOf(netmem), 1);
      netmem.pp--;
      netmem.pool.real.put(netmem.ref);
    }
  }

  #indexOf({ ref }: Netmem): number {
    return ref - this.kernel.netmems.areaOf(ref).base;
  }

  /** The client returns what it pleases: a part of what it holds, once or twice, and buffers it does not hold. */
  giveBack(which: number, skip: number, twice: boolean, wild: readonly number[]): void {
    const memory = this.pick(
      this.memories.filter((m) => m.model instanceof ZcrxModel && !m.closed),
      which,
    );
    if (memory === null) return;
    const model = memory.model as ZcrxModel;
    const mine = [...model.users.keys()].filter((_, i) => i % (skip + 1) === 0);
    // The same buffer twice in a row, or once more when all were named.
    const again = twice && skip % 2 === 0 ? mine.flatMap((index) => [index, index]) : mine;
    const given = [...again, ...(twice ? mine : []), ...wild].slice(0, 64 - model.pending.length);
    const { zcrx, finalFree } = memory.real;
    if (zcrx !== undefined) {
      zcrx.client.give(...given);
      model.pending.push(...given);
      return;
    }
    const words = Uint32Array.from(given.flatMap((index) => [index * PAGE_SIZE, 0, PAGE_SIZE, 0]));
    const ret = finalFree?.submitReturns(words);
    assert(ret === this.#returned(model, given), `${ret} references were returned`);
  }

  /** The client asks for its refill ring to be read now. */
  flush(which: number): void {
    const memory = this.pick(
      this.memories.filter((m) => m.real.zcrx !== undefined && !m.closed),
      which,
    );
    if (memory === null) return;
    memory.real.zcrx?.ifq.flush();
    const model = memory.model as ZcrxModel;
    this.#returned(model, model.flushed());
  }

  /** Returned in process context. @returns references that really came back */
  #returned(model: ZcrxModel, given: readonly number[]): number {
    let n = 0;
    for (const index of given) {
      if (model.users.has(index)) n++;
      const netmem = model.returned(index, 1);
      if (netmem !== null) netmem.pool.recycle(netmem, false);
    }
    return n;
  }

  // ---- what must hold ----

  /** After every command. */
  check(): void {
    const { kernel } = this;
    const fault = netmemFault(kernel.netmems, kernel.pools.all());
    assert(fault === null, fault as string);
    assert(kernel.conservationFaults === 0, 'a poll found a violation');
    for (let i = 0; i < this.pools.length; i++) {
      const pool = this.pools[i];
      comparePool(pool);
      if (pool.state !== 'gone') continue;
      this.pools.splice(i--, 1);
      pool.stats.forEach((n, stat) => {
        this.counted[stat] += n;
      });
    }
    assert(
      kernel.pools.all().length === this.pools.length,
      `${kernel.pools.all().length} pools instead of ${this.pools.length}`,
    );
    for (const netmem of this.#held) {
      const { ppRef, pool } = kernel.netmems;
      assert(
        !netmem.gone && pool[netmem.ref] === netmem.pool.real.handle,
        `netmem ${netmem.ref} was taken from its holder`,
      );
      assert(
        ppRef[netmem.ref] === netmem.pp,
        `netmem ${netmem.ref} has ${ppRef[netmem.ref]} references instead of ${netmem.pp}`,
      );
    }
    for (const { ref, foreign, gone } of this.#foreign) {
      const count = kernel.netmems.pageRef[ref];
      assert(
        count >= foreign && (gone || count === foreign + 1),
        `page ${ref} has ${count} references instead of ${foreign}`,
      );
    }
    for (let i = 0; i < this.memories.length; i++) {
      const memory = this.memories[i];
      compareMemory(memory);
      if (!memory.model.freed) continue;
      this.memories.splice(i--, 1);
      if (!(memory.model instanceof ZcrxModel)) continue;
      this.coverage.returned += memory.model.returns;
      this.coverage.refused += memory.model.refusals;
    }
    const { allocated } = kernel.pages;
    assert(allocated === this.machine.allocated, `${allocated} pages are out instead of ${this.machine.allocated}`);
  }

  /** Everybody lets go: then everything must be back. */
  settle(): void {
    while (this.#foreign.length > 0) this.putPage(0);
    while (this.#held.length > 0) this.put(0, this.#held.length, 'process');
    for (const { socket, tokens } of this.#readers) {
      while (tokens.size > 0)
        this.dontneed(
          this.#readers.findIndex((r) => r.tokens === tokens),
          [...tokens.keys()].slice(0, 128).map((start) => ({ start, count: 1 })),
        );
      socket.close();
    }
    while (this.memories.some((m) => !m.closed)) this.unbind(0);
    while (this.extra.size > 0) this.destroyPool(0);
    this.link(true);
    this.advance(1000);
    this.check();
    assert(this.memories.length === 0, 'memory is still held');
    assert(this.pools.length === QUEUES, `${this.pools.length} pools are left`);
    this.removeNetdev();
    this.check();
    assert(this.machine.allocated === 0, `${this.machine.allocated} pages are out at the end`);
    for (const { maps, unmaps } of this.devices) assert(maps === unmaps, `${maps} maps, ${unmaps} unmaps`);
    assert(this.kernel.netmems.owners.size === 0, 'an owner is still registered');
    assert(this.kernel.pools.providerPools === 0, 'a provider still counts as used');
  }
}

function contextOf(pool: PoolModel, context: Context): number {
  if (context === 'process') return 0;
  return context === 'other' ? OTHER_NAPI : pool.napiId;
}

function comparePool(pool: PoolModel): void {
  const { real, stats } = pool;
  const seen = [real.state, real.inflight, real.cacheCount, real.ring.count, ...real.stats];
  const expected = [pool.state, pool.inflight, pool.cache.length, pool.ring.entries.length, ...stats];
  const names = ['state', 'inflight', 'cache', 'ring', ...POOL_STAT_NAMES];
  for (let i = 0; i < names.length; i++) {
    if (seen[i] === expected[i]) continue;
    throw new Error(`pool ${real.id}: ${names[i]} is ${seen[i]} instead of ${expected[i]}`);
  }
}

function compareMemory({ real, model }: Memory): void {
  const { owner } = real;
  assert(
    real.freed === model.freed,
    model.freed ? 'memory that nobody has is not freed' : 'memory was freed too early',
  );
  if (model.freed) return;
  for (const key of ['free', 'waiting', 'held', 'lent'] as const) {
    assert(owner[key] === model[key], `${owner.ownerName}: ${key} is ${owner[key]} instead of ${model[key]}`);
  }
}
