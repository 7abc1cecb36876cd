import { refuse } from '../error.ts';
import { ERRORS } from '../error-catalogue.ts';
import type { Netdev } from './netdev.ts';
import type { RxQueue } from './rx-queue.ts';

/** Channels by kind: combined ones have an RX and a TX queue, rx and tx ones only that. */
export interface ChannelCounts {
  combined: number;
  rx: number;
  tx: number;
}

/** A change asked for by channels-set. No device here has other channels, but they can be asked for. */
export interface ChannelRequest extends Partial<ChannelCounts> {
  other?: number;
}

/**
 * The channels of a netdev (net/ethtool/channels.c, 6.18). The queues the device was made with are the most it can have:
 * what RX and TX have in common is combined, the rest of the greater number its own.
 *
 * ```
 *  8 RX, 4 TX queues:   combined-max 4   rx-max 4
 *  real RX queues = combined + rx,  real TX queues = combined + tx
 * ```
 */
export class Channels {
  readonly max: Readonly<ChannelCounts>;
  count: ChannelCounts;
  readonly #netdev: Netdev;
  /** Every RX queue of the device, in use or not: those out of use keep their counters. */
  readonly rxQueues: readonly RxQueue[];

  constructor(netdev: Netdev, rxQueues: readonly RxQueue[], txQueues: number) {
    this.#netdev = netdev;
    this.rxQueues = [...rxQueues];
    const combined = Math.min(rxQueues.length, txQueues);
    this.max = { combined, rx: rxQueues.length - combined, tx: txQueues - combined };
    this.count = { ...this.max };
  }

  /** RX queues that have memory and a NAPI while the device is up: some drivers keep those that are out of use. */
  get allocated(): readonly RxQueue[] {
    return this.#netdev.driver.params.keepsUnusedQueues ? this.rxQueues : this.#netdev.rxQueues;
  }

  /**
   * channels-set, in Linux's order of checks: nothing changed, maxima, at least one of each, RSS, flow rules, providers, AF_XDP.
   *
   * @returns whether something changed (then there is a notification)
   * @throws KernelError EINVAL with Linux's text, and what creating page pools says
   */
  set(request: ChannelRequest): boolean {
    const now = this.count;
    const next = {
      combined: request.combined ?? now.combined,
      rx: request.rx ?? now.rx,
      tx: request.tx ?? now.tx,
    };
    const other = request.other ?? 0;
    const combinedChanged = next.combined !== now.combined;
    if (!combinedChanged && next.rx === now.rx && next.tx === now.tx && other === 0) return false;
    this.#checkMaxima(next, other);
    if (next.combined === 0 && (next.rx === 0 || next.tx === 0)) {
      const lacking = next.rx === 0 ? 'rx' : 'tx';
      const attr = combinedChanged ? 'combined' : lacking;
      const named = request[attr] !== undefined;
      refuse(ERRORS.noChannelLeft, named ? { 'bad-attr': `.${attr}-count` } : undefined);
    }
    this.#checkUse(next.combined + next.rx);
    const before = now.combined + Math.max(now.rx, now.tx);
    for (let i = next.combined + Math.min(next.rx, next.tx); i < before; i++) {
      if (this.#netdev.xsk.has(i)) refuse(ERRORS.channelsXsk);
    }
    this.#apply(next);
    return true;
  }

  #checkMaxima(next: ChannelCounts, other: number): void {
    const { max } = this;
    const excess =
      next.rx > max.rx
        ? 'rx'
        : next.tx > max.tx
          ? 'tx'
          : other > 0
            ? 'other'
            : next.combined > max.combined
              ? 'combined'
              : null;
    if (excess !== null) refuse(ERRORS.tooManyChannels, { 'bad-attr': `.${excess}-count` });
  }

  /**
   * ethtool_check_max_channel(): what is in use must stay. RSS and rules compare with the highest index, providers with the
   * highest index + 1 and by the same "too low or equal", so that a change to just enough queues is refused too.
   */
  #checkUse(rx: number): void {
    const { rss, rules, rxQueues } = this.#netdev;
    const table = rss.highestConfigured;
    if (rx <= table) refuse(ERRORS.channelsRss, undefined, table);
    if (rx <= rules.highestQueue) refuse(ERRORS.channelsRules);
    const bound = rxQueues.findLastIndex((queue) => queue.provider !== null) + 1;
    if (rx <= bound) refuse(ERRORS.channelsProvider, undefined, bound);
  }

  /** New queues get their memory before anything changes; queues that go finish what they have. */
  #apply(next: ChannelCounts): void {
    const { driver, rxQueues, rss } = this.#netdev;
    const before = rxQueues.length;
    const rx = next.combined + next.rx;
    const creates = this.#netdev.up && !driver.params.keepsUnusedQueues;
    const fresh = creates ? driver.allocQueues(this.rxQueues.slice(before, rx)) : [];
    const gone = rxQueues.splice(rx);
    rxQueues.push(...this.rxQueues.slice(rxQueues.length, rx));
    this.count = next;
    if (rx !== before) rss.resize(rx);
    fresh.forEach((ring, i) => {
      driver.startQueue(rxQueues[before + i], ring);
    });
    // Flows look for another queue before theirs is stopped: what stopping it lets go tries there.
    this.#netdev.steeringChanged();
    if (!creates) return;
    for (const queue of gone) {
      const ring = driver.stopQueue(queue);
      if (ring !== null) driver.freeQueueMemory(ring);
    }
  }
}
