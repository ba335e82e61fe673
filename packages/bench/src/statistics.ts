/** What a contestant reached over the rounds of one run. */
export interface Sample {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** How one contestant stands to another: the ratio of their medians, and the range of the ratios round by round. */
export interface Ratio {
  readonly value: number;
  /** The smallest and the largest ratio of two measurements of the same round: neighbours in time, so that a slow
   * moment of the machine hits both. */
  readonly low: number;
  readonly high: number;
}

/** The middle value, or the mean of the two middle ones. Throws RangeError on no values. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('Cannot take a median of no values: measure at least one round.');
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}

/** Median and range of one contestant's rounds. Throws RangeError on no values. */
export function summarize(values: readonly number[]): Sample {
  return { median: median(values), low: Math.min(...values), high: Math.max(...values) };
}

/**
 * The ratio of two contestants that were measured in the same rounds.
 *
 * Throws RangeError when the rounds do not pair up, or when a measurement is not a positive number: a ratio to nothing
 * would print as a record.
 */
export function ratioOf(ours: readonly number[], theirs: readonly number[]): Ratio {
  if (ours.length !== theirs.length) {
    throw new RangeError(`Cannot pair ${ours.length} rounds with ${theirs.length}: measure both in every round.`);
  }
  for (const value of [...ours, ...theirs]) {
    if (!(value > 0 && Number.isFinite(value))) {
      throw new RangeError(`Cannot compare a measurement of ${value}: each has to be a positive number.`);
    }
  }
  const rounds = ours.map((value, round) => value / (theirs[round] as number));
  return { value: median(ours) / median(theirs), low: Math.min(...rounds), high: Math.max(...rounds) };
}

/** A number with three significant digits and thousands separators: 1234567 → 1,230,000; 0.9876 → 0.988. */
export function readable(value: number): string {
  const rounded = Number(value.toPrecision(3));
  return rounded.toLocaleString('en-GB', { maximumSignificantDigits: 3 });
}
