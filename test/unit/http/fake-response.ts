import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** A response whose reader is slow on demand. */
export class FakeResponse extends EventEmitter {
  /** Whether the next write is the last one for now. */
  full = false;
  headers: Record<string, unknown> | null = null;
  flushed = false;
  writableEnded = false;
  destroyed = false;
  readonly chunks: Buffer[] = [];
  readonly #unwritten: (() => void)[] = [];

  writeHead(_status: number, headers: Record<string, unknown>): this {
    this.headers = headers;
    return this;
  }
  flushHeaders(): void {
    this.flushed = true;
  }
  cork(): void {}
  uncork(): void {}

  write(chunk: Uint8Array | string, encoding?: BufferEncoding | (() => void), callback?: () => void): boolean {
    if (this.writableEnded) throw new Error('write after end');
    // Copied as a socket would, at a time when the writer may no longer change it.
    this.chunks.push(typeof chunk === 'string' ? Buffer.from(chunk, encoding as BufferEncoding) : Buffer.from(chunk));
    const written = typeof encoding === 'function' ? encoding : callback;
    if (written !== undefined) this.#unwritten.push(written);
    if (!this.full) this.#flush();
    return !this.full;
  }

  drain(): void {
    this.full = false;
    this.#flush();
    this.emit('drain');
  }

  #flush(): void {
    for (const written of this.#unwritten.splice(0)) written();
  }

  end(): void {
    this.writableEnded = true;
    this.emit('close');
  }

  get bytes(): Buffer {
    return Buffer.concat(this.chunks);
  }
  get lines(): string[] {
    return this.bytes.toString().split('\n').slice(0, -1);
  }
  get asResponse(): ServerResponse {
    return this as unknown as ServerResponse;
  }
}

/** A request as far as streams look at it. */
export function fakeRequest(): IncomingMessage {
  return { resume: () => {}, socket: { setKeepAlive: () => {}, setNoDelay: () => {} } } as unknown as IncomingMessage;
}
