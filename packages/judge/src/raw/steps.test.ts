import { describe, expect, it } from 'vitest';
import type { Step } from '../exercise.ts';
import { describeStep, kindOfStep } from './steps.ts';

describe('describeStep', () => {
  it.each<[Step, string]>([
    [{ do: 'send', what: 'GET /a', bytes: 'abc' }, 'Send GET /a (3 bytes).'],
    [{ do: 'send', on: 'c2', bytes: 'é\r\n' }, 'Send "é␍␊" on c2 (4 bytes).'],
    [{ do: 'endInput' }, 'End the sending direction.'],
    [{ do: 'advance', ms: 5000 }, 'Let 5000 ms pass.'],
    [{ do: 'expectReply', to: 'GET /a' }, 'Expect one whole reply to GET /a.'],
    [
      { do: 'expectReply', to: 'GET /a', status: 200, body: 'x', connection: 'stays' },
      'Expect one whole reply to GET /a: status 200, the body "x", the connection goes on.',
    ],
    [{ do: 'expectHandlerCalls', calls: [] }, 'Expect that the handler was not called.'],
    [
      { do: 'everyCut', what: 'a request', bytes: 'ab', eachTime: [] },
      'Send a request (2 bytes) on fresh connections: in one write, cut in two at every byte, byte by byte.',
    ],
    [{ do: 'each', cases: [{ title: 'one', steps: [] }] }, 'Try 1 case: one.'],
  ])('says %j', (step, text) => {
    expect(describeStep(step)).toBe(text);
  });

  it('tells actions from expectations', () => {
    expect(kindOfStep({ do: 'send', bytes: '' })).toBe('action');
    expect(kindOfStep({ do: 'expectSilence' })).toBe('expectation');
  });
});
