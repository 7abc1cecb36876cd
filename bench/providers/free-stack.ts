/** A LIFO of free netmems. */
export class FreeStack {
  readonly #slots: Int32Array;
  count = 0;

  /** Filled with `base .. base + size - 1`: the highest comes out first. */
  constructor(base: number, size: number) {
    this.#slots = new Int32Array(size);
    for (let i = 0; i < size; i++) this.#slots[this.count++] = base + i;
  }

  /** 0 = empty. */
  pop(): number {
    return this.count === 0 ? 0 : this.#slots[--this.count];
  }

  push(ref: number): void {
    this.#slots[this.count++] = ref;
  }
}
