/**
 * The kernel's devmem TCP receiver (tools/testing/selftests/drivers/net/hw/ncdevmem.c), with its flags, on netmemd's client:
 * binds a dmabuf to an RX queue, receives into it, checks the payload in place, gives the frags back.
 *
 *   netmemd &
 *   node dist/examples/ncdevmem.js -l -f eth0 -p 5201 -v 7 --publish 127.0.0.1:5201 &
 *   yes $(echo -e \\x01\\x02\\x03\\x04\\x05\\x06) | tr \\n \\0 | head -c 1G | nc -N 127.0.0.1 5201
 *
 * Exit status: 0 when the stream ended and every byte was right, 1 otherwise.
 */
import process from 'node:process';
import { parseArgs } from 'node:util';
import { type Client, connect, type DmabufMapping, type RecvBatch, type Session } from '../src/client/index.ts';
import type { DmabufCreateDoReply } from '../src/ynl/generated/dmabuf.ts';
import type { EthtoolRingsGetDoReply } from '../src/ynl/generated/ethtool.ts';
import type { LabTcpPublishDoReply } from '../src/ynl/generated/lab.ts';
import type { RxnfcRuleInsertDoReply } from '../src/ynl/generated/rxnfc.ts';
import type { SocketAcceptDoReply, SocketListenDoReply } from '../src/ynl/generated/socket.ts';

const USAGE = `ncdevmem -l -f IFNAME -p PORT [options]
  -l                    listen and receive
  -f IFNAME|IFINDEX     device (eth0)
  -p PORT               TCP port (5201)
  -s ADDR               address to listen on (any)
  -t QUEUE              first RX queue to bind (the last one)
  -q COUNT              RX queues to bind (1); the flow rule steers to the first
  -v N                  check that the stream repeats 1, 2, .. N-1, 0
  --size BYTES          size of the dmabuf (16000 pages)
  --publish HOST:PORT   real address that is wired to the device's port
  --url URL             daemon (http://127.0.0.1:8420)
  --socket PATH         Unix socket of the daemon
  --token TOKEN         bearer token`;

const PAGE_SIZE = 4096;
/** As many wrong bytes are printed before giving up. */
const MAX_ERRORS = 20;

/** Checks a stream that counts 1, 2, .. period - 1, 0, 1, ... */
class Validator {
  errors = 0;
  readonly #period: number;
  readonly #expected: Buffer;
  #phase: number;
  #index = 0;

  constructor(period: number) {
    this.#period = period;
    this.#expected = Buffer.alloc(65_536 + period);
    for (let i = 0; i < this.#expected.length; i++) this.#expected[i] = i % period;
    this.#phase = 1 % period;
  }

  /** False once too many bytes were wrong. */
  check(bytes: Uint8Array): boolean {
    for (let at = 0; at < bytes.length && this.errors < MAX_ERRORS; ) {
      const length = Math.min(bytes.length - at, 65_536);
      const part = bytes.subarray(at, at + length);
      const expected = this.#expected.subarray(this.#phase, this.#phase + length);
      if (Buffer.compare(part, expected) !== 0) this.#report(part, expected);
      this.#phase = (this.#phase + length) % this.#period;
      this.#index += length;
      at += length;
    }
    return this.errors < MAX_ERRORS;
  }

  #report(part: Uint8Array, expected: Uint8Array): void {
    for (let i = 0; i < part.length && this.errors < MAX_ERRORS; i++) {
      if (part[i] === expected[i]) continue;
      this.errors++;
      console.error(`Failed validation: expected=${expected[i]}, actual=${part[i]}, index=${this.#index + i}`);
    }
  }
}

interface Totals {
  received: number;
  pageAligned: number;
  nonPageAligned: number;
  linear: number;
}

/** Counts and checks a batch; false when validation gave up. */
function consume(batch: RecvBatch, memory: Uint8Array, totals: Totals, validator: Validator | null): boolean {
  for (let i = 0; i < batch.count; i++) {
    const size = batch.sizes[i];
    const isDmabuf = batch.dmabufIds[i] !== 0;
    totals.received += size;
    if (!isDmabuf) totals.linear += size;
    else if (size % PAGE_SIZE === 0) totals.pageAligned++;
    else totals.nonPageAligned++;
    const from = isDmabuf ? memory : batch.linear;
    if (validator !== null && !validator.check(from.subarray(batch.offsets[i], batch.offsets[i] + size))) return false;
  }
  return true;
}

async function receive(
  session: Session,
  fd: number,
  mapping: DmabufMapping,
  validator: Validator | null,
  signal: AbortSignal,
): Promise<Totals> {
  const totals: Totals = { received: 0, pageAligned: 0, nonPageAligned: 0, linear: 0 };
  const tokens = session.tokenReturner(fd);
  for await (const batch of session.recvmsgBatches(fd, { signal })) {
    if (!consume(batch, mapping.bytes, totals, validator)) throw new Error('validation failed');
    for (let i = 0; i < batch.count; i++) if (batch.dmabufIds[i] !== 0) tokens.add(batch.tokens[i]);
    tokens.sendSoon();
  }
  await tokens.flush();
  if (tokens.freed !== tokens.returned) {
    throw new Error(`SO_DEVMEM_DONTNEED freed ${tokens.freed} frags of ${tokens.returned}`);
  }
  return totals;
}

/** Back to what rings-get reported: by no setting of its own if that gives the same, as the kernel's program does. */
async function restoreRings(client: Client, header: object, before: EthtoolRingsGetDoReply): Promise<void> {
  const { 'tcp-data-split': split, 'hds-thresh': threshold } = before;
  const unset = { header, 'tcp-data-split': 'unknown', 'hds-thresh': threshold };
  await client.do('ethtool', 'rings-set', unset);
  const now = await client.do<EthtoolRingsGetDoReply>('ethtool', 'rings-get', { header });
  if (now['tcp-data-split'] !== split) await client.do('ethtool', 'rings-set', { ...unset, 'tcp-data-split': split });
}

function integer(text: string, flag: string, min: number, max: number): number {
  const n = Number(text);
  if (!/^[0-9]+$/.test(text) || n < min || n > max)
    throw new Error(`${flag}: ${text} is not a number from ${min} to ${max}`);
  return n;
}

async function main(): Promise<void> {
  const { values: flags } = parseArgs({
    options: {
      help: { type: 'boolean', short: 'h' },
      listen: { type: 'boolean', short: 'l' },
      iface: { type: 'string', short: 'f', default: 'eth0' },
      port: { type: 'string', short: 'p', default: '5201' },
      server: { type: 'string', short: 's' },
      'start-queue': { type: 'string', short: 't' },
      queues: { type: 'string', short: 'q', default: '1' },
      validate: { type: 'string', short: 'v' },
      size: { type: 'string', default: String(16_000 * PAGE_SIZE) },
      publish: { type: 'string' },
      url: { type: 'string' },
      socket: { type: 'string' },
      token: { type: 'string' },
    },
  });
  if (flags.help) {
    console.log(USAGE);
    return;
  }
  if (!flags.listen) throw new Error(`-l is missing: this program only receives\n${USAGE}`);
  const port = integer(flags.port, '-p', 1, 65_535);
  const count = integer(flags.queues, '-q', 1, 65_535);
  const size = integer(flags.size, '--size', PAGE_SIZE, 2 ** 32);
  const validator = flags.validate === undefined ? null : new Validator(integer(flags.validate, '-v', 1, 256));

  const client = connect({ url: flags.url, socketPath: flags.socket, token: flags.token });
  const session = await client.session({ name: `ncdevmem ${process.pid}` });
  const undo: (() => Promise<unknown>)[] = [];
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort(new Error(signal)));
  try {
    const named = /^[0-9]+$/.test(flags.iface) ? { 'dev-index': Number(flags.iface) } : { 'dev-name': flags.iface };
    const rings = await session.do<EthtoolRingsGetDoReply>('ethtool', 'rings-get', { header: named });
    const ifindex = Number(rings.header['dev-index']);
    const header = { 'dev-index': ifindex };
    const rxQueues = (await session.dump('netdev', 'queue-get', { ifindex })).filter(
      (queue) => queue.type === 'rx',
    ).length;
    const first =
      flags['start-queue'] === undefined ? rxQueues - count : integer(flags['start-queue'], '-t', 0, 65_535);
    if (first < 0 || first + count > rxQueues) throw new Error(`${flags.iface} has ${rxQueues} RX queues`);

    const dmabuf = await session.do<DmabufCreateDoReply>('dmabuf', 'create', { size, name: 'ncdevmem' });
    const mapping = await session.mapDmabuf(dmabuf.fd);

    // Set in any case: rings-get also says 'enabled' of a driver that splits by default, while bind-rx wants it asked for.
    await session.do('ethtool', 'rings-set', { header, 'tcp-data-split': 'enabled', 'hds-thresh': 0 });
    undo.push(() => restoreRings(client, header, rings));
    const rule = await session.do<RxnfcRuleInsertDoReply>('rxnfc', 'rule-insert', {
      ifindex,
      'flow-type': flags.server?.includes(':') ? 'tcp6' : 'tcp4',
      'dst-port': port,
      queue: first,
    });
    undo.push(() => client.do('rxnfc', 'rule-delete', { ifindex, location: rule.location }));

    const queues = Array.from({ length: count }, (_, i) => ({ type: 'rx', id: first + i }));
    const id = await session.bindRx({ ifindex, fd: dmabuf.fd, queues }, mapping);
    console.log(
      `bound dmabuf ${id}: ${size} bytes to ${flags.iface} queue ${first}${count > 1 ? ` and ${count - 1} more` : ''}`,
    );

    const address = flags.server === undefined ? {} : { addr: flags.server };
    const listener = await session.do<SocketListenDoReply>('socket', 'listen', { port, ...address });
    if (flags.publish !== undefined) {
      const request = { ifindex, listen: flags.publish, port };
      const published = await session.do<LabTcpPublishDoReply>('lab', 'tcp-publish', request);
      undo.push(() => client.do('lab', 'tcp-unpublish', { id: published.id }));
      console.log(`published on ${published.listen}`);
    }
    console.log(`Waiting for connection on port ${port}`);
    const accepted = await session.do<SocketAcceptDoReply>(
      'socket',
      'accept',
      { fd: listener.fd },
      { signal: stop.signal },
    );
    console.log(`Got connection from ${accepted.peer.addr}:${accepted.peer.port}`);

    const started = performance.now();
    const totals = await receive(session, accepted.fd, mapping, validator, stop.signal);
    const seconds = (performance.now() - started) / 1000;
    console.log(`page_aligned_frags=${totals.pageAligned}, non_page_aligned_frags=${totals.nonPageAligned}`);
    console.log(`linear_bytes=${totals.linear}`);
    console.log(`total_received=${totals.received} (${(totals.received / seconds / 1e6).toFixed(0)} MB/s)`);
    if (validator !== null) {
      if (validator.errors > 0) throw new Error('validation failed');
      console.log('validation passed');
    }
  } finally {
    await session.close().catch(() => {});
    // What belongs to the device and not to the session stays unless it is undone.
    for (const step of undo.reverse()) await step().catch(() => {});
    await client.close();
  }
}

main().catch((error: unknown) => {
  console.error(`ncdevmem: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
