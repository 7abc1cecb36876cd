import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { DaemonProcess } from './daemon.ts';
import { RealPeer } from './real-peer.ts';
import { portOf } from './wiring.ts';

let daemon: DaemonProcess;
beforeAll(async () => {
  daemon = await DaemonProcess.start();
});
afterEach(async () => {
  expect(daemon.errors).toEqual([]);
  await daemon.ok('lab', 'reset');
});
afterAll(() => daemon.stop());

const link = (up: boolean) =>
  daemon.ok('rt-link', 'setlink', { 'ifi-index': 2, 'ifi-flags': up ? ['up'] : 0, 'ifi-change': 1 });
const channels = (count: number) =>
  daemon.ok('ethtool', 'channels-set', { header: { 'dev-index': 2 }, 'combined-count': count });

it('a stream of a real sender outlives links that go down and channels that go', async () => {
  // More than the receive buffer holds behind the last change.
  const total = 16 << 20;
  const data = Buffer.alloc(total);
  for (let i = 0; i < total; i += 4) data.writeUInt32LE(i, i);
  const { fd: listener } = await daemon.ok('socket', 'listen', { port: 80 });
  const { listen } = await daemon.ok('lab', 'tcp-publish', { ifindex: 2, listen: '127.0.0.1:0', port: 80 });
  const peer = await RealPeer.dial(portOf(listen));
  peer.socket.end(data);
  const { fd } = await daemon.ok('socket', 'accept', { fd: listener });

  const hash = createHash('sha256');
  let got = 0;
  let held = 0;
  const changes: [number, () => Promise<unknown>][] = [
    [1 << 20, () => link(false).then(() => link(true))],
    [3 << 20, () => channels(2)],
    [5 << 20, () => channels(8)],
    [6 << 20, () => daemon.ok('rt-link', 'setlink', { 'ifi-index': 2, mtu: 1500 })],
    [7 << 20, () => channels(1).then(() => link(false))],
  ];
  for (;;) {
    const reply = await daemon.do('socket', 'recvmsg', { fd, len: 65_536, 'timeout-ms': 2000 });
    if (reply.status === 409) {
      // Down, and all that had arrived is read.
      held++;
      expect((await daemon.ok('rt-link', 'getlink', { 'ifi-index': 2 })).operstate).toBe(2);
      await link(true);
      continue;
    }
    expect(reply.status).toBe(200);
    if (reply.json.len === 0) break;
    hash.update(Buffer.from(reply.json.data, 'base64'));
    got += reply.json.len;
    while (changes.length > 0 && got >= changes[0][0]) await changes.shift()?.[1]();
  }
  expect([got, held]).toEqual([total, 1]);
  expect(hash.digest('hex')).toBe(createHash('sha256').update(data).digest('hex'));
  expect(await daemon.dump('netdev', 'queue-get', '?ifindex=2')).toHaveLength(2);
});

it('subscribers of the link group hear of changes in order', async () => {
  const request = httpRequest(`${daemon.url}/v1/rt-link/events?group=rtnlgrp-link`, {
    headers: { accept: 'application/x-ndjson' },
    agent: false,
  }).end();
  request.on('error', () => {});
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.on('error', () => {});
  let text = '';
  response.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  await daemon.ok('rt-link', 'newlink', { ifname: 'nic1', linkinfo: { kind: 'bnxt-like' } });
  await daemon.ok('rt-link', 'setlink', { ifname: 'nic1', 'ifi-flags': ['up'], 'ifi-change': 1 });
  await daemon.ok('rt-link', 'dellink', { ifname: 'nic1' });
  const seen = () =>
    text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line))
      .map(({ name, msg }) => [name, msg.ifname, msg['ifi-flags'].includes('up'), msg['ifi-change']]);
  await expect.poll(seen, { timeout: 10_000 }).toEqual([
    ['newlink-ntf', 'nic1', false, 0xffff_ffff],
    ['newlink-ntf', 'nic1', true, 1],
    ['newlink-ntf', 'nic1', false, 65],
    ['dellink-ntf', 'nic1', false, 0xffff_ffff],
  ]);
  response.destroy();
});

it('who is no administrator looks at links and changes none', async () => {
  const { id } = await daemon.ok('session', 'open', { unprivileged: true });
  const headers = { 'netmemd-session': id };
  expect((await daemon.ok('rt-link', 'getlink', { ifname: 'eth0' }, headers)).mtu).toBe(9000);
  for (const [family, op] of [
    ['rt-link', 'setlink'],
    ['rt-link', 'newlink'],
    ['rt-link', 'dellink'],
    ['ethtool', 'channels-set'],
    ['lab', 'xdp-load'],
  ]) {
    // Before any attribute is looked at.
    expect((await daemon.do(family, op, { nonsense: 1 }, headers)).json.errno).toBe('EPERM');
  }
});
