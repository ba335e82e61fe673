import { expect, it } from 'vitest';
import { DEFAULT_LIMITS, withLimits } from './limits.ts';

it('every limit is a positive number, and small enough to be one', () => {
  for (const [name, value] of Object.entries(DEFAULT_LIMITS)) {
    expect(value, name).toBeGreaterThan(0);
    expect(Number.isSafeInteger(value), name).toBe(true);
  }
});

it('some can be replaced, the others stay', () => {
  expect(withLimits(undefined)).toBe(DEFAULT_LIMITS);
  expect(withLimits({ maxFields: 7 })).toEqual({ ...DEFAULT_LIMITS, maxFields: 7 });
});

it.each([{ maxFields: -1 }, { maxFields: Number.NaN }, { nonsense: 1 }])(
  '%j is refused, with the name of the limit',
  (changes) => {
    expect(() => withLimits(changes as object)).toThrow(/maxFields|nonsense/);
  },
);
