import { describe, expect, it } from 'vitest';
import type { RawCheck } from '../../exercise.ts';
import { VirtualClock } from '../clock.ts';
import { StepFailed, World } from '../world.ts';
import { FunctionStage } from './function.ts';
import type { ExpectValueStep } from './function-steps.ts';

const step: ExpectValueStep = {
  do: 'expectValue',
  args: [[1, 2]],
  gives: [
    { id: 1, from: 5, behind: [2, 3] },
    { id: 4, from: 6, behind: [] },
  ],
  story: 'two replies',
  key: 'id',
  noun: 'reply',
  unordered: ['behind'],
};

const check: RawCheck = {
  id: 'X1-1',
  title: '',
  judge: 'raw',
  spec: { text: 'contract', url: '' },
  idea: '',
  scene: { kind: 'function', file: 'x.ts', export: 'held' },
  steps: [step],
};

/** The headline of the failure, or null. */
async function judged(learner: (...args: never[]) => unknown, of: ExpectValueStep = step): Promise<string | null> {
  const host = {
    name: 'node' as const,
    load: async () => ({}),
    turn: async () => {},
    idle: async () => {},
    rest: async () => {},
    realNow: () => 0,
  };
  const world = new World(host, new VirtualClock(), new Map());
  try {
    const find = (): never => {
      throw new Error('There is no other file');
    };
    await new FunctionStage(world, check, learner, find).play(of);
    return null;
  } catch (error) {
    if (error instanceof StepFailed) return error.failure.headline;
    throw error;
  }
}

describe('a list with a key', () => {
  it('may come in any order, with more members, and free lists in any order', async () => {
    const right = [
      { id: 4, from: 6, behind: [], note: 'mine' },
      { id: 1, from: 5, behind: [3, 2] },
    ];
    expect(await judged(() => right)).toBe(null);
  });

  it.each<[string, unknown]>([
    ['held does not list reply 1.', [{ id: 4, from: 6, behind: [] }]],
    [
      'For reply 1, `from` is 7.',
      [
        { id: 1, from: 7, behind: [2, 3] },
        { id: 4, from: 6, behind: [] },
      ],
    ],
    [
      'For reply 1, `behind` is [2, 2].',
      [
        { id: 1, from: 5, behind: [2, 2] },
        { id: 4, from: 6, behind: [] },
      ],
    ],
    ['held lists reply 1 2 times.', [1, 1, 4].map((id) => ({ id, from: id + 4, behind: [2, 3] }))],
    [
      'held lists reply 9, which does not belong there.',
      [{ id: 9 }, { id: 1, from: 5, behind: [2, 3] }, { id: 4, from: 6, behind: [] }],
    ],
    ['held lists null, which has no id.', [null]],
    ['held gave undefined, not an array.', undefined],
    ['held gave a Promise; its caller does not wait.', Promise.resolve([])],
  ])('says: %s', async (headline, value) => {
    expect(await judged(() => value)).toBe(headline);
  });
});

describe('any other value', () => {
  it('is compared as it is, order and all', async () => {
    const plain: ExpectValueStep = { do: 'expectValue', args: [3], gives: [1, 2], story: 'three' };
    expect(await judged(() => [1, 2], plain)).toBe(null);
    expect(await judged(() => [2, 1], plain)).toBe('held gave [2, 1].');
  });

  it('is told when it was an error', async () => {
    const throws = (): never => {
      throw new RangeError('no');
    };
    expect(await judged(throws)).toBe('held threw: RangeError: no');
  });

  it('cannot spoil the arguments for the text that shows them', async () => {
    const of: ExpectValueStep = { ...step, args: [[3, 1, 2]], gives: [], story: 'three numbers' };
    await judged(((numbers: number[]) => numbers.sort()) as never, of);
    expect(of.args).toEqual([[3, 1, 2]]);
  });
});
