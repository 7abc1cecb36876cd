/** Slots of the cache of one source. */
const SLOTS = 4096;

/** Views of one source, by slot; a slot is empty while its size is 0. */
interface Views {
  readonly offset: Int32Array;
  readonly size: Int32Array;
  readonly view: Uint8Array[];
  /** Hits less misses. A source that is cut somewhere else each time falls below -SLOTS and is not looked up any more. */
  score: number;
}

/**
 * Views of the buffers that payload is copied from. A wire reads into the same buffer again and again and its segments are
 * cut at the same places, so most copies find the view they need instead of making one.
 */
export class SourceViews {
  readonly #bySource = new WeakMap<Uint8Array, Views>();
  #source: Uint8Array;
  #views: Views;

  constructor() {
    this.#source = new Uint8Array(0);
    this.#views = this.#make(this.#source);
  }

  /** Bytes [offset, offset + size) of `source`; size > 0. */
  view(source: Uint8Array, offset: number, size: number): Uint8Array {
    if (source !== this.#source) {
      this.#source = source;
      this.#views = this.#bySource.get(source) ?? this.#make(source);
    }
    const views = this.#views;
    if (views.score < -SLOTS) return source.subarray(offset, offset + size);
    const slot = (offset + (size << 5)) & (SLOTS - 1);
    if (views.offset[slot] === offset && views.size[slot] === size) {
      if (views.score < SLOTS) views.score++;
      return views.view[slot];
    }
    views.score--;
    views.offset[slot] = offset;
    views.size[slot] = size;
    views.view[slot] = source.subarray(offset, offset + size);
    return views.view[slot];
  }

  #make(source: Uint8Array): Views {
    const views = {
      offset: new Int32Array(SLOTS),
      size: new Int32Array(SLOTS),
      view: new Array<Uint8Array>(SLOTS).fill(source),
      score: 0,
    };
    this.#bySource.set(source, views);
    return views;
  }
}
