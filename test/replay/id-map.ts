/** Ids of the recorded kernel against ours: whatever is first seen in the same place is the same thing from then on. */
export class IdMap {
  readonly #ours = new Map<string, unknown>();
  readonly #taken = new Map<string, string>();

  same(kind: string, recorded: number, ours: unknown): boolean {
    const key = `${kind} ${recorded}`;
    const taken = `${kind} ${String(ours)}`;
    const known = this.#ours.get(key);
    if (known !== undefined) return known === ours;
    if (typeof ours !== 'number' || this.#taken.has(taken)) return false;
    this.#ours.set(key, ours);
    this.#taken.set(taken, key);
    return true;
  }

  ours(kind: string, recorded: number): number | undefined {
    return this.#ours.get(`${kind} ${recorded}`) as number | undefined;
  }
}

/** Attributes that are compared as ids, by what they name. */
export const ID_KINDS: Readonly<Record<string, string>> = { ifindex: 'netdev', 'napi-id': 'napi', dmabuf: 'binding' };
