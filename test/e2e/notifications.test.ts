import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DaemonProcess } from './daemon.ts';

const POLL = { timeout: 20_000 };
let daemon: DaemonProcess;
const open: IncomingMessage[] = [];

beforeEach(async () => {
  daemon = await DaemonProcess.start('--limits.subscriber-queue-bytes=65536');
});
afterEach(async () => {
  for (const response of open.splice(0)) response.destroy();
  await daemon.stop();
});

async function subscribe(family: string, query: string, accept: string): Promise<IncomingMessage> {
  const request = httpRequest(`${daemon.url}/v1/${family}/events${query}`, { headers: { accept }, agent: false }).end();
  request.on('error', () => {});
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.on('error', () => {});
  expect(response.headers['cache-control']).toBe('no-store');
  open.push(response);
  return response;
}

interface Event {
  name: string;
  // biome-ignore lint/suspicious/noExplicitAny: messages of every kind
  msg: any;
  lost?: number;
  errno?: string;
}

/** Everything a subscriber gets, as it comes. */
function collect(response: IncomingMessage): Event[] {
  const events: Event[] = [];
  let rest = '';
  response.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) events.push(JSON.parse(line));
  });
  return events;
}

async function bind(queues: number[]): Promise<number> {
  await daemon.ok('ethtool', 'rings-set', { header: { 'dev-index': 2 }, 'tcp-data-split': 'enabled', 'hds-thresh': 0 });
  const { fd } = await daemon.ok('dmabuf', 'create', { size: 4 << 20 });
  const { id } = await daemon.ok('netdev', 'bind-rx', {
    ifindex: 2,
    fd,
    queues: queues.map((q) => ({ type: 'rx', id: q })),
  });
  return id;
}

it('bind and unbind tell of the pools they make before those they end', async () => {
  const events = collect(await subscribe('netdev', '?group=page-pool', 'application/x-ndjson'));
  const before = (await daemon.dump('netdev', 'page-pool-get')).filter((pool) => pool['napi-id'] !== undefined);
  const old = before.find((pool) => pool['napi-id'] === Math.max(...before.map((p) => p['napi-id'])));
  const id = await bind([7]);
  await expect.poll(() => events.length, POLL).toBe(3);
  const [payload, header, gone] = events;
  expect([payload.name, header.name, gone.name]).toEqual([
    'page-pool-add-ntf',
    'page-pool-add-ntf',
    'page-pool-del-ntf',
  ]);
  expect(payload.msg).toMatchObject({ ifindex: 2, dmabuf: id, inflight: 0, 'napi-id': old['napi-id'] });
  expect(header.msg).toMatchObject({ ifindex: 2, id: payload.msg.id + 1 });
  expect(header.msg).not.toHaveProperty('dmabuf');
  expect(gone.msg.id).toBe(old.id);

  events.length = 0;
  await daemon.ok('session', 'unbind', { id });
  await expect.poll(() => events.length, POLL).toBe(3);
  expect(events.map((event) => event.name)).toEqual(['page-pool-add-ntf', 'page-pool-del-ntf', 'page-pool-del-ntf']);
  expect(events[0].msg).not.toHaveProperty('dmabuf');
  expect(events.slice(1).map((event) => event.msg.id)).toEqual([payload.msg.id, header.msg.id]);
});

it('a refused bind tells nothing, and another group is not heard', async () => {
  const pools = collect(await subscribe('netdev', '?group=page-pool', 'application/x-ndjson'));
  const rings = collect(await subscribe('ethtool', '?group=monitor', 'application/x-ndjson'));
  const everything = collect(await subscribe('netdev', '', 'application/x-ndjson'));
  await daemon.ok('dmabuf', 'create', { size: 4 << 20 });
  const attrs = { ifindex: 2, fd: 3, queues: [{ type: 'rx', id: 7 }] };
  expect((await daemon.do('netdev', 'bind-rx', attrs)).json.errno).toBe('EINVAL');
  await bind([0]);
  await expect.poll(() => [pools.length, rings.length, everything.length], POLL).toEqual([3, 1, 3]);
  expect(rings[0]).toMatchObject({
    name: 'rings-ntf',
    msg: { header: { 'dev-name': 'eth0' }, 'tcp-data-split': 'enabled' },
  });
  const added = await daemon.ok('lab', 'netdev-add', { name: 'late0', 'rx-queues': 1 });
  await expect.poll(() => everything.map((event) => event.name), POLL).toContain('dev-add-ntf');
  expect(everything.find((event) => event.name === 'dev-add-ntf')?.msg.ifindex).toBe(added.ifindex);
  expect(pools.some((event) => event.name === 'dev-add-ntf')).toBe(false);
});

it('are the same as server-sent events', async () => {
  const lines = collect(await subscribe('netdev', '?group=page-pool', 'application/x-ndjson'));
  const sse = await subscribe('netdev', '?group=page-pool', 'text/event-stream');
  expect(sse.headers['content-type']).toBe('text/event-stream');
  let text = '';
  sse.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  await bind([3, 4]);
  await expect.poll(() => lines.length, POLL).toBe(6);
  await expect.poll(() => text.split('\n\n').length, POLL).toBe(7);
  const events = text
    .split('\n\n')
    .slice(0, -1)
    .map((event) => {
      const [name, data, ...rest] = event.split('\n');
      expect(rest).toEqual([]);
      const parsed = JSON.parse(data.replace(/^data: /, ''));
      expect(name).toBe(`event: ${parsed.name}`);
      return parsed;
    });
  expect(events).toEqual(lines);
});

it('a subscriber that does not read loses the newest, and is told how many', async () => {
  const slow = await subscribe('netdev', '?group=page-pool', 'application/x-ndjson');
  slow.pause();
  const quick = collect(await subscribe('netdev', '?group=page-pool', 'application/x-ndjson'));
  const queues = 256;
  let emitted = 0;
  // More than the buffers of both ends of a connection can hold, in portions that the queue of one who reads takes.
  for (let i = 0; i < 256; i++) {
    const { ifindex } = await daemon.ok('lab', 'netdev-add', { name: 'big0', 'rx-queues': queues, rx: 1, mtu: 1500 });
    await daemon.ok('lab', 'netdev-del', { ifindex });
    emitted += 2 * queues;
  }
  await expect.poll(() => quick.length, POLL).toBe(emitted);
  expect(quick.some((event) => event.name === 'overrun')).toBe(false);
  const events = collect(slow);
  slow.resume();
  await expect.poll(() => events.some((event) => event.name === 'overrun'), POLL).toBe(true);
  const at = events.findIndex((event) => event.name === 'overrun');
  expect(events[at]).toEqual({ name: 'overrun', errno: 'ENOBUFS', lost: emitted - at });
  expect(events.slice(0, at)).toEqual(quick.slice(0, at));
  // What comes after that is heard again.
  await bind([1]);
  await expect.poll(() => events.length, POLL).toBe(at + 4);
  expect(events.at(-1)?.name).toBe('page-pool-del-ntf');
  expect(daemon.errors).toEqual([]);
});

it.each([
  ['/v1/netdev/events?group=nonsense', 400, 'EINVAL'],
  ['/v1/netdev/events?colour=red', 400, 'EINVAL'],
  ['/v1/session/events', 400, 'EINVAL'],
  ['/v1/nonsense/events', 404, 'ENOENT'],
])('%s is refused', async (path, status, errno) => {
  const reply = await daemon.request(path);
  expect([reply.status, reply.json.errno]).toEqual([status, errno]);
});
