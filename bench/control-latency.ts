import { setTimeout as wait } from 'node:timers/promises';
import { Client } from 'undici';
import { DaemonProcess } from './daemon-process.ts';
import { comparison, type Figure, measurement } from './figure.ts';
import { percentile, ROUNDS, spread } from './rounds.ts';
import { Worker } from './worker.ts';

const MTU = 4148;
const BYTES = 1 << 30;
const DMABUF_BYTES = 16 << 20;
const DRIVER = 'split-perfect';
/** Requests of one round without traffic; with traffic there are as many as fit. */
const IDLE_REQUESTS = 500;
/** Between two requests: nobody asks in a tight loop. */
const PAUSE_MS = 1;

interface Percentiles {
  p50: number;
  p99: number;
}

/** One `netdev/dev-get` after the other until `over` says so; milliseconds. */
async function ask(client: Client, over: (asked: number) => boolean): Promise<Percentiles> {
  const times: number[] = [];
  while (!over(times.length)) {
    const started = performance.now();
    const { statusCode, body } = await client.request({
      method: 'POST',
      path: '/v1/netdev/dev-get',
      headers: { 'content-type': 'application/json' },
      body: '{"ifindex":2}',
    });
    await body.text();
    times.push(performance.now() - started);
    if (statusCode !== 200) throw new Error(`dev-get: ${statusCode}`);
    await wait(PAUSE_MS);
  }
  return { p50: percentile(times, 0.5), p99: percentile(times, 0.99) };
}

/** How late the daemon's timers were since the last call: 99th percentile, seconds. */
async function eventLoopDelay(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^netmemd_event_loop_delay_p99_seconds (\S+)$/m.exec(text)?.[1]);
}

/** How long a control request takes while a generator and a receiver keep the daemon busy, against an idle daemon. */
export async function controlLatency(): Promise<Figure[]> {
  const daemon = await DaemonProcess.start();
  const receiver = new Worker('receiver.js');
  const client = new Client(daemon.url);
  try {
    await receiver.call('setUp', {
      socketPath: daemon.socketPath,
      mtu: MTU,
      driver: DRIVER,
      dmabufBytes: DMABUF_BYTES,
    });
    const busyRound = async (): Promise<Percentiles> => {
      let done = false;
      const traffic = receiver.call('generated', { bytes: BYTES, use: 'touch' }).finally(() => {
        done = true;
      });
      const times = await ask(client, (asked) => done && asked > 0);
      await traffic;
      return times;
    };
    await ask(client, (asked) => asked === IDLE_REQUESTS);
    await busyRound();
    const idle: Percentiles[] = [];
    const busy: Percentiles[] = [];
    const delays: number[] = [];
    for (let i = 0; i < ROUNDS; i++) {
      idle.push(await ask(client, (asked) => asked === IDLE_REQUESTS));
      await eventLoopDelay(daemon.url);
      busy.push(await busyRound());
      delays.push((await eventLoopDelay(daemon.url)) * 1000);
    }
    await receiver.call('close');
    const ratio = (of: (p: Percentiles) => number, name: string, max?: number): Figure => {
      const ours = busy.map(of);
      const theirs = idle.map(of);
      return comparison(
        {
          name,
          what: 'netdev/dev-get under full traffic (netmemd) against an idle daemon (other)',
          mtu: MTU,
          unit: 'ms',
        },
        { ratio: spread(ours.map((ms, i) => ms / theirs[i])), ours: spread(ours), theirs: spread(theirs) },
        max === undefined ? {} : { max },
      );
    };
    const what = "lateness of the daemon's timers under full traffic, 99th percentile";
    return [
      ratio((p) => p.p50, 'control_p50_busy_vs_idle'),
      ratio((p) => p.p99, 'control_p99_busy_vs_idle', 4),
      measurement({ name: 'event_loop_delay_p99', what, mtu: MTU, unit: 'ms' }, spread(delays)),
    ];
  } finally {
    await client.close();
    await receiver.stop();
    await daemon.stop();
  }
}
