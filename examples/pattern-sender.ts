/**
 * An ordinary TCP sender that knows nothing of netmemd: pushes BYTES of the demo's pattern to HOST:PORT and closes.
 *
 *   node dist/examples/pattern-sender.js HOST PORT BYTES
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import process from 'node:process';
import { CHUNK, patternAt } from './stream-pattern.ts';

const [host, port, bytes] = process.argv.slice(2);
const total = Number(bytes);
const socket = connect({ host, port: Number(port), noDelay: true });
await once(socket, 'connect');
for (let sent = 0; sent < total; ) {
  const chunk = patternAt(sent, Math.min(CHUNK, total - sent));
  sent += chunk.length;
  if (!socket.write(chunk)) await once(socket, 'drain');
}
socket.end();
// Nothing comes back but the receiver's FIN.
socket.resume();
await once(socket, 'close');
