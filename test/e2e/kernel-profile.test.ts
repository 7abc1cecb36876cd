import { afterAll, beforeAll, expect, it } from 'vitest';
import { DaemonProcess } from './daemon.ts';

let daemon: DaemonProcess;
beforeAll(async () => {
  const tokens = [{ token: 'plain-token', admin: false }];
  daemon = await DaemonProcess.start(
    '--kernel=6.12',
    '--page-pool-stats=false',
    `--auth.tokens=${JSON.stringify(tokens)}`,
  );
});
afterAll(() => daemon.stop());

const headers = { authorization: 'Bearer plain-token', 'content-type': 'application/json' };
const post = (path: string, body: object) =>
  daemon.request(`/v1/netdev/${path}`, { method: 'POST', headers, body: JSON.stringify(body) });

it('operations of later releases are not there, whoever asks', async () => {
  for (const op of ['napi-set', 'bind-tx', 'queue-create']) {
    const { status, json } = await post(op, { nonsense: 1 });
    expect([op, status, json.errno, json.extack]).toEqual([op, 501, 'EOPNOTSUPP', undefined]);
  }
  expect((await post('bind-rx', { nonsense: 1 })).json).toMatchObject({ errno: 'EPERM', status: 403 });
});

it('nor is what the kernel was built without', async () => {
  expect((await post('page-pool-stats-get', { info: { id: 1 } })).json).toMatchObject({ errno: 'EOPNOTSUPP' });
  expect((await daemon.request('/v1/netdev/page-pool-stats-get', { headers })).json).toMatchObject({
    errno: 'EOPNOTSUPP',
  });
  expect((await daemon.request('/v1/netdev/page-pool-get', { headers })).json).toHaveLength(8);
});
