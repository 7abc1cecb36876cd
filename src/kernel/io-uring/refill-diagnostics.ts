import { RQE_BAD_AREA, RQE_BAD_INDEX } from './rqe.ts';

/** What a client did wrong with a refill ring. Linux takes no notice of any of it. */
export const REFILL_FAULT = {
  /** Returned before, and not delivered since. */
  DOUBLE_RETURN: 0,
  /** Never delivered, or more references returned than were held. */
  NOT_HELD: 1,
  BAD_AREA: 2,
  BAD_INDEX: 3,
  BAD_PAD: 4,
  /** The tail is more than the ring's size ahead of the head. */
  TAIL_AHEAD: 5,
  /** The tail is behind the head. */
  TAIL_BACKWARDS: 6,
} as const;

export const REFILL_FAULT_NAMES = [
  'double-return',
  'not-held',
  'bad-area',
  'bad-index',
  'bad-pad',
  'tail-ahead',
  'tail-backwards',
] as const;

/**
 * Told of each fault: which, the entry's running number (or the tail), the buffer's index (-1: none), and when a buffer that
 * is returned twice came back first, in milliseconds (-1: does not apply).
 */
export type RefillFaultListener = (fault: number, entry: number, niov: number, firstAt: number) => void;

/** Counts, by {@link REFILL_FAULT}, what Linux swallows in silence. */
export class RefillDiagnostics {
  readonly counts = new Float64Array(REFILL_FAULT_NAMES.length);
  listener: RefillFaultListener | null = null;

  note(fault: number, entry: number, niov: number, firstAt: number): void {
    this.counts[fault]++;
    if (this.listener !== null) this.listener(fault, entry, niov, firstAt);
  }

  /** An entry that names no buffer; `bad` is what rqeNiov() found. */
  noteBad(bad: number, entry: number): void {
    const { BAD_AREA, BAD_INDEX, BAD_PAD } = REFILL_FAULT;
    const fault = bad === RQE_BAD_AREA ? BAD_AREA : bad === RQE_BAD_INDEX ? BAD_INDEX : BAD_PAD;
    this.note(fault, entry, -1, -1);
  }

  /** An entry that names a buffer which the user does not hold, or not as often. */
  noteNotHeld(entry: number, niov: number, returnedAt: number): void {
    const fault = returnedAt >= 0 ? REFILL_FAULT.DOUBLE_RETURN : REFILL_FAULT.NOT_HELD;
    this.note(fault, entry, niov, returnedAt);
  }
}
