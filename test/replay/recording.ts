import { readFileSync } from 'node:fs';

/** Placement parameters of the recorded test driver; the `netdevsim-dma` profile takes the same ones. */
export interface RecordedDriver {
  readonly mode: 1 | 2;
  readonly post: number;
  readonly lin: number;
  readonly lin_mod: number;
  readonly gro: 0 | 1;
  readonly chunk: number;
}

/** [payload, of which linear, frags, skb truesize, RX queue, times in a row] */
export type PacketRun = readonly [number, number, number, number, number, number];

/** SCM_DEVMEM_DMABUF: [frag_offset, frag_size, frag_token, dmabuf_id]. SCM_DEVMEM_LINEAR: [frag_size]. */
export type RecordedCmsg = readonly [number, number, number, number] | readonly [number];

export interface RecordedNotification {
  readonly name: string;
  readonly msg: Readonly<Record<string, number>>;
}

export interface RecordedPool {
  readonly id: number;
  readonly error?: string;
  readonly get?: Readonly<Record<string, number>>;
  /** Non-zero counters; a string is the error of page-pool-stats-get (the recorded 6.12 was built without statistics). */
  readonly stats?: Readonly<Record<string, number>> | string;
}

export interface RecordedQueue {
  readonly id: number;
  readonly type: string;
  readonly 'napi-id'?: number;
  readonly dmabuf?: number;
}

/** One step; which fields are there depends on `step`. Everything that is not a known step and holds `bound-pools` is a snapshot. */
export interface RecordedStep {
  readonly 't-ms': number;
  readonly step: string;
  readonly sock?: string;
  // bind-rx
  readonly name?: string;
  readonly queues?: readonly number[];
  readonly pages?: number;
  /** Pages per sg entry in buffer order, run-length coded: [pages, entries]. Absent where it was not visible. */
  readonly 'physically-contiguous-runs'?: readonly (readonly [number, number])[];
  readonly reply?: { readonly id: number };
  // connect
  readonly queue?: number;
  // send
  readonly size?: number;
  readonly packets?: readonly PacketRun[];
  // recvmsg, SO_DEVMEM_DONTNEED
  readonly iov_len?: number;
  readonly control_len?: number;
  readonly flags?: readonly string[];
  readonly ret?: number;
  readonly errno?: string;
  readonly msg_flags?: number;
  readonly msg_controllen?: number;
  readonly cmsgs?: readonly RecordedCmsg[];
  readonly 'data-ok'?: true;
  readonly 'plain-data-ok'?: true;
  readonly tokens?: readonly (readonly [number, number])[];
  // SIOCINQ and poll
  readonly inq?: number;
  readonly poll?: readonly string[];
  // read and return until done
  readonly received?: number;
  readonly bursts?: readonly { readonly frags: number }[];
  // close netlink socket
  readonly binding?: string;
  // snapshots
  readonly 'bound-pools'?: readonly RecordedPool[];
  readonly 'bound-queues'?: readonly RecordedQueue[];
  readonly notifications?: readonly RecordedNotification[];
  readonly 'driver-counters'?: {
    readonly pkts: number;
    readonly frags: number;
    readonly bytes: number;
    readonly fail: number;
  };
}

export interface Scenario {
  readonly id: string;
  readonly description: string;
  readonly driver: RecordedDriver;
  readonly mtu: number;
  readonly dmabuf: { readonly kind: 'udmabuf' | 'heap'; readonly pages: number };
  readonly steps: readonly RecordedStep[];
}

export interface Recording {
  readonly kernel: string;
  readonly records: readonly Scenario[];
}

/** A recording of test/data, by the kernel it was made on. */
export function loadRecording(kernel: '7.3.4' | '6.12.107'): Recording {
  const url = new URL(`../data/datapath-devmem-${kernel}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8')) as Recording;
}

/**
 * Pages per chunk, in buffer order, of the dmabuf a bind step uses. Where the recording could not see the sg list: the system
 * heap gives chunks of 16 pages for these sizes; a udmabuf's last run starts at the first offset ever handed out. On 6.12
 * every page of a udmabuf is an entry of its own.
 */
export function chunksOf(scenario: Scenario, step: RecordedStep, kernel: '7.3.4' | '6.12.107'): number[] {
  const pages = step.pages ?? scenario.dmabuf.pages;
  if (scenario.dmabuf.kind === 'heap') return new Array<number>(pages / 16).fill(16);
  if (kernel === '6.12.107') return new Array<number>(pages).fill(1);
  const runs = step['physically-contiguous-runs'];
  if (runs !== undefined) return runs.flatMap(([size, times]) => new Array<number>(times).fill(size));
  const id = step.reply?.id;
  for (const s of scenario.steps) {
    for (const c of s.cmsgs ?? []) {
      if (c.length !== 4 || c[3] !== id) continue;
      const first = Math.floor(c[0] / 4096);
      return [...new Array<number>(first).fill(1), pages - first];
    }
  }
  return new Array<number>(pages).fill(1);
}
