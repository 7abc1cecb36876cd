import { decodeCmsgs } from '../../src/uapi/cmsg.ts';
import { ERRNO, type ErrnoName } from '../../src/uapi/errno.ts';
import { MSG_FLAGS, SCM_DEVMEM_DMABUF, SCM_DEVMEM_LINEAR, SOL_SOCKET } from '../../src/uapi/socket.ts';
import { type Arrival, planArrivals } from './arrivals.ts';
import { ID_KINDS, IdMap } from './id-map.ts';
import { firstOnCpu1 } from './other-cpu.ts';
import { chunksOf, type RecordedNotification, type RecordedStep, type Scenario } from './recording.ts';
import type { Notification, ReplayTarget, TargetDmabuf, TargetNetlink, TargetSocket } from './target.ts';

/** One thing that came out differently. */
export interface Disagreement {
  readonly step: number;
  readonly what: string;
  readonly recorded: unknown;
  readonly replayed: unknown;
}

/** Retries of a detached pool came 1000 to 1032 ms apart (timer wheel slots of 32 ms); recorded time is divided by this. */
const RETRY_STRETCH = 1.02;

interface ReplaySocket {
  readonly target: TargetSocket;
  readonly salt: number;
  read: number;
}

/** The byte at position `at` of a socket's stream: changes with position and stream, with no short period. */
function streamByte(at: number, salt: number): number {
  return (at * 31 + (at >>> 8) * 7 + (at >>> 16) * 3 + salt * 101) & 255;
}

/**
 * The recording program ends a scenario by closing its sockets (no step of its own), then the netlink sockets still open, and
 * takes the end state. Returns the step before which the sockets go; -1 = the scenario ends otherwise.
 */
function cleanUpStep(steps: readonly RecordedStep[]): number {
  if (steps.at(-1)?.step !== 'end state') return -1;
  return steps.at(-3)?.step === 'close netlink socket' ? steps.length - 3 : steps.length - 2;
}

/**
 * A FIN that was lost comes through with one of its retransmissions some time after the link is up. Returns the step before which
 * it does: the first snapshot that shows buffers which came back; without statistics, the link's step; -1 = no FIN got lost.
 */
function finStep(steps: readonly RecordedStep[]): number {
  const up = steps.findIndex((s) => s.step === "sender's link up");
  const shown = steps.findIndex((s, i) => {
    const stats = i > up ? s['bound-pools']?.[0]?.stats : undefined;
    return typeof stats === 'object' && (stats['recycle-cached'] ?? 0) > 0;
  });
  return up < 0 || shown < 0 ? up : shown;
}

/** What the recording program offered to each recvmsg. */
const BURST_LENGTH = 1_048_576;
const BURST_CONTROL = 16_384;

/**
 * Plays one recorded scenario on a target and lists what differs. Compared: every recvmsg (return or errno, msg_flags,
 * msg_controllen, each control message, every payload byte), every SO_DEVMEM_DONTNEED, SIOCINQ and poll, bindings,
 * notifications in order, pools, queues and driver counters. Times, host addresses and raw ids are not.
 */
export class Replay {
  readonly disagreements: Disagreement[] = [];
  readonly #scenario: Scenario;
  readonly #kernel: '7.3.4' | '6.12.107';
  readonly #target: ReplayTarget;
  readonly #ids = new IdMap();
  readonly #sockets = new Map<string, ReplaySocket>();
  readonly #netlinks = new Map<string, TargetNetlink>();
  readonly #dmabufs = new Map<string, TargetDmabuf>();
  readonly #byBinding = new Map<number, TargetDmabuf>();
  /** CPU of the program that reads. */
  readonly #readerCpu: number;
  #step = 0;
  #now = 0;

  constructor(scenario: Scenario, kernel: '7.3.4' | '6.12.107', target: ReplayTarget) {
    this.#scenario = scenario;
    this.#kernel = kernel;
    this.#target = target;
    this.#readerCpu = Number(/read and returned on CPU (\d+)/.exec(scenario.description)?.[1] ?? 0);
  }

  run(): Disagreement[] {
    const plan = planArrivals(this.#scenario, this.#kernel);
    const cleanUp = cleanUpStep(this.#scenario.steps);
    const finComesThrough = finStep(this.#scenario.steps);
    for (const [i, step] of this.#scenario.steps.entries()) {
      this.#step = i;
      const at = step['t-ms'] / RETRY_STRETCH;
      if (at > this.#now) {
        this.#target.advance(at - this.#now);
        this.#now = at;
      }
      if (i === finComesThrough) this.#target.setLink(true);
      if (step.bursts === undefined) this.#deliver(plan[i]);
      else this.#bursts(step.sock ?? [...this.#sockets.keys()][0], plan[i]);
      this.#play(step);
      if (i === cleanUp - 1) this.#closeSockets();
      const fault = this.#target.conservationFault();
      if (fault !== null) this.#differs('conservation', null, fault);
    }
    return this.disagreements;
  }

  #differs(what: string, recorded: unknown, replayed: unknown): void {
    this.disagreements.push({ step: this.#step, what, recorded, replayed });
  }

  #compare(what: string, recorded: unknown, replayed: unknown): void {
    if (recorded !== replayed) this.#differs(what, recorded, replayed);
  }

  #compareId(what: string, kind: string, recorded: number, ours: unknown): void {
    if (!this.#ids.same(kind, recorded, ours)) this.#differs(what, recorded, ours);
  }

  #closeSockets(): void {
    for (const s of this.#sockets.values()) s.target.close();
    this.#target.poll(0);
  }

  #socket(step: RecordedStep): ReplaySocket {
    const s = this.#sockets.get(step.sock ?? '');
    if (s === undefined) throw new Error(`no socket ${step.sock}`);
    return s;
  }

  /** A duplicate comes long after its original, so it gets a poll of its own; what was new came in one go. */
  #deliver(arrivals: readonly Arrival[]): void {
    let pending = -1;
    const poll = (): void => {
      if (pending >= 0) this.#target.poll(pending);
      pending = -1;
    };
    const onCpu1 = firstOnCpu1(this.#kernel, this.#scenario.id, this.#step);
    for (const [i, a] of arrivals.entries()) {
      const cpu = i >= onCpu1 ? 1 : 0;
      const s = this.#sockets.get(a.sock);
      if (s === undefined) throw new Error(`no socket ${a.sock}`);
      if (a.duplicate || pending !== cpu) poll();
      const truesize = s.target.segment(a.at, this.#payload(a, s), i === arrivals.length - 1, cpu);
      this.#compare(`segment at ${a.at} finds a buffer`, !a.dropped, truesize > 0);
      if (a.truesize !== undefined) this.#compare(`truesize of the segment at ${a.at}`, a.truesize, truesize);
      pending = cpu;
      if (a.duplicate || a.endsPoll === true) poll();
    }
    poll();
  }

  #payload(a: Arrival, s: ReplaySocket): Uint8Array {
    const payload = new Uint8Array(a.length);
    for (let i = 0; i < a.length; i++) payload[i] = streamByte(a.at + i, s.salt);
    return payload;
  }

  /** Delivers in bursts; each is read and returned before the next one comes. A packet without a buffer is sent once more. */
  #bursts(sock: string, arrivals: readonly Arrival[]): void {
    const s = this.#sockets.get(sock) as ReplaySocket;
    for (const a of arrivals) {
      const payload = this.#payload(a, s);
      if (s.target.segment(a.at, payload, false, 0) === 0) {
        this.#target.poll(0);
        const truesize = s.target.segment(a.at, payload, false, 0);
        this.#compare(`segment at ${a.at} finds a buffer at last`, true, truesize > 0);
      }
      if (a.endsPoll === true) this.#target.poll(0);
      if (a.endsBurst !== true) continue;
      const got = s.target.recvmsg(BURST_LENGTH, BURST_CONTROL, MSG_FLAGS.MSG_SOCK_DEVMEM, this.#readerCpu);
      const cmsgs = decodeCmsgs(got.control, Math.max(0, got.controllen));
      for (const [i, c] of cmsgs.entries()) {
        const bytes = this.#byBinding.get(c.dmabufId)?.bytes ?? new Uint8Array(0);
        const frag = bytes.subarray(c.fragOffset, c.fragOffset + c.fragSize);
        this.#checkBytes(`bytes of frag ${i} of a burst`, frag, s.read, s.salt);
        s.read += c.fragSize;
      }
      this.#compare('tokens of a burst', cmsgs.length, s.target.dontneed(cmsgs.map((c) => [c.fragToken, 1] as const)));
    }
  }

  #play(step: RecordedStep): void {
    switch (step.step) {
      case 'bind-rx':
        this.#bind(step);
        return;
      case 'connect':
        this.#sockets.set(step.sock ?? '', {
          target: this.#target.connect(step.queue ?? 0),
          salt: this.#sockets.size + 1,
          read: 0,
        });
        return;
      case 'send':
      case 'sender pushed':
      case 'packets':
      case 'poll for data after the return':
        return;
      case 'read and return until done':
        this.#compare('bytes received', step.received, [...this.#sockets.values()][0].read);
        return;
      case "sender's link down":
        this.#target.setLink(false);
        return;
      case "sender's link up":
        return;
      case 'recvmsg':
        this.#recvmsg(step);
        return;
      case 'SO_DEVMEM_DONTNEED':
        this.#compare('setsockopt', step.ret, this.#socket(step).target.dontneed(step.tokens ?? []));
        return;
      case 'SIOCINQ and poll': {
        const inq = this.#socket(step).target.inq();
        this.#compare('SIOCINQ', step.inq, inq);
        this.#compare('POLLIN', step.poll?.includes('POLLIN'), inq > 0);
        return;
      }
      case 'close netlink socket':
        this.#closeNetlink(step.binding ?? '');
        return;
      case 'close receiver socket':
        this.#socket(step).target.close();
        this.#target.poll(0);
        return;
      case 'close sender socket':
        this.#socket(step).target.peerClose();
        this.#target.poll(0);
        return;
      case 'one ordinary packet on CPU 0':
        return;
      default:
        if (step.notifications === undefined) throw new Error(`no way to replay "${step.step}"`);
        if (step['bound-pools'] !== undefined) this.#snapshot(step);
        this.#notifications(step.notifications);
    }
  }

  /** A binding made without a name belongs to the socket that the recording closes as a whole. */
  #netlink(name: string): TargetNetlink {
    const known = this.#netlinks.get(name);
    if (known !== undefined) return known;
    const opened = this.#target.openNetlink();
    this.#netlinks.set(name, opened);
    return opened;
  }

  #closeNetlink(binding: string): void {
    const name = this.#netlinks.has(binding) ? binding : '';
    this.#netlinks.get(name)?.close();
    this.#netlinks.delete(name);
  }

  #bind(step: RecordedStep): void {
    // Only named binds of one scenario share its dmabuf ("bind the same dma-buf again").
    const key = step.name === undefined ? `#${this.#step}` : 'shared';
    let dmabuf = this.#dmabufs.get(key);
    if (dmabuf === undefined) {
      dmabuf = this.#target.createDmabuf(chunksOf(this.#scenario, step, this.#kernel));
      this.#dmabufs.set(key, dmabuf);
    }
    const id = this.#netlink(step.name ?? '').bindRx(dmabuf, step.queues ?? []);
    this.#compareId('binding id', 'binding', step.reply?.id ?? 0, id);
    this.#byBinding.set(id, dmabuf);
    this.#notifications(step.notifications ?? []);
  }

  #recvmsg(step: RecordedStep): void {
    const s = this.#socket(step);
    const named = step.flags ?? [];
    const flags = named.reduce((bits, name) => bits | MSG_FLAGS[name as keyof typeof MSG_FLAGS], 0);
    const got = s.target.recvmsg(step.iov_len ?? 0, step.control_len ?? 0, flags, this.#readerCpu);
    const expected = step.errno === undefined ? step.ret : -ERRNO[step.errno as ErrnoName];
    this.#compare('recvmsg', expected, got.ret);
    this.#compare('msg_flags', step.msg_flags, got.flags);
    this.#compare('msg_controllen', step.msg_controllen, got.controllen);
    if (got.ret < 0) return;
    const start = s.read;
    if (!named.includes('MSG_PEEK')) s.read += got.ret;
    const cmsgs = decodeCmsgs(got.control, got.controllen);
    const recorded = step.cmsgs ?? [];
    this.#compare('control messages', recorded.length, cmsgs.length);
    let at = start;
    let copied = 0;
    for (const [i, c] of cmsgs.entries()) {
      const r = recorded[i];
      this.#compare(`cmsg ${i} level`, SOL_SOCKET, c.level);
      if (c.type === SCM_DEVMEM_LINEAR) {
        const shown = [c.fragOffset, c.fragToken, c.dmabufId].every((v) => v === 0) ? [c.fragSize] : c;
        this.#compare(`cmsg ${i}`, JSON.stringify(r), JSON.stringify(shown));
        this.#checkBytes(`linear bytes of cmsg ${i}`, got.iov.subarray(copied, copied + c.fragSize), at, s.salt);
        copied += c.fragSize;
      } else if (c.type === SCM_DEVMEM_DMABUF) {
        const shown = [c.fragOffset, c.fragSize, c.fragToken];
        this.#compare(`cmsg ${i}`, JSON.stringify(r?.slice(0, 3)), JSON.stringify(shown));
        if (r?.length === 4) this.#compareId(`cmsg ${i} dmabuf_id`, 'binding', r[3], c.dmabufId);
        const bytes = this.#byBinding.get(c.dmabufId)?.bytes ?? new Uint8Array(0);
        this.#checkBytes(`bytes of cmsg ${i}`, bytes.subarray(c.fragOffset, c.fragOffset + c.fragSize), at, s.salt);
      } else {
        this.#differs(`cmsg ${i} type`, r, c.type);
      }
      at += c.fragSize;
    }
    if (cmsgs.length === 0 && !named.includes('MSG_TRUNC')) {
      this.#checkBytes('ordinary bytes', got.iov.subarray(0, got.ret), start, s.salt);
    } else if (cmsgs.length > 0) {
      this.#compare('bytes of all control messages', got.ret, at - start);
    }
  }

  #checkBytes(what: string, bytes: Uint8Array, at: number, salt: number): void {
    for (let i = 0; i < bytes.length; i++) {
      if (bytes[i] === streamByte(at + i, salt)) continue;
      this.#differs(`${what}: byte ${i} (stream position ${at + i})`, streamByte(at + i, salt), bytes[i]);
      return;
    }
  }

  #notifications(recorded: readonly RecordedNotification[]): void {
    const ours: Notification[] = this.#target.notifications();
    const names = (list: readonly { name: string }[]): string => list.map((n) => n.name).join(' ');
    this.#compare('notifications', names(recorded), names(ours));
    for (const [i, r] of recorded.entries()) {
      const n = ours[i];
      if (n === undefined || n.name !== r.name) return;
      this.#compareId(`${n.name} id`, 'pool', r.msg.id, n.msg.id);
      this.#attributes(n.name, r.msg, n.msg);
    }
  }

  /** Same attributes present; ids as ids; a detach time is only there or not. */
  #attributes(
    what: string,
    recorded: Readonly<Record<string, unknown>>,
    ours: Readonly<Record<string, unknown>>,
  ): void {
    for (const key of new Set([...Object.keys(recorded), ...Object.keys(ours)])) {
      if (key === 'id') continue;
      const r = recorded[key];
      const o = ours[key];
      const kind = ID_KINDS[key];
      if (r === undefined || o === undefined) this.#differs(`${what} ${key}`, r, o);
      else if (kind !== undefined) this.#compareId(`${what} ${key}`, kind, r as number, o);
      else if (key === 'detach-time') this.#compare(`${what} ${key}`, 'number', typeof o);
      else this.#compare(`${what} ${key}`, r, o);
    }
  }

  #snapshot(step: RecordedStep): void {
    for (const pool of step['bound-pools'] ?? []) {
      const what = `pool ${pool.id}`;
      const id = this.#ids.ours('pool', pool.id);
      if (id === undefined) {
        this.#differs(what, pool, 'never announced');
        continue;
      }
      const get = this.#target.poolGet(id);
      if (pool.get === undefined) {
        this.#compare(what, pool.error, get === null ? 'ENOENT' : 'exists');
        continue;
      }
      if (get === null) {
        this.#differs(what, pool.get, 'ENOENT');
        continue;
      }
      this.#attributes(what, pool.get, get);
      if (typeof pool.stats === 'object') this.#stats(what, pool.stats, this.#target.poolStats(id));
    }
    const queues = this.#target.boundQueues();
    const recordedQueues = step['bound-queues'] ?? [];
    const ids = (list: readonly Readonly<Record<string, unknown>>[]): string => list.map((q) => q.id).join(' ');
    this.#compare('bound queues', ids(recordedQueues.map((q) => ({ ...q }))), ids(queues));
    for (const [i, q] of recordedQueues.entries()) {
      if (queues[i] === undefined) break;
      const { ifindex: _, ...shown } = queues[i];
      this.#attributes(`queue ${q.id}`, { ...q }, shown);
    }
    const counters = step['driver-counters'];
    if (counters !== undefined) {
      this.#compare('segments without a buffer', counters.fail, this.#target.dropped());
    }
  }

  #stats(what: string, recorded: Readonly<Record<string, number>>, ours: Readonly<Record<string, number>>): void {
    for (const key of new Set([...Object.keys(recorded), ...Object.keys(ours)])) {
      this.#compare(`${what} ${key}`, recorded[key] ?? 0, ours[key] ?? 0);
    }
  }
}
