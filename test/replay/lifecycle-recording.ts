import { readFileSync } from 'node:fs';
import type { RecordedNotification } from './recording.ts';

/** What netlink shows of one moment. Absent: it was not asked for. */
export interface RecordedState {
  /** page-pool-get, dump. */
  readonly 'page-pools'?: readonly Readonly<Record<string, number>>[];
  /** page-pool-get, do, by id; a string is the error. */
  readonly 'page-pool'?: Readonly<Record<string, Readonly<Record<string, number>> | string>>;
  /** RX queues in queue-get's dump without loopback's: [id, napi-id, dmabuf if there is one]. */
  readonly 'rx-queues'?: readonly (readonly number[])[];
  /** Ids in napi-get's dump. */
  readonly napis?: readonly number[];
  readonly notifications?: readonly RecordedNotification[];
}

/** What bind-rx refused with. */
export interface RecordedError {
  readonly errno: string;
  readonly msg?: string;
  readonly 'bad-attr'?: string;
  readonly 'miss-type'?: string;
  readonly 'miss-nest'?: string;
}

export interface LifecycleStep extends RecordedState {
  readonly step: string;
  /** Of a step that is no bind-rx: its errno. */
  readonly error?: RecordedError | string;
  // bind-rx
  readonly id?: string;
  readonly device?: 'bd0' | 'lo';
  readonly fd?: 'dmabuf' | 'closed' | 'u32max' | 'null' | 'memfd' | 'netlink';
  readonly queues?: readonly { readonly type?: string; readonly id?: number }[];
  readonly 'rx-page-size'?: number;
  readonly reply?: number;
  /** After the netlink socket of the bind was closed; absent when it was kept. */
  readonly closed?: RecordedState;
}

export interface LifecycleRecording {
  readonly kernel: string;
  readonly device: 'netdevsim' | 'netdevsim-dma';
  readonly sequences: Readonly<Record<string, readonly LifecycleStep[]>>;
}

/** A recording of page-pool life cycles in test/data. */
export function loadLifecycle(device: LifecycleRecording['device'], kernel: '7.3.4' | '6.12.107'): LifecycleRecording {
  const url = new URL(`../data/lifecycle-${device}-${kernel}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8')) as LifecycleRecording;
}
