/**
 * Role: a netmemd client that receives into a dmabuf, touches or checks every frag in its own mapping if asked to, and gives
 * every token back.
 */
import { type Client, connect, type DmabufMapping, type Session } from '../src/client/index.ts';
import { StreamCheck, touch } from './touch.ts';
import { serve } from './worker.ts';

const PORT = 5201;
const QUEUE = 1;
/** RX ring size in descriptors, eth0's own. */
const RX = 512;

interface Setup {
  /** The daemon's Unix socket: whoever maps its memory is on its machine. */
  socketPath: string;
  mtu: number;
  /** Driver profile. */
  driver: 'split-perfect' | 'bnxt-like';
  dmabufBytes: number;
}

interface Result {
  seconds: number;
  frags: number;
  messages: number;
  batches: number;
  touched: number;
}

let client: Client;
let session: Session;
let mapping: DmabufMapping;
let ifindex: number;
let listener: number;

/** A netdev of that MTU with one bound queue to which the traffic is steered. */
async function setUp({ socketPath, mtu, driver, dmabufBytes }: Setup): Promise<void> {
  client = connect({ socketPath });
  session = await client.session({ name: 'bench' });
  const name = `bench${mtu}`;
  const attrs = { name, mtu, rx: RX, 'rx-queues': 2, 'tx-queues': 2, driver, ipv4: '198.51.100.1/24' };
  ({ ifindex } = await session.do<{ ifindex: number }>('lab', 'netdev-add', attrs));
  const header = { 'dev-index': ifindex };
  await session.do('ethtool', 'rings-set', { header, 'tcp-data-split': 'enabled', 'hds-thresh': 0 });
  const { fd } = await session.do<{ fd: number }>('dmabuf', 'create', { size: dmabufBytes });
  mapping = await session.mapDmabuf(fd, { readOnly: true });
  await session.bindRx({ ifindex, fd, queues: [{ type: 'rx', id: QUEUE }] }, mapping);
  await session.do('rxnfc', 'rule-insert', { ifindex, 'flow-type': 'tcp4', 'dst-port': PORT, queue: QUEUE });
  ({ fd: listener } = await session.do<{ fd: number }>('socket', 'listen', { port: PORT, ifindex }));
}

/** What is done with the payload of each frag before its token is given back. */
type Use = 'check' | 'touch' | 'ignore';

/** Everything that one accepted connection sends, until its end; `seconds` since `started`. */
async function receive(started: number, use: Use): Promise<Result> {
  const { fd } = await session.do<{ fd: number }>('socket', 'accept', { fd: listener });
  const tokens = session.tokenReturner(fd);
  const check = new StreamCheck();
  const { bytes } = mapping;
  const result: Result = { seconds: 0, frags: 0, messages: 0, batches: 0, touched: 0 };
  let sum = 0;
  for await (const batch of session.recvmsgBatches(fd)) {
    for (let i = 0; i < batch.count; i++) {
      if (batch.dmabufIds[i] === 0) throw new Error('payload that is not in the dmabuf');
      if (use === 'touch') sum += touch(bytes, batch.offsets[i], batch.sizes[i]);
      else if (use === 'check') check.next(bytes, batch.offsets[i], batch.sizes[i]);
    }
    // Sent 1024 at a time, as many as one call takes: the dmabuf is large enough to wait for them.
    tokens.addAll(batch.tokens, batch.count);
    result.frags += batch.count;
    result.messages += batch.messages;
    result.touched += batch.bytes;
    result.batches++;
  }
  await tokens.flush();
  result.seconds = (performance.now() - started) / 1000;
  if (tokens.freed !== result.frags) throw new Error(`${result.frags} frags, ${tokens.freed} given back`);
  if (use === 'touch' && sum === 0) throw new Error('nothing was touched');
  await session.do('socket', 'close', { fd });
  return result;
}

serve({
  setUp,
  /** A generator in the daemon sends `bytes`. */
  async generated({ bytes, use }: { bytes: number; use: Use }): Promise<Result> {
    const started = performance.now();
    await session.do('lab', 'pktgen-start', { ifindex, 'dst-port': PORT, bytes, flows: 1 });
    return receive(started, use);
  },
  /** Opens a port of the host to the netdev; its connections are received with `wire`. */
  async publish(): Promise<string> {
    const attrs = { ifindex, listen: '127.0.0.1:0', port: PORT };
    return (await session.do<{ listen: string }>('lab', 'tcp-publish', attrs)).listen;
  },
  wire: ({ use }: { use: Use }) => receive(performance.now(), use),
  async close(): Promise<void> {
    await session.close();
    await client.close();
  },
});
