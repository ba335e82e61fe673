import { describe, expect, it } from 'vitest';
import { ownFrames, placeIn, type Sources } from './place.ts';

const sources: Sources = new Map([['http1/server.ts', { lines: ['one', 'two'], prelude: 20 }]]);

describe('placeIn', () => {
  it.each([
    [
      'Node',
      'Error: x\n    at read (file:///judge/pipe.ts:1:1)\n    at serve (learner:/learner~KA2-1.3/http1/server.ts:2:7)',
    ],
    ['Deno', 'Error: x\n    at async serve (file:///tmp/learner~KA2-1/http1/server.ts:2:7)'],
    ['workerd', 'Error: x\n    at Stage.serve (file:///work/learner%7EKA2-1/http1/server.ts:2:7)'],
    ['a page', 'Error: x\n    at serve (http://localhost:4100/learner~KA2-1/http1/server.ts?v=1:2:7)'],
  ])('finds the learner’s line in a trace of %s', (_, stack) => {
    expect(placeIn(stack, sources, 'threw')).toEqual({
      file: 'http1/server.ts',
      line: 2,
      column: 7,
      text: 'two',
      did: 'threw',
    });
  });

  it('prefers a frame of the main file, and takes the topmost where that has none', () => {
    const both: Sources = new Map([...sources, ['http1/bytes.ts', { lines: ['a', 'b'], prelude: 20 }]]);
    const reader = '    at async until (learner:/learner~x/http1/bytes.ts:2:3)';
    const stack = `${reader}\n    at async serve (learner:/learner~x/http1/server.ts:2:7)`;
    expect(placeIn(stack, both, '')).toMatchObject({ file: 'http1/bytes.ts' });
    expect(placeIn(stack, both, '', 'http1/server.ts')).toMatchObject({ file: 'http1/server.ts', line: 2 });
    expect(placeIn(reader, both, '', 'http1/server.ts')).toMatchObject({ file: 'http1/bytes.ts' });
  });

  it('takes the prelude off the first line', () => {
    expect(placeIn('    at learner:/learner~x/http1/server.ts:1:25', sources, '')).toMatchObject({
      line: 1,
      column: 5,
    });
  });

  it('knows no place outside the learner’s files', () => {
    expect(placeIn('    at x (file:///judge/pipe.ts:1:1)', sources, '')).toBeNull();
    expect(placeIn('    at x (learner:/learner~x/http1/server.ts:9:1)', sources, '')).toBeNull();
    expect(placeIn(undefined, sources, '')).toBeNull();
  });
});

describe('ownFrames', () => {
  it('keeps the message and the learner’s frames, under their own names', () => {
    const stack =
      'TypeError: no\n    at Stage.serve (file:///m/learner~K/http1/server.ts:2:7)\n    at play (file:///m/judge.ts:1:1)';
    expect(ownFrames(stack)).toBe('TypeError: no\n    at serve (http1/server.ts:2:7)');
  });
});
