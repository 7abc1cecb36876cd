/** Role: an undici process that receives payload over HTTP and touches all of it. */
import { Client } from 'undici';
import { StreamCheck, touch } from './touch.ts';
import { serve } from './worker.ts';

interface Request {
  url: string;
  bytes: number;
  verify: boolean;
}

serve({
  async get({ url, bytes, verify }: Request): Promise<{ seconds: number }> {
    const check = verify ? new StreamCheck() : null;
    const started = performance.now();
    const client = new Client(url, { bodyTimeout: 0 });
    const { body } = await client.request({ method: 'GET', path: `/payload?bytes=${bytes}` });
    let got = 0;
    let sum = 0;
    for await (const chunk of body as AsyncIterable<Buffer>) {
      if (check === null) sum += touch(chunk, 0, chunk.length);
      else check.next(chunk, 0, chunk.length);
      got += chunk.length;
    }
    const seconds = (performance.now() - started) / 1000;
    await client.close();
    if (got !== bytes || (check === null && sum === 0)) throw new Error(`${got} of ${bytes} bytes`);
    return { seconds };
  },
});
