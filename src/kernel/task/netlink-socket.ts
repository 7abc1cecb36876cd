import type { Kernel } from '../kernel.ts';
import type { DevmemBinding } from '../netdev/devmem-binding.ts';

/** A netlink socket: the owner of the bindings made through it. Closing it is Linux's only unbind. */
export class NetlinkSocket {
  readonly kernel: Kernel;
  /** In the order of binding. */
  readonly bindings: DevmemBinding[] = [];

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  unbind(binding: DevmemBinding): void {
    const at = this.bindings.indexOf(binding);
    if (at < 0) return;
    this.bindings.splice(at, 1);
    this.kernel.bindings.delete(binding.id);
    binding.unbind();
  }

  /** Unbinds everything, newest first. */
  close(): void {
    for (let binding = this.bindings.at(-1); binding !== undefined; binding = this.bindings.at(-1))
      this.unbind(binding);
  }
}
