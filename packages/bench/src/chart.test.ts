import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chart, logScale } from './chart.ts';
import type { Comparison } from './results.ts';
import { exampleReport } from './testing.ts';

const comparison = (value: number): Comparison => ({
  id: 'x',
  claim: 'x',
  ours: 'a',
  peer: 'b',
  better: 'higher',
  value,
  low: value,
  high: value,
  target: null,
  reached: null,
  basis: 'figures',
  other: null,
});

describe('the axis', () => {
  test('is logarithmic: twice as much is as far everywhere', () => {
    const { at } = logScale([comparison(0.3), comparison(15)]);
    expect(at(2) - at(1)).toBeCloseTo(at(8) - at(4));
  });

  test('holds par and every value, range and target between its first and its last tick', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0.011, max: 999, noNaN: true }), { maxLength: 8 }), (values) => {
        const { ticks } = logScale(values.map(comparison));
        const [first, last] = [ticks[0] as number, ticks.at(-1) as number];
        for (const value of [1, ...values]) {
          expect(value).toBeGreaterThanOrEqual(first);
          expect(value).toBeLessThanOrEqual(last);
        }
        expect(ticks).toContain(1);
      }),
    );
  });
});

describe('the chart', () => {
  const svg = chart(exampleReport());

  test('has a row for every claim, with its target, and a ring where it was missed', () => {
    expect(svg.match(/<circle[^>]*class="dot"/g)).toHaveLength(3 + 1);
    expect(svg.match(/<circle[^>]*class="dot missed"/g)).toHaveLength(1 + 1);
    expect(svg.match(/class="target"/g)).toHaveLength(3 + 1);
    expect(svg).toContain('≥ 6× reached');
    expect(svg).toContain('≥ 1.1× not reached');
  });

  test('keeps speed and cost apart, each with the side that is good', () => {
    expect(svg).toContain('(more is better)');
    expect(svg).toContain('(less is better)');
  });

  test('says in words what it shows, and follows a dark setting', () => {
    expect(svg).toMatch(/<desc id="desc">.*interleave, event handler at 6.3× of node:http2, target ≥ 6× reached\./);
    expect(svg).toContain('prefers-color-scheme:dark');
  });

  test('is well-formed: text is escaped and every element closed', () => {
    expect(svg).not.toContain('<server>');
    expect(svg).toContain('&#60;server&#62;');
    const opened = svg.match(/<[a-z][^>]*>/g)?.filter((tag) => !tag.endsWith('/>')).length;
    const closed = svg.match(/<\/[a-z]+>/g)?.length;
    expect(opened).toBe(closed);
  });
});
