/** Role: a Fastify process that pushes payload over HTTP in writes of 64 KiB. */
import type { AddressInfo } from 'node:net';
import fastify from 'fastify';
import { PATTERN_CHUNK, PATTERN_PERIOD, patternTable } from '../src/wire/pattern.ts';
import { serve } from './worker.ts';

const app = fastify();
const table = Buffer.from(patternTable().buffer);

app.get<{ Querystring: { bytes: string } }>('/payload', (request, reply) => {
  const total = Number(request.query.bytes);
  let at = 0;
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, { 'content-type': 'application/octet-stream', 'cache-control': 'no-store' });
  const push = (): void => {
    for (let more = true; more && at < total; ) {
      const from = at % PATTERN_PERIOD;
      const n = Math.min(PATTERN_CHUNK, total - at);
      more = raw.write(table.subarray(from, from + n));
      at += n;
    }
    if (at === total) raw.end();
  };
  raw.on('drain', push);
  push();
});

serve({
  async listen(): Promise<string> {
    await app.listen({ host: '127.0.0.1', port: 0 });
    return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  },
});
