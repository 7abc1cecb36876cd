import type { Napi } from '../driver/napi.ts';
import type { RxRing } from '../driver/rx-ring.ts';
import type { ProviderParams } from '../provider/memory-provider.ts';
import type { Netdev } from './netdev.ts';

/** One receive queue of a netdev. `ring` exists while the device is up. */
export class RxQueue {
  readonly netdev: Netdev;
  readonly index: number;
  napi: Napi;
  ring: RxRing | null = null;
  /** Memory provider installed on the queue; read by the core at pool creation. */
  provider: ProviderParams | null = null;

  packets = 0;
  bytes = 0;
  /** Buffers the pool could not give when the driver asked. */
  allocFail = 0;
  /** Frames that found no posted buffer. */
  dropOverruns = 0;
  /** Segments the device merged before handing them up, and the packets it made of them. */
  hwGroPackets = 0;
  hwGroBytes = 0;
  hwGroWirePackets = 0;
  hwGroWireBytes = 0;

  constructor(netdev: Netdev, index: number, napi: Napi) {
    this.netdev = netdev;
    this.index = index;
    this.napi = napi;
  }
}
