import { VirtualClock } from '../../src/kernel/clock.ts';
import type { DmaDevice } from '../../src/kernel/driver/dma-device.ts';
import { KernelError } from '../../src/kernel/error.ts';
import { Kernel } from '../../src/kernel/kernel.ts';
import type { Netdev } from '../../src/kernel/netdev/netdev.ts';
import { resetQueue } from '../../src/kernel/netdev/queue-reset.ts';
import { PagePool } from '../../src/kernel/netmem/page-pool.ts';
import { PP_FLAG_DMA_MAP } from '../../src/kernel/netmem/page-pool-params.ts';
import type { KernelRelease } from '../../src/kernel/profile.ts';
import { PAGE_SIZE } from '../../src/uapi/limits.ts';
import { FIXTURES, type ProviderFixture, type ProviderMemory } from '../unit/kernel/provider/fixtures.ts';
import { PoolModel } from './page-pool-model.ts';
import {
  CappedModel,
  DmaModel,
  HostPagesModel,
  HugePagesModel,
  NetIovsModel,
  type OwnerModel,
  type PagesModel,
  ZcrxModel,
} from './page-pool-owners.ts';

export const QUEUES = 2;
const MEMORIES = 3;
const POOLS = 12;
/** Netmems of one memory that is not made of blocks. */
const NETMEMS = 200;
/** Pages of the machine: few, or enough for two blocks. */
const HOST_PAGES = 500;
const HOST_PAGES_FOR_BLOCKS = 1300;

/** Memory of the provider, and what the model says about it. */
export interface Memory {
  real: ProviderMemory;
  model: OwnerModel;
  netdev: Netdev;
  queues: Set<number>;
  closed: boolean;
}

/** What a run really did. */
export interface Coverage {
  commands: number;
  allocs: number;
  empty: number;
  puts: number;
  frags: number;
  foreign: number;
  users: number;
  returned: number;
  refused: number;
  detached: number;
  binds: number;
}

export const NOTHING_DONE: Readonly<Coverage> = {
  commands: 0,
  allocs: 0,
  empty: 0,
  puts: 0,
  frags: 0,
  foreign: 0,
  users: 0,
  returned: 0,
  refused: 0,
  detached: 0,
  binds: 0,
};

export function assert(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(what);
}

/** A kernel with one device, whose queues get pools of one provider or of host pages, and what the model knows of them. */
export class PoolMachine {
  readonly clock = new VirtualClock(1000);
  readonly kernel: Kernel;
  protected readonly release: KernelRelease;
  readonly coverage: Coverage = { ...NOTHING_DONE };
  /** Statistics of all pools that are gone, added up. */
  readonly counted = new Array<number>(11).fill(0);
  readonly #fixture: ProviderFixture | null;
  readonly #name: string;
  readonly #poolRing: number;
  protected readonly machine: PagesModel;
  readonly #hostPages: HostPagesModel;
  protected readonly memories: Memory[] = [];
  /** Pools that are not gone, oldest first; those of the queues and others that a test made. */
  protected readonly pools: PoolModel[] = [];
  readonly #ofQueue: (PoolModel | null)[] = [null, null];
  protected readonly extra = new Set<PoolModel>();
  protected readonly devices: DmaDevice[] = [];
  #dma = new DmaModel();
  protected netdev: Netdev;
  #netdevs = 0;

  /** @param name a provider's, or `host pages`; @param poolRing slots of the pools' rings */
  constructor(name: string, poolRing: number, release: KernelRelease) {
    this.release = release;
    this.#name = name;
    this.#fixture = FIXTURES[name] ?? null;
    this.#poolRing = poolRing;
    this.machine = { limit: name === 'huge-page' ? HOST_PAGES_FOR_BLOCKS : HOST_PAGES, allocated: 0 };
    this.#hostPages = new HostPagesModel(this.machine);
    this.kernel = new Kernel({
      clock: this.clock,
      release,
      hostPages: this.machine.limit,
      numaNodes: 2,
      log: (level, event, fields) => {
        if (level === 'error') throw new Error(`${event} ${JSON.stringify(fields)}`);
      },
    });
    this.kernel.addNetdev({ name: 'lo', loopback: true, rxQueues: 1, txQueues: 1, rx: 0, mtu: 65_536, up: true });
    this.netdev = this.#addNetdev();
  }

  #addNetdev(): Netdev {
    this.netdev = this.kernel.addNetdev({
      name: `eth${this.#netdevs++}`,
      rxQueues: QUEUES,
      txQueues: 1,
      rx: 8,
      mtu: 1500,
      driver: 'netdevsim-dma',
      driverParams: { 'pool-ring': this.#poolRing },
      up: true,
    });
    this.devices.push(this.netdev.driver.dmaDevice as DmaDevice);
    this.#dma = new DmaModel();
    this.netdev.rings.set({ tcpDataSplit: 'enabled', hdsThresh: 0 });
    this.#adopt(0);
    this.#adopt(1);
    return this.netdev;
  }

  // ---- pools come and go ----

  /** The queue has a new pool; its old one was destroyed. */
  #adopt(queue: number): void {
    this.#retire(this.#ofQueue[queue]);
    const { ring } = this.netdev.rxQueues[queue];
    this.#ofQueue[queue] = ring === null ? null : this.#list(ring.pool);
  }

  #list(real: PagePool): PoolModel {
    const memory = this.memories.find((m) => m.real.priv === real.mpPriv);
    assert((real.mpOps === null) === (memory === undefined), 'a pool draws from memory that nobody made');
    const maps = (real.params.flags & PP_FLAG_DMA_MAP) !== 0;
    const pool = new PoolModel(
      real,
      memory?.model ?? this.#hostPages,
      maps ? this.#dma : null,
      this.release !== '6.12',
    );
    this.pools.push(pool);
    return pool;
  }

  #retire(pool: PoolModel | null): void {
    if (pool === null) return;
    pool.destroy(this.clock.now());
    this.extra.delete(pool);
    if (pool.state === 'detached') this.coverage.detached++;
  }

  /** One more pool on a queue, as a driver may make for itself. */
  newPool(queue: number): void {
    if (this.pools.length >= POOLS) return;
    const real = new PagePool(this.kernel, {
      ...(this.netdev.rxQueues[queue].ring?.pool.params ?? { flags: 0, maxLen: PAGE_SIZE }),
      poolSize: this.#poolRing,
      netdev: this.netdev,
      queueIdx: queue,
      napiId: this.netdev.rxQueues[queue].napi.id,
    });
    this.extra.add(this.#list(real));
  }

  destroyPool(which: number): void {
    const extra = [...this.extra];
    if (extra.length === 0) return;
    const pool = extra[which % extra.length];
    pool.real.destroy();
    this.#retire(pool);
  }

  restart(queue: number, mode: number): void {
    const { up } = this.netdev;
    const refused = !up && (mode === 1 || !this.#restartsClosed);
    const errno = errnoOf(() => resetQueue(this.netdev, queue, mode));
    assert(errno === (refused ? 'ENETDOWN' : null), `a restart said ${errno}`);
    if (up) this.#adopt(queue);
  }

  /** Releases differ in what a restart does while the device is down. */
  get #restartsClosed(): boolean {
    return this.release !== '6.12';
  }

  link(up: boolean): void {
    if (up === this.netdev.up) return;
    if (up) this.netdev.open();
    else this.netdev.close();
    for (let queue = 0; queue < QUEUES; queue++) this.#adopt(queue);
  }

  /** The device goes for good, with its pools; a new one comes. Rarely. */
  replaceNetdev(dice: number): void {
    if (dice !== 0) return;
    for (const pool of [...this.extra]) {
      pool.real.destroy();
      this.#retire(pool);
    }
    this.removeNetdev();
    this.#addNetdev();
  }

  protected removeNetdev(): void {
    this.kernel.removeNetdev(this.netdev);
    for (let queue = 0; queue < QUEUES; queue++) {
      this.#retire(this.#ofQueue[queue]);
      this.#ofQueue[queue] = null;
    }
    for (const memory of this.memories) {
      if (memory.netdev !== this.netdev) continue;
      this.#leaveQueues(memory);
    }
    for (const pool of this.pools) {
      if (pool.state === 'gone') continue;
      assert(pool.real.describe().ifindex === undefined, `pool ${pool.real.id} still names the device`);
    }
  }

  /** References of queues exist where the provider counts them. */
  #leaveQueues(memory: Memory): void {
    if (memory.model.pages) for (const _ of memory.queues) memory.model.put();
    memory.queues.clear();
  }

  // ---- memory comes and goes ----

  bind(wanted: readonly number[]): void {
    const fixture = this.#fixture;
    if (fixture === null || this.memories.filter((m) => !m.closed).length >= MEMORIES) return;
    const queues = fixture.manyQueues ? wanted : wanted.slice(0, 1);
    const memory = this.#make(fixture);
    if (memory === null) return;
    this.memories.push(memory);
    this.coverage.binds++;
    for (const queue of queues) {
      const taken = this.netdev.rxQueues[queue].provider !== null;
      const down = !this.netdev.up && !this.#restartsClosed;
      const expected = taken ? 'EEXIST' : down ? 'ENETDOWN' : null;
      const errno = errnoOf(() => memory.real.install(this.netdev.rxQueues[queue]));
      assert(errno === expected, `a provider on a queue: ${errno} instead of ${expected}`);
      if (errno !== null) continue;
      memory.queues.add(queue);
      if (memory.model.pages) memory.model.refs++;
      if (this.netdev.up) this.#adopt(queue);
    }
  }

  #make(fixture: ProviderFixture): Memory | null {
    const enough = this.#name !== 'huge-page' || this.machine.allocated + 512 <= this.machine.limit;
    let real = null as ProviderMemory | null;
    const errno = errnoOf(() => {
      real = fixture.make(this.netdev, NETMEMS);
    });
    assert(errno === (enough ? null : 'ENOMEM'), `memory: ${errno}`);
    if (real === null) return null;
    let model: OwnerModel;
    if (this.#name === 'capped') model = new CappedModel(this.machine, real.total);
    else if (this.#name === 'huge-page') model = new HugePagesModel(this.machine, real.total);
    else if (real.zcrx !== undefined || real.finalFree !== undefined)
      model = new ZcrxModel(real.total, fixture.batch, this.release === '7.3');
    else model = new NetIovsModel(real.total, fixture.batch);
    return { real, model, netdev: this.netdev, queues: new Set(), closed: false };
  }

  unbind(which: number): void {
    const open = this.memories.filter((m) => !m.closed);
    if (open.length === 0) return;
    this.#close(open[which % open.length]);
  }

  #close(memory: Memory): void {
    const { model } = memory;
    memory.closed = true;
    memory.real.close();
    // Before 7.x a closing ring takes buffers back first, then closes the queue.
    const scrubsLast = memory.real.zcrx !== undefined && this.release === '7.3';
    if (model instanceof ZcrxModel && !scrubsLast) scrub(model);
    if (memory.netdev.up) for (const queue of memory.queues) this.#adopt(queue);
    if (model instanceof ZcrxModel && scrubsLast) scrub(model);
    this.#leaveQueues(memory);
    model.put();
  }

  // ---- the machine ----

  cpuNode(node: number): void {
    this.kernel.numaNode = node;
  }

  /** Every n-th page cannot be mapped; 0: all can. Where memory is mapped in one go a failure is the end of a bind. */
  dmaFault(every: number): void {
    if (this.#name !== 'host pages' && this.#name !== 'capped') return;
    this.#dma.every = every;
    (this.netdev.driver.dmaDevice as DmaDevice).mapFailEvery = every;
  }

  advance(ms: number): void {
    this.clock.advance(ms);
    const now = this.clock.now();
    for (const pool of this.pools) while (pool.state === 'detached' && pool.retryAt <= now) pool.retry();
  }

  protected inContext(napi: number, fn: () => void): void {
    this.kernel.napiContext = napi;
    fn();
    this.kernel.napiContext = 0;
  }

  protected pick<T>(from: readonly T[], which: number): T | null {
    return from.length === 0 ? null : from[which % from.length];
  }
}

/** Every buffer is taken back from the user. */
function scrub(model: ZcrxModel): void {
  model.closed = true;
  for (const [index, netmem] of [...model.users].sort(([a], [b]) => a - b)) {
    if (model.returned(index, netmem.users) !== null) netmem.pool.recycle(netmem, false);
  }
}

/** How the kernel refused; null: it did not. */
function errnoOf(call: () => void): string | null {
  try {
    call();
    return null;
  } catch (err) {
    if (!(err instanceof KernelError)) throw err;
    return err.errno;
  }
}
