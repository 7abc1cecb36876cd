/** Packets of a step in an order that no list of the recording tells. */
interface ArrivalScript {
  readonly kernel: '7.3.4' | '6.12.107';
  readonly id: string;
  readonly step: number;
  /**
   * Polls, separated by `|`. In each the packets: segments by number, as the seams of the stream cut it (`0-7` a range);
   * `d` and a number, once more; `x`, one without a buffer.
   */
  readonly polls: string;
}

/** What arrives: a segment of the stream, or any that finds no buffer. */
export interface ScriptedArrival {
  readonly segment: number;
  readonly duplicate: boolean;
  readonly dropped: boolean;
  readonly endsPoll: boolean;
}

/**
 * With few posted buffers it matters which packets share a poll, for buffers are posted only behind it. What follows from the
 * recorded order of the buffers, the refills that found nothing (alloc-empty) and the number of drops: on 7.3.4 a poll of ten packets
 * used up the eight posted ones and lost two, which came again behind three later ones.
 */
const SCRIPTS: readonly ArrivalScript[] = [
  {
    kernel: '7.3.4',
    id: 'exhaust.pages32.post8',
    step: 4,
    polls: '0-7 | 8-15 | d15 | 16-23 x x | 26 | 27 | 28 | 24 25 | 29 30 | d30',
  },
  { kernel: '7.3.4', id: 'exhaust.pages32.post8', step: 10, polls: 'x x x x | x x x x | x x x x' },
  { kernel: '7.3.4', id: 'exhaust.pages32.post8', step: 17, polls: 'x | 32 | x | x | x' },
  {
    kernel: '6.12.107',
    id: 'exhaust.pages32.post8',
    step: 4,
    polls: '0-7 | 8-15 | d15 | 16-23 | 24-29 | d29 | 30',
  },
  { kernel: '6.12.107', id: 'exhaust.pages32.post8', step: 17, polls: 'x | 32 | x | x | x' },
];

/** The script of a step; undefined = the recording's own lists say it. */
export function arrivalScript(kernel: string, id: string, step: number): ScriptedArrival[] | undefined {
  const script = SCRIPTS.find((s) => s.kernel === kernel && s.id === id && s.step === step);
  return script?.polls.split('|').flatMap((poll) => {
    const arrivals = poll.trim().split(' ').flatMap(expand);
    return arrivals.map((a, i) => ({ ...a, endsPoll: i === arrivals.length - 1 }));
  });
}

function expand(word: string): Omit<ScriptedArrival, 'endsPoll'>[] {
  if (word === 'x') return [{ segment: 0, duplicate: false, dropped: true }];
  const [, d, first, last = first] = /^(d?)(\d+)(?:-(\d+))?$/.exec(word) as RegExpExecArray;
  const arrivals: Omit<ScriptedArrival, 'endsPoll'>[] = [];
  for (let segment = Number(first); segment <= Number(last); segment++) {
    arrivals.push({ segment, duplicate: d === 'd', dropped: false });
  }
  return arrivals;
}
