import { describe, expect, test } from 'vitest';
import { atLeast, atMost, measurementOf, meets, settle } from './results.ts';

const ours = { name: 'ours', figures: [90, 100, 110], busy: [0.5, 0.5, 0.5] };
const peer = { name: 'peer', figures: [50, 50, 50], busy: [1, 1, 1] };
const claim = { id: 'x', claim: 'X', ours: 'ours', peer: 'peer', better: 'higher' as const };

test('a target is met by the ratio of the medians, not by a lucky round', () => {
  expect(meets({ value: 1.29, low: 1.1, high: 2 }, atLeast(1.3))).toBe(false);
  expect(meets({ value: 1.3, low: 1.1, high: 2 }, atLeast(1.3))).toBe(true);
  expect(meets({ value: 1.21, low: 1, high: 1.3 }, atMost(1.2))).toBe(false);
  expect(meets({ value: 1.2, low: 1, high: 1.3 }, atMost(1.2))).toBe(true);
});

describe('settle', () => {
  test('compares by figures while both servers keep their core busy', () => {
    const settled = settle({ ...claim, target: atLeast(3) }, [{ ...ours, busy: [1, 0.9, 1] }, peer]);
    expect(settled).toMatchObject({ value: 2, basis: 'figures', reached: false });
    expect(settled.other?.value).toBeCloseTo(2.2);
  });

  test('compares by processor time when one of them waited for its load', () => {
    const settled = settle({ ...claim, target: atLeast(3) }, [ours, peer]);
    expect(settled).toMatchObject({ value: 4, basis: 'processor time', reached: true });
    expect(settled.other?.value).toBe(2);
  });

  test('says nothing of processor time when a round has none, and nothing of a target when there is none', () => {
    const settled = settle(claim, [ours, { ...peer, busy: [1, 1] }]);
    expect(settled).toMatchObject({ basis: 'figures', other: null, target: null, reached: null });
  });

  test('refuses a contestant that was not measured', () => {
    expect(() => settle(claim, [ours])).toThrow(/peer was not measured/);
  });
});

test('a measurement leaves out claims on contestants that did not take part', () => {
  const measurement = measurementOf({ id: 'm', title: 'M', unit: 'x/s' }, [ours], [claim]);
  expect(measurement.comparisons).toEqual([]);
  expect(measurement.entries).toEqual([
    { name: 'ours', median: 100, low: 90, high: 110, rounds: [90, 100, 110], busy: 0.5 },
  ]);
});
