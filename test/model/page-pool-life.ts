import fc from 'fast-check';
import { KERNEL_RELEASES, type KernelRelease } from '../../src/kernel/profile.ts';
import { FIXTURES } from '../unit/kernel/provider/fixtures.ts';
import { type Model, often } from './command.ts';
import { type Coverage, NOTHING_DONE } from './page-pool-machine.ts';
import { CONTEXTS, PoolWorld } from './page-pool-world.ts';

/** What pools may draw from. */
const KINDS = ['host pages', ...Object.keys(FIXTURES)] as const;

/** Each on each release that has it. */
export const LIVES: readonly (readonly [kind: string, release: KernelRelease])[] = KERNEL_RELEASES.flatMap((release) =>
  KINDS.filter((kind) => release !== '6.12' || FIXTURES[kind]?.manyQueues !== false).map(
    (kind) => [kind, release] as const,
  ),
);

const command = often<PoolWorld>();

const which = fc.nat(1000);
const queue = fc.nat(1);
const context = fc.constantFrom(...CONTEXTS);
const few = fc.oneof(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 80 }), fc.integer({ min: 1, max: 200 }));
const ranges = fc.array(
  fc.record({ start: fc.oneof(fc.nat(12), fc.nat(60)), count: fc.oneof(fc.nat(4), fc.nat(40)) }),
  { minLength: 1, maxLength: 4 },
);
const wild = fc.array(fc.oneof(fc.nat(199), fc.constant(100_000)), { maxLength: 3 });

/** Everything that may happen to a pool. */
const COMMANDS: fc.Arbitrary<fc.Command<Model, PoolWorld>>[] = [
  ...command(9, 'alloc', fc.tuple(which, few), (w, p, n) => w.alloc(p, n)),
  ...command(4, 'frag', fc.tuple(which, fc.constantFrom(100, 1000, 1365, 2000, 2048, 3000)), (w, p, n) =>
    w.allocFrag(p, n),
  ),
  ...command(3, 'share', fc.tuple(which), (w, h) => w.share(h)),
  ...command(8, 'put', fc.tuple(which, few, context), (w, h, n, c) => w.put(h, n, c)),
  ...command(3, 'bulk', fc.tuple(which, fc.integer({ min: 1, max: 16 }), context), (w, h, n, c) => w.putBulk(h, n, c)),
  ...command(4, 'get-page', fc.tuple(which), (w, h) => w.getPage(h)),
  ...command(3, 'put-page', fc.tuple(which), (w, h) => w.putPage(h)),
  ...command(4, 'read', fc.tuple(which, fc.integer({ min: 1, max: 17 }), fc.boolean()), (w, h, n, p) =>
    w.read(h, n, p),
  ),
  ...command(4, 'dontneed', fc.tuple(which, ranges), (w, r, list) => w.dontneed(r, list)),
  ...command(4, 'deliver', fc.tuple(which, few, fc.boolean()), (w, h, n, stays) => w.deliver(h, n, stays)),
  ...command(4, 'give-back', fc.tuple(which, fc.nat(3), fc.boolean(), wild), (w, m, s, t, x) => w.giveBack(m, s, t, x)),
  ...command(2, 'flush', fc.tuple(which), (w, m) => w.flush(m)),
  ...command(4, 'bind', fc.tuple(fc.uniqueArray(queue, { minLength: 1 })), (w, queues) => w.bind(queues)),
  ...command(1, 'unbind', fc.tuple(which), (w, m) => w.unbind(m)),
  ...command(2, 'new-pool', fc.tuple(queue), (w, q) => w.newPool(q)),
  ...command(2, 'destroy-pool', fc.tuple(which), (w, p) => w.destroyPool(p)),
  ...command(2, 'restart', fc.tuple(queue, fc.nat(3)), (w, q, mode) => w.restart(q, mode)),
  ...command(1, 'link-down', fc.tuple(), (w) => w.link(false)),
  ...command(3, 'link-up', fc.tuple(), (w) => w.link(true)),
  ...command(1, 'replace-netdev', fc.tuple(fc.nat(3)), (w, dice) => w.replaceNetdev(dice)),
  ...command(2, 'cpu-node', fc.tuple(fc.nat(1)), (w, node) => w.cpuNode(node)),
  ...command(1, 'update-nid', fc.tuple(which, fc.nat(1)), (w, p, nid) => w.updateNid(p, nid)),
  ...command(1, 'dma-fault', fc.tuple(fc.constantFrom(0, 1, 3, 50)), (w, every) => w.dmaFault(every)),
  ...command(4, 'advance', fc.tuple(fc.constantFrom(1, 400, 1000, 3500)), (w, ms) => w.advance(ms)),
];

/** What became of a run. */
export interface Outcome {
  did: Coverage;
  /** The eleven statistics of all its pools. */
  counted: number[];
  /** null, or what failed: seed, path and commands. */
  failure: string | null;
  /** The commands that failed, one by one. */
  counterexample: string[];
}

/**
 * Runs about `commands` commands on pools of `kind` on `release`, `perRun` at most in a world of their own, and settles each world. A
 * failure is shrunk to a short list of commands (not with NETMEMD_SHRINK=0).
 */
export function runPools(
  commands: number,
  perRun: number,
  seed: number,
  kind: string,
  release: KernelRelease,
  shrink = process.env.NETMEMD_SHRINK !== '0',
): Outcome {
  const did: Coverage = { ...NOTHING_DONE };
  const counted = new Array<number>(11).fill(0);
  const property = fc.property(
    fc.constantFrom(8, 40, 256),
    fc.commands(COMMANDS, { maxCommands: perRun, size: 'max' }),
    (poolRing, list) => {
      const world = new PoolWorld(kind, poolRing, release);
      fc.modelRun(() => ({ model: {}, real: world }), list);
      world.settle();
      for (const key of Object.keys(did) as (keyof Coverage)[]) did[key] += world.coverage[key];
      for (let i = 0; i < counted.length; i++) counted[i] += world.counted[i];
    },
  );
  const numRuns = Math.ceil((commands * 2.2) / perRun);
  const result = fc.check(property, { numRuns, seed, endOnFailure: !shrink });
  const failure = result.failed
    ? `${(result.errorInstance as Error).stack}\n${fc.defaultReportMessage(result as never)}`
    : null;
  // The list has more in it than what was run until it failed.
  const list = (result.counterexample?.[1] ?? []) as Iterable<{ hasRan: boolean }>;
  const counterexample = [...list].filter((command) => command.hasRan).map(String);
  return { did, counted, failure, counterexample };
}
