import { expect, test } from 'vitest';
import { DevicePlace } from '../../../../src/kernel/dmabuf/device-memory.ts';
import { Dmabuf } from '../../../../src/kernel/dmabuf/dmabuf.ts';
import { deviceVaProvider } from '../../../../src/kernel/provider/device-va.ts';
import { PROVIDERS } from '../../../../src/kernel/provider/registry.ts';
import { pattern, Rig, tokens } from '../rig.ts';

/** The highest place a buffer of 8 pages can have. */
const BASE = 2 ** 53 - 16 * 4096;

function bench(base = BASE) {
  const rig = new Rig({ rx: 4 }).split();
  const size = 8 * 4096;
  const bytes = new Uint8Array(size);
  const dmabuf = new Dmabuf(
    'device',
    { bytes, size, path: '', release() {} },
    [8],
    '',
    new DevicePlace(base, [rig.netdev.ifindex]),
  );
  const fd = rig.session.fds.install(dmabuf);
  return { rig, bytes, dmabuf, binding: rig.bind(fd, [0]) };
}

test('is a table of its own, fixed and known', () => {
  expect([deviceVaProvider.name, Object.isFrozen(deviceVaProvider)]).toEqual(['device-va', true]);
  expect(PROVIDERS).toContain(deviceVaProvider);
});

test('is what a device dmabuf is bound with', () => {
  const { rig, binding } = bench();
  expect([rig.pool(0).mpOps, rig.netdev.rxQueues[0].provider?.ops]).toEqual([deviceVaProvider, deviceVaProvider]);
  expect(rig.pool(0).describe()).toMatchObject({ dmabuf: binding.id });
});

test('tells device addresses, exact up to 2^53, and the payload lies there', () => {
  const { rig, bytes } = bench();
  const c = rig.connect();
  const sent = pattern(1400 * 3);
  rig.send(c, sent);
  const { cmsgs, ret } = rig.recv(c.socket);
  expect(ret).toBe(sent.length);
  const seen = cmsgs.flatMap(({ fragOffset, fragSize }) => {
    expect(fragOffset).toBeGreaterThanOrEqual(BASE);
    return [...bytes.subarray(fragOffset - BASE, fragOffset - BASE + fragSize)];
  });
  expect(seen).toEqual([...sent]);
  expect([...c.socket.tokens.offset.slice(1, cmsgs.length + 1)]).toEqual(cmsgs.map((f) => f.fragOffset));
  rig.kernel.assertConservation();
});

test('the host stack cannot read it: without the flag EFAULT', () => {
  const { rig } = bench();
  const c = rig.connect();
  rig.send(c, 10);
  expect(rig.recv(c.socket, 100, 1000, 0).ret).toBe(-14);
});

test('all comes back as from any dmabuf', () => {
  const { rig, binding, dmabuf } = bench();
  const c = rig.connect();
  rig.send(c, 10);
  const [token] = tokens(rig.recv(c.socket));
  rig.session.netlink.unbind(binding);
  c.socket.devmemDontneed([{ start: token, count: 1 }]);
  rig.clock.advance(1000);
  expect([binding.state, dmabuf.attachments.size, dmabuf.maps, dmabuf.unmaps]).toEqual(['freed', 0, 1, 1]);
});
