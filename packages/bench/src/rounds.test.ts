import { expect, test } from 'vitest';
import { takeTurns } from './rounds.ts';

test('everybody is measured in turn, the beginner moves on, and the warm-up round is dropped', async () => {
  const order: string[] = [];
  const competitor = (name: string, base: number): Parameters<typeof takeTurns>[0][number] => {
    let calls = 0;
    return {
      name,
      measure: async () => {
        order.push(name);
        return { figure: base + calls++, busy: name === 'c' ? null : 0.5 };
      },
    };
  };
  const rounds = await takeTurns([competitor('a', 10), competitor('b', 20), competitor('c', 30)], 2, () => {});
  expect(order.join('')).toBe('abc' + 'bca' + 'cab');
  expect(rounds).toEqual([
    { name: 'a', figures: [11, 12], busy: [0.5, 0.5] },
    { name: 'b', figures: [21, 22], busy: [0.5, 0.5] },
    { name: 'c', figures: [31, 32], busy: [] },
  ]);
});

test('a contestant that fails stops the race', async () => {
  const failing = { name: 'x', measure: () => Promise.reject(new Error('broken')) };
  await expect(takeTurns([failing], 1, () => {})).rejects.toThrow('broken');
});
