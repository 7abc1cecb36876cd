/** What sleeps on a {@link WaitQueue}: `wake` is called from the waker's context and must only schedule work. */
export interface Waiter {
  wake(): void;
}

/**
 * Waiters of one object (a socket, a listener, a ring). Waking calls every waiter in the order in which it was added;
 * a waiter stays until it is removed. Adding and removing while waking is allowed.
 */
export class WaitQueue {
  #waiters: Waiter[] = [];

  add(waiter: Waiter): void {
    this.#waiters.push(waiter);
  }

  remove(waiter: Waiter): void {
    const i = this.#waiters.indexOf(waiter);
    if (i >= 0) this.#waiters = [...this.#waiters.slice(0, i), ...this.#waiters.slice(i + 1)];
  }

  get active(): boolean {
    return this.#waiters.length > 0;
  }

  wake(): void {
    const waiters = this.#waiters;
    for (let i = 0; i < waiters.length; i++) waiters[i].wake();
  }
}

/** Waits for either of two objects: what is woken by one of them is woken. */
export class EitherQueue extends WaitQueue {
  readonly #first: WaitQueue;
  readonly #second: WaitQueue;

  constructor(first: WaitQueue, second: WaitQueue) {
    super();
    this.#first = first;
    this.#second = second;
  }

  override add(waiter: Waiter): void {
    this.#first.add(waiter);
    this.#second.add(waiter);
  }

  override remove(waiter: Waiter): void {
    this.#first.remove(waiter);
    this.#second.remove(waiter);
  }
}
