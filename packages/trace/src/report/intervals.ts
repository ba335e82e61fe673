import type { Interval } from './model.ts';

/** From two ends, or null when one is missing, not finite, or they stand the wrong way round. */
export function interval(from: number | null | undefined, to: number | null | undefined): Interval | null {
  if (from === null || from === undefined || to === null || to === undefined) return null;
  return Number.isFinite(from) && Number.isFinite(to) && to >= from ? { from, to } : null;
}

/** Length in milliseconds. */
export function length({ from, to }: Interval): number {
  return to - from;
}

/** The same instants, each once: in order, and no two of them touch. What stands twice costs once. */
export function union(intervals: readonly Interval[]): Interval[] {
  const merged: { from: number; to: number }[] = [];
  for (const { from, to } of intervals.toSorted((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last && from <= last.to) last.to = Math.max(last.to, to);
    else merged.push({ from, to });
  }
  return merged;
}

/** How many milliseconds are in at least one of them. */
export function measure(intervals: readonly Interval[]): number {
  return union(intervals).reduce((sum, each) => sum + length(each), 0);
}

/** The part of one that lies in the other, or null where they share no more than an instant. */
export function intersection(a: Interval, b: Interval): Interval | null {
  const from = Math.max(a.from, b.from);
  const to = Math.min(a.to, b.to);
  return from < to ? { from, to } : null;
}

/** What share of `a`, from 0 to 1, is covered. `cover` is a union: in order, disjoint. */
export function coverage(a: Interval, cover: readonly Interval[]): number {
  const whole = length(a);
  if (whole <= 0) return 0;
  let covered = 0;
  for (let i = firstEndingAfter(cover, a.from); i < cover.length; i++) {
    const part = cover[i];
    if (part === undefined || part.from >= a.to) break;
    covered += Math.min(part.to, a.to) - Math.max(part.from, a.from);
  }
  return covered / whole;
}

// Files have 50,000 entries: a walk from the first for each of them would take minutes.
function firstEndingAfter(cover: readonly Interval[], at: number): number {
  let low = 0;
  let high = cover.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((cover[middle]?.to ?? Number.POSITIVE_INFINITY) > at) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** When exactly how many of them were open: disjoint stretches in order, those with none left out. */
export function levels(intervals: readonly Interval[]): (Interval & { readonly count: number })[] {
  const edges = intervals
    .filter((each) => each.to > each.from)
    .flatMap(({ from, to }) => [
      { at: from, step: 1 },
      { at: to, step: -1 },
    ])
    // What ends at an instant makes room for what begins there.
    .sort((a, b) => a.at - b.at || a.step - b.step);
  const stretches: { from: number; to: number; count: number }[] = [];
  let count = 0;
  let since = 0;
  for (const { at, step } of edges) {
    if (count > 0 && at > since) {
      const last = stretches.at(-1);
      if (last && last.to === since && last.count === count) last.to = at;
      else stretches.push({ from: since, to: at, count });
    }
    count += step;
    since = at;
  }
  return stretches;
}
