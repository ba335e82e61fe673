import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { median, ratioOf, readable, summarize } from './statistics.ts';

const figures = fc.array(fc.double({ min: 1e-6, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 20 });

describe('median', () => {
  test('is the middle value, or the mean of the two in the middle', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([7])).toBe(7);
  });

  test('does not touch its input, and refuses no values', () => {
    const values = [3, 1, 2];
    median(values);
    expect(values).toEqual([3, 1, 2]);
    expect(() => median([])).toThrow(RangeError);
  });

  test('has as many values below as above, in any order', () => {
    fc.assert(
      fc.property(figures, (values) => {
        const middle = median(values);
        const below = values.filter((value) => value < middle).length;
        const above = values.filter((value) => value > middle).length;
        expect(below).toBeLessThanOrEqual(values.length / 2);
        expect(above).toBeLessThanOrEqual(values.length / 2);
        expect(median([...values].reverse())).toBe(middle);
      }),
    );
  });
});

describe('summarize', () => {
  test('holds the median between the extremes', () => {
    fc.assert(
      fc.property(figures, (values) => {
        const { median: middle, low, high } = summarize(values);
        expect(low).toBeLessThanOrEqual(middle);
        expect(middle).toBeLessThanOrEqual(high);
      }),
    );
  });
});

describe('ratioOf', () => {
  test('is the ratio of the medians, with the range of the ratios round by round', () => {
    expect(ratioOf([20, 30, 40], [10, 10, 10])).toEqual({ value: 3, low: 2, high: 4 });
  });

  test('a slow round that hits both does not widen the range', () => {
    expect(ratioOf([200, 20, 200], [100, 10, 100])).toEqual({ value: 2, low: 2, high: 2 });
  });

  test('of a contestant to itself is 1 in every round', () => {
    fc.assert(
      fc.property(figures, (values) => {
        expect(ratioOf(values, values)).toEqual({ value: 1, low: 1, high: 1 });
      }),
    );
  });

  test('refuses rounds that do not pair, and figures that would make a record of a failure', () => {
    expect(() => ratioOf([1, 2], [1])).toThrow(/pair 2 rounds with 1/);
    for (const bad of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => ratioOf([1], [bad])).toThrow(/positive/);
      expect(() => ratioOf([bad], [1])).toThrow(/positive/);
    }
  });
});

test('readable keeps three significant digits', () => {
  expect(readable(1_234_567)).toBe('1,230,000');
  expect(readable(0.98765)).toBe('0.988');
  expect(readable(12)).toBe('12');
  expect(readable(9.996)).toBe('10');
});
