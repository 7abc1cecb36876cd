import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { VirtualClock } from '../../../src/kernel/clock.ts';
import type { KernelError } from '../../../src/kernel/error.ts';
import { Loop } from '../../../src/loop.ts';
import { PATTERN_PERIOD, patternByte, patternMismatch, patternTable } from '../../../src/wire/pattern.ts';
import { Wires } from '../../../src/wire/wires.ts';
import { FakeKernel, netdev, random, until } from './fake-kernel.ts';

let loop: Loop;
let clock: VirtualClock;
let kernel: FakeKernel;
let wires: Wires;

beforeEach(() => {
  loop = new Loop();
  clock = new VirtualClock();
  kernel = new FakeKernel([5201]);
  kernel.onFlow = (flow) => {
    flow.keep = [];
  };
  wires = new Wires({ loop, kernel, clock, limits: { generators: 2, flows: 8 } });
});

afterEach(() => loop.close());

describe('pattern', () => {
  test('table and formula agree, also past the period', () => {
    const table = patternTable();
    for (const i of [0, 1, 4095, 4096, PATTERN_PERIOD - 1, PATTERN_PERIOD, PATTERN_PERIOD + 65535]) {
      expect(table[i % table.length]).toBe(patternByte(i));
      expect(patternByte(i)).toBe(Number((BigInt(i % 65521) * 0x9e3779b1n) & 0xffffffffn) >>> 24);
    }
    // What generators send is fixed: receivers elsewhere check it.
    expect([...table.subarray(0, 8)]).toEqual([0, 158, 60, 218, 120, 23, 181, 83]);
  });

  test('tells a byte, a shift and a page that is not in its place', () => {
    const offset = 123_456_789;
    const bytes = Uint8Array.from({ length: 200_000 }, (_, i) => patternByte(offset + i));
    expect(patternMismatch(bytes, offset)).toBe(-1);
    expect(patternMismatch(bytes, offset + 1)).toBeGreaterThanOrEqual(0);
    expect(patternMismatch(bytes, offset + 4096)).toBeGreaterThanOrEqual(0);
    bytes[100_000] ^= 1;
    expect(patternMismatch(bytes, offset)).toBe(100_000);
  });
});

describe('generator', () => {
  test('sends the bytes asked for, in segments of the size asked for, and ends', async () => {
    const gen = wires.pktgen({ netdev: netdev(), dstPort: 5201, size: 1000, bytes: 300_500 });
    await until('done', () => gen.stats.done);
    const [flow] = kernel.flows;
    expect(patternMismatch(Buffer.concat(flow.keep!), 0)).toBe(-1);
    expect(flow.keep!.map((b) => b.length)).toEqual([...new Array(300).fill(1000), 500]);
    expect(gen.stats).toEqual({ packets: 301, bytes: 300_500, stalls: 0, done: true });
    expect(flow.finished).toBe(true);
    await until('idle', () => !loop.armed);
  });

  test('obeys windows: cut segments go on where they were cut', async () => {
    const next = random(3);
    kernel.onFlow = (flow) => {
      flow.keep = [];
      flow.choose = (offered) => {
        const n = next() % 3 === 0 ? next() % (offered + 1) : offered;
        if (n < offered) setImmediate(() => flow.peer.onWindow());
        return n;
      };
    };
    const gen = wires.pktgen({ netdev: netdev(), dstPort: 5201, size: 4096, bytes: 1_000_001, flows: 4 });
    await until('done', () => gen.stats.done);
    for (const flow of kernel.flows) {
      expect(patternMismatch(Buffer.concat(flow.keep!), 0)).toBe(-1);
      expect(flow.finished).toBe(true);
    }
    expect(kernel.flows.map((f) => f.bytes)).toEqual([250_001, 250_000, 250_000, 250_000]);
    expect(gen.stats.stalls).toBe(kernel.flows.reduce((n, f) => n + f.short, 0));
    expect(new Set(kernel.flows.map((f) => f.key.sport)).size).toBe(4);
  });

  test('a stalled generator arms nothing; the default size is the MSS', async () => {
    kernel.onFlow = (flow) => {
      flow.room = 10_000;
    };
    const gen = wires.pktgen({ netdev: netdev(), dstPort: 5201 });
    await until('idle', () => !loop.armed);
    expect(gen.stats).toEqual({ packets: 2, bytes: 10_000, stalls: 1, done: false });
    expect(kernel.flows[0].largest).toBe(9000 - 52);
    expect(clock.pending).toBe(0);
    kernel.flows[0].open(0);
    await until('idle', () => !loop.armed);
    expect(gen.stats.stalls).toBe(2);
    gen.stop();
    expect(kernel.flows[0].finished).toBe(true);
    expect(wires.context.flows.size).toBe(0);
  });

  test('an endless one leaves room for others and stops when told', async () => {
    kernel.onFlow = () => {};
    const gen = wires.pktgen({ netdev: netdev(), dstPort: 5201 });
    await until('several turns', () => loop.turns >= 5);
    expect(gen.stats.bytes).toBeLessThanOrEqual((1 << 20) * loop.turns + 65536 * loop.turns);
    gen.close();
    const { bytes } = gen.stats;
    await until('idle', () => !loop.armed);
    expect(gen.stats.bytes).toBe(bytes);
    expect(kernel.flows[0].wasReset).toBe(true);
  });

  test('a rate is kept by the clock', async () => {
    const gen = wires.pktgen({ netdev: netdev(), dstPort: 5201, size: 1000, rate: 100_000 });
    for (let ms = 0; ms < 1000; ms += 5) {
      clock.advance(5);
      await until('idle', () => !loop.armed);
    }
    expect(gen.stats.bytes).toBeGreaterThanOrEqual(98_000);
    expect(gen.stats.bytes).toBeLessThanOrEqual(100_000);
    // Time that nobody used is not made up for without end.
    clock.advance(60_000);
    await until('idle', () => !loop.armed);
    expect(gen.stats.bytes).toBeLessThanOrEqual(112_000);
    gen.close();
    expect(clock.pending).toBe(0);
  });

  test('refusals leave nothing behind', () => {
    const refusal = (o: object) => {
      try {
        wires.pktgen({ netdev: netdev(), dstPort: 5201, ...o });
      } catch (error) {
        return (error as KernelError).errno;
      }
      return null;
    };
    expect(refusal({ dstPort: 1 })).toBe('ECONNREFUSED');
    expect(refusal({ size: 8949 })).toBe('EINVAL');
    expect(refusal({ netdev: netdev(3, []) })).toBe('EADDRNOTAVAIL');
    expect(refusal({ flows: 9 })).toBe('ENOSPC');
    expect(kernel.flows.every((f) => f.wasReset)).toBe(true);
    expect(wires.context.flows.size).toBe(0);
    expect([refusal({}), refusal({})]).toEqual([null, null]);
    expect(refusal({})).toBe('ENOSPC');
  });
});
