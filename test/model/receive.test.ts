import { describe, expect, test } from 'vitest';
import { PagePool } from '../../src/kernel/netmem/page-pool.ts';
import { KERNEL_RELEASES } from '../../src/kernel/profile.ts';
import { TcpSocket } from '../../src/kernel/stack/tcp-socket.ts';
import { BINDABLE, runModel, seedOfRun } from './receive-model.ts';

/** For each release and driver; 45,000 in all. */
const COMMANDS = 5000;
const seed = seedOfRun(20_261_122);

describe.each(KERNEL_RELEASES)('random lives of pools, bindings and sockets on %s', (release) => {
  test.each(BINDABLE)(`%s (NETMEMD_SEED=${seed})`, (driver) => {
    const did = runModel(COMMANDS, 400, seed, release, driver);
    expect(did.commands).toBeGreaterThan(COMMANDS / 2);
    expect(did.frags).toBeGreaterThan(50);
    expect(did.returned).toBeGreaterThan(20);
    expect(did.binds).toBeGreaterThan(50);
    expect(did.detached).toBeGreaterThan(10);
    expect(did.deferred).toBeGreaterThan(10);
  });
});

describe('the model notices', () => {
  const run = () => runModel(5000, 400, 7, '6.18', 'split-perfect');

  function broken<P extends object, K extends keyof P>(prototype: P, name: K, make: (real: P[K]) => P[K]): void {
    const real = prototype[name];
    prototype[name] = make(real);
    try {
      expect(run).toThrow();
    } finally {
      prototype[name] = real;
    }
  }

  test('a buffer that is put twice', () => {
    let n = 0;
    broken(PagePool.prototype, 'put', (real) => {
      return function (this: PagePool, ref) {
        real.call(this, ref);
        if (++n % 50 === 0) real.call(this, ref);
      };
    });
  });

  test('a buffer that is never put', () => {
    let n = 0;
    broken(PagePool.prototype, 'put', (real) => {
      return function (this: PagePool, ref) {
        if (++n % 50 !== 0) real.call(this, ref);
      };
    });
  });

  test('a return that counts unknown tokens', () => {
    broken(TcpSocket.prototype, 'devmemDontneed', (real) => {
      return function (this: TcpSocket, ranges) {
        return real.call(this, ranges) + (ranges[0].count > 1000 ? 1 : 0);
      };
    });
  });

  test('a segment that is lost', () => {
    let n = 0;
    broken(TcpSocket.prototype, 'receive', (real) => {
      return function (this: TcpSocket, skb) {
        if (++n % 20 === 0) this.kernel.skbs.release(skb);
        else real.call(this, skb);
      };
    });
  });
});
