import type { States, StreamWay } from '@interleave/judge/watch';
import { describe, expect, it } from 'vitest';
import { layoutOf, MOST } from './states-layout.ts';

type Fate = 'ended' | 'reset' | 'open';

/** Streams that open one after another, `lag` frames before they go on. */
function statesWith(fates: readonly Fate[], lag: number): States {
  const ways = fates.map((fate, i): StreamWay => {
    const at = 2 * i;
    const over = at + lag;
    const steps = [
      { place: at, old: 'idle', next: 'open', on: 'receive HEADERS' },
      { place: at, old: 'open', next: 'half-closed (remote)', on: 'receive END_STREAM' },
      { place: over, old: 'half-closed (remote)', next: 'closed', on: 'send END_STREAM' },
    ];
    return {
      stream: 2 * i + 1,
      request: null,
      steps: fate === 'open' ? steps.slice(0, 1) : steps,
      reset: fate === 'reset' ? { place: over, by: 'client', code: 'CANCEL' } : null,
      misplaced: [],
    };
  });
  return { connection: 'c1', learner: 'server', isCut: false, frames: 2 * fates.length + lag, ways };
}

describe.each([
  ['wide', true],
  ['narrow', false],
] as const)('the %s diagram', (_, isWide) => {
  it('gives two streams never the same place at the same time, and every place inside its picture', () => {
    const all: readonly Fate[] = ['ended', 'ended', 'reset', 'open', 'ended', 'reset', 'ended'];
    for (const count of [1, 2, 7, 23, 40])
      for (const lag of [1, 4, 15, 60]) {
        const states = statesWith(
          Array.from({ length: count }, (_, i) => all[(i * 3 + lag) % all.length] ?? 'ended'),
          lag,
        );
        const { tokens, width, height, radius } = layoutOf(states, isWide);
        for (let frame = 0; frame < states.frames; frame++) {
          const there = tokens.flatMap(({ stops }) => stops.findLast(({ at }) => at <= frame) ?? []);
          const places = there.filter(({ at }) => at >= 0).map(({ x, y }) => `${x},${y}`);
          expect(new Set(places).size).toBe(places.length);
        }
        for (const { x, y } of tokens.flatMap(({ stops }) => stops)) {
          expect(x - radius).toBeGreaterThanOrEqual(0);
          expect(x + radius).toBeLessThanOrEqual(width);
          expect(y + radius).toBeLessThanOrEqual(height);
        }
      }
  });

  it('makes the streams smaller where many stand in one state, and draws no more than can be told apart', () => {
    const few = layoutOf(statesWith(['ended', 'ended'], 4), isWide);
    const many = layoutOf(statesWith(Array<Fate>(MOST + 30).fill('ended'), 600), isWide);
    expect(many.radius).toBeLessThan(few.radius);
    expect(many.tokens.length).toBe(MOST);
  });
});

it('a stream that only passes through a state within one frame does not stop there', () => {
  const [token] = layoutOf(statesWith(['ended'], 3), true).tokens;
  expect(token?.stops.map(({ at }) => at)).toEqual([-1, 0, 3]);
  expect(token).toMatchObject({ isClosed: true, isGivenUp: false });
});
