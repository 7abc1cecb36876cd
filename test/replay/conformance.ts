import { requireAdmission } from '../../src/family/admission.ts';
import type { RequestContext } from '../../src/family/context.ts';
import { netdevHandlers } from '../../src/family/netdev.ts';
import { VirtualClock } from '../../src/kernel/clock.ts';
import { KernelError } from '../../src/kernel/error.ts';
import { Kernel } from '../../src/kernel/kernel.ts';
import type { KernelRelease } from '../../src/kernel/profile.ts';
import { findFamily } from '../../src/ynl/generated/index.ts';
import { parseAttributes } from '../../src/ynl/policy.ts';
import { renderReply } from '../../src/ynl/reply.ts';
import { type Attrs, type FamilySpec, findOperation } from '../../src/ynl/spec.ts';
import type {
  ConformanceDevices,
  ConformanceKernel,
  ConformanceRecording,
  RecordedRequest,
} from './conformance-recording.ts';
import { setUp } from './conformance-topology.ts';

/** A place in an answer that differs; the empty path is the whole. */
export interface Difference {
  readonly path: string;
  readonly recorded: unknown;
  readonly replayed: unknown;
}

/** Requests whose answers are not in the recording, though later ones show what they changed: sent before the record of that name. */
const UNRECORDED: Readonly<Record<string, Omit<RecordedRequest, 'id'>>> = {
  'napi-set.all.after': { op: 'napi-set', mode: 'do', attrs: { 'defer-hard-irqs': 2 ** 31 - 1 } },
  'napi-set.threaded-off.after': { op: 'napi-set', mode: 'do', attrs: { threaded: 'disabled' } },
};

/** Sends the recorded requests, in order, to a kernel with the recorded devices, and compares every answer. */
export class ConformanceReplay {
  readonly #kernel: Kernel;
  readonly #recording: ConformanceRecording;
  readonly #family: FamilySpec;

  constructor(recording: ConformanceRecording, devices: ConformanceDevices, kernel: ConformanceKernel) {
    const release = kernel.split('.').slice(0, 2).join('.') as KernelRelease;
    // Two of the recorded kernels were built without CONFIG_PAGE_POOL_STATS.
    const pagePoolStats = kernel === '7.3.4';
    this.#recording = recording;
    this.#kernel = new Kernel({ clock: new VirtualClock(5000), release, pagePoolStats });
    this.#family = findFamily('netdev') as FamilySpec;
    setUp(this.#kernel, this.#kernel.initSession, devices);
  }

  /** Differences by record, those without any left out. */
  run(): Map<string, Difference[]> {
    const found = new Map<string, Difference[]>();
    for (const record of this.#recording.records) {
      const before = UNRECORDED[record.id];
      if (before !== undefined) this.#ask({ ...before, id: '', attrs: { ...record.attrs, ...before.attrs } });
      const differences: Difference[] = [];
      const recorded = record.error === undefined ? { reply: record.reply } : { error: record.error };
      compare('', this.#resolve(recorded), this.#ask(record), differences);
      if (differences.length > 0) found.set(record.id, differences);
    }
    return found;
  }

  /** The way of a request through the daemon: permission, policy, handler, rendering. */
  #ask({ op, mode, as, attrs }: RecordedRequest): unknown {
    const kernel = this.#kernel;
    const { release } = kernel.profile;
    const operation = findOperation(this.#family, op);
    if (operation === undefined) throw new Error(`no operation ${op}`);
    const session = kernel.initSession;
    const admin = as === undefined || as === 'root';
    const context = { kernel, session, netlink: session.netlink, admin } as RequestContext;
    const handler = netdevHandlers[op];
    const render = (entry: Attrs | null) => renderReply(this.#family, operation, mode, entry);
    try {
      requireAdmission(kernel, operation, mode, admin);
      const request = parseAttributes(this.#family, operation, mode, this.#resolve(attrs), release);
      if (mode === 'dump') return { reply: [...(handler.dump?.(context, request) ?? [])].map(render) };
      return { reply: render((handler.do?.(context, request) ?? null) as Attrs | null) };
    } catch (err) {
      if (!(err instanceof KernelError)) throw err;
      return { error: { errno: err.errno, ...err.extack } };
    }
  }

  #resolve(value: unknown): unknown {
    if (typeof value === 'string' && value.startsWith('$')) return this.#id(value.slice(1));
    if (Array.isArray(value)) return value.map((item) => this.#resolve(item));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.#resolve(item)]));
  }

  #id(text: string): number {
    const [kind, name, index] = text.split(':');
    // Pools are numbered in the order of creation; only ns0 has some that netlink shows.
    const netdev = this.#kernel.netdevs.byName(kind === 'pp' ? 'ns0' : name);
    const queue = netdev?.rxQueues[Number(kind === 'pp' ? name : index)];
    const id = { ifindex: netdev?.ifindex, napi: queue?.napi.id, pp: queue?.ring?.pool.id }[kind];
    if (id === undefined) throw new Error(`nothing here is $${text}`);
    return id;
  }
}

/** Objects by their keys, whatever the order; lists in order; everything else as it is. */
function compare(path: string, recorded: unknown, replayed: unknown, found: Difference[]): void {
  const nested = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
  if (!nested(recorded) || !nested(replayed) || Array.isArray(recorded) !== Array.isArray(replayed)) {
    if (recorded !== replayed) found.push({ path, recorded, replayed });
    return;
  }
  for (const key of new Set([...Object.keys(recorded), ...Object.keys(replayed)])) {
    compare(path === '' ? key : `${path}.${key}`, recorded[key], replayed[key], found);
  }
}
