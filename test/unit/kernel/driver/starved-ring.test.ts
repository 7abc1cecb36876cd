import { expect, test } from 'vitest';
import { Rig } from '../rig.ts';

test('a driver that refills in polls only gets its buffers once the client has given them back', () => {
  const rig = new Rig({ driver: 'netdevsim-dma', driverParams: { post: 4 }, rxQueues: 1 });
  rig.bound(4);
  const c = rig.connect();
  expect(rig.send(c, 4 * 1448)).toBe(4 * 1448);
  rig.poll();
  expect(rig.recv(c.socket).ret).toBe(4 * 1448);
  expect(rig.send(c, 100)).toBe(0);
  rig.poll();
  expect(c.socket.devmemDontneed([{ start: 1, count: 4 }])).toBe(4);
  // Its poll is the one of a frame that found nothing; the segment comes again after that.
  let sent = 0;
  for (let tries = 0; tries < 3 && sent === 0; tries++) {
    rig.clock.advance(10_000);
    sent = rig.send(c, 100);
    rig.poll();
  }
  expect(sent).toBe(100);
  expect(rig.recv(c.socket).ret).toBe(100);
});
