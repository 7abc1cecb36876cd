/** A queue of references (netmems or packets), first in, first out: a ring of integers that doubles when it is full. */
export class RefFifo {
  #slots: Int32Array;
  #head = 0;
  count = 0;

  constructor(capacity: number) {
    this.#slots = new Int32Array(capacity);
  }

  push(ref: number): void {
    if (this.count === this.#slots.length) this.#grow();
    let at = this.#head + this.count;
    if (at >= this.#slots.length) at -= this.#slots.length;
    this.#slots[at] = ref;
    this.count++;
  }

  /** The first reference; 0 = none. */
  shift(): number {
    if (this.count === 0) return 0;
    const ref = this.#slots[this.#head];
    this.#head = this.#head + 1 === this.#slots.length ? 0 : this.#head + 1;
    this.count--;
    return ref;
  }

  #grow(): void {
    const grown = new Int32Array(Math.max(1, this.#slots.length * 2));
    for (let i = 0; i < this.count; i++) grown[i] = this.#slots[(this.#head + i) % this.#slots.length];
    this.#slots = grown;
    this.#head = 0;
  }
}
