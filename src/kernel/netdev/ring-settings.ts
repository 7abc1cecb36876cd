import { fail, refuse } from '../error.ts';
import { ERRORS } from '../error-catalogue.ts';
import type { Netdev } from './netdev.ts';

/** tcp-data-split: `unknown` is ethtool's "auto". */
export type TcpDataSplit = 'unknown' | 'disabled' | 'enabled';

/** What was configured; checks look at this, never at what the driver reports. */
export interface RingConfig {
  rx: number;
  tx: number;
  tcpDataSplit: TcpDataSplit;
  hdsThresh: number;
}

/** A change asked for by rings-set; only what is named changes. Attributes the device does not have are refused. */
export interface RingRequest extends Partial<RingConfig> {
  rxMini?: number;
  rxJumbo?: number;
  rxBufLen?: number;
  cqeSize?: number;
  txPush?: number;
  rxPush?: number;
  txPushBufLen?: number;
}

/** Ring parameters of a netdev (net/ethtool/rings.c, 6.18; linux-netdev specs name them). */
export class RingSettings {
  readonly max: { readonly rx: number; readonly tx: number; readonly hdsThresh: number };
  config: RingConfig;
  readonly #netdev: Netdev;

  constructor(netdev: Netdev, rx: number, tx: number) {
    this.#netdev = netdev;
    this.max = { rx: 8192, tx: 8192, hdsThresh: 1024 };
    this.config = { rx, tx, tcpDataSplit: 'unknown', hdsThresh: 0 };
  }

  /** What rings-get shows: on `unknown` the device splits, so it says enabled. */
  get reportedSplit(): TcpDataSplit {
    return this.config.tcpDataSplit === 'unknown' ? 'enabled' : this.config.tcpDataSplit;
  }

  /**
   * rings-set, in Linux's order of checks: capabilities, nothing changed, XDP, providers, maxima, the driver.
   *
   * @returns whether something changed (then there is a notification)
   */
  set(request: RingRequest): boolean {
    if (request.rxBufLen !== undefined) refuse(ERRORS.noRxBufLen, { 'bad-attr': '.rx-buf-len' });
    if (request.cqeSize !== undefined) refuse(ERRORS.noCqeSize, { 'bad-attr': '.cqe-size' });
    if (request.txPush !== undefined) refuse(ERRORS.noTxPush, { 'bad-attr': '.tx-push' });
    if (request.rxPush !== undefined) refuse(ERRORS.noRxPush, { 'bad-attr': '.rx-push' });
    if (request.txPushBufLen !== undefined) {
      refuse(ERRORS.noTxPushBufLen, { 'bad-attr': '.tx-push-buf-len' });
    }
    const now = this.config;
    const next: RingConfig = {
      rx: request.rx ?? now.rx,
      tx: request.tx ?? now.tx,
      tcpDataSplit: request.tcpDataSplit ?? now.tcpDataSplit,
      hdsThresh: request.hdsThresh ?? now.hdsThresh,
    };
    const changed =
      next.rx !== now.rx ||
      next.tx !== now.tx ||
      next.tcpDataSplit !== now.tcpDataSplit ||
      next.hdsThresh !== now.hdsThresh ||
      (request.rxMini ?? 0) !== 0 ||
      (request.rxJumbo ?? 0) !== 0;
    if (!changed) return false;
    if (
      this.#netdev.kernel.profile.checksDataSplit &&
      next.tcpDataSplit === 'enabled' &&
      this.#netdev.xdp.singleBuffer
    ) {
      refuse(ERRORS.splitWithXdp, request.tcpDataSplit === undefined ? undefined : { 'bad-attr': '.tcp-data-split' });
    }
    if (this.#netdev.hasProvider) {
      if (next.tcpDataSplit !== 'enabled') {
        refuse(ERRORS.providerNeedsSplit);
      }
      if (next.hdsThresh !== 0) refuse(ERRORS.providerNeedsZeroThresh);
    }
    if (next.rx > this.max.rx) refuse(ERRORS.ringTooLarge, { 'bad-attr': '.rx' });
    if ((request.rxMini ?? 0) > 0) refuse(ERRORS.ringTooLarge, { 'bad-attr': '.rx-mini' });
    if ((request.rxJumbo ?? 0) > 0) refuse(ERRORS.ringTooLarge, { 'bad-attr': '.rx-jumbo' });
    if (next.tx > this.max.tx) refuse(ERRORS.ringTooLarge, { 'bad-attr': '.tx' });
    if (next.hdsThresh > this.max.hdsThresh) refuse(ERRORS.ringTooLarge, { 'bad-attr': '.hds-thresh' });
    if (next.rx === 0 || next.tx === 0) fail('EINVAL', { 'bad-attr': next.rx === 0 ? '.rx' : '.tx' });
    const resize = next.rx !== now.rx;
    this.config = next;
    if (resize) {
      try {
        this.#netdev.recreateQueues();
      } catch (err) {
        this.config = now;
        this.#netdev.open();
        throw err;
      }
    }
    return true;
  }
}
