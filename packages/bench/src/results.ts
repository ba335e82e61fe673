import { median, type Ratio, ratioOf, type Sample, summarize } from './statistics.ts';

/** A bound that DESIGN.md §4 sets on a ratio. */
export interface Target {
  readonly bound: 'at least' | 'at most';
  readonly value: number;
}

/** One contestant of one measurement, with a figure for each round. */
export interface Entry extends Sample {
  readonly name: string;
  readonly rounds: readonly number[];
  /** Median share of one core that the server kept busy, 0 to 1; null where it is not known or says nothing. */
  readonly busy: number | null;
}

/** A claim: this contestant against that one. */
export interface Comparison extends Ratio {
  /** Stable across runs: names the row in the chart and in the README. */
  readonly id: string;
  readonly claim: string;
  readonly ours: string;
  readonly peer: string;
  /** Whether a ratio above 1 is good news (speed) or bad news (cost). */
  readonly better: 'higher' | 'lower';
  readonly target: Target | null;
  readonly reached: boolean | null;
  /**
   * What the ratio is taken from. Servers are compared by requests per second while both keep their core busy. Where one
   * does not, the load or somebody else on the machine was the limit, and the ratio is of requests per second of
   * processor time.
   */
  readonly basis: 'figures' | 'processor time';
  /** The ratio that was not chosen; null where there is but one. */
  readonly other: Ratio | null;
}

/** One thing that was measured, for all who took part. */
export interface Measurement {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  readonly entries: readonly Entry[];
  readonly comparisons: readonly Comparison[];
  /** What the reader has to know to read the figures: load generator, workload, caveats. */
  readonly notes: readonly string[];
}

/** Something that could not be measured here, and why. */
export interface Skipped {
  readonly id: string;
  readonly why: string;
}

/** One whole run. Holds no path and no host name, so that it may be committed. */
export interface Report {
  readonly format: 1;
  readonly date: string;
  readonly rounds: number;
  readonly quick: boolean;
  readonly environment: Environment;
  readonly measurements: readonly Measurement[];
  readonly skipped: readonly Skipped[];
}

/** The machine and the tools, as far as they bear on the figures. */
export interface Environment {
  readonly node: string;
  readonly v8: string;
  readonly platform: string;
  readonly cpu: string;
  readonly cores: number;
  readonly pinned: boolean;
  readonly generator: string;
  readonly peers: Readonly<Record<string, string>>;
  /** Load average over one minute when the run began: above 1, others were at work on the machine. */
  readonly loadAverage: number;
}

/** What a suite says of two contestants before they are measured. */
export interface Claim {
  readonly id: string;
  readonly claim: string;
  readonly ours: string;
  readonly peer: string;
  readonly better: 'higher' | 'lower';
  readonly target?: Target;
}

/** Figures of one contestant, a round each. */
export interface Rounds {
  readonly name: string;
  readonly figures: readonly number[];
  readonly busy?: readonly number[];
}

/** `at least 1.3`: the lower bound of a ratio of speeds. */
export function atLeast(value: number): Target {
  return { bound: 'at least', value };
}

/** `at most 1.2`: the upper bound of a ratio of costs. */
export function atMost(value: number): Target {
  return { bound: 'at most', value };
}

/**
 * Whether a ratio meets its target: by its value, the ratio of the medians, and not by a lucky round.
 */
export function meets(ratio: Ratio, target: Target): boolean {
  return target.bound === 'at least' ? ratio.value >= target.value : ratio.value <= target.value;
}

/** Settles a claim with the rounds of both contestants. Throws RangeError when one of them was not measured. */
export function settle(claim: Claim, rounds: readonly Rounds[]): Comparison {
  const find = (name: string): Rounds => {
    const found = rounds.find((entry) => entry.name === name);
    if (!found) throw new RangeError(`Cannot settle ${claim.id}: ${name} was not measured.`);
    return found;
  };
  const [ours, peer] = [find(claim.ours), find(claim.peer)];
  const byFigures = ratioOf(ours.figures, peer.figures);
  const [ourCapacity, peerCapacity] = [capacities(ours), capacities(peer)];
  const byProcessor = ourCapacity && peerCapacity && ratioOf(ourCapacity, peerCapacity);
  const idle = byProcessor !== null && [ours, peer].some(({ busy }) => median(busy ?? []) < BUSY);
  const [ratio, other] = idle ? [byProcessor, byFigures] : [byFigures, byProcessor];
  const target = claim.target ?? null;
  return {
    ...claim,
    ...ratio,
    target,
    reached: target && meets(ratio, target),
    basis: idle ? 'processor time' : 'figures',
    other,
  };
}

/** Below this share of its core, a server had to wait for its load. */
const BUSY = 0.9;

/** What each round would have reached with a whole core; null where the share of it is not known. */
function capacities({ figures, busy }: Rounds): number[] | null {
  if (!busy || busy.length !== figures.length || busy.some((share) => share <= 0)) return null;
  return figures.map((figure, round) => figure / (busy[round] as number));
}

/** Turns rounds and claims into a measurement. Claims on a contestant that did not take part are left out. */
export function measurementOf(
  about: { readonly id: string; readonly title: string; readonly unit: string; readonly notes?: readonly string[] },
  rounds: readonly Rounds[],
  claims: readonly Claim[],
): Measurement {
  const present = new Set(rounds.map((entry) => entry.name));
  return {
    id: about.id,
    title: about.title,
    unit: about.unit,
    entries: rounds.map((entry) => ({
      name: entry.name,
      ...summarize(entry.figures),
      rounds: entry.figures,
      busy: entry.busy && entry.busy.length > 0 ? summarize(entry.busy).median : null,
    })),
    comparisons: claims
      .filter((claim) => present.has(claim.ours) && present.has(claim.peer))
      .map((claim) => settle(claim, rounds)),
    notes: about.notes ?? [],
  };
}
