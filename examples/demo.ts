/**
 * The main job by itself (`npm run demo`): a daemon of its own, a dmabuf bound to an RX queue, 1 GiB from a real TCP sender
 * into it, every byte compared where it landed, every buffer given back.
 *
 *   node dist/examples/demo.js [--bytes N]
 *
 * Exit status: 0 when all of it was right, 1 otherwise, 130 when interrupted.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Client, connect, type DmabufMapping, type Session } from '../src/client/index.ts';
import type { DmabufCreateDoReply } from '../src/ynl/generated/dmabuf.ts';
import type { LabTcpPublishDoReply } from '../src/ynl/generated/lab.ts';
import type { NetdevPagePoolGetDoReply, NetdevQstatsGetDumpReply } from '../src/ynl/generated/netdev.ts';
import type { SocketAcceptDoReply, SocketGetDoReply, SocketListenDoReply } from '../src/ynl/generated/socket.ts';
import { firstMismatch } from './stream-pattern.ts';

const DMABUF_SIZE = 32 * 1024 * 1024;
const IFINDEX = 2;
const QUEUE = 7;
const PORT = 5201;
/** Ten times what a slow machine needs. */
const START_DEADLINE_MS = 30_000;
const RETURN_DEADLINE_MS = 20_000;

/** What the receiver counted. */
interface Received {
  bytes: number;
  messages: number;
  frags: number;
  linearBytes: number;
  returned: number;
  seconds: number;
}

function say(what: string, text: string): void {
  console.log(`${what.padEnd(10)}${text}`);
}

function fileBeside(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}

/** A directory in shared memory, or elsewhere when that has no room for the dmabuf. */
function makeDirectory(): string {
  let base = '/dev/shm';
  try {
    const s = statfsSync(base);
    if (s.bavail * s.bsize < DMABUF_SIZE * 1.25) base = tmpdir();
  } catch {
    base = tmpdir();
  }
  return mkdtempSync(join(base, 'netmemd-demo-'));
}

/** Starts `netmemd` as a process of its own and resolves with its URL. */
async function startDaemon(directory: string, children: Set<ChildProcess>): Promise<{ url: string; pid: number }> {
  const flags = ['--http.port=0', `--run-dir=${join(directory, 'run')}`, '--log.level=warn'];
  // Settings in the caller's environment belong to another daemon.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('NETMEMD_')));
  const stdio: ['ignore', 'pipe', 'inherit'] = ['ignore', 'pipe', 'inherit'];
  const child = spawn(process.execPath, [fileBeside('../src/main.js'), ...flags], { stdio, env });
  children.add(child);
  child.once('exit', () => children.delete(child));
  let text = '';
  const url = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the daemon was not ready in time')), START_DEADLINE_MS);
    timer.unref();
    child.once('error', reject);
    child.once('exit', (code, signal) => reject(new Error(`the daemon ended with ${code ?? signal}`)));
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const ready = /^netmemd ready: (\S+)/m.exec(text);
      if (ready !== null) resolve(ready[1]);
    });
  });
  return { url, pid: child.pid as number };
}

/** Pushes the pattern into the published port; resolves when the sender has ended well. */
async function send(listen: string, bytes: number, children: Set<ChildProcess>): Promise<void> {
  const [host, port] = listen.split(':');
  const args = [fileBeside('pattern-sender.js'), host, port, String(bytes)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  children.add(child);
  child.once('exit', () => children.delete(child));
  say('sender', `pid ${child.pid} pushes ${bytes} bytes to ${listen}`);
  const [code, signal] = await once(child, 'exit');
  if (code !== 0) throw new Error(`the sender ended with ${code ?? signal}`);
}

/** Compares every frag where it landed, then gives it back. @throws Error at the first wrong byte */
async function receive(session: Session, fd: number, memory: DmabufMapping, signal: AbortSignal): Promise<Received> {
  const totals = { bytes: 0, messages: 0, frags: 0, linearBytes: 0 };
  const tokens = session.tokenReturner(fd);
  const started = performance.now();
  for await (const batch of session.recvmsgBatches(fd, { signal })) {
    for (let i = 0; i < batch.count; i++) {
      const offset = batch.offsets[i];
      const size = batch.sizes[i];
      const inDmabuf = batch.dmabufIds[i] !== 0;
      const bytes = (inDmabuf ? memory.bytes : batch.linear).subarray(offset, offset + size);
      const wrong = firstMismatch(bytes, totals.bytes);
      if (wrong >= 0)
        throw new Error(`byte ${totals.bytes + wrong} of the stream is wrong (dmabuf offset ${offset + wrong})`);
      totals.bytes += size;
      if (inDmabuf) {
        totals.frags++;
        tokens.add(batch.tokens[i]);
      } else {
        totals.linearBytes += size;
      }
    }
    totals.messages += batch.messages;
    tokens.sendSoon();
  }
  await tokens.flush();
  return { ...totals, returned: tokens.freed, seconds: (performance.now() - started) / 1000 };
}

/** The page pool behind the binding. */
async function boundPool(client: Client, binding: number): Promise<NetdevPagePoolGetDoReply> {
  const pools = await client.dump<NetdevPagePoolGetDoReply>('netdev', 'page-pool-get');
  const pool = pools.find((p) => p.dmabuf === binding);
  if (pool === undefined) throw new Error(`binding ${binding} has no page pool`);
  return pool;
}

/** Waits until a pool is gone, which it is only when every buffer has come back. @throws Error when that takes too long */
async function poolGone(client: Client, id: unknown): Promise<void> {
  for (const deadline = performance.now() + RETURN_DEADLINE_MS; ; await sleep(20)) {
    const pools = await client.dump<NetdevPagePoolGetDoReply>('netdev', 'page-pool-get');
    const pool = pools.find((p) => p.id === id);
    if (pool === undefined) return;
    if (performance.now() > deadline) throw new Error(`pool ${id} still misses ${pool.inflight} buffers`);
  }
}

async function run(url: string, bytes: number, children: Set<ChildProcess>, stop: AbortSignal): Promise<string> {
  const client = connect({ url });
  const session = await client.session({ name: 'demo', signal: stop });
  const dmabuf = await session.do<DmabufCreateDoReply>('dmabuf', 'create', { size: DMABUF_SIZE, name: 'demo' });
  const memory = await session.mapDmabuf(dmabuf.fd);
  say('dmabuf', `fd ${dmabuf.fd}, ${DMABUF_SIZE / 1048576} MiB, mapped from ${dmabuf.path}`);

  const header = { 'dev-index': IFINDEX };
  await session.do('ethtool', 'rings-set', { header, 'tcp-data-split': 'enabled', 'hds-thresh': 0 });
  const queues = [{ type: 'rx', id: QUEUE }];
  const binding = await session.bindRx({ ifindex: IFINDEX, fd: dmabuf.fd, queues }, memory);
  await session.do('rxnfc', 'rule-insert', { ifindex: IFINDEX, 'flow-type': 'tcp4', 'dst-port': PORT, queue: QUEUE });
  say('binding', `id ${binding} on eth0 RX queue ${QUEUE}; a flow rule steers tcp4 port ${PORT} there`);

  const listener = await session.do<SocketListenDoReply>('socket', 'listen', { port: PORT });
  const publish = { ifindex: IFINDEX, listen: '127.0.0.1:0', port: PORT };
  const { listen } = await session.do<LabTcpPublishDoReply>('lab', 'tcp-publish', publish);
  const sending = send(listen, bytes, children);
  // Whoever fails first says what is wrong.
  sending.catch(() => {});
  const accepting = session.do<SocketAcceptDoReply>('socket', 'accept', { fd: listener.fd }, { signal: stop });
  const failed = sending.then(() => accepting);
  const connection = await Promise.race([accepting, failed]);
  say('socket', `fd ${connection.fd}, peer ${connection.peer.addr}:${connection.peer.port}`);

  const got = await receive(session, connection.fd, memory, stop);
  const speed = (got.bytes / got.seconds / 1e6).toFixed(0);
  say('received', `${got.bytes} bytes in ${got.seconds.toFixed(2)} s: ${speed} MB/s, compared in the dmabuf`);

  const stats = await client.dump<NetdevQstatsGetDumpReply>('netdev', 'qstats-get', {
    ifindex: IFINDEX,
    scope: 'queue',
  });
  const queue = stats.find((s) => s['queue-type'] === 'rx' && s['queue-id'] === QUEUE);
  say(
    'packets',
    `${queue?.['rx-packets']} on queue ${QUEUE}; rx-alloc-fail ${queue?.['rx-alloc-fail']}, ` +
      `rx-hw-drop-overruns ${queue?.['rx-hw-drop-overruns']} (sent again)`,
  );
  const perMessage = (got.frags / Math.max(1, got.messages)).toFixed(0);
  say('frags', `${got.frags} in ${got.messages} messages (${perMessage} a message), ${got.linearBytes} linear bytes`);
  const socket = await session.do<SocketGetDoReply>('socket', 'get', { fd: connection.fd });
  const outstanding = socket.tokens?.length ?? 0;
  say('tokens', `${got.frags} handed out, ${got.returned} given back, ${outstanding} outstanding`);
  // The sender waits for this side's FIN.
  await session.do('socket', 'close', { fd: connection.fd });
  await sending;
  const pool = await boundPool(client, binding);
  say('pool', `id ${pool.id}: ${pool.inflight} of ${DMABUF_SIZE / 4096} buffers posted or recycled, none lost`);

  await session.close();
  await poolGone(client, pool.id);
  say('closed', `the session ended, the binding with it; pool ${pool.id} got every buffer back and is gone`);
  await client.close();

  if (got.bytes !== bytes) throw new Error(`${got.bytes} bytes came, ${bytes} were sent`);
  if (got.linearBytes > 0) throw new Error(`${got.linearBytes} bytes did not land in the dmabuf`);
  if (got.returned !== got.frags || outstanding > 0) throw new Error(`${got.frags - got.returned} tokens were lost`);
  return `PASS: ${bytes} bytes through the dmabuf, every byte as it was sent, every token and buffer back`;
}

/** Ends a child and waits until it has ended. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { bytes: { type: 'string', default: String(1024 ** 3) } } });
  const bytes = Number(values.bytes);
  if (!Number.isSafeInteger(bytes) || bytes < 1) throw new Error(`--bytes: ${values.bytes} is no number of bytes`);
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort(new Error(signal)));
  const interrupted = once(stop.signal, 'abort').then((): never => stop.signal.throwIfAborted() as never);
  interrupted.catch(() => {});
  const children = new Set<ChildProcess>();
  const directory = makeDirectory();
  try {
    const { url, pid } = await startDaemon(directory, children);
    say('daemon', `pid ${pid}, ${url}, run directory ${directory}/run`);
    const verdict = await Promise.race([run(url, bytes, children, stop.signal), interrupted]);
    console.log(`\n${verdict}`);
    return 0;
  } catch (error) {
    if (stop.signal.aborted) {
      console.log('\ninterrupted');
      return 130;
    }
    console.log(`\nFAIL: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  } finally {
    await Promise.all([...children].map(end));
    rmSync(directory, { recursive: true, force: true });
  }
}

process.exit(await main());
