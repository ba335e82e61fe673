import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MIXED } from './examples.ts';
import { layout } from './layout.ts';
import type { Exchange, Timeline } from './model.ts';
import { cellMetrics, type Drawing, denseMetrics, type PhaseShape, pixelMetrics } from './shapes.ts';

const phases = ['waiting', 'blocked', 'handshake', 'request', 'server', 'response'] as const;
const exchange: fc.Arbitrary<Exchange> = fc
  .record({
    start: fc.double({ min: 0, max: 1e6, noNaN: true }),
    lengths: fc.array(fc.tuple(fc.constantFrom(...phases), fc.double({ min: 0, max: 5000, noNaN: true })), {
      minLength: 1,
      maxLength: 4,
    }),
    nth: fc.option(fc.integer({ min: 1, max: 999 })),
    label: fc.string({ maxLength: 30 }),
  })
  .map(({ start, lengths, nth, label }) => {
    let at = start;
    const stretches = lengths.map(([phase, ms]) => {
      const from = at;
      at += ms;
      return { phase, from, to: at };
    });
    return { id: `${start}`, label, nth, phases: stretches, outcome: 'complete' };
  });
const timeline: fc.Arbitrary<Timeline> = fc.record({
  title: fc.string(),
  scale: fc.constantFrom('time' as const, 'order' as const),
  lanes: fc.array(
    fc.record({
      id: fc.string(),
      label: fc.string({ maxLength: 10 }),
      kind: fc.constantFrom('connection' as const, 'stream' as const),
      protocol: fc.constantFrom('http/1.1' as const, 'h2' as const, 'h3' as const, null),
      openedAt: fc.option(fc.double({ min: 0, max: 1e6, noNaN: true })),
      closedAt: fc.constant(null),
      beginning: fc.constantFrom('new' as const, 'resumed' as const, 'unknown' as const),
      exchanges: fc.array(exchange, { maxLength: 8 }),
    }),
    { maxLength: 4 },
  ),
});

function bars(drawing: Drawing): PhaseShape[][] {
  return drawing.lanes.flatMap((lane) =>
    lane.exchanges.map((e) => e.shapes.filter((s): s is PhaseShape => s.type === 'phase')),
  );
}

describe('layout', () => {
  for (const [name, metrics] of [
    ['pixels', pixelMetrics(720)],
    ['a phone', pixelMetrics(350)],
    ['80 cells', cellMetrics(80)],
  ] as const) {
    it(`loses nothing and stays inside (${name})`, () => {
      fc.assert(
        fc.property(timeline, (t) => {
          const drawing = layout(t, metrics);
          const drawn = bars(drawing);
          expect(drawn.length).toBe(t.lanes.reduce((n, lane) => n + lane.exchanges.length, 0));
          const wanted = t.lanes.reduce((n, l) => n + l.exchanges.reduce((m, e) => m + e.phases.length, 0), 0);
          expect(drawn.flat().length).toBe(wanted);
          for (const bar of drawn.flat()) {
            expect(bar.width).toBeGreaterThan(0);
            expect(bar.x).toBeGreaterThanOrEqual(metrics.gutter);
            expect(bar.x + bar.width).toBeLessThanOrEqual(metrics.width + 0.5);
            expect(bar.y + bar.height).toBeLessThanOrEqual(drawing.height);
          }
        }),
        { numRuns: 60 },
      );
    });

    it(`never draws one exchange over another (${name})`, () => {
      fc.assert(
        fc.property(timeline, (t) => {
          for (const lane of layout(t, metrics).lanes) {
            for (const [i, a] of lane.exchanges.entries()) {
              for (const b of lane.exchanges.slice(i + 1)) {
                if (a.y !== b.y) continue;
                expect(a.x + a.width <= b.x + 1e-6 || b.x + b.width <= a.x + 1e-6).toBe(true);
              }
            }
          }
        }),
        { numRuns: 60 },
      );
    });
  }

  it('keeps one row for exchanges that follow each other, and more where they overlap', () => {
    const drawing = layout(MIXED, pixelMetrics(720));
    const rows = drawing.lanes.map((lane) => new Set(lane.exchanges.map((e) => e.y)).size);
    expect(rows).toEqual([1, 3, 1]);
  });

  it('puts the same instant at the same place in every lane', () => {
    const drawing = layout(MIXED, pixelMetrics(720));
    const [, b] = drawing.lanes;
    const [x, y] = b?.exchanges ?? [];
    // /x waits for 1 ms from the instant 1 ms before /y starts.
    expect(x?.shapes.filter((s) => s.type === 'phase')[1]?.x).toBeCloseTo(y?.x ?? 0, 5);
  });

  it('dense: dozens of exchanges are bars without words, and each lane still has room for its name', () => {
    const exchanges = Array.from({ length: 48 }, (_, i) => ({
      id: `e${i}`,
      label: `GET /tile/${i}`,
      nth: i + 1,
      outcome: 'complete' as const,
      phases: [{ phase: 'server' as const, from: i, to: i + 100 }],
    }));
    const lane = { ...(MIXED.lanes[0] as Timeline['lanes'][number]), exchanges };
    const drawing = layout({ title: 'many', lanes: [lane, { ...lane, id: 'b', exchanges: [] }] }, denseMetrics(800));
    expect(drawing.lanes.map(({ height }) => height)).toEqual([240, 36]);
    expect(drawing.lanes[0]?.exchanges.flatMap(({ shapes }) => shapes).every(({ type }) => type === 'phase')).toBe(
      true,
    );
    expect(drawing.lanes[0]?.exchanges[0]?.title).toContain('GET /tile/0');
  });

  it('draws nothing at all without complaint', () => {
    expect(layout({ title: 'Nothing yet', lanes: [] }, pixelMetrics(300)).lanes).toEqual([]);
  });
});
