/** How buffers come back from a client: what the kernel does when it hands one out, and when it is told that it is done with. */
export interface ClientReturn {
  /** Frags are about to be handed out by one receive call. */
  receive(frags: number): void;
  /** Hands one out; returns what the client will name it by. */
  handOut(ref: number): number;
  /** The client is done with one; it may be told later, with others. */
  giveBack(name: number): void;
  /** The client has nothing more to say for now. */
  flush(): void;
  /** The client is gone: what it said and nobody has heard yet counts. */
  close(): void;
}
