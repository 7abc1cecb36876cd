import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { addKernelMetrics } from './metrics-kernel.ts';
import { MetricsText } from './metrics-text.ts';
import type { Services } from './services.ts';

const RESOLUTION_MS = 50;

/** `/metrics`: the daemon itself here, the simulated kernel in metrics-kernel.ts. */
export class Metrics {
  readonly #services: Services;
  /** Sampled from the first scrape on: a daemon that nobody watches has no timer running. */
  #delay: IntervalHistogram | null = null;
  /** Requests by status; 600 slots are less than a Map costs. */
  readonly #requests = new Float64Array(600);

  constructor(services: Services) {
    this.#services = services;
  }

  countRequest(status: number): void {
    this.#requests[status]++;
  }

  render(): string {
    const out = new MetricsText();
    this.#addProcess(out);
    addKernelMetrics(out, this.#services.kernel);
    return out.toString();
  }

  #addProcess(out: MetricsText): void {
    const { streams } = this.#services;
    this.#requests.forEach((count, code) => {
      if (count > 0)
        out.add('netmemd_http_requests_total', 'counter', 'Requests answered, by status.', count, { code });
    });
    out.add('netmemd_http_streams', 'gauge', 'Open streams.', streams.count);
    out.add(
      'netmemd_event_loop_delay_p99_seconds',
      'gauge',
      'Lateness of timers since the last scrape, 99th percentile.',
      this.#loopDelay(),
    );
    out.add('process_resident_memory_bytes', 'gauge', 'Resident memory.', process.memoryUsage.rss());
    out.add('process_uptime_seconds', 'gauge', 'Time since the start.', process.uptime());
  }

  /** Seconds; 0 at the first scrape. */
  #loopDelay(): number {
    if (this.#delay === null) {
      this.#delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
      this.#delay.enable();
    }
    // Samples are the time between two ticks of the sampling timer, its period included.
    const late = this.#delay.count > 0 ? this.#delay.percentile(99) / 1e9 - RESOLUTION_MS / 1e3 : 0;
    this.#delay.reset();
    return Math.max(0, late);
  }

  close(): void {
    this.#delay?.disable();
  }
}
