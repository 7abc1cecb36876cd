/** Bytes that a socket sent and its peer has not taken yet, in the pieces in which they were sent. */
export class SendQueue {
  #pieces: Uint8Array[] = [];
  /** Bytes that wait. */
  bytes = 0;

  /** Queues bytes; the array is kept. */
  push(piece: Uint8Array): void {
    if (piece.length === 0) return;
    this.#pieces.push(piece);
    this.bytes += piece.length;
  }

  /** Takes the first piece, or `max` bytes of it; null = none. */
  take(max: number): Uint8Array | null {
    const first = this.#pieces[0];
    if (first === undefined) return null;
    let taken = first;
    if (first.length > max) {
      taken = first.subarray(0, max);
      this.#pieces[0] = first.subarray(max);
    } else {
      this.#pieces.shift();
    }
    this.bytes -= taken.length;
    return taken;
  }

  clear(): void {
    this.#pieces = [];
    this.bytes = 0;
  }
}
