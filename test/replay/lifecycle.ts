import { netdevHandlers } from '../../src/family/netdev.ts';
import { VirtualClock } from '../../src/kernel/clock.ts';
import { Dmabuf } from '../../src/kernel/dmabuf/dmabuf.ts';
import { KernelError } from '../../src/kernel/error.ts';
import { Kernel } from '../../src/kernel/kernel.ts';
import { setLink } from '../../src/kernel/netdev/link.ts';
import type { Netdev } from '../../src/kernel/netdev/netdev.ts';
import { resetQueue } from '../../src/kernel/netdev/queue-reset.ts';
import { netmemFault } from '../../src/kernel/netmem/conservation.ts';
import { NetlinkSocket } from '../../src/kernel/task/netlink-socket.ts';
import { NetmemHolds } from '../../src/lab/netmem-holds.ts';
import { PAGE_SIZE } from '../../src/uapi/limits.ts';
import { ID_KINDS, IdMap } from './id-map.ts';
import type { LifecycleRecording, LifecycleStep, RecordedError, RecordedState } from './lifecycle-recording.ts';
import type { Disagreement } from './replay.ts';
import type { Notification } from './target.ts';

type Attrs = Readonly<Record<string, unknown>>;

/** The recording program looked at the state a moment after each step: time for one retry of a detached pool. */
const SETTLE_MS = 1100;

/**
 * What a step does to the device, by the words of the recording. Steps that are nothing here: netmemd has no network namespaces
 * beside its own, and no threads of NAPIs to set.
 */
const ACTIONS: readonly (readonly [RegExp, (replay: LifecycleReplay) => void])[] = [
  [/^create netdevsim \d+, (\d+) queues/, (r) => r.create()],
  [/^pp_hold=y/, (r) => r.hold()],
  [/^pp_hold=n/, (r) => r.release()],
  [/^link up/, (r) => r.open()],
  [/^link down/, (r) => r.close()],
  [/^create netns and move|^delete/, (r) => r.remove()],
  [/^move it back/, (r) => r.create()],
  [/^debugfs queue_reset/, (r) => r.reset()],
  [/^(tcp-data-split on|hds-thresh [01])$|^restore: data split|^ring change while bound/, (r) => r.rings()],
  [/^rename/, (r) => r.rename()],
  [/combined \d/, (r) => r.channels()],
  [/^(wait|bring it up inside|threaded|send|close the socket)/, () => {}],
];

/**
 * Plays a recorded sequence of device and binding steps on the kernel core and lists what differs: notifications in order, with
 * all their attributes; the page pools of a dump in order, and each by itself; RX queues with NAPI and dmabuf; NAPIs; what bind-rx answered.
 */
export class LifecycleReplay {
  readonly disagreements: Disagreement[] = [];
  readonly #steps: readonly LifecycleStep[];
  readonly #driver: LifecycleRecording['device'];
  readonly #clock = new VirtualClock(1000);
  readonly #kernel: Kernel;
  readonly #holds: NetmemHolds;
  readonly #ids = new IdMap();
  readonly #loopback: Netdev;
  readonly #dmabuf: number;
  #netdev: Netdev | null = null;
  #ifindex: number | undefined;
  #hold = 0;
  #notifications: Notification[] = [];
  #at = 0;

  constructor(recording: LifecycleRecording, kernel: '7.3.4' | '6.12.107', sequence: string) {
    this.#steps = recording.sequences[sequence];
    this.#driver = recording.device;
    this.#kernel = new Kernel({ clock: this.#clock, release: kernel === '7.3.4' ? '7.3' : '6.12' });
    this.#holds = new NetmemHolds(this.#kernel);
    this.#loopback = this.#kernel.addNetdev({
      name: 'lo',
      loopback: true,
      rxQueues: 1,
      txQueues: 1,
      rx: 0,
      mtu: 65536,
      up: true,
    });
    for (const group of ['netdev/page-pool', 'netdev/mgmt']) {
      this.#kernel.events.subscribe(group, (name, msg) => this.#notifications.push({ name, msg: { ...msg } }));
    }
    const memory = { bytes: new Uint8Array(16 * PAGE_SIZE), size: 16 * PAGE_SIZE, path: '', release() {} };
    this.#dmabuf = this.#kernel.initSession.fds.install(new Dmabuf('udmabuf', memory, [16]));
  }

  run(): Disagreement[] {
    this.#notifications = [];
    if (this.#steps[0].step === 'bind-rx') this.create();
    for (const [i, step] of this.#steps.entries()) {
      this.#at = i;
      if (step.step === 'bind-rx') this.#bind(step);
      else this.#act(step);
      this.#compare('conservation', null, netmemFault(this.#kernel.netmems, this.#kernel.pools.all()));
    }
    return this.disagreements;
  }

  // ---- the device ----

  get #step(): LifecycleStep {
    return this.#steps[this.#at];
  }

  /** The number of queues is in the recording's own words, or four; only a device made "down" or come back stays down. */
  create(): void {
    const { step } = this.#step;
    const queues = Number(/(\d+) queues/.exec(step)?.[1] ?? (step === 'move it back' ? 2 : 4));
    this.#netdev = this.#kernel.addNetdev({
      ifindex: this.#ifindex,
      name: 'bd0',
      rxQueues: queues,
      txQueues: queues,
      rx: 512,
      mtu: 1500,
      driver: this.#driver,
      up: !/down|back/.test(step),
    });
    this.#ifindex = this.#netdev.ifindex;
  }

  get #device(): Netdev {
    if (this.#netdev === null) throw new Error(`step ${this.#at}: no device`);
    return this.#netdev;
  }

  open(): void {
    this.#device.open();
  }

  close(): void {
    this.#device.close();
  }

  hold(): void {
    try {
      this.#hold = this.#holds.hold(this.#device, 0, 1, false);
      this.#compare('pp_hold', /down/.test(this.#step.step), false);
    } catch (err) {
      this.#compare('pp_hold', /down/.test(this.#step.step) && 'ENETDOWN', (err as KernelError).errno);
    }
  }

  release(): void {
    if (this.#hold !== 0) this.#holds.release(this.#hold);
    this.#hold = 0;
  }

  /** netdevsim gives a held page back when the device is deleted, and keeps it when the device only changes its network namespace. */
  remove(): void {
    this.#kernel.removeNetdev(this.#device);
    this.#netdev = null;
    if (this.#step.step.startsWith('delete')) this.release();
  }

  reset(): void {
    resetQueue(this.#device, 0, Number(/queue_reset (\d)/.exec(this.#step.step)?.[1]));
  }

  rename(): void {
    setLink(this.#device, { ifname: 'pl1' });
  }

  /** More channels than the device has are refused, and show in no difference. */
  channels(): void {
    const combined = Number(/combined (\d)/.exec(this.#step.step)?.[1]);
    try {
      this.#device.channels.set({ combined });
    } catch (err) {
      this.#compare('channels', combined > 4 && 'EINVAL', (err as KernelError).errno);
    }
  }

  /** A kernel that refused the setting is left alone: its netdevsim had none of them. */
  rings(): void {
    const { step, error } = this.#step;
    if (error !== undefined) return;
    const { rings } = this.#device;
    if (/split on/.test(step)) rings.set({ tcpDataSplit: 'enabled' });
    else if (/split-off/.test(step)) rings.set({ tcpDataSplit: 'disabled' });
    const thresh = /(?:hds-thresh |hds-)(\d)/.exec(step)?.[1];
    if (thresh !== undefined) rings.set({ hdsThresh: Number(thresh) });
  }

  #act(step: LifecycleStep): void {
    const action = ACTIONS.find(([words]) => words.test(step.step));
    if (action === undefined) throw new Error(`no way to replay "${step.step}"`);
    action[1](this);
    this.#clock.advance(SETTLE_MS);
    this.#state(step, step.step);
  }

  // ---- bind-rx ----

  #bind(step: LifecycleStep): void {
    // The recording program took the link down before the first of these, and up after it.
    if (step.id === 'bind-rx.real.device-down') this.close();
    else if (this.#netdev?.up === false) this.open();
    const netlink = new NetlinkSocket(this.#kernel);
    const { initSession } = this.#kernel;
    const fds = { dmabuf: this.#dmabuf, closed: 9999, u32max: 0xffff_ffff };
    const other = initSession.fds.install(new NetlinkSocket(this.#kernel));
    const queues = (step.queues ?? []).map(({ type, id }) => ({
      ...(type === undefined ? {} : { type: type === 'rx' ? 0 : 1 }),
      ...(id === undefined ? {} : { id }),
    }));
    const attrs = {
      'rx-page-size': step['rx-page-size'],
      ifindex: (step.device === 'lo' ? this.#loopback : this.#device).ifindex,
      fd: fds[step.fd as keyof typeof fds] ?? other,
      queues,
    };
    const answer = this.#do('bind-rx', attrs, netlink);
    const what = step.id as string;
    // That an attribute is of a later release is for the policy to say, and it is not asked here.
    if ((step.error as RecordedError | undefined)?.msg !== 'Unknown attribute type') {
      if (step.reply !== undefined) {
        const id = answer instanceof KernelError ? answer.errno : answer.id;
        this.#compareId(what, 'binding', step.reply, id);
      } else {
        const recorded = step.error as RecordedError;
        const ours = answer instanceof KernelError ? { errno: answer.errno, ...answer.extack } : answer;
        this.#compare(what, sorted(recorded), sorted(ours));
      }
    }
    this.#state(step, what);
    if (step.closed !== undefined) {
      netlink.close();
      this.#state(step.closed, `${what}, socket closed`);
    }
    initSession.fds.close(other);
  }

  #do(op: string, attrs: Attrs, netlink: NetlinkSocket): Attrs | KernelError {
    try {
      return (netdevHandlers[op].do?.(this.#context(netlink), attrs) ?? {}) as Attrs;
    } catch (err) {
      if (err instanceof KernelError) return err;
      throw err;
    }
  }

  #dump(op: string): Attrs[] {
    const { initSession } = this.#kernel;
    return [...(netdevHandlers[op].dump?.(this.#context(initSession.netlink), {}) ?? [])];
  }

  #context(netlink: NetlinkSocket) {
    const kernel = this.#kernel;
    return { kernel, session: kernel.initSession, netlink, admin: true } as Parameters<
      NonNullable<(typeof netdevHandlers)[string]['do']>
    >[0];
  }

  // ---- comparison ----

  #compare(what: string, recorded: unknown, replayed: unknown): void {
    if (recorded !== replayed) this.disagreements.push({ step: this.#at, what, recorded, replayed });
  }

  #compareId(what: string, kind: string, recorded: number, ours: unknown): void {
    if (!this.#ids.same(kind, recorded, ours)) this.#compare(what, recorded, ours ?? 'nothing');
  }

  #state(recorded: RecordedState, what: string): void {
    this.#compareNotifications(recorded.notifications ?? [], what);
    const pools = recorded['page-pools'];
    if (pools !== undefined) {
      const ours = this.#dump('page-pool-get');
      this.#compare(`${what}: page pools`, pools.length, ours.length);
      for (const [i, pool] of pools.entries()) this.#attributes(`${what}: page pool ${i}`, pool, ours[i] ?? {});
    }
    for (const [id, pool] of Object.entries(recorded['page-pool'] ?? {})) {
      const got = this.#do(
        'page-pool-get',
        { id: this.#ids.ours('pool', Number(id)) },
        this.#kernel.initSession.netlink,
      );
      if (typeof pool === 'string') this.#compare(`${what}: page pool ${id}`, pool, (got as KernelError).errno);
      else this.#attributes(`${what}: page pool ${id}`, pool, got as Attrs);
    }
    if (recorded['rx-queues'] !== undefined) this.#queues(recorded['rx-queues'], what);
    if (recorded.napis !== undefined) {
      const napis = this.#dump('napi-get').map((napi) => napi.id);
      this.#compare(`${what}: NAPIs`, recorded.napis.length, napis.length);
      for (const [i, id] of recorded.napis.entries()) this.#compareId(`${what}: NAPI ${i}`, 'napi', id, napis[i]);
    }
  }

  #queues(recorded: readonly (readonly number[])[], what: string): void {
    const ours = this.#dump('queue-get').filter((q) => q.type === 0 && q.ifindex !== this.#loopback.ifindex);
    this.#compare(`${what}: RX queues`, recorded.length, ours.length);
    for (const [i, [id, napi, dmabuf]] of recorded.entries()) {
      const q = ours[i] ?? {};
      this.#compare(`${what}: RX queue`, id, q.id);
      this.#compareId(`${what}: NAPI of RX queue ${id}`, 'napi', napi, q['napi-id']);
      if (dmabuf === undefined) this.#compare(`${what}: dmabuf of RX queue ${id}`, undefined, q.dmabuf);
      else this.#compareId(`${what}: dmabuf of RX queue ${id}`, 'binding', dmabuf, q.dmabuf);
    }
  }

  #compareNotifications(recorded: readonly Notification[], what: string): void {
    const ours = this.#notifications;
    this.#notifications = [];
    const names = (list: readonly Notification[]): string => list.map((n) => n.name).join(' ');
    this.#compare(`${what}: notifications`, names(recorded), names(ours));
    for (const [i, { name, msg }] of recorded.entries()) {
      if (ours[i]?.name !== name) return;
      const label = `${what}: ${name}`;
      if (name.startsWith('dev-'))
        this.#compareId(`${label} ifindex`, 'netdev', msg.ifindex as number, ours[i].msg.ifindex);
      else this.#attributes(label, msg, ours[i].msg);
    }
  }

  /** The same attributes; ids as ids; a detach time is only there or not. */
  #attributes(what: string, recorded: Attrs, ours: Attrs): void {
    for (const key of new Set([...Object.keys(recorded), ...Object.keys(ours)])) {
      const r = recorded[key];
      const o = ours[key];
      const kind = key === 'id' ? 'pool' : ID_KINDS[key];
      if (r === undefined || o === undefined) this.#compare(`${what} ${key}`, r, o);
      else if (kind !== undefined) this.#compareId(`${what} ${key}`, kind, r as number, o);
      else if (key === 'detach-time') this.#compare(`${what} ${key}`, 'number', typeof o);
      else this.#compare(`${what} ${key}`, r, o);
    }
  }
}

/** An answer as text, whatever the order of its parts. */
function sorted(answer: unknown): string {
  return JSON.stringify(Object.entries(answer as Attrs).sort(([a], [b]) => (a < b ? -1 : 1)));
}
