/** Bytes a receive buffer holds: libuv asks for no more at once. */
export const RECEIVE_BUFFER_SIZE = 65536;

const FREE_MAX = 16;

/**
 * Receive buffers for what a stalled flow could not take: one per stalled flow, and a few free ones kept for the next.
 */
export class BufferPool {
  #free: Uint8Array[] = [];
  #taken = 0;

  /** Buffers in use: how many flows are stalled. */
  get taken(): number {
    return this.#taken;
  }

  take(): Uint8Array {
    this.#taken++;
    return this.#free.pop() ?? new Uint8Array(RECEIVE_BUFFER_SIZE);
  }

  give(buf: Uint8Array): void {
    this.#taken--;
    if (this.#free.length < FREE_MAX) this.#free.push(buf);
  }
}
