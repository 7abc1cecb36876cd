/** Packets that were received on CPU 1: from which one on, of those that arrive in a step. */
export interface OnCpu1 {
  readonly kernel: '7.3.4' | '6.12.107';
  readonly id: string;
  readonly step: number;
  readonly from: number;
}

/**
 * A timer of the sender may run on CPU 1, and what it makes the sender transmit is then received there too. The recording does not
 * say so; it follows from buffers that were read on CPU 0 and came back only with CPU 1's next packet.
 */
const ON_CPU_1: readonly OnCpu1[] = [
  { kernel: '7.3.4', id: 'basic.gro.mtu1500.send65536', step: 3, from: 31 },
  { kernel: '7.3.4', id: 'basic.gro.mtu1500.send65536', step: 10, from: 30 },
];

/** First packet of a step that arrived on CPU 1; Infinity = none did. */
export function firstOnCpu1(kernel: string, id: string, step: number): number {
  return ON_CPU_1.find((e) => e.kernel === kernel && e.id === id && e.step === step)?.from ?? Number.POSITIVE_INFINITY;
}
