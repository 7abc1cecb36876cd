import type { Clock, Timer } from '../kernel/clock.ts';
import { refuse } from '../kernel/error.ts';
import { ERRORS } from '../kernel/error-catalogue.ts';
import type { FlowKey } from '../kernel/stack/flow-key.ts';
import type { PeerEvents } from '../kernel/stack/tcp-flow.ts';
import type { Pktgen, PktgenOptions, PktgenStats } from '../lab/wire-factory.ts';
import type { Reader } from '../loop.ts';
import { IPV4_TCP_HEADER, IPV6_TCP_HEADER } from '../uapi/limits.ts';
import { netdevAddresses } from './flow-table.ts';
import type { WireFlow, WireNetdev } from './kernel-side.ts';
import { PATTERN_CHUNK, PATTERN_PERIOD, patternTable } from './pattern.ts';
import type { WireContext } from './wire-context.ts';

/** First source port of generated connections. */
const FIRST_PORT = 40_000;
/** Bytes of one flow before the next one has its turn. */
const BURST = 65536;
/** A rate-limited generator that was held up makes good for this long at most. */
const CATCH_UP_MS = 100;

/** The life of one generated connection: `stalled` until the kernel takes more, `finished` after its last byte. */
type FlowState = 'sending' | 'stalled' | 'finished' | 'gone';

class GeneratedFlow implements PeerEvents {
  readonly key: FlowKey;
  readonly total: number;
  readonly #wake: () => void;
  flow: WireFlow | null = null;
  state: FlowState = 'sending';
  /** Bytes sent; where that is in the pattern, and in the segment. */
  offset = 0;
  phase = 0;
  inSegment = 0;

  constructor(key: FlowKey, total: number, wake: () => void) {
    this.key = key;
    this.total = total;
    this.#wake = wake;
  }

  /** Counts `n` bytes of a segment of `size` as sent. */
  advance(n: number, size: number): void {
    this.offset += n;
    this.phase = (this.phase + n) % PATTERN_PERIOD;
    this.inSegment += n;
    if (this.inSegment === size) this.inSegment = 0;
  }

  onWindow(): void {
    if (this.state !== 'stalled') return;
    this.state = 'sending';
    this.#wake();
  }

  onData(): void {
    // Nobody reads answers: they are taken, so that the simulated sender never blocks.
    while (this.flow !== null && this.flow.peerRead(BURST) !== null);
  }

  onShutdown(): void {}

  onReset(): void {
    this.flow = null;
    this.state = 'gone';
    this.#wake();
  }
}

/**
 * Sends a known pattern (see pattern.ts) over connections to a simulated listener, from the loop's read budget as if it
 * came from a real wire. Every segment carries `size` bytes of payload, but for the last one of a flow and for those
 * that the window cuts.
 */
export class Generator implements Pktgen {
  readonly stats: PktgenStats = { packets: 0, bytes: 0, stalls: 0, done: false };
  readonly #ctx: WireContext;
  readonly #netdev: WireNetdev;
  readonly #clock: Clock;
  readonly #size: number;
  readonly #rate: number;
  readonly #flows: GeneratedFlow[] = [];
  readonly #reader: Reader;
  readonly #onClose: (generator: Generator) => void;
  readonly #pattern = patternTable();
  #next = 0;
  #timer: Timer | null = null;
  #allowance = 0;
  #filledAt: number;
  #closed = false;

  /** Opens the connections; `ECONNREFUSED` when nobody listens. */
  constructor(ctx: WireContext, clock: Clock, o: PktgenOptions<WireNetdev>, onClose: (generator: Generator) => void) {
    this.#ctx = ctx;
    this.#netdev = o.netdev;
    this.#clock = clock;
    this.#onClose = onClose;
    const own = netdevAddresses(o.netdev)[0];
    if (own === undefined) refuse(ERRORS.netdevWithoutAddress, { 'bad-attr': '.ifindex' });
    const mss = Math.min(PATTERN_CHUNK, o.netdev.mtu - (own.family === 4 ? IPV4_TCP_HEADER : IPV6_TCP_HEADER));
    this.#size = o.size ?? mss;
    if (this.#size < 1 || this.#size > mss) {
      refuse(ERRORS.segmentSize, { 'bad-attr': '.size' }, mss);
    }
    this.#rate = o.rate ?? 0;
    this.#filledAt = clock.now();
    this.#reader = ctx.loop.addReader(() => this.#run());
    try {
      this.#connect(own.family, o);
    } catch (error) {
      this.close();
      throw error;
    }
    this.#reader.request();
  }

  /** Ends the streams where they are, with a FIN. */
  stop(): void {
    for (const f of this.#flows) this.#finish(f);
    this.close();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#timer?.cancel();
    this.#reader.cancel();
    for (const f of this.#flows) {
      const flow = f.flow;
      f.flow = null;
      if (f.state !== 'finished') flow?.reset();
      this.#ctx.flows.remove(this.#netdev, f.key);
    }
    this.stats.done = true;
    this.#onClose(this);
  }

  #connect(family: 4 | 6, o: PktgenOptions<WireNetdev>): void {
    const count = o.flows ?? 1;
    const total = o.bytes ?? Number.POSITIVE_INFINITY;
    const share = Math.floor(total / count);
    const address = family === 4 ? '127.0.0.1' : '::1';
    for (let i = 0; i < count; i++) {
      if (this.#ctx.flows.full) refuse(ERRORS.tooManyConnections, undefined, this.#ctx.flows.limit);
      const key = this.#ctx.flows.claim(o.netdev, { address, port: FIRST_PORT + i }, o.dstPort);
      if (key === null) refuse(ERRORS.noSourceAddress);
      const first = i === 0 && total !== Number.POSITIVE_INFINITY ? total - share * count : 0;
      const f = new GeneratedFlow(key, share + first, () => this.#reader.request());
      this.#flows.push(f);
      f.flow = this.#ctx.kernel.tcp.accept(o.netdev, key, f);
    }
  }

  #run(): void {
    if (this.#closed) return;
    let grant = this.#reader.grant;
    if (this.#rate > 0) grant = Math.min(grant, this.#fill());
    let sent = 0;
    let idle = 0;
    while (sent < grant && idle < this.#flows.length) {
      const f = this.#flows[this.#next];
      this.#next = (this.#next + 1) % this.#flows.length;
      const n = f.state === 'sending' ? this.#burst(f, Math.min(BURST, grant - sent)) : 0;
      idle = n > 0 ? 0 : idle + 1;
      sent += n;
    }
    this.#allowance -= sent;
    const more = sent === 0 || this.#reader.charge(sent);
    let sending = false;
    let open = false;
    for (const f of this.#flows) {
      if (f.state === 'sending') sending = true;
      if (f.state === 'sending' || f.state === 'stalled') open = true;
    }
    if (!open) this.stats.done = true;
    else if (sending && this.#rate > 0 && this.#allowance < this.#size) this.#wait();
    else if (sending && more) this.#reader.request();
  }

  /** Sends at most `max` bytes, rounded up to a whole segment; returns how many. */
  #burst(f: GeneratedFlow, max: number): number {
    let sent = 0;
    while (sent < max && f.flow !== null && f.state === 'sending') {
      const len = Math.min(this.#size - f.inSegment, f.total - f.offset);
      if (len > 0) {
        const n = f.flow.deliver(this.#pattern, f.phase, len);
        if (n > 0) {
          this.stats.packets++;
          this.stats.bytes += n;
          f.advance(n, this.#size);
          sent += n;
        }
        if (n < len) {
          this.stats.stalls++;
          if (f.state === 'sending') f.state = 'stalled';
          return sent;
        }
      }
      if (f.offset >= f.total) this.#finish(f);
    }
    return sent;
  }

  #finish(f: GeneratedFlow): void {
    if (f.flow === null || f.state === 'finished') return;
    f.state = 'finished';
    f.flow.fin();
  }

  /** Bytes that the rate allows by now; less than a segment counts as none. */
  #fill(): number {
    const now = this.#clock.now();
    const most = Math.max(this.#size, (this.#rate * CATCH_UP_MS) / 1000);
    this.#allowance = Math.min(most, this.#allowance + ((now - this.#filledAt) * this.#rate) / 1000);
    this.#filledAt = now;
    return this.#allowance < this.#size ? 0 : this.#allowance;
  }

  #wait(): void {
    this.#timer?.cancel();
    const ms = Math.max(1, ((this.#size - this.#allowance) * 1000) / this.#rate);
    this.#timer = this.#clock.after(ms, () => {
      this.#timer = null;
      this.#reader.request();
    });
  }
}
