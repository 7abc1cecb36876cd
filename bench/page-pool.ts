import { CProgram } from './c-program.ts';
import { comparison, type Figure, measurement, type Target } from './figure.ts';
import { POOL_MODES, type PoolMode } from './pool-cycles.ts';
import { alternate, spread } from './rounds.ts';
import { Worker } from './worker.ts';

/** Netmems of one round, and rounds: short ones, so that a busy neighbour slows both sides of most pairs alike. */
const NETMEMS = 2_000_000;
const PAIRS = 41;
/** Until the code of both is compiled and the caches know it. */
const WARM_UP = 10_000_000;

const WHAT: Record<PoolMode, string> = {
  cache: 'alloc and recycle through the alloc cache',
  ring: 'alloc and recycle through the ptr ring',
  slow: 'alloc from the provider and back to it',
};
const TARGET: Partial<Record<PoolMode, Target>> = { cache: { max: 1.5 }, ring: { max: 2 } };

/**
 * The daemon's own page pool against the same algorithm in C: statistics, states, page references, history, and the sums
 * checked after every burst of 64, on both sides.
 */
export async function pagePool(): Promise<Figure[]> {
  const theirs = await CProgram.start('page-pool');
  const figures: Figure[] = [];
  try {
    for (const mode of POOL_MODES) figures.push(await poolFigure(mode, theirs));
  } finally {
    if (typeof theirs !== 'string') await theirs.stop();
  }
  return figures;
}

/** One mode, in a process of its own, so that no other way through the pool is in its code. */
async function poolFigure(mode: PoolMode, theirs: CProgram | string): Promise<Figure> {
  const ours = new Worker('page-pool-worker.js');
  try {
    const js = (netmems = NETMEMS): Promise<number> => ours.call<number>('round', { mode, netmems });
    await js(WARM_UP);
    const about = { name: `page_pool_${mode}_ns`, what: WHAT[mode], unit: 'ns' };
    if (typeof theirs === 'string') {
      const values: number[] = [];
      while (values.length < PAIRS) values.push(await js());
      return { ...measurement(about, spread(values)), skipped: theirs };
    }
    const c = async (netmems = NETMEMS): Promise<number> => {
      const answer = await theirs.ask(`${mode} ${netmems}`);
      if (Number.isNaN(Number(answer))) throw new Error(`the pool in C: ${answer}`);
      return Number(answer);
    };
    await c(WARM_UP);
    return comparison({ ...about, what: `${WHAT[mode]}, against C` }, await alternate(js, c, PAIRS), TARGET[mode]);
  } finally {
    await ours.stop();
  }
}
