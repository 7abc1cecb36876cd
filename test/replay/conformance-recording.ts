import { readFileSync } from 'node:fs';
import type { Mode } from '../../src/ynl/spec.ts';

/** Who asked. Root, unless said: without capabilities, or root of a user namespace, which may own its network namespace too. */
export type Asker = 'root' | 'unpriv' | 'userns' | 'userns+netns';

/** What a request was refused with; attribute offsets are left out. */
export interface RecordedRefusal {
  readonly errno: string;
  readonly msg?: string;
  readonly 'bad-attr'?: string;
  readonly 'miss-type'?: string;
  readonly 'miss-nest'?: string;
  readonly policy?: Readonly<Record<string, number | string>>;
}

/** A request and its answer; `$ifindex:NAME`, `$napi:NAME:QUEUE`, `$pp:N` stand for ids. */
export interface RecordedRequest {
  readonly id: string;
  readonly op: string;
  readonly mode: Mode;
  readonly as?: Asker;
  readonly attrs: Readonly<Record<string, unknown>>;
  readonly reply?: unknown;
  readonly error?: RecordedRefusal;
}

export interface ConformanceRecording {
  readonly kernel: string;
  readonly setup: readonly string[];
  readonly records: readonly RecordedRequest[];
}

/** Recordings of family netdev: the devices, and the kernel. */
export const CONFORMANCE_RECORDINGS = [
  ['veth', '6.18.44'],
  ['netdevsim', '6.12.107'],
  ['netdevsim', '7.3.4'],
] as const;
export type ConformanceDevices = (typeof CONFORMANCE_RECORDINGS)[number][0];
export type ConformanceKernel = (typeof CONFORMANCE_RECORDINGS)[number][1];

export function loadConformance(devices: ConformanceDevices, kernel: ConformanceKernel): ConformanceRecording {
  const url = new URL(`../data/netdev-${devices}-${kernel}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8')) as ConformanceRecording;
}
