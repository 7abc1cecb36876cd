import type { PoolModel } from './page-pool-model.ts';

/** A netmem that somebody has had in hands. Those that never left a cache have no name yet. */
export interface Netmem {
  readonly ref: number;
  readonly pool: PoolModel;
  readonly node: number;
  /** pp_ref_count. */
  pp: number;
  /** References of user space among them: tokens, or completions not answered. */
  users: number;
  /** Page references of others. */
  foreign: number;
  /** Its pool let go of it. */
  gone: boolean;
}

/** A netmem of a cache that nobody has seen yet. */
export type Cached = Netmem | 'fresh';

/** What an owner gives to an empty cache: netmems known by name, below so many fresh ones. */
export interface Supply {
  known: Netmem[];
  fresh: number;
}

/** Pages of the machine. */
export interface PagesModel {
  readonly limit: number;
  allocated: number;
}

/** A device that fails to map every n-th page. */
export class DmaModel {
  every = 0;
  #since = 0;

  fails(): boolean {
    if (this.every === 0 || ++this.#since < this.every) return false;
    this.#since = 0;
    return true;
  }
}

/** Where netmems come from and go to, in plain numbers. */
export interface OwnerModel {
  /** Host pages: on a node, and others may reference them. */
  readonly pages: boolean;
  /** Counts as a slow allocation of the pool. */
  readonly slow: boolean;
  /** References of creator, queues and pools. */
  refs: number;
  readonly free: number;
  readonly waiting: number;
  readonly held: number;
  readonly lent: number;
  readonly freed: boolean;
  supply(pool: PoolModel, context: number): Supply;
  back(netmem: Cached): void;
  /** The last foreign reference to a netmem that is back is gone. */
  alone(): void;
  /** A reference is dropped. */
  put(): void;
}

/** The kernel's pages, one by one. */
export class HostPagesModel implements OwnerModel {
  readonly pages = true;
  readonly slow: boolean = true;
  refs = 1;
  readonly free = 0;
  waiting = 0;
  readonly held = 0;
  lent = 0;
  readonly #machine: PagesModel;

  constructor(machine: PagesModel) {
    this.#machine = machine;
  }

  get freed(): boolean {
    return false;
  }

  protected get room(): number {
    return this.#machine.limit - this.#machine.allocated;
  }

  supply(pool: PoolModel): Supply {
    let fresh = 0;
    for (let i = 0; i < 64 && this.room > 0; i++) {
      if (pool.dma?.fails()) continue;
      fresh++;
      this.lent++;
      this.#machine.allocated++;
    }
    return { known: [], fresh };
  }

  back(netmem: Cached): void {
    this.lent--;
    this.waiting++;
    if (netmem === 'fresh' || netmem.foreign === 0) this.alone();
  }

  alone(): void {
    this.waiting--;
    this.#machine.allocated--;
  }

  put(): void {
    this.refs--;
  }
}

/** As many of them as a limit allows, those that others still reference included. */
export class CappedModel extends HostPagesModel {
  override readonly slow = false;
  readonly #limit: number;

  constructor(machine: PagesModel, limit: number) {
    super(machine);
    this.#limit = limit;
  }

  protected override get room(): number {
    return Math.min(super.room, this.#limit - this.lent - this.waiting);
  }

  override get freed(): boolean {
    return this.refs === 0 && this.lent + this.waiting === 0;
  }
}

/** The same pages for ever; one that others reference waits, and is looked at when a pool asks. */
export class HugePagesModel implements OwnerModel {
  readonly pages = true;
  readonly slow = false;
  refs = 1;
  held = 0;
  lent = 0;
  /** Waiting and referenced; waiting and alone by now. */
  #referenced = 0;
  #alone = 0;
  #free: number;
  readonly #machine: PagesModel;
  readonly #size: number;

  constructor(machine: PagesModel, size: number) {
    this.#machine = machine;
    this.#size = size;
    this.#free = size;
    machine.allocated += size;
  }

  get free(): number {
    return this.#free;
  }

  get waiting(): number {
    return this.#referenced + this.#alone;
  }

  get freed(): boolean {
    return this.refs === 0 && this.held === 0;
  }

  supply(): Supply {
    this.#free += this.#alone;
    this.#alone = 0;
    const fresh = Math.min(64, this.#free);
    this.#free -= fresh;
    this.lent += fresh;
    return { known: [], fresh };
  }

  back(netmem: Cached): void {
    this.lent--;
    if (netmem === 'fresh' || netmem.foreign === 0) this.#free++;
    else this.#referenced++;
  }

  alone(): void {
    if (this.refs > 0) {
      this.#referenced--;
      this.#alone++;
    } else if (--this.held === 0) {
      this.#machine.allocated -= this.#size;
    }
  }

  put(): void {
    if (--this.refs > 0) return;
    this.held = this.#referenced;
    this.#free = 0;
    this.#referenced = 0;
    this.#alone = 0;
    if (this.held === 0) this.#machine.allocated -= this.#size;
  }
}

/** net_iovs: so many at a time. */
export class NetIovsModel implements OwnerModel {
  readonly pages = false;
  readonly slow = false;
  refs = 1;
  readonly waiting = 0;
  readonly held = 0;
  free: number;
  lent = 0;
  readonly #batch: number;

  constructor(total: number, batch: number) {
    this.free = total;
    this.#batch = batch;
  }

  get freed(): boolean {
    return this.refs === 0;
  }

  supply(_pool: PoolModel, _context: number): Supply {
    const fresh = Math.min(this.#batch, this.free);
    this.free -= fresh;
    this.lent += fresh;
    return { known: [], fresh };
  }

  back(_netmem: Cached): void {
    this.free++;
    this.lent--;
  }

  alone(): void {
    throw new Error('a net_iov has no foreign references');
  }

  put(): void {
    this.refs--;
  }
}

/** net_iovs that the user gives back through a ring, which is read when a cache and a ring are empty. */
export class ZcrxModel extends NetIovsModel {
  /** What the client has written and nobody has read: netmems by the number of its choice. */
  readonly pending: number[] = [];
  /** Entries of them that the kernel knows of. */
  seen = 0;
  /** What the user holds. */
  readonly users = new Map<number, Netmem>();
  closed = false;
  /** References that came back, and entries that named none. */
  returns = 0;
  refusals = 0;
  readonly #total: number;
  /** Entries that name one buffer in a row are one return, and the tail is read when it is needed: 7.2 and later. */
  readonly #runs: boolean;

  constructor(total: number, batch: number, runs: boolean) {
    super(total, batch);
    this.#total = total;
    this.#runs = runs;
  }

  override supply(pool: PoolModel, context: number): Supply {
    const known: Netmem[] = [];
    const back = (index: number, n: number): void => {
      const netmem = this.returned(index, n);
      if (netmem === null) return;
      if (netmem.pool === pool) known.push(netmem);
      else netmem.pool.recycle(netmem, netmem.pool.direct(context));
    };
    if (!this.closed && this.#runs) this.#pullRuns(known, back);
    else if (!this.closed) for (const index of this.pending.splice(0)) back(index, 1);
    return known.length > 0 ? { known, fresh: 0 } : super.supply(pool, context);
  }

  #pullRuns(known: readonly Netmem[], back: (index: number, n: number) => void): void {
    let run = -1;
    let n = 0;
    let looked = false;
    while (known.length < 63) {
      if (this.seen === 0) {
        if (looked || this.pending.length === 0) break;
        looked = true;
        this.seen = this.pending.length;
      }
      this.seen--;
      const index = this.pending.shift() as number;
      if (index >= this.#total) {
        this.refusals++;
      } else if (index === run) {
        n++;
      } else {
        if (run >= 0) back(run, n);
        run = index;
        n = 1;
      }
    }
    if (run >= 0) back(run, n);
  }

  /**
   * What a flush consumes: up to and with the first entry that names no buffer, in batches of 32 of which a short one is
   * the last.
   */
  flushed(): number[] {
    const taken: number[] = [];
    for (;;) {
      let n = 0;
      while (n < 32 && this.pending.length > 0) {
        const index = this.pending.shift() as number;
        if (index >= this.#total) break;
        taken.push(index);
        n++;
      }
      this.seen = this.pending.length;
      if (n < 32 || taken.length >= 64) return taken;
    }
  }

  /** The user returns `n` references. @returns the netmem if nobody has it any more */
  returned(index: number, n: number): Netmem | null {
    const netmem = this.users.get(index);
    if (netmem === undefined || netmem.users < n) {
      this.refusals++;
      return null;
    }
    this.returns += n;
    netmem.users -= n;
    if (netmem.users === 0) this.users.delete(index);
    netmem.pp -= n;
    if (netmem.pp > 0) return null;
    netmem.pp = 1;
    return netmem;
  }
}
