import { extent } from '@interleave/trace/timeline';
import { describe, expect, it } from 'vitest';
import type { CheckResult, Entry } from '../result.ts';
import { timelineOf } from './timeline.ts';

const entry = (tick: number, at: number, more: object): Entry =>
  ({ tick, at, connection: 'c1', by: 'learner', ...more }) as Entry;

const run: Pick<CheckResult, 'oracle' | 'connections' | 'transcript' | 'beside'> = {
  oracle: 'chromium',
  transcript: [
    entry(0, 100, { by: 'judge', what: 'opened' }),
    entry(1, 110, { what: 'bytes', from: 0, bytes: 'GET /1' }),
    entry(2, 130, { by: 'judge', what: 'bytes', from: 0, bytes: 'one' }),
    entry(3, 131, { what: 'bytes', from: 6, bytes: 'GET /2' }),
    entry(4, 150, { by: 'judge', what: 'bytes', from: 3, bytes: 'two' }),
    entry(5, 900, { what: 'ended' }),
  ],
  connections: [
    {
      id: 'c1',
      opened: 0,
      ended: { tick: 5, by: 'learner', how: 'end' },
      bytes: { toLearner: 6, taken: 6, fromLearner: 12 },
      exchanges: [
        { n: 1, request: 'GET /1', asked: 1, handled: null, answered: null, status: null, first: 2, last: 2 },
        { n: 2, request: 'GET /2', asked: 3, handled: null, answered: null, status: null, first: 4, last: 4 },
      ],
    },
  ],
  beside: [
    { request: 'GET /1', connection: 71, sent: 1, last: 21 },
    { request: 'GET /2', connection: 75, sent: 2, last: 22 },
  ],
};

describe('a client and Chromium on the same requests', () => {
  const drawn = timelineOf(run);

  it('stand one above the other, from the moment in which all was asked for', () => {
    expect(drawn.lanes.map(({ label }) => label)).toEqual(['c1', 'Chromium 1', 'Chromium 2']);
    expect(drawn.lanes.flatMap(({ exchanges }) => exchanges.map((one) => extent(one)?.from))).toEqual([0, 0, 0, 0]);
    expect(drawn.title).toBe('2 requests: your client on 1 connection, Chromium on 2');
  });

  it('show who waited until it was sent', () => {
    const blocked = drawn.lanes[0]?.exchanges.map(({ phases }) => phases.find(({ phase }) => phase === 'blocked')?.to);
    expect(blocked).toEqual([10, 31]);
  });

  it('end with the last reply, not with the page', () => {
    expect(drawn.to).toBe(50);
    expect(drawn.lanes[0]).toMatchObject({ closedAt: null, marks: [] });
  });

  it('leave every other run as it is', () => {
    const { beside: _, ...alone } = run;
    expect(timelineOf(alone).lanes).toHaveLength(1);
  });
});
