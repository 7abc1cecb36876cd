import { NAPI_POLL_WEIGHT } from '../../uapi/limits.ts';
import type { RxQueue } from '../netdev/rx-queue.ts';
import { Gro } from '../stack/gro.ts';
import { SKB_CONTROL, type SkbTable } from '../stack/skb.ts';
import type { Tcp } from '../stack/tcp.ts';

/** Keeps the NAPIs that have work; the kernel runs them. */
export interface NapiScheduler {
  /** The CPU that polls. */
  readonly softirqCpu: number;
  scheduleNapi(napi: Napi): void;
}

/** Settings of a NAPI (struct napi_config, net/core/dev.c, 6.18). They are kept and shown; polling does not depend on them. */
export interface NapiSettings {
  /** Empty polls before interrupts are armed again. */
  deferHardIrqs: number;
  /** Nanoseconds. */
  groFlushTimeout: number;
  /** Nanoseconds. */
  irqSuspendTimeout: number;
  /** NETDEV_NAPI_THREADED_*: 0 disabled, 1 enabled, 2 busy-poll (6.19 and later). */
  threaded: number;
  /** Process id of its thread; 0 = there is none. */
  pid: number;
}

/** One NAPI: polls one RX queue in budgets of 64 packets (net/core/dev.c). */
export class Napi {
  readonly id: number;
  readonly gro: Gro;
  queue: RxQueue | null = null;
  /** It was enabled once: only then netlink knows its id. */
  enabled = false;
  scheduled = false;
  readonly settings: NapiSettings = {
    deferHardIrqs: 0,
    groFlushTimeout: 0,
    irqSuspendTimeout: 0,
    threaded: 0,
    pid: 0,
  };
  readonly #scheduler: NapiScheduler;
  readonly #skbs: SkbTable;
  readonly #tcp: Tcp;

  constructor(id: number, scheduler: NapiScheduler, skbs: SkbTable, tcp: Tcp, headTruesize: number) {
    this.id = id;
    this.#scheduler = scheduler;
    this.#skbs = skbs;
    this.#tcp = tcp;
    this.gro = new Gro(skbs, headTruesize, (skb) => tcp.receive(skb));
  }

  schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    this.#scheduler.scheduleNapi(this);
  }

  /** Consumes up to 64 packets, then refills. @returns whether packets are left */
  poll(): boolean {
    const ring = this.queue?.ring ?? null;
    if (ring === null) return false;
    const gro = ring.queue.netdev.features.has('rx-gro');
    let work = 0;
    ring.closeAggregate();
    for (; work < NAPI_POLL_WEIGHT; work++) {
      const skb = ring.popCompletion();
      if (skb === 0) break;
      this.#skbs.cpu[skb] = this.#scheduler.softirqCpu;
      if ((this.#skbs.flags[skb] & SKB_CONTROL) !== 0) {
        this.gro.flushFlow(this.#skbs.flow[skb]);
        this.#tcp.receiveControl(skb);
      } else if (gro) {
        this.gro.receive(skb);
      } else {
        this.#tcp.receive(skb);
      }
    }
    this.gro.flush();
    ring.refill();
    ring.wakeStalled();
    return ring.completions > 0;
  }
}
