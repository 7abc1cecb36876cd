import type { Clock } from '../kernel/clock.ts';
import { refuse } from '../kernel/error.ts';
import { ERRORS } from '../kernel/error-catalogue.ts';
import type {
  Pktgen,
  PktgenOptions,
  PublishedPort,
  PublishOptions,
  Upstream,
  UpstreamOptions,
  WireFactory,
} from '../lab/wire-factory.ts';
import { Generator } from './generator.ts';
import type { RelaySocket, WireNetdev } from './kernel-side.ts';
import { TcpWire } from './tcp.ts';
import { WireContext, type WireOptions } from './wire-context.ts';

/** All kinds of wires of a daemon. */
export class Wires implements WireFactory<WireNetdev, RelaySocket> {
  readonly context: WireContext;
  readonly #clock: Clock;
  readonly #tcp: TcpWire;
  readonly #generators = new Set<Generator>();

  constructor(o: WireOptions & { clock: Clock }) {
    this.context = new WireContext(o);
    this.#clock = o.clock;
    this.#tcp = new TcpWire(this.context);
  }

  publish(o: PublishOptions<WireNetdev, RelaySocket>): Promise<PublishedPort> {
    return this.#tcp.publish(o);
  }

  upstream(o: UpstreamOptions<WireNetdev>): Upstream {
    return this.#tcp.upstream(o);
  }

  pktgen(o: PktgenOptions<WireNetdev>): Pktgen {
    const limit = this.context.limits.generators;
    if (this.#generators.size >= limit) refuse(ERRORS.tooManyGenerators, undefined, limit);
    const generator = new Generator(this.context, this.#clock, o, (g) => this.#generators.delete(g));
    this.#generators.add(generator);
    return generator;
  }
}
