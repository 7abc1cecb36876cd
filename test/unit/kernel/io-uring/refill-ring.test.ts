import { describe, expect, test } from 'vitest';
import { RefillDiagnostics } from '../../../../src/kernel/io-uring/refill-diagnostics.ts';
import { RefillRegion } from '../../../../src/kernel/io-uring/refill-region.ts';
import { RefillRing, RQE_NONE, RQE_SKIPPED } from '../../../../src/kernel/io-uring/refill-ring.ts';
import { ZCRX_6_18, ZCRX_7_3, type ZcrxRules } from '../../../../src/kernel/io-uring/zcrx-rules.ts';
import { faultsOf, RefillClient } from './zcrx-rig.ts';

function ring(entries: number, rules: ZcrxRules, niovs = 1024, first = 0) {
  const client = new RefillClient(rules.offsets, entries);
  const memory = new RefillRegion(client.bytes, rules.offsets, entries);
  const diagnostics = new RefillDiagnostics();
  const made = new RefillRing(memory, entries, niovs, rules, diagnostics, first);
  const drain = (): number[] => {
    const seen: number[] = [];
    for (let niov = made.next(); niov !== RQE_NONE; niov = made.next()) seen.push(niov);
    made.end();
    return seen;
  };
  const pull = () => {
    made.beginPull();
    return drain();
  };
  const flush = (limit = 32) => {
    made.beginFlush(limit);
    return drain();
  };
  return { ring: made, client, pull, flush, faults: () => faultsOf(diagnostics), diagnostics };
}

describe.each([
  ['6.18', ZCRX_6_18],
  ['7.3', ZCRX_7_3],
])('a pull on %s', (_, rules) => {
  test('consumes in order and tells the client how far', () => {
    const r = ring(8, rules);
    r.client.give(3, 1, 2);
    expect([r.ring.pending, r.client.head]).toEqual([3, 0]);
    expect(r.pull()).toEqual([3, 1, 2]);
    expect([r.ring.pending, r.client.head, r.ring.head]).toEqual([0, 3, 3]);
    r.client.give(5);
    expect(r.pull()).toEqual([5]);
  });

  test('of an empty ring finds nothing', () => {
    expect(ring(8, rules).pull()).toEqual([]);
  });

  test('counts entries that name no buffer, in silence', () => {
    const r = ring(8, rules, 4);
    const seen: unknown[] = [];
    r.diagnostics.listener = (...what) => seen.push(what);
    r.client.give({ off: 1n << 48n }, 4, { off: 0, pad: 7 }, 3);
    expect(r.pull()).toEqual([RQE_SKIPPED, RQE_SKIPPED, RQE_SKIPPED, 3]);
    expect(r.faults()).toEqual({ 'bad-area': 1, 'bad-index': 1, 'bad-pad': 1 });
    expect(seen).toEqual([
      [2, 0, -1, -1],
      [3, 1, -1, -1],
      [4, 2, -1, -1],
    ]);
  });

  test('never reads the shared head', () => {
    const r = ring(8, rules);
    r.client.give(1, 2);
    r.pull();
    r.client.head = 0xdead_beef;
    r.client.give(3);
    expect(r.pull()).toEqual([3]);
    expect(r.client.head).toBe(3);
  });

  test('goes over the end of the slots and over 2^32', () => {
    const late = ring(4, rules, 1024, 0xffff_fffe);
    late.client.tail = 0xffff_fffe;
    late.client.give(7, 8, 9);
    expect(late.client.tail).toBe(1);
    expect(late.pull()).toEqual([7, 8, 9]);
    expect([late.ring.head, late.client.head]).toEqual([1, 1]);
    expect(late.faults()).toEqual({});
  });
});

describe('limits of a pull', () => {
  test('6.18 examines 64, good or bad', () => {
    const r = ring(128, ZCRX_6_18, 4);
    r.client.give(...new Array<number>(70).fill(9), 1);
    expect(r.pull()).toHaveLength(64);
    expect(r.client.head).toBe(64);
    expect(r.pull().filter((n) => n >= 0)).toEqual([1]);
  });

  test('7.3 examines 256 a scan, and scans again when it began with a stale tail', () => {
    const r = ring(1024, ZCRX_7_3);
    r.client.give(...Array.from({ length: 600 }, (_, i) => i));
    expect(r.pull()).toHaveLength(256);
    expect(r.client.head).toBe(256);
    // 344 were known: two scans of 256 at most.
    expect(r.pull()).toHaveLength(344);
    expect(r.client.head).toBe(600);
  });

  test('6.18 writes the shared head only after it examined something, 7.3 always', () => {
    for (const [rules, head] of [
      [ZCRX_6_18, 77],
      [ZCRX_7_3, 0],
    ] as const) {
      const r = ring(8, rules);
      r.client.head = 77;
      r.pull();
      expect(r.client.head).toBe(head);
    }
  });
});

describe('a tail the client moved', () => {
  test('6.18, ahead by more than the ring: cut at each pull, slots are walked again', () => {
    const r = ring(16, ZCRX_6_18);
    r.client.tail = 40;
    expect([r.pull().length, r.pull().length, r.pull().length, r.pull().length]).toEqual([16, 16, 8, 0]);
    expect([r.client.head, r.faults()]).toEqual([40, { 'tail-ahead': 2 }]);
  });

  test('6.18, backwards: the ring stays full of what is in it', () => {
    const r = ring(16, ZCRX_6_18);
    r.client.give(1, 2);
    r.pull();
    r.client.tail = 1;
    expect([r.pull().length, r.client.head, r.pull().length, r.client.head]).toEqual([16, 18, 16, 34]);
    expect(r.faults()).toEqual({ 'tail-backwards': 2 });
    r.client.tail = 34;
    expect(r.pull()).toEqual([]);
  });

  // Recorded: pool.tails of a device queue on 7.3.4.
  test('7.3 goes by the tail it knows, then once by the one it reads', () => {
    const r = ring(16, ZCRX_7_3);
    r.client.tail = 40;
    r.pull();
    expect(r.client.head).toBe(16);
    r.client.tail = 1;
    const heads = [48, 80, 112, 144].map(() => {
      r.pull();
      return r.client.head;
    });
    expect(heads).toEqual([48, 80, 112, 144]);
    r.client.head = 7;
    r.flush();
    expect(r.client.head).toBe(160);
  });

  test('counts as ahead up to half of u32, as backwards beyond', () => {
    for (const [tail, fault] of [
      [17, 'tail-ahead'],
      [2 ** 31 - 1, 'tail-ahead'],
      [2 ** 31, 'tail-backwards'],
    ] as const) {
      const r = ring(16, ZCRX_6_18);
      r.client.tail = tail;
      r.pull();
      expect([tail, r.faults()]).toEqual([tail, { [fault]: 1 }]);
    }
    const full = ring(16, ZCRX_6_18);
    full.client.tail = 16;
    full.pull();
    expect(full.faults()).toEqual({});
  });

  test('is cut to a ring of one entry, too', () => {
    const r = ring(1, ZCRX_6_18);
    r.client.tail = 3;
    r.client.write(0, { off: 0x2000 });
    expect([r.pull(), r.pull(), r.pull(), r.pull()]).toEqual([[2], [2], [2], []]);
  });
});

describe('a batch of FLUSH_RQ', () => {
  test('ends at its limit and rewrites the shared head even if there is nothing', () => {
    const r = ring(64, ZCRX_7_3);
    r.client.give(...new Array<number>(40).fill(0));
    expect([r.flush().length, r.client.head, r.flush().length, r.client.head]).toEqual([32, 32, 8, 40]);
    r.client.head = 5;
    expect([r.flush(), r.client.head]).toEqual([[], 40]);
  });
});

test('layouts: where the indices and entries lie', () => {
  const at = (rules: ZcrxRules) => Object.values(rules.offsets);
  expect([at(ZCRX_6_18), at(ZCRX_7_3)]).toEqual([
    [0, 4, 64],
    [0, 64, 128],
  ]);
  expect(RefillRegion.bytes(ZCRX_6_18.offsets, 4)).toBe(128);
  expect(() => new RefillRegion(new Uint8Array(127), ZCRX_6_18.offsets, 4)).toThrow(RangeError);
  expect(() => new RefillRegion(new Uint8Array(new ArrayBuffer(200), 2, 128), ZCRX_6_18.offsets, 4)).toThrow(
    RangeError,
  );
});
