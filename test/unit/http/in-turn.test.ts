import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { InTurn } from '../../../src/http/in-turn.ts';

let seen: { url: string; request: IncomingMessage; response: ServerResponse }[] = [];
let connections: Socket[] = [];
const turns = new InTurn((request, response) => {
  seen.push({ url: request.url ?? '', request, response });
});
const server = createServer(turns.accept);
server.on('connection', (socket: Socket) => connections.push(socket));
server.on('clientError', (_error, socket) => turns.end(socket, () => socket.end('the end')));

let client: Socket;
let text = '';

beforeEach(async () => {
  seen = [];
  connections = [];
  text = '';
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.on('data', (chunk) => {
    text += chunk;
  });
  client.on('error', () => {});
  await once(client, 'connect');
});

afterEach(async () => {
  client.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;
const urls = (): string[] => seen.map(({ url }) => url);
/** The server has parsed what it was sent: one more connection was answered by then. */
const settled = async (bytes: number): Promise<void> => {
  await vi.waitFor(() => expect(connections[0].bytesRead).toBe(bytes));
  await new Promise((resolve) => setImmediate(resolve));
};

it('lets a request run when the response ahead of it is out, in order', async () => {
  const sent = get('/1') + get('/2') + get('/3');
  client.write(sent);
  await settled(sent.length);
  expect(urls()).toEqual(['/1']);
  seen[0].response.end('one');
  await vi.waitFor(() => expect(urls()).toEqual(['/1', '/2']));
  seen[1].response.end('two');
  await vi.waitFor(() => expect(urls()).toEqual(['/1', '/2', '/3']));
  seen[2].response.end('three');
  await vi.waitFor(() => expect(text).toMatch(/one[\s\S]*two[\s\S]*three/));
  client.write(get('/4'));
  await vi.waitFor(() => expect(urls()).toHaveLength(4));
});

it('reads the body of a request that had to wait', async () => {
  client.write(`${get('/1')}POST /2 HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody`);
  await vi.waitFor(() => expect(urls()).toEqual(['/1']));
  seen[0].response.end();
  await vi.waitFor(() => expect(urls()).toEqual(['/1', '/2']));
  const chunks = await seen[1].request.toArray();
  expect(Buffer.concat(chunks).toString()).toBe('body');
});

it.each(['end', 'destroy'] as const)('forgets what waits when the connection goes (%s)', async (how) => {
  client.write(get('/1') + get('/2'));
  await vi.waitFor(() => expect(urls()).toEqual(['/1']));
  const closed = once(seen[0].response, 'close');
  client[how]();
  await closed;
  await new Promise((resolve) => setImmediate(resolve));
  expect(urls()).toEqual(['/1']);
});

it('cuts off who sends more ahead than may wait', async () => {
  const closed = once(client, 'close');
  client.write(get('/1') + get('/n').repeat(65));
  await closed;
  expect(urls()).toEqual(['/1']);
});

it.each([
  ['a large body', `Content-Length: 1000000\r\n\r\n${'x'.repeat(1000)}`],
  ['a body of unknown length', 'Transfer-Encoding: chunked\r\n\r\n'],
])('cuts off who sends %s ahead, whose end could not be seen', async (_what, rest) => {
  const closed = once(client, 'close');
  client.write(`${get('/1')}POST /2 HTTP/1.1\r\nHost: x\r\n${rest}`);
  await closed;
  await vi.waitFor(() => expect(seen[0].response.closed).toBe(true));
  expect(urls()).toEqual(['/1']);
});

it('answers what came before a fault, then ends', async () => {
  const closed = once(client, 'close');
  client.write(`${get('/1')}${get('/2')}NONSENSE\r\n\r\n`);
  await vi.waitFor(() => expect(urls()).toEqual(['/1']));
  seen[0].response.end('one');
  await vi.waitFor(() => expect(urls()).toEqual(['/1', '/2']));
  seen[1].response.end('two');
  await closed;
  expect(text).toMatch(/one[\s\S]*two[\s\S]*the end$/);
});

it('does not write a fault into a response that is on its way', async () => {
  client.write(get('/1'));
  await vi.waitFor(() => expect(urls()).toEqual(['/1']));
  seen[0].response.write('part');
  await vi.waitFor(() => expect(text).toContain('part'));
  const closed = once(client, 'close');
  client.write('NONSENSE\r\n\r\n');
  await closed;
  expect(text).not.toContain('the end');
});

it('answers a fault within the request that is being answered', async () => {
  const closed = once(client, 'close');
  client.write('POST /1 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nNONSENSE\r\n');
  await closed;
  expect(text).toBe('the end');
});
