import { describe, expect, test } from 'vitest';
import { ZcrxArea } from '../../src/kernel/io-uring/area.ts';
import { RefillRing } from '../../src/kernel/io-uring/refill-ring.ts';
import { UserReferences } from '../../src/kernel/io-uring/user-references.ts';
import { PagePool } from '../../src/kernel/netmem/page-pool.ts';
import { seedOfRun } from './receive-model.ts';
import { runZcrx } from './zcrx-model.ts';

/** For each release. */
const COMMANDS = 2000;
const seed = seedOfRun(20_261_123);

test.each(['6.18', '7.3'] as const)(
  `random lives of areas and refill rings on %s (NETMEMD_SEED=${seed})`,
  (release) => {
    const { commands, ...did } = runZcrx(COMMANDS * 1.2, 250, seed, release);
    expect(commands).toBeGreaterThan(COMMANDS);
    const rare = Object.entries(did).filter(([, times]) => times < 10);
    expect(rare).toEqual([]);
  },
);

describe('the model notices', () => {
  function broken<P extends object, K extends keyof P>(prototype: P, name: K, make: (real: P[K]) => P[K]): void {
    const real = prototype[name];
    prototype[name] = make(real);
    try {
      for (const release of ['6.18', '7.3'] as const) expect(() => runZcrx(2000, 250, 7, release)).toThrow();
    } finally {
      prototype[name] = real;
    }
  }

  test('a return that is taken though nothing is held', () => {
    broken(UserReferences.prototype, 'drop', (real) => {
      return function (this: UserReferences, ref, n, now) {
        if (this.of(ref) < n) for (let i = 0; i < n; i++) this.take(ref);
        return real.call(this, ref, n, now);
      };
    });
  });

  test('a pool reference that stays when the user gives up its own', () => {
    broken(UserReferences.prototype, 'unref', (real) => {
      return function (this: UserReferences, ref, n) {
        return n > 1 ? real.call(this, ref, n - 1) : real.call(this, ref, n);
      };
    });
  });

  test('a ring that closes and takes nothing back', () => {
    broken(UserReferences.prototype, 'scrub', () => () => {});
  });

  test('a buffer that is lost on its way home', () => {
    let n = 0;
    broken(ZcrxArea.prototype, 'release', (real) => {
      return function (this: ZcrxArea, ref) {
        if (++n % 50 !== 0) real.call(this, ref);
      };
    });
  });

  test('a copy that comes back twice', () => {
    let n = 0;
    broken(ZcrxArea.prototype, 'takeBack', (real) => {
      return function (this: ZcrxArea, ref) {
        real.call(this, ref);
        if (++n % 5 === 0) real.call(this, ref);
      };
    });
  });

  test('a buffer given out while a packet holds it', () => {
    let n = 0;
    broken(PagePool.prototype, 'put', (real) => {
      return function (this: PagePool, ref) {
        if (++n % 20 === 0) this.netmems.ppRef[ref] = 1;
        real.call(this, ref);
      };
    });
  });

  test('a ring that forgets its head at 2^32', () => {
    broken(RefillRing.prototype, 'next', (real) => {
      return function (this: RefillRing) {
        const niov = real.call(this);
        if (this.head === 0 && niov >= 0) real.call(this);
        return niov;
      };
    });
  });
});
