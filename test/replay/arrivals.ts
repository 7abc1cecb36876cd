import type { RecordedStep, Scenario } from './recording.ts';

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
 * waited for the window) are delivered just before the call that returned them; their number is in the driver's counters.
 */
export function planArrivals(scenario: Scenario): Arrival[][] {
  const { steps } = scenario;
  const plan: Arrival[][] = steps.map(() => []);
  const streams = new Map<string, StreamState>();
  const bound = new Map<string, number[]>();
  const mss = scenario.mtu - TCP_IPV4_HEADERS;
  let placed = 0;
  let failed = 0;
  let lastSend = -1;

  const isBound = (queue: number): boolean => [...bound.values()].some((queues) => queues.includes(queue));
  const push = (i: number, s: StreamState, a: Arrival): void => {
    plan[i].push(a);
    s.segments.push(a);
    if (!a.duplicate) s.arrived = a.at + a.length;
    if (a.dropped) failed++;
    else if (isBound(s.queue)) placed++;
  };
  const fresh = (i: number, s: StreamState, sock: string, length: number, truesize?: number): void => {
    if (length <= 0) throw new Error(`${scenario.id}: step ${i} needs more of ${sock} than was sent`);
    push(i, s, { sock, at: s.arrived, length, duplicate: false, dropped: false, truesize });
  };
  const nextCut = (s: StreamState): number => {
    const cut = s.seams.cuts.find((c) => c > s.arrived) ?? s.sent;
    return Math.min(cut, s.sent, s.arrived + mss);
  };
  const stream = (sock: string | undefined): StreamState => {
    const s = streams.get(sock ?? '');
    if (s === undefined) throw new Error(`${scenario.id}: socket ${sock} is used before it is connected`);
    return s;
  };

  for (const [i, step] of steps.entries()) {
    switch (step.step) {
      case 'bind-rx':
        bound.set(step.name ?? `#${i}`, [...(step.queues ?? [])]);
        break;
      case 'close netlink socket':
        if (bound.has(step.binding ?? '')) bound.delete(step.binding ?? '');
        else bound.clear();
        break;
      case 'connect':
        streams.set(step.sock ?? '', {
          queue: step.queue ?? 0,
          seams: seamsOf(steps, step.sock ?? ''),
          unlisted: [],
          sent: 0,
          arrived: 0,
          read: 0,
          segments: [],
        });
        break;
      case 'send': {
        const sock = step.sock ?? '';
        const s = stream(sock);
        s.sent += step.size ?? 0;
        lastSend = i;
        if (!isBound(s.queue)) {
          while (s.arrived < s.sent) fresh(i, s, sock, Math.min(mss, s.sent - s.arrived));
          break;
        }
        const { cuts, plain } = s.seams;
        const known = cuts.at(-1) ?? 0;
        const canEndAt = (end: number): boolean =>
          end > known || cuts.includes(end) || plain.some(([from, to]) => end > from && end < to);
        for (const [payload, , , truesize, , times] of step.packets ?? []) {
          for (let n = 0; n < times; n++) {
            const end = s.arrived + payload;
            if (s.unlisted[0] === payload) {
              s.unlisted.shift();
              continue;
            }
            if (end <= s.sent && canEndAt(end)) {
              fresh(i, s, sock, payload, truesize);
              continue;
            }
            const original = s.segments.findLast((a) => a.length === payload);
            if (original === undefined) throw new Error(`${scenario.id}: step ${i}: ${payload} bytes repeat nothing`);
            push(i, s, { sock, at: original.at, length: payload, duplicate: true, dropped: false, truesize });
          }
        }
        break;
      }
      case 'recvmsg': {
        const sock = step.sock ?? '';
        const s = stream(sock);
        const ret = Math.max(0, step.ret ?? 0);
        while (s.arrived < s.read + ret) {
          const length = nextCut(s) - s.arrived;
          s.unlisted.push(length);
          fresh(i, s, sock, length);
        }
        if (!isPeek(step)) s.read += ret;
        break;
      }
      default: {
        const counters = step['driver-counters'];
        if (counters === undefined) break;
        const late = [...streams].find(([, s]) => s.arrived < s.sent && isBound(s.queue));
        while (placed < counters.pkts && late !== undefined && late[1].arrived < late[1].sent) {
          fresh(i, late[1], late[0], nextCut(late[1]) - late[1].arrived);
        }
        while (failed < counters.fail && lastSend >= 0) {
          const sock = steps[lastSend].sock ?? '';
          const original = stream(sock).segments.findLast((a) => !a.duplicate);
          if (original === undefined) break;
          push(lastSend, stream(sock), { ...original, duplicate: true, dropped: true, truesize: undefined });
        }
      }
    }
  }
  return plan;
}
