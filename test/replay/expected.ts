/** A recorded scenario whose replay differs, in the listed steps and no others. docs/fidelity.md repeats this table. */
export interface ExpectedDisagreement {
  readonly kernel: '7.3.4' | '6.12.107';
  readonly id: string;
  readonly steps: readonly number[];
  readonly reason: string;
}

export const EXPECTED: readonly ExpectedDisagreement[] = [
  {
    kernel: '7.3.4',
    id: 'basic.gro.mtu1500.send65536',
    steps: [9, 11, 12, 13, 15, 17],
    reason:
      'the last merged skb (15 frags) was read on one CPU and freed later on the other; netmemd has one CPU, so its buffers come back with the others',
  },
  {
    kernel: '7.3.4',
    id: 'unbind.two-bindings-one-socket',
    steps: [15],
    reason:
      'closing took 41 ms there, two waits for RCU readers, so the two pools were detached in different timer slots and retried in order; here a close takes no time',
  },
];

/** Scenarios that are not replayed, with the reason. */
export const NOT_REPLAYED: readonly { readonly prefix: string; readonly reason: string }[] = [
  {
    prefix: 'exhaust.',
    reason:
      'the recording does not say which retransmissions found no buffer; back-pressure takes the place of drops here',
  },
  { prefix: 'close.tokens.link-dead', reason: 'needs a link that loses the FIN' },
  { prefix: 'deferred.', reason: 'skbs freed later on another CPU are not modelled' },
];
