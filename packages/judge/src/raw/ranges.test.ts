import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { offsetsPicture, Ranges, rangeText } from './ranges.ts';

const range = fc.tuple(fc.nat(60), fc.nat(20)).map(([from, size]) => ({ from, to: from + size }));

describe('Ranges', () => {
  it('holds the same bytes as a row of marks, in whatever order they came', () => {
    fc.assert(
      fc.property(fc.array(range, { maxLength: 12 }), (all) => {
        const ranges = new Ranges();
        const marks = new Array<boolean>(100).fill(false);
        for (const one of all) {
          ranges.add(one);
          marks.fill(true, one.from, one.to);
        }
        const there = marks.map((_, at) => ranges.all.some(({ from, to }) => from <= at && at < to));
        expect(there).toEqual(marks);
        const whole = marks.indexOf(false);
        expect(ranges.whole).toBe(whole);
        const next = marks.indexOf(true, whole);
        expect(ranges.hole).toEqual(next < 0 ? null : { from: whole, to: next });
      }),
    );
  });

  it('keeps its stretches apart and in order', () => {
    const ranges = new Ranges();
    for (const [from, to] of [
      [20, 30],
      [0, 5],
      [5, 10],
      [25, 40],
    ] as const)
      ranges.add({ from, to });
    expect(ranges.all).toEqual([
      { from: 0, to: 10 },
      { from: 20, to: 40 },
    ]);
  });
});

describe('offsetsPicture', () => {
  it('puts the caret under its byte and says how many bytes a mark is', () => {
    expect(
      offsetsPicture(30, [{ label: 'arrived', ranges: [{ from: 0, to: 10 }] }], { at: 10, text: 'the hole' }),
    ).toEqual([
      { label: 'offset', text: '0         10        20' },
      { label: 'arrived', text: `${'█'.repeat(10)}${'·'.repeat(20)}` },
      { label: '', text: `${' '.repeat(10)}▲ the hole` },
    ]);
    const [ruler, row] = offsetsPicture(3000, [{ label: 'kept', ranges: [{ from: 25, to: 100 }] }], null);
    expect(ruler?.text).toMatch(/one mark is 50 bytes$/);
    expect(row?.text.slice(0, 3)).toBe('▒█·');
  });

  it('never grows wider than a failure has room for', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5_000_000 }), fc.nat(1), range, (total, share, one) => {
        const caret = { at: Math.floor(share * (total - 1)), text: `the hole: ${rangeText(one)}` };
        for (const { text } of offsetsPicture(total, [{ label: 'arrived', ranges: [one] }], caret))
          expect(text.length).toBeLessThanOrEqual(67);
      }),
    );
  });
});
