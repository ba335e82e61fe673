import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Span } from './model.ts';
import { orderScale, timeScale } from './scale.ts';

const OPTIONS = { x0: 100, x1: 700, foldWidth: 50, tickGap: 80 };
const span: fc.Arbitrary<Span> = fc
  .tuple(fc.double({ min: 0, max: 1e7, noNaN: true }), fc.double({ min: 0, max: 1e4, noNaN: true }))
  .map(([from, length]) => ({ from, to: from + length }));

describe.each([
  ['timeScale', timeScale],
  ['orderScale', orderScale],
] as const)('%s', (_, make) => {
  it('never runs backwards and never leaves the axis', () => {
    fc.assert(
      fc.property(fc.array(span, { minLength: 1, maxLength: 20 }), (spans) => {
        const scale = make(spans, {}, OPTIONS);
        const times = spans.flatMap((s) => [s.from, s.to]).sort((a, b) => a - b);
        let last = OPTIONS.x0 - 1e-6;
        for (const time of times) {
          const x = scale.at(time);
          expect(x).toBeGreaterThanOrEqual(last - 1e-6);
          expect(x).toBeLessThanOrEqual(OPTIONS.x1 + 1e-6);
          last = x;
        }
      }),
    );
  });
});

describe('folding', () => {
  const busy = (...starts: number[]): Span[] => starts.map((from) => ({ from, to: from + 10 }));

  it('leaves an axis alone on which enough happens', () => {
    expect(timeScale(busy(0, 15, 30), {}, OPTIONS).folds).toEqual([]);
  });

  it('folds a long idle stretch, says how long it was, and keeps all lengths outside it in one scale', () => {
    const scale = timeScale(busy(0, 15, 12_000, 12_015), {}, OPTIONS);
    expect(scale.folds).toHaveLength(1);
    expect(scale.folds[0]?.ms).toBeGreaterThan(11_900);
    const width = (from: number): number => scale.at(from + 10) - scale.at(from);
    expect(width(0)).toBeGreaterThan(50);
    for (const from of [15, 12_000, 12_015]) expect(width(from)).toBeCloseTo(width(0), 6);
  });

  it('never folds time in which something happens', () => {
    fc.assert(
      fc.property(fc.array(span, { minLength: 1, maxLength: 12 }), (spans) => {
        const scale = timeScale(spans, {}, OPTIONS);
        for (const fold of scale.folds) {
          for (const s of spans) {
            const [from, to] = [scale.at(s.from), scale.at(s.to)];
            expect(to <= fold.x + 1e-6 || from >= fold.x + fold.width - 1e-6).toBe(true);
          }
        }
      }),
    );
  });

  it('labels no two ticks closer than asked', () => {
    fc.assert(
      fc.property(fc.array(span, { minLength: 1, maxLength: 12 }), (spans) => {
        const { ticks } = timeScale(spans, {}, OPTIONS);
        for (let i = 1; i < ticks.length; i++) {
          expect((ticks[i]?.x ?? 0) - (ticks[i - 1]?.x ?? 0)).toBeGreaterThanOrEqual(OPTIONS.tickGap * 0.9 - 1e-6);
        }
        expect(ticks.length).toBeLessThan(20);
      }),
    );
  });
});
