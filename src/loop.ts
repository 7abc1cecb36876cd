import type { Clock, Timer } from './kernel/clock.ts';

/** What the loop runs of the kernel: one round polls each scheduled NAPI once (budget 64); true = more is pending. */
export interface NapiRunner {
  runNapi(): boolean;
}

export interface LoopOptions {
  /** Bytes that all readers together may take in per turn. Default 1 MiB. */
  readBudget?: number;
  /** Rounds of NAPI polls per turn. Default 8: 512 packets a queue, as much as the default ring holds. */
  napiRounds?: number;
  /** Calls of stream pulls per turn. Default 256. */
  pullBudget?: number;
  /** Milliseconds after which NAPI rounds and pulls give way to I/O even when budget is left. Default 2. */
  turnMs?: number;
}

/** The longest delay of a Node timer; longer ones are armed again. */
const TIMER_MAX_MS = 0x7fffffff;
/** Smallest share of the read budget: one receive buffer. */
const READ_QUANTUM = 65536;

/** The host's monotonic clock. Timers do not keep the process alive and never fire early. */
export class HostClock implements Clock {
  readonly #start = performance.now();

  now(): number {
    return performance.now() - this.#start;
  }

  after(delayMs: number, fn: () => void): Timer {
    const at = this.now() + delayMs;
    let handle: NodeJS.Timeout;
    const arm = () => {
      handle = setTimeout(fire, Math.min(Math.max(1, Math.ceil(at - this.now())), TIMER_MAX_MS));
      handle.unref();
    };
    const fire = () => {
      if (this.now() < at) arm();
      else fn();
    };
    arm();
    return { cancel: () => clearTimeout(handle) };
  }
}

/**
 * A source of bytes (a TCP flow, a generator) that shares the loop's read budget. Its owner calls `charge` with what it
 * took in; false means: stop, `resume` will be called in a coming turn.
 */
export interface Reader {
  /** Bytes it may still take in this turn. */
  readonly grant: number;
  charge(bytes: number): boolean;
  /** Asks for a `resume` in the next turn, though nothing was charged. */
  request(): void;
  cancel(): void;
}

/** A stream that wants messages: `pull` runs when woken; true = it wants another call, in this turn if budgets allow. */
export interface Pull {
  wake(): void;
  /** As wake, but not before the next turn: until then more may have come. */
  wakeLater(): void;
  cancel(): void;
}

class LoopReader implements Reader {
  readonly #loop: Loop;
  readonly resume: () => void;
  turn = -1;
  left = 0;
  queued = false;
  cancelled = false;

  constructor(loop: Loop, resume: () => void) {
    this.#loop = loop;
    this.resume = resume;
  }

  get grant(): number {
    return this.#loop.grantOf(this);
  }

  charge(bytes: number): boolean {
    return this.#loop.charge(this, bytes);
  }

  request(): void {
    this.#loop.requestRead(this);
  }

  cancel(): void {
    this.cancelled = true;
  }
}

class LoopPull implements Pull {
  readonly #loop: Loop;
  readonly fn: () => boolean;
  queued = false;
  cancelled = false;

  constructor(loop: Loop, fn: () => boolean) {
    this.#loop = loop;
    this.fn = fn;
  }

  wake(): void {
    this.#loop.wakePull(this);
  }

  wakeLater(): void {
    this.#loop.wakePullLater(this);
  }

  cancel(): void {
    this.cancelled = true;
  }
}

/**
 * The only one that schedules the kernel. A turn is one setImmediate callback, so the host's I/O gets its share between
 * two of them, and never a microtask:
 *
 *   1. the read budget is filled up; readers that wait are resumed, first come first served, each with an equal share
 *   2. NAPI polls, until nothing is pending or the turn's rounds are used up
 *   3. stream pulls, round robin
 *
 * Another turn follows when any of the three has work left; with no work nothing is armed. Reads happen between turns,
 * in the host's I/O phase, and are charged to the budget of the turn before.
 */
export class Loop {
  readonly #readBudget: number;
  readonly #napiRounds: number;
  readonly #pullBudget: number;
  readonly #turnMs: number;
  #kernel: NapiRunner | null = null;
  #immediate: NodeJS.Immediate | null = null;
  #closed = false;
  #napi = false;
  #turn = 0;
  #budget: number;
  #readers: LoopReader[] = [];
  #pulls: LoopPull[] = [];
  #laterPulls: LoopPull[] = [];

  constructor(o: LoopOptions = {}) {
    this.#readBudget = Math.max(READ_QUANTUM, o.readBudget ?? 1 << 20);
    this.#napiRounds = o.napiRounds ?? 8;
    this.#pullBudget = o.pullBudget ?? 256;
    this.#turnMs = o.turnMs ?? 2;
    this.#budget = this.#readBudget;
  }

  /** Turns that ran since the start. */
  get turns(): number {
    return this.#turn;
  }

  /** Whether a turn is due. */
  get armed(): boolean {
    return this.#immediate !== null;
  }

  /** Names the kernel whose NAPI work {@link schedule} announces. */
  attach(kernel: NapiRunner): void {
    this.#kernel = kernel;
  }

  /** The kernel's `schedule` hook: NAPI work is pending. */
  readonly schedule = (): void => {
    this.#napi = true;
    this.#arm();
  };

  addReader(resume: () => void): Reader {
    return new LoopReader(this, resume);
  }

  addPull(fn: () => boolean): Pull {
    return new LoopPull(this, fn);
  }

  wakePull(pull: Pull): void {
    const p = pull as LoopPull;
    if (p.queued || p.cancelled) return;
    p.queued = true;
    this.#pulls.push(p);
    this.#arm();
  }

  /** Used by pulls; see {@link Pull.wakeLater}. */
  wakePullLater(pull: LoopPull): void {
    if (pull.queued || pull.cancelled) return;
    pull.queued = true;
    this.#laterPulls.push(pull);
    this.#arm();
  }

  /** Ends the loop: what is due is dropped, nothing is armed again. */
  close(): void {
    this.#closed = true;
    if (this.#immediate !== null) clearImmediate(this.#immediate);
    this.#immediate = null;
    this.#readers = [];
    this.#pulls = [];
    this.#laterPulls = [];
  }

  /** Used by readers; see {@link Reader.grant}. */
  grantOf(reader: LoopReader): number {
    if (reader.turn !== this.#turn) {
      reader.turn = this.#turn;
      reader.left = this.#readBudget;
    }
    return Math.max(0, Math.min(reader.left, this.#budget));
  }

  /** Used by readers; see {@link Reader.charge}. */
  charge(reader: LoopReader, bytes: number): boolean {
    this.grantOf(reader);
    reader.left -= bytes;
    this.#budget -= bytes;
    // The budget comes back in a turn, so one must follow even if the bytes went nowhere.
    this.#arm();
    if (this.#budget > 0 && reader.left > 0) return true;
    this.requestRead(reader);
    return false;
  }

  /** Used by readers; see {@link Reader.request}. */
  requestRead(reader: LoopReader): void {
    if (reader.queued || reader.cancelled) return;
    reader.queued = true;
    this.#readers.push(reader);
    this.#arm();
  }

  #arm(): void {
    if (this.#immediate === null && !this.#closed) this.#immediate = setImmediate(this.#run);
  }

  readonly #run = (): void => {
    this.#immediate = null;
    this.#turn++;
    this.#budget = this.#readBudget;
    if (this.#laterPulls.length > 0) this.#pulls.push(...this.#laterPulls.splice(0));
    // A throw below is a bug and ends the daemon through uncaughtException; what is due stays due all the same.
    try {
      this.#resumeReaders();
      const end = performance.now() + this.#turnMs;
      this.#pollNapi(end);
      this.#runPulls(end);
    } finally {
      if (this.#napi || this.#readers.length > 0 || this.#pulls.length > 0 || this.#laterPulls.length > 0) this.#arm();
    }
  };

  #resumeReaders(): void {
    if (this.#readers.length === 0) return;
    // No more readers than the budget has quanta for: who is resumed may at least read one buffer.
    const n = Math.min(this.#readers.length, Math.floor(this.#readBudget / READ_QUANTUM));
    const due = this.#readers.splice(0, n);
    const share = Math.floor(this.#readBudget / n);
    let i = 0;
    try {
      while (i < n) {
        const reader = due[i++];
        reader.queued = false;
        if (reader.cancelled) continue;
        reader.turn = this.#turn;
        reader.left = share;
        reader.resume();
      }
    } finally {
      if (i < n) this.#readers = [...due.slice(i), ...this.#readers];
    }
  }

  #pollNapi(end: number): void {
    if (this.#kernel === null) return;
    for (let round = 0; this.#napi && round < this.#napiRounds; round++) {
      this.#napi = false;
      if (this.#kernel.runNapi()) this.#napi = true;
      if (performance.now() >= end) return;
    }
  }

  #runPulls(end: number): void {
    for (let calls = 0; this.#pulls.length > 0 && calls < this.#pullBudget; calls++) {
      // At least one pull a turn, however long the polls took.
      if (calls > 0 && performance.now() >= end) return;
      const pull = this.#pulls.shift()!;
      pull.queued = false;
      if (!pull.cancelled && pull.fn()) this.wakePull(pull);
    }
  }
}
