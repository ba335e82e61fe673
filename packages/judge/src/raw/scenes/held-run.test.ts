import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadExercises } from '../../state/catalogue.ts';
import { heldIn, marksOf, marksStory, type ReplyTimes } from './held-marks.ts';
import { isClear, planOf } from './held-run.ts';

const on = (connection: string, ...rows: readonly (readonly number[])[]): ReplyTimes[] =>
  rows.map(([id = 0, asked = 0, ready = 0, first = 0, last = first]) => ({
    connection,
    id,
    asked,
    ready,
    first,
    last,
  }));

describe('planOf', () => {
  it('is the same for a seed, and another for another', () => {
    expect(planOf(7)).toEqual(planOf(7));
    expect(planOf(7)).not.toEqual(planOf(8));
  });

  it('gives each reply a name of its own, and each handler of a connection another moment to end', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), (seed) => {
        const plan = planOf(seed);
        expect(new Set(plan.map(({ id }) => id)).size).toBe(plan.length);
        const ends = plan.map(({ connection, asked, after }) => `${connection} ${asked + after}`);
        expect(new Set(ends).size).toBe(plan.length);
        // Bodies never reach the next hundred, so no last byte meets a handler's end.
        for (const { asked, after, pieces } of plan) {
          expect(after).toBeGreaterThan(0);
          expect((asked + after) % 100).toBe(0);
          expect(pieces.every((wait) => wait > 0)).toBe(true);
        }
        const bodies = plan.flatMap(({ pieces }) => pieces).reduce((sum, wait) => sum + wait, 0);
        expect(bodies).toBeLessThan(2 * 100);
      }),
      { numRuns: 300 },
    );
  });

  it('asks in an order that numbers do not tell, in most runs', () => {
    const mixed = Array.from({ length: 200 }, (_, i) => planOf(i + 1)).filter((plan) => {
      const ids = plan.filter(({ connection }) => connection === 'c1').map(({ id }) => id);
      return ids.some((id, i) => i > 0 && id < (ids[i - 1] ?? 0));
    });
    expect(mixed.length).toBeGreaterThan(100);
  });
});

describe('heldIn', () => {
  it('is about the own connection, and about who is unfinished', () => {
    const replies = [...on('c1', [7, 0, 50, 50, 80], [3, 0, 10, 80]), ...on('c2', [5, 0, 20, 20])];
    expect(heldIn(replies)).toEqual([{ id: 3, from: 10, to: 80, behind: [7] }]);
  });
});

describe('marksOf', () => {
  it('puts the end of a reply before the beginning of the next, and asking before all', () => {
    const marks = marksOf(on('c1', [1, 0, 50, 50], [2, 0, 10, 50]));
    expect(marks.map(({ at, id, what }) => `${at} ${id} ${what}`)).toEqual([
      '0 1 asked',
      '0 2 asked',
      '10 2 ready',
      '50 1 ready',
      '50 1 first',
      '50 1 last',
      '50 2 first',
      '50 2 last',
    ]);
  });

  it('is told in a line', () => {
    expect(marksStory(on('c1', [1, 0, 50, 50, 80]))).toBe('reply 1: asked 0, ready 50, sent 50–80');
  });
});

describe('isClear', () => {
  it('leaves out runs that could be read in two ways', () => {
    expect(isClear(on('c1', [1, 0, 50, 50], [2, 0, 10, 50]))).toBe(true);
    // Ready in the millisecond in which the other ends.
    expect(isClear(on('c1', [1, 0, 50, 50, 60], [2, 0, 60, 60]))).toBe(false);
    // Nobody in the way, and late all the same.
    expect(isClear(on('c1', [1, 0, 50, 70]))).toBe(false);
  });
});

describe('PL5', () => {
  it('runs every seed once', async () => {
    const all = await loadExercises(join(import.meta.dirname, '../../../../..'));
    const check = all.find(({ id }) => id === 'PL5')?.checks.find(({ id }) => id === 'PL5-5');
    const steps = (check?.steps ?? []).flatMap((step) => ('cases' in step ? step.cases.flatMap((c) => c.steps) : []));
    const seeds = steps.flatMap((step) => ('seed' in step ? [step.seed] : []));
    expect(new Set(seeds).size).toBe(200);
  });
});
