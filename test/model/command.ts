import type fc from 'fast-check';

/** fast-check's model: everything known lives in the world that commands act on, next to the kernel. */
export type Model = Record<string, never>;

/** What commands act on: counts them, and is checked after each. */
export interface CommandWorld {
  readonly coverage: { commands: number };
  /** @throws Error when the kernel and what is known of it disagree */
  check(): void;
}

/** One step in a world, named with its arguments. */
class Call<World extends CommandWorld> implements fc.Command<Model, World> {
  readonly #name: string;
  readonly #step: (world: World) => void;

  constructor(name: string, step: (world: World) => void) {
    this.#name = name;
    this.#step = step;
  }

  check(): boolean {
    return true;
  }

  run(_model: Model, world: World): void {
    world.coverage.commands++;
    this.#step(world);
    world.check();
  }

  toString(): string {
    return this.#name;
  }
}

/** A command with its weight. */
export type Often<World extends CommandWorld> = <T extends unknown[]>(
  weight: number,
  name: string,
  arbitrary: fc.Arbitrary<T>,
  step: (world: World, ...args: T) => void,
) => fc.Arbitrary<fc.Command<Model, World>>[];

export function often<World extends CommandWorld>(): Often<World> {
  return (weight, name, arbitrary, step) =>
    Array.from({ length: weight }, () =>
      arbitrary.map((args) => new Call<World>(`${name}${JSON.stringify(args)}`, (world) => step(world, ...args))),
    );
}
