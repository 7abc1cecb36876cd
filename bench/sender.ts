/** Role: a TCP sender. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { PATTERN_CHUNK, PATTERN_PERIOD, patternTable } from '../src/wire/pattern.ts';
import { serve } from './worker.ts';

const table = Buffer.from(patternTable().buffer);

interface Target {
  host: string;
  port: number;
  bytes: number;
}

serve({
  /** Sends the pattern in writes of 64 KiB and closes; done when the peer has closed too. */
  async send({ host, port, bytes }: Target): Promise<{ seconds: number }> {
    const started = performance.now();
    const socket = connect({ host, port, noDelay: true });
    await once(socket, 'connect');
    let at = 0;
    const push = (): void => {
      for (let more = true; more && at < bytes; ) {
        const from = at % PATTERN_PERIOD;
        const n = Math.min(PATTERN_CHUNK, bytes - at);
        more = socket.write(table.subarray(from, from + n));
        at += n;
      }
      if (at === bytes) socket.end();
    };
    socket.on('drain', push);
    push();
    socket.resume();
    await once(socket, 'close');
    return { seconds: (performance.now() - started) / 1000 };
  },
});
