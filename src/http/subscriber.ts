import type { ServerResponse } from 'node:http';
import type { EventBus } from '../kernel/event-bus.ts';
import type { Attrs } from '../ynl/spec.ts';
import { NDJSON_TYPE, SSE_TYPE } from './accept.ts';

export const EVENT_TYPES = [NDJSON_TYPE, SSE_TYPE] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** One event, rendered at most once for each format, however many subscribe. */
export class RenderedEvent {
  readonly #name: string;
  readonly #json: string;
  #line: Buffer | null = null;
  #sse: Buffer | null = null;

  constructor(name: string, json: string) {
    this.#name = name;
    this.#json = json;
  }

  bytes(type: EventType): Buffer {
    if (type === NDJSON_TYPE) return (this.#line ??= Buffer.from(`${this.#json}\n`));
    return (this.#sse ??= Buffer.from(`event: ${this.#name}\ndata: ${this.#json}\n\n`));
  }
}

/** A multicast group: listened to while somebody subscribes. */
export class Group {
  readonly #bus: EventBus;
  readonly #key: string;
  readonly #render: (name: string, msg: Attrs) => string;
  readonly #subscribers = new Set<Subscriber>();
  #leave: (() => void) | null = null;

  constructor(bus: EventBus, key: string, render: (name: string, msg: Attrs) => string) {
    this.#bus = bus;
    this.#key = key;
    this.#render = render;
  }

  join(subscriber: Subscriber): void {
    this.#subscribers.add(subscriber);
    this.#leave ??= this.#bus.subscribe(this.#key, (name, msg) => {
      const event = new RenderedEvent(name, this.#render(name, msg));
      for (const s of this.#subscribers) s.push(event);
    });
  }

  leave(subscriber: Subscriber): void {
    this.#subscribers.delete(subscriber);
    if (this.#subscribers.size > 0) return;
    this.#leave?.();
    this.#leave = null;
  }
}

/**
 * The queue of one subscriber, bounded in bytes. What does not fit is lost, as on a netlink socket whose buffer is full;
 * where the gap is, an `overrun` entry says how much.
 */
export class Subscriber {
  readonly #response: ServerResponse;
  readonly #type: EventType;
  readonly #limit: number;
  #queue: Buffer[] = [];
  #bytes = 0;
  #lost = 0;
  #blocked = false;
  #scheduled = false;

  constructor(response: ServerResponse, type: EventType, limit: number) {
    this.#response = response;
    this.#type = type;
    this.#limit = limit;
    response.on('drain', () => {
      this.#blocked = false;
      this.#write();
    });
  }

  push(event: RenderedEvent): void {
    const bytes = event.bytes(this.#type);
    // Once something is lost, so is all that follows until the queue has drained: one gap, not many.
    if (this.#lost > 0 || this.#bytes + bytes.length > this.#limit) {
      this.#lost++;
      return;
    }
    this.#queue.push(bytes);
    this.#bytes += bytes.length;
    if (this.#scheduled || this.#blocked) return;
    // Events come from inside the kernel model; writing waits until it is done, and takes all that came by then.
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (!this.#blocked) this.#write();
    });
  }

  #write(): void {
    if (this.#response.writableEnded || this.#response.destroyed) return;
    if (this.#lost > 0) {
      const overrun = new RenderedEvent(
        'overrun',
        JSON.stringify({ name: 'overrun', errno: 'ENOBUFS', lost: this.#lost }),
      );
      this.#queue.push(overrun.bytes(this.#type));
      this.#lost = 0;
    }
    if (this.#queue.length === 0) return;
    const chunk = this.#queue.length === 1 ? this.#queue[0] : Buffer.concat(this.#queue);
    this.#queue = [];
    this.#bytes = 0;
    this.#blocked = !this.#response.write(chunk);
  }
}
