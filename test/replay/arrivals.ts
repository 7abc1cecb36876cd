import { arrivalScript, type ScriptedArrival } from './arrival-scripts.ts';
import type { PacketRun, RecordedStep, Scenario } from './recording.ts';

/** One TCP segment on its way to the driver. */
export interface Arrival {
  readonly sock: string;
  /** Position of its first payload byte in the socket's stream. */
  readonly at: number;
  readonly length: number;
  /** Sent before (a tail loss probe): the driver places it, TCP drops it. */
  readonly duplicate: boolean;
  /** The driver had no buffer for it. */
  readonly dropped: boolean;
  /** The driver's poll ends behind it; otherwise with the last packet of the step, and around a duplicate. */
  readonly endsPoll?: boolean;
  /** Everything received so far is read and returned behind it. */
  readonly endsBurst?: boolean;
  /** What the driver counted for its skb; absent where the recording does not list the packet. */
  readonly truesize?: number;
}

/** Where segments of one stream can end, as far as recvmsg showed it. */
interface Seams {
  /** Ends of frags, ascending. */
  readonly cuts: readonly number[];
  /** Ranges read as ordinary bytes, without seams: [start, end]. */
  readonly plain: readonly (readonly [number, number])[];
}

interface StreamState {
  readonly sock: string;
  readonly queue: number;
  readonly seams: Seams;
  sent: number;
  arrived: number;
  read: number;
  readonly segments: Arrival[];
  /** Lengths of segments delivered before a list showed them. */
  readonly unlisted: number[];
}

const TCP_IPV4_HEADERS = 52;

function isPeek(step: RecordedStep): boolean {
  return step.flags?.includes('MSG_PEEK') ?? false;
}

function seamsOf(steps: readonly RecordedStep[], sock: string): Seams {
  const cuts = new Set<number>();
  const plain: [number, number][] = [];
  let at = 0;
  for (const s of steps) {
    if (s.step !== 'recvmsg' || s.sock !== sock || isPeek(s) || s.ret === undefined || s.ret <= 0) continue;
    const end = at + s.ret;
    const cmsgs = s.cmsgs ?? [];
    if (cmsgs.length === 0) plain.push([at, end]);
    for (const c of cmsgs) {
      at += c.length === 4 ? c[1] : c[0];
      if (c.length === 4) cuts.add(at);
    }
    at = end;
    cuts.add(at);
  }
  return { cuts: [...cuts].sort((a, b) => a - b), plain };
}

/**
 * Says which segments reached the driver when: for each step the segments that arrive in it (a send) or before it (all others).
 *
 * The recording lists the payload sizes the driver saw after each send, in order of arrival, but not their sequence
 * numbers. Frag boundaries in later control messages tell which of them were new: a segment that ends at no boundary, or
 * beyond what was sent, is a retransmission of the one before. Segments that came after the list was taken (the sender
 * waited for the window) are delivered just before the call that returned them; their number is in the driver's counters, and
 * so are retransmissions no list shows, and packets that found no buffer.
 */
export function planArrivals(scenario: Scenario, kernel: '7.3.4' | '6.12.107'): Arrival[][] {
  return new ArrivalPlanner(scenario, kernel).run();
}

class ArrivalPlanner {
  readonly #scenario: Scenario;
  readonly #kernel: '7.3.4' | '6.12.107';
  readonly #plan: Arrival[][];
  readonly #streams = new Map<string, StreamState>();
  readonly #bound = new Map<string, number[]>();
  readonly #mss: number;
  /** What the driver has counted: packets, their bytes, packets without a buffer. */
  #placed = 0;
  #bytes = 0;
  #failed = 0;
  /** Last step with a list of packets, and whether counters were told since. */
  #listed = -1;
  #counted = false;
  /** Lists and counters tell of every packet so far. */
  #told = true;

  constructor(scenario: Scenario, kernel: '7.3.4' | '6.12.107') {
    this.#scenario = scenario;
    this.#kernel = kernel;
    this.#plan = scenario.steps.map(() => []);
    this.#mss = scenario.mtu - TCP_IPV4_HEADERS;
  }

  run(): Arrival[][] {
    for (const [i, step] of this.#scenario.steps.entries()) {
      const script = arrivalScript(this.#kernel, this.#scenario.id, i);
      if (script !== undefined) this.#script(i, this.#only(), script);
      else this.#step(i, step);
    }
    return this.#plan;
  }

  #step(i: number, step: RecordedStep): void {
    switch (step.step) {
      case 'bind-rx':
        this.#bound.set(step.name ?? `#${i}`, [...(step.queues ?? [])]);
        break;
      case 'close netlink socket':
        if (this.#bound.has(step.binding ?? '')) this.#bound.delete(step.binding ?? '');
        else this.#bound.clear();
        break;
      case 'connect':
        this.#connect(step);
        break;
      case 'send': {
        const s = this.#stream(step.sock);
        s.sent += step.size ?? 0;
        if (this.#isBound(s)) this.#list(i, s, step.packets ?? []);
        else while (s.arrived < s.sent) this.#fresh(i, s, Math.min(this.#mss, s.sent - s.arrived));
        break;
      }
      case 'packets':
      case 'poll for data after the return':
        this.#list(i, this.#only(), step.packets ?? []);
        break;
      case 'read and return until done':
        this.#bursts(i, this.#only(), step);
        break;
      case 'recvmsg': {
        const s = this.#stream(step.sock);
        const ret = Math.max(0, step.ret ?? 0);
        while (s.arrived < s.read + ret) this.#late(i, s);
        if (!isPeek(step)) s.read += ret;
        break;
      }
      default:
        this.#counters(i, step);
    }
  }

  /** A socket without sends of its own in the recording: as much is sent as is read. */
  #connect(step: RecordedStep): void {
    const { steps } = this.#scenario;
    const sock = step.sock ?? '';
    const seams = seamsOf(steps, sock);
    const sends = steps.some((s) => s.step === 'send' && s.sock === sock);
    const total = steps.find((s) => s.received !== undefined)?.received ?? seams.cuts.at(-1) ?? 0;
    this.#streams.set(sock, {
      sock,
      queue: step.queue ?? 0,
      seams,
      unlisted: [],
      sent: sends ? 0 : total,
      arrived: 0,
      read: 0,
      segments: [],
    });
  }

  #stream(sock: string | undefined): StreamState {
    const s = this.#streams.get(sock ?? '');
    if (s === undefined) throw new Error(`${this.#scenario.id}: socket ${sock} is used before it is connected`);
    return s;
  }

  /** The stream of a scenario that has only one. */
  #only(): StreamState {
    return [...this.#streams.values()][0];
  }

  #isBound(s: StreamState): boolean {
    return [...this.#bound.values()].some((queues) => queues.includes(s.queue));
  }

  #push(i: number, s: StreamState, a: Arrival, at = this.#plan[i].length): void {
    this.#plan[i].splice(at, 0, a);
    if (a.dropped) {
      this.#failed++;
      return;
    }
    s.segments.push(a);
    if (!a.duplicate) s.arrived = Math.max(s.arrived, a.at + a.length);
    if (!this.#isBound(s)) return;
    this.#placed++;
    this.#bytes += a.length;
  }

  #fresh(i: number, s: StreamState, length: number, more: Partial<Arrival> = {}): void {
    if (length <= 0) throw new Error(`${this.#scenario.id}: step ${i} needs more of ${s.sock} than was sent`);
    this.#push(i, s, { sock: s.sock, at: s.arrived, length, duplicate: false, dropped: false, ...more });
  }

  /** Delivers the next segment before any list shows it. */
  #late(i: number, s: StreamState): void {
    const cut = s.seams.cuts.find((c) => c > s.arrived) ?? s.sent;
    const length = Math.min(cut, s.sent, s.arrived + this.#mss) - s.arrived;
    s.unlisted.push(length);
    this.#fresh(i, s, length);
  }

  #list(i: number, s: StreamState, packets: readonly PacketRun[]): void {
    this.#listed = i;
    this.#counted = false;
    const { cuts, plain } = s.seams;
    const known = cuts.at(-1) ?? 0;
    const canEndAt = (end: number): boolean =>
      end > known || cuts.includes(end) || plain.some(([from, to]) => end > from && end < to);
    for (const [payload, , , truesize, , times] of packets) {
      for (let n = 0; n < times; n++) {
        const end = s.arrived + payload;
        if (s.unlisted[0] === payload) {
          s.unlisted.shift();
          continue;
        }
        if (end <= s.sent && canEndAt(end)) {
          this.#fresh(i, s, payload, { truesize });
          continue;
        }
        const original = s.segments.findLast((a) => a.length === payload);
        if (original === undefined) throw new Error(`${this.#scenario.id}: step ${i}: ${payload} bytes repeat nothing`);
        this.#push(i, s, { ...original, duplicate: true, truesize });
      }
    }
  }

  /** Packets in the order a script says; what a list shows of them is known then. */
  #script(i: number, s: StreamState, script: readonly ScriptedArrival[]): void {
    this.#listed = i;
    this.#counted = this.#scenario.steps[i]['driver-counters'] !== undefined;
    const { cuts } = s.seams;
    for (const { segment, duplicate, dropped, endsPoll } of script) {
      const at = segment === 0 ? 0 : cuts[segment - 1];
      this.#push(i, s, { sock: s.sock, at, length: cuts[segment] - at, duplicate, dropped, endsPoll });
    }
  }

  /** Received, read and returned in bursts. Their packets are not listed: full segments, as far as they go; nor are drops. */
  #bursts(i: number, s: StreamState, step: RecordedStep): void {
    const { post } = this.#scenario.driver;
    const bursts = step.bursts ?? [];
    this.#told = false;
    for (const [b, { frags }] of bursts.entries()) {
      for (let n = 1; s.arrived < s.sent && (n <= frags || b === bursts.length - 1); n++) {
        const length = Math.min(this.#mss, s.sent - s.arrived);
        const last = s.arrived + length === s.sent;
        const endsBurst = last || n === frags;
        this.#fresh(i, s, length, { endsBurst, endsPoll: endsBurst || (post > 0 && n % post === 0) });
      }
    }
  }

  /** What the driver counted beyond the lists. */
  #counters(i: number, step: RecordedStep): void {
    const counters = step['driver-counters'];
    if (counters === undefined || !this.#told) return;
    const waiting = [...this.#streams.values()].find((s) => s.arrived < s.sent && this.#isBound(s));
    if (waiting !== undefined) {
      const end = Math.min(waiting.sent, this.#unreadAfter(i, waiting));
      while (this.#placed < counters.pkts && waiting.arrived < end) this.#late(i, waiting);
    }
    while (this.#placed < counters.pkts && this.#probe(i, counters.pkts - this.#placed, counters.bytes - this.#bytes));
    const s = this.#listed < 0 ? undefined : this.#stream(this.#scenario.steps[this.#listed].sock ?? this.#only().sock);
    while (this.#failed < counters.fail && s !== undefined) {
      const original = s.segments.findLast((a) => !a.duplicate);
      if (original === undefined) break;
      const dropped = { ...original, duplicate: true, dropped: true, truesize: undefined };
      this.#push(this.#counted ? i : this.#listed, s, dropped);
    }
    this.#counted = true;
  }

  /** Where the stream has arrived at a snapshot, if SIOCINQ was asked for next. */
  #unreadAfter(i: number, s: StreamState): number {
    const next = this.#scenario.steps[i + 1];
    return next?.step === 'SIOCINQ and poll' && next.sock === s.sock ? s.read + (next.inq ?? 0) : s.sent;
  }

  /** A retransmission that no list has shown yet (a tail loss probe), right behind its original. @returns whether there is one */
  #probe(i: number, missing: number, bytes: number): boolean {
    const s = [...this.#streams.values()].find((other) => other.segments.length > 0 && this.#isBound(other));
    if (s === undefined) return false;
    const length = missing === 1 ? bytes : s.segments[s.segments.length - 1].length;
    for (let at = i; at >= 0; at--) {
      const original = this.#plan[at].findLastIndex((a) => a.sock === s.sock && !a.duplicate && a.length === length);
      if (original < 0) continue;
      s.unlisted.push(length);
      this.#push(at, s, { ...this.#plan[at][original], duplicate: true, truesize: undefined }, original + 1);
      return true;
    }
    return false;
  }
}
