import { describe, expect, test } from 'vitest';
import { UserReferences } from '../../src/kernel/io-uring/user-references.ts';
import { NetmemTable } from '../../src/kernel/netmem/netmem.ts';
import { PagePool } from '../../src/kernel/netmem/page-pool.ts';
import { POOL_STAT, POOL_STAT_NAMES } from '../../src/kernel/netmem/pool-statistics.ts';
import { CappedMemory } from '../../src/kernel/provider/capped.ts';
import { TokenTable } from '../../src/kernel/stack/token-table.ts';
import { FIXTURES } from '../unit/kernel/provider/fixtures.ts';
import { LIVES, runPools } from './page-pool-life.ts';
import { seedOfRun } from './receive-model.ts';

/** For each kind of memory and release; some 40,000 in all. */
const COMMANDS = 2000;
const seed = seedOfRun(20_261_123);

describe('random lives of page pools', () => {
  const total = new Array<number>(POOL_STAT_NAMES.length).fill(0);

  test.each(LIVES)(`of %s on %s (NETMEMD_SEED=${seed})`, (kind, release) => {
    const { did, counted, failure } = runPools(COMMANDS, 300, seed, kind, release);
    if (failure !== null) throw new Error(failure);
    expect(did.commands).toBeGreaterThan(COMMANDS * 0.8);
    expect(did.allocs).toBeGreaterThan(1000);
    expect(did.empty).toBeGreaterThan(5);
    expect(did.puts).toBeGreaterThan(1000);
    expect(did.frags).toBeGreaterThan(20);
    expect(did.foreign).toBeGreaterThan(10);
    expect(did.detached).toBeGreaterThan(20);
    if (kind !== 'host pages') expect(did.binds).toBeGreaterThan(15);
    if (FIXTURES[kind]?.pages === false) {
      expect(did.users).toBeGreaterThan(50);
      expect(did.returned).toBe(did.users);
      // Returns of what the user does not have, or no longer.
      expect(did.refused).toBeGreaterThan(50);
    }
    for (let i = 0; i < total.length; i++) total[i] += counted[i];
  });

  test('every counter moved, but for that of larger pages, which no driver here uses', () => {
    const still = POOL_STAT_NAMES.filter((_, i) => total[i] === 0);
    expect(still).toEqual([POOL_STAT_NAMES[POOL_STAT.ALLOC_SLOW_HIGH_ORDER]]);
  });
});

/** Replaces a function of the kernel by a broken one while `run` runs. */
function broken<P extends object, K extends keyof P, R>(
  prototype: P,
  name: K,
  make: (real: P[K]) => P[K],
  run: () => R,
): R {
  const real = prototype[name];
  prototype[name] = make(real);
  try {
    return run();
  } finally {
    prototype[name] = real;
  }
}

describe('the model notices', () => {
  const fails = (kind: string) => () => expect(runPools(4000, 300, 7, kind, '6.18').failure).not.toBeNull();

  test('a netmem that is put twice', () => {
    let n = 0;
    const make = (real: PagePool['put']) =>
      function (this: PagePool, ref: number) {
        real.call(this, ref);
        if (++n % 50 === 0) real.call(this, ref);
      };
    broken(PagePool.prototype, 'put', make, fails('host pages'));
  });

  test('a netmem that is never put', () => {
    let n = 0;
    const make = (real: PagePool['put']) =>
      function (this: PagePool, ref: number) {
        if (++n % 50 !== 0) real.call(this, ref);
      };
    broken(PagePool.prototype, 'put', make, fails('dmabuf'));
  });

  test('a page that is recycled although others reference it', () => {
    const make = (real: PagePool['recycleDirect']) =>
      function (this: PagePool, ref: number, direct: boolean) {
        const { pageRef } = this.netmems;
        const count = pageRef[ref];
        pageRef[ref] = 1;
        const forRing = real.call(this, ref, direct);
        pageRef[ref] = count;
        return forRing;
      };
    broken(PagePool.prototype, 'recycleDirect', make, fails('host pages'));
  });

  test('a netmem that is recycled directly where it must not be', () => {
    const make = (real: PagePool['put']) =>
      function (this: PagePool, ref: number) {
        if (this.host.napiContext === 99_999) this.putDirect(ref);
        else real.call(this, ref);
      };
    broken(PagePool.prototype, 'put', make, fails('capped'));
  });

  test('a page that is forgotten by its account while others reference it', () => {
    const make = () =>
      function (this: CappedMemory) {
        this.lent--;
        this.total--;
      };
    broken(CappedMemory.prototype, 'takeBack', make, fails('capped'));
  });

  test('a token that works twice', () => {
    let last = 0;
    const make = (real: TokenTable['remove']) =>
      function (this: TokenTable, token: number) {
        const ref = real.call(this, token);
        const again = ref === 0 && last !== 0 ? last : ref;
        last = ref;
        return again;
      };
    broken(TokenTable.prototype, 'remove', make, fails('dmabuf'));
  });

  test.each(['io-uring', 'wrap-bulk', 'wrap-final-free'])('a buffer that the user may return twice: %s', (kind) => {
    const make = (real: UserReferences['drop']) =>
      function (this: UserReferences, ref: number, n: number, now: number) {
        return real.call(this, ref, n, now) || n === 1;
      };
    broken(UserReferences.prototype, 'drop', make, fails(kind));
  });
});

test('a failure shrinks to a short list of commands', () => {
  // Huge pages that never wait for others.
  const run = () => runPools(4000, 300, 7, 'huge-page', '6.18', true);
  const { failure, counterexample } = broken(NetmemTable.prototype, 'pageRefcount', () => () => 1, run);
  expect(failure).toContain('huge-page: free is 449 instead of 448');
  expect(counterexample.map((command) => command.split('[')[0])).toEqual(['bind', 'alloc', 'get-page', 'put']);
});
