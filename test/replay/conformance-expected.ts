import type { ConformanceKernel } from './conformance-recording.ts';

/** A recorded request whose answer differs, in the named places and no others. docs/fidelity.md repeats this table. */
export interface ExpectedDifference {
  readonly kernel: ConformanceKernel;
  readonly id: string;
  readonly paths: readonly string[];
  readonly reason: string;
}

const PEERLESS =
  'XDP abilities of a veth depend on the queues and the GRO of its peer; the `veth` of netmemd has no peer and shows what one with an ordinary peer does';

export const EXPECTED_DIFFERENCES: readonly ExpectedDifference[] = [
  {
    kernel: '6.18.44',
    id: 'dev-get.ve1',
    paths: ['reply.xdp-features.2', 'reply.xdp-features.3', 'reply.xdp-features.4'],
    reason: PEERLESS,
  },
  {
    kernel: '6.18.44',
    id: 'dev-get.dump',
    paths: ['reply.1.xdp-features.2', 'reply.1.xdp-features.3', 'reply.1.xdp-features.4'],
    reason: PEERLESS,
  },
  {
    kernel: '6.12.107',
    id: 'dev-get.dump',
    paths: ['reply.3.xdp-features.0', 'reply.3.xdp-features.1', 'reply.3.xdp-features.2'],
    reason: PEERLESS,
  },
  {
    kernel: '7.3.4',
    id: 'dev-get.dump',
    paths: ['reply.3.xdp-features.0', 'reply.3.xdp-features.1', 'reply.3.xdp-features.2'],
    reason: PEERLESS,
  },
  {
    kernel: '7.3.4',
    id: 'bind-rx.userns+netns',
    paths: ['error.errno', 'error.bad-attr'],
    reason:
      'since 7.x root of a user namespace may bind in a network namespace of its own; netmemd has neither kind of namespace, a caller is an administrator or not',
  },
];
