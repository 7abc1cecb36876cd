import { refuse } from '../kernel/error.ts';
import { ERRORS } from '../kernel/error-catalogue.ts';
import type { UpstreamRequest } from '../kernel/netdev/netdev.ts';
import type { PublishedPort, PublishOptions, Upstream, UpstreamOptions } from '../lab/wire-factory.ts';
import type { RelaySocket, WireNetdev } from './kernel-side.ts';
import { TcpListener } from './tcp-listener.ts';
import { TcpUpstream } from './tcp-upstream.ts';
import type { WireContext } from './wire-context.ts';

/** TCP between the host's network and the netdevs. */
export class TcpWire {
  readonly #ctx: WireContext;
  readonly #upstreams = new Map<number, TcpUpstream[]>();
  #publishes = 0;

  constructor(ctx: WireContext) {
    this.#ctx = ctx;
  }

  /** Opens a port of the host; see `PublishOptions`. */
  async publish(o: PublishOptions<WireNetdev, RelaySocket>): Promise<PublishedPort> {
    const limit = this.#ctx.limits.publishes;
    if (this.#publishes >= limit) refuse(ERRORS.tooManyPublishes, undefined, limit);
    this.#publishes++;
    try {
      return await TcpListener.open(this.#ctx, o, () => this.#publishes--);
    } catch (error) {
      this.#publishes--;
      throw error;
    }
  }

  /**
   * Lets simulated sockets of a netdev connect out. Of several upstreams the one for the wanted port is taken, then the
   * one for any port; `EEXIST` for a second one of the same port.
   */
  upstream(o: UpstreamOptions<WireNetdev>): Upstream {
    const { netdev } = o;
    const list = this.#upstreams.get(netdev.ifindex) ?? [];
    const port = o.port ?? null;
    if (list.some((u) => u.port === port)) refuse(ERRORS.secondUpstream);
    const upstream = new TcpUpstream(this.#ctx, o, (u) => this.#remove(u));
    this.#upstreams.set(netdev.ifindex, [...list, upstream]);
    netdev.upstream = (request) => this.#dial(netdev.ifindex, request);
    return upstream;
  }

  #dial(ifindex: number, request: UpstreamRequest): void {
    const list = this.#upstreams.get(ifindex) ?? [];
    const upstream = list.find((u) => u.port === request.key.sport) ?? list.find((u) => u.port === null);
    if (upstream === undefined) request.refuse('ECONNREFUSED');
    else upstream.dial(request);
  }

  #remove(upstream: TcpUpstream): void {
    const { netdev } = upstream;
    const list = (this.#upstreams.get(netdev.ifindex) ?? []).filter((u) => u !== upstream);
    if (list.length > 0) {
      this.#upstreams.set(netdev.ifindex, list);
    } else {
      this.#upstreams.delete(netdev.ifindex);
      netdev.upstream = null;
    }
  }
}
