import { describe, expect, it } from 'vitest';
import { nextOf, type Progress, reachedOf } from './progress.ts';

const exercises = ['KA1', 'KA2', 'KA3', 'PL1'].map((id) => ({ id }));

/** `✓` passed, `✗` saved and failing. */
function progress(current: string | null, state: Readonly<Record<string, '✓' | '✗'>>): Progress {
  const of = (sign: '✓' | '✗'): Progress['exercises'][string] => ({
    passedAt: sign === '✓' ? '2026-11-21T09:00:00.000Z' : null,
    saves: 1,
    run: null,
    passed: [],
    failing: null,
    hints: {},
  });
  return {
    version: 1,
    current,
    exercises: Object.fromEntries(Object.entries(state).map(([id, sign]) => [id, of(sign)])),
  };
}

describe('nextOf', () => {
  it.each<[string, Progress, string | null, string | null]>([
    ['begins with the first', progress(null, {}), null, 'KA1'],
    ['goes on with the one that was open', progress('KA3', { KA3: '✗' }), null, 'KA3'],
    ['goes on behind the one that has passed', progress('KA2', { KA1: '✓', KA2: '✓' }), null, 'KA3'],
    ['comes back to one that was left out', progress('PL1', { KA2: '✓', KA3: '✓', PL1: '✓' }), null, 'KA1'],
    ['goes on from another when told', progress('KA1', { KA1: '✗' }), 'KA1', 'KA2'],
    ['ends when all have passed', progress('PL1', { KA1: '✓', KA2: '✓', KA3: '✓', PL1: '✓' }), null, null],
    ['forgets an exercise that is gone', progress('KA0', { KA0: '✗' }), null, 'KA1'],
  ])('%s', (_, state, after, id) => {
    expect(nextOf(exercises, state, after)?.id ?? null).toBe(id);
  });
});

describe('reachedOf', () => {
  it('is what was worked on, and what comes next, in teaching order', () => {
    const ids = (state: Progress): string[] => reachedOf(exercises, state).map(({ id }) => id);
    expect(ids(progress(null, {}))).toEqual(['KA1']);
    expect(ids(progress('KA2', { KA1: '✓', KA2: '✓' }))).toEqual(['KA1', 'KA2', 'KA3']);
    expect(ids(progress('PL1', { KA2: '✓', PL1: '✗' }))).toEqual(['KA2', 'PL1']);
  });
});
