/** A pending timer; opaque to the kernel. */
export interface Timer {
  cancel(): void;
}

/**
 * The only source of time the kernel core knows. The daemon passes one backed by the host's monotonic clock, tests pass
 * a {@link VirtualClock}.
 */
export interface Clock {
  /** Milliseconds since the simulated boot; never goes back. */
  now(): number;
  /** Runs `fn` once, `delayMs` from now, outside the current operation. */
  after(delayMs: number, fn: () => void): Timer;
}

interface VirtualTimer extends Timer {
  at: number;
  seq: number;
  fn: (() => void) | null;
}

/** A clock that moves only when told to: same calls, same order of timers. */
export class VirtualClock implements Clock {
  #now: number;
  #seq = 0;
  #timers: VirtualTimer[] = [];

  constructor(startMs = 0) {
    this.#now = startMs;
  }

  now(): number {
    return this.#now;
  }

  after(delayMs: number, fn: () => void): Timer {
    const timer: VirtualTimer = {
      at: this.#now + delayMs,
      seq: this.#seq++,
      fn,
      cancel: () => {
        timer.fn = null;
      },
    };
    this.#timers.push(timer);
    return timer;
  }

  /** Moves the clock by `ms`, firing due timers in order of time; of the same time, last armed first (a timer wheel's bucket). */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      this.#timers = this.#timers.filter((t) => t.fn !== null);
      let next: VirtualTimer | null = null;
      for (const t of this.#timers) {
        if (t.at <= end && (next === null || t.at < next.at || (t.at === next.at && t.seq > next.seq))) next = t;
      }
      if (next === null) break;
      this.#now = Math.max(this.#now, next.at);
      const fn = next.fn;
      next.fn = null;
      fn?.();
    }
    this.#now = end;
  }

  /** Timers armed and not yet fired or cancelled. */
  get pending(): number {
    return this.#timers.filter((t) => t.fn !== null).length;
  }
}
