import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gainChart } from './gain-chart.ts';
import { endOf, holeTable, oneOrderPanel, ownOrdersPanel, snapshot } from './panels.ts';
import { holePlan } from './plan.ts';
import { type Bar, panelSvg } from './rows.ts';
import { type HoleRun, holeRun } from './run.ts';
import { holeText, presets } from './words.ts';

const runOf = (query: string): HoleRun => holeRun(holePlan(new URLSearchParams(query)));

function bytes(bars: readonly Bar[], mark?: Bar['mark']): number {
  return bars.reduce((sum, bar) => sum + (mark === undefined || bar.mark === mark ? bar.to - bar.from : 0), 0);
}

describe('the drawing at a moment', () => {
  it('has every byte once, at any moment and for any hole, and what is handed on never becomes less (law)', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 24_000 }),
        fc.integer({ min: 1, max: 1_000 }),
        fc.constantFrom('turn', 'shared'),
        fc.array(fc.double({ min: 0, max: 150, noNaN: true }), { minLength: 2, maxLength: 6 }),
        (from, lost, order, moments) => {
          const run = runOf(`from=${from}&lost=${lost}&order=${order}`);
          const whole = ownOrdersPanel(run, endOf(run)).rows.map(({ bars }) => bytes(bars));
          let before = [-1, -1];
          for (const now of moments.toSorted((a, b) => a - b)) {
            const [one, own] = [oneOrderPanel(run, now), ownOrdersPanel(run, now)];
            expect(bytes(one.rows[0]?.bars ?? [])).toBe(run.total);
            expect(own.rows.map(({ bars }) => bytes(bars))).toEqual(whole);
            const came = [one, own].map(({ rows }) =>
              rows.slice(1).reduce((sum, { bars }) => sum + bytes(bars, 'came'), 0),
            );
            for (const [i, sum] of came.entries()) expect(sum).toBeGreaterThanOrEqual(before[i] ?? 0);
            before = came;
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it('before anything came all is due, just before the lost bytes come nothing behind them is handed on, at the end all is', () => {
    const run = runOf('');
    expect(bytes(oneOrderPanel(run, 0).rows[0]?.bars ?? [], 'due')).toBe(run.total);
    const [all] = oneOrderPanel(run, snapshot(run)).rows;
    expect(bytes(all?.bars ?? [], 'came')).toBe(run.hole.from);
    expect(bytes(all?.bars ?? [], 'lost')).toBe(run.hole.to - run.hole.from);
    expect(bytes(all?.bars ?? [], 'held')).toBe(run.total - run.hole.to);
    for (const panel of [oneOrderPanel(run, endOf(run)), ownOrdersPanel(run, endOf(run))])
      for (const { bars } of panel.rows) expect(bars.every(({ mark }) => mark === 'came')).toBe(true);
  });

  it('is SVG without styles of its own, names each reply, and says in words who waits', () => {
    const run = runOf('n=3');
    for (const panel of [oneOrderPanel(run, snapshot(run)), ownOrdersPanel(run, snapshot(run))]) {
      const svg = panelSvg(panel, 350);
      expect(svg).not.toMatch(/ style=|NaN|undefined|Infinity/);
      expect(svg.match(/class="strip-name"/g)).toHaveLength(4);
      expect(svg).toMatch(/<desc[^>]*>.*\/a (?:waits|lost|on time)/);
    }
    for (const curve of run.gains) expect(gainChart(curve, 3, 100, 350)).not.toMatch(/ style=|NaN|undefined/);
    expect(holeTable(run).match(/<tr>/g)).toHaveLength(4);
  });
});

it('each place for the hole shows what its name says', () => {
  const at = new Map(presets(runOf('seed=11')).map(({ name, plan }) => [name, holeRun(plan)]));
  expect([...at.keys()]).toHaveLength(5);
  const lost = (name: string): number => at.get(name)?.one.fates.filter((fate) => fate === 'lost').length ?? -1;
  expect(lost('inside one frame')).toBe(1);
  expect(lost('across two')).toBe(2);
  expect(lost('the head of a frame')).toBe(1);
  expect(lost('the server’s SETTINGS')).toBe(0);
  expect(at.get('the very end')?.one.fates).not.toContain('behind');
});

it('the text for a terminal has a line for each reply on both roads', () => {
  const text = holeText(runOf('n=4&order=turn&from=3000'));
  expect(text.match(/^ {2}\/[a-d] {2,}(?:waits|lost|on time).* {2,}(?:waits|lost|on time)/gm)).toHaveLength(4);
  expect(text).toContain('each reply to its end');
});
