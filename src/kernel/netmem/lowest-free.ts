/**
 * A set of integers 0..n-1 that gives out the lowest free one, as an xarray's id allocation and a first-fit bitmap do.
 *
 * ```
 *  level 2            [ word ]                 bit set = some bit set in that word below
 *  level 1     [ word ][ word ] ...
 *  level 0  [word][word][word][word] ...       bit set = free
 * ```
 * Take and release touch one word a level: constant time, no allocation.
 */
export class LowestFree {
  #levels: Uint32Array[] = [];
  #size = 0;
  #free = 0;

  constructor(size: number) {
    this.#build(size);
    for (let i = 0; i < size; i++) this.release(i);
  }

  get size(): number {
    return this.#size;
  }

  get free(): number {
    return this.#free;
  }

  #build(size: number): void {
    this.#levels = [];
    this.#size = size;
    let words = Math.max(1, Math.ceil(size / 32));
    for (;;) {
      this.#levels.push(new Uint32Array(words));
      if (words === 1) return;
      words = Math.ceil(words / 32);
    }
  }

  isFree(i: number): boolean {
    return ((this.#levels[0][i >>> 5] >>> (i & 31)) & 1) === 1;
  }

  /** Makes `i` free. The caller keeps double releases out. */
  release(i: number): void {
    this.#free++;
    const levels = this.#levels;
    for (let l = 0; l < levels.length; l++) {
      const words = levels[l];
      const w = i >>> 5;
      const before = words[w];
      words[w] = before | (1 << (i & 31));
      if (before !== 0) return;
      i = w;
    }
  }

  /** Takes a given free element. */
  take(i: number): void {
    this.#free--;
    const levels = this.#levels;
    for (let l = 0; l < levels.length; l++) {
      const words = levels[l];
      const w = i >>> 5;
      words[w] &= ~(1 << (i & 31));
      if (words[w] !== 0) return;
      i = w;
    }
  }

  /** Takes the lowest free element; -1 when there is none. */
  takeLowest(): number {
    const levels = this.#levels;
    let i = 0;
    for (let l = levels.length - 1; l >= 0; l--) {
      const word = levels[l][i];
      if (word === 0) return -1;
      i = i * 32 + (31 - Math.clz32(word & -word));
    }
    this.take(i);
    return i;
  }

  /** Extends the set to `size`; the new elements are free. */
  grow(size: number): void {
    const old = this.#levels[0];
    const oldSize = this.#size;
    this.#build(size);
    this.#free = 0;
    for (let i = 0; i < oldSize; i++) if ((old[i >>> 5] >>> (i & 31)) & 1) this.release(i);
    for (let i = oldSize; i < size; i++) this.release(i);
  }
}
