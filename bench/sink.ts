/** Role: a TCP server that drops what it receives. */
import { type AddressInfo, createServer } from 'node:net';
import { serve } from './worker.ts';

let dropped = 0;
const server = createServer((socket) => {
  socket.on('data', (chunk: Buffer) => {
    dropped += chunk.length;
  });
});

serve({
  async listen(): Promise<number> {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  },
  dropped: (): number => dropped,
});
