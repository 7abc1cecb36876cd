/** Slots of the cache of one source. */
const SLOTS = 4096;

/**
 * Views of the buffers that payload is copied from. A wire reads into the same buffer again and again and its segments are
 * cut at the same places, so nearly every copy finds the view it needs instead of making one.
 */
export class SourceViews {
  readonly #bySource = new WeakMap<Uint8Array, (Uint8Array | undefined)[]>();
  #source: Uint8Array | null = null;
  #views: (Uint8Array | undefined)[] = [];

  /** Bytes [offset, offset + size) of `source`. */
  view(source: Uint8Array, offset: number, size: number): Uint8Array {
    if (source !== this.#source) this.#switch(source);
    const slot = (offset + (size << 5)) & (SLOTS - 1);
    const known = this.#views[slot];
    if (known !== undefined && known.byteOffset === source.byteOffset + offset && known.length === size) return known;
    const made = source.subarray(offset, offset + size);
    this.#views[slot] = made;
    return made;
  }

  #switch(source: Uint8Array): void {
    let views = this.#bySource.get(source);
    if (views === undefined) {
      views = new Array<Uint8Array | undefined>(SLOTS).fill(undefined);
      this.#bySource.set(source, views);
    }
    this.#source = source;
    this.#views = views;
  }
}
