import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coverage, intersection, interval, length, levels, measure, union } from './intervals.ts';

const some = fc.array(
  fc
    .tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 20 }))
    .map(([from, ms]) => ({ from, to: from + ms })),
  { maxLength: 12 },
);
/** Whole milliseconds, looked at one by one. */
const held = (intervals: readonly { from: number; to: number }[], at: number): number =>
  intervals.filter(({ from, to }) => from <= at && at < to).length;
const instants = Array.from({ length: 81 }, (_, i) => i);

describe('intervals', () => {
  it('counts each instant once, however many wait in it', () => {
    fc.assert(
      fc.property(some, (all) => {
        expect(measure(all)).toBe(instants.filter((at) => held(all, at) > 0).length);
        const merged = union(all);
        for (const [i, each] of merged.entries()) expect(each.from).toBeGreaterThan(merged[i - 1]?.to ?? -1);
      }),
    );
  });

  it('says how many are open at every instant', () => {
    fc.assert(
      fc.property(some, (all) => {
        const steps = levels(all);
        for (const at of instants) {
          expect(steps.find(({ from, to }) => from <= at && at < to)?.count ?? 0).toBe(held(all, at));
        }
      }),
    );
  });

  it('covers what lies inside of it', () => {
    fc.assert(
      fc.property(some, fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 20 }), (all, from, ms) => {
        const inside = instants.filter((at) => at >= from && at < from + ms && held(all, at) > 0).length;
        expect(coverage({ from, to: from + ms }, union(all))).toBeCloseTo(inside / ms);
      }),
    );
  });

  it('makes none of ends that are missing, infinite or turned round', () => {
    expect([interval(null, 1), interval(1, undefined), interval(2, 1), interval(0, Number.NaN)]).toEqual(
      Array(4).fill(null),
    );
    expect(interval(1, 3)).toEqual({ from: 1, to: 3 });
    expect(length({ from: 1, to: 3 })).toBe(2);
    expect(intersection({ from: 0, to: 2 }, { from: 2, to: 3 })).toBeNull();
  });
});
