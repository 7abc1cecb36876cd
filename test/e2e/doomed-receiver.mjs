/**
 * A receiver that lives to be killed: opens a session, binds a queue, receives without an end, and tells on standard
 * output what it has. Arguments: URL of the daemon, port of the simulated listener.
 */
import { connect } from '../../dist/src/client/index.js';

const [url, port] = process.argv.slice(2);
const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);

const client = connect({ url });
const session = await client.session({ name: 'doomed' });
const { fd, path } = await session.do('dmabuf', 'create', { size: 4 << 20 });
const mapping = await session.mapDmabuf(fd);
const queues = [{ type: 'rx', id: 7 }];
const binding = await session.bindRx({ ifindex: 2, fd, queues }, mapping);
const listener = await session.do('socket', 'listen', { port: Number(port) });
say({ session: session.id, path, binding });
const accepted = await session.do('socket', 'accept', { fd: listener.fd });
const tokens = session.tokenReturner(accepted.fd);
let bytes = 0;
for await (const message of session.recvmsg(accepted.fd)) {
  for (const frag of message.frags) if (frag.kind === 'dmabuf') tokens.add(frag.token);
  tokens.sendSoon();
  bytes += message.len;
  say({ bytes });
}
