import { Child, ContestantError } from './child.ts';
import type { Generator } from './load/generator.ts';
import type { Options } from './options.ts';
import type { Claim, Measurement, Rounds, Skipped } from './results.ts';
import { measurementOf } from './results.ts';
import { type Competitor, takeTurns } from './rounds.ts';
import { CORES } from './tools.ts';

/** A contestant's module and how to start it. */
export interface Entrant {
  readonly name: string;
  /** Below `contestants/`. */
  readonly module: string;
  readonly args?: readonly string[];
}

/** One run: what all suites share. */
export interface Bench {
  readonly options: Options;
  readonly generator: Generator;
  readonly measurements: Measurement[];
  readonly skipped: Skipped[];
  /** A line for whoever waits. */
  progress(line: string): void;
}

/** A contestant of codec level gets this long for a round; its first one, in which it warms up, is six times as long. */
export function sliceOf(bench: Bench): number {
  return bench.options.quick ? 200 : 400;
}

/** A server gets this long for a round. */
export function serverSliceOf(bench: Bench): number {
  return bench.options.quick ? 500 : 1000;
}

// V8 grows its nursery by what it has seen so far, and contestants would be compared at different sizes of it for the
// first seconds. A fixed one is for everybody; servers keep Node's default.
const CODEC_FLAGS = ['--min-semi-space-size=32', '--max-semi-space-size=32'];

/**
 * Starts whoever can start. Who cannot is noted with the reason, and the others go on: a peer that is not installed must
 * not stop a run.
 */
export async function enter(
  bench: Bench,
  what: string,
  entrants: readonly Entrant[],
  flags: readonly string[],
): Promise<Child[]> {
  const children: Child[] = [];
  for (const { name, module, args } of entrants) {
    try {
      const url = new URL(`./contestants/${module}`, import.meta.url);
      children.push(await Child.start(name, url, { core: CORES.contestant, args: args ?? [], flags }));
    } catch (error) {
      if (!(error instanceof ContestantError)) throw error;
      skip(bench, what, `${what}: ${error.message}`);
    }
  }
  return children;
}

/** Notes that something is left out, and says so at once. */
export function skip(bench: Bench, id: string, why: string): void {
  bench.skipped.push({ id, why });
  bench.progress(`left out: ${why}`);
}

/** Measures contestants that answer `run` with operations per second, and settles the claims. */
export async function compareCodecs(
  bench: Bench,
  about: { readonly id: string; readonly title: string; readonly unit: string; readonly notes?: readonly string[] },
  entrants: readonly Entrant[],
  claims: readonly Claim[],
  figure: (perSecond: number) => number = (perSecond) => perSecond,
): Promise<void> {
  const children = await enter(bench, about.title, entrants, CODEC_FLAGS);
  try {
    const warm = new Set<Child>();
    const rounds = await race(
      bench,
      about.title,
      children.map((child) => ({
        name: child.name,
        measure: async () => {
          const slice = warm.has(child) ? sliceOf(bench) : 6 * sliceOf(bench);
          warm.add(child);
          const { perSecond } = await child.ask<{ perSecond: number }>('run', slice);
          return { figure: figure(perSecond) };
        },
      })),
    );
    settleAll(bench, about, rounds, claims);
  } finally {
    for (const child of children) await child.stop();
  }
}

/** Takes turns with progress lines. Nobody there is no error. */
export async function race(bench: Bench, title: string, competitors: readonly Competitor[]): Promise<Rounds[]> {
  const { rounds } = bench.options;
  return await takeTurns(competitors, rounds, (round, name) => {
    bench.progress(`${title}: ${round === 0 ? 'warm-up' : `round ${round} of ${rounds}`}: ${name}`);
  });
}

/** Adds a measurement to the run, unless nobody took part. */
export function settleAll(
  bench: Bench,
  about: { readonly id: string; readonly title: string; readonly unit: string; readonly notes?: readonly string[] },
  rounds: readonly Rounds[],
  claims: readonly Claim[],
): void {
  if (rounds.length > 0) bench.measurements.push(measurementOf(about, rounds, claims));
}
