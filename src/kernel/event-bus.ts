/** Attributes of one event, as the spec of its family names them. */
export type EventAttrs = Record<string, unknown>;
export type EventListener = (name: string, msg: EventAttrs) => void;

/**
 * Multicast groups (`family/group`). Listeners are called synchronously, in the order of the changes that cause the events;
 * an event nobody listens to is not even built.
 */
export class EventBus {
  readonly #groups = new Map<string, Set<EventListener>>();

  /** @returns a function that ends the subscription */
  subscribe(group: string, fn: EventListener): () => void {
    let listeners = this.#groups.get(group);
    if (listeners === undefined) this.#groups.set(group, (listeners = new Set()));
    listeners.add(fn);
    return () => {
      listeners.delete(fn);
    };
  }

  emit(group: string, name: string, build: () => EventAttrs): void {
    const listeners = this.#groups.get(group);
    if (listeners === undefined || listeners.size === 0) return;
    const msg = build();
    for (const fn of listeners) fn(name, msg);
  }
}
