import fc from 'fast-check';
import { expect, it } from 'vitest';
import { runs } from '../testing/fuzz.ts';
import { TokenBucket } from './token_bucket.ts';

it('gives its burst at once, then its rate', () => {
  const bucket = new TokenBucket(3, 10);
  expect([1, 2, 3, 4].map(() => bucket.take(0))).toEqual([true, true, true, false]);
  expect(bucket.take(99)).toBe(false);
  expect(bucket.take(100)).toBe(true);
  expect(bucket.take(100)).toBe(false);
});

it('fills to its burst and no further', () => {
  const bucket = new TokenBucket(2, 1_000);
  bucket.take(0, 2);
  expect(bucket.take(1_000_000, 3)).toBe(false);
  expect(bucket.take(1_000_000, 2)).toBe(true);
});

it('gains nothing from a clock that steps back', () => {
  const bucket = new TokenBucket(1, 1);
  expect(bucket.take(10_000)).toBe(true);
  expect(bucket.take(0)).toBe(false);
  expect(bucket.take(10_500)).toBe(false);
  expect(bucket.take(11_000)).toBe(true);
});

it('never gives more than its burst and what the time brought', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 0, max: 100 }),
      fc.array(fc.nat(500), { maxLength: 200 }),
      (burst, rate, waits) => {
        const bucket = new TokenBucket(burst, rate);
        let now = 0;
        let given = 0;
        for (const wait of waits) {
          now += wait;
          if (bucket.take(now)) given++;
          expect(given).toBeLessThanOrEqual(burst + (now * rate) / 1_000 + 1e-6);
        }
      },
    ),
    runs(100),
  );
});
