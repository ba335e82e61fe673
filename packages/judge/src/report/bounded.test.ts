import type { Exchange, Lane, Timeline } from '@interleave/trace/timeline';
import { describe, expect, it } from 'vitest';
import { bounded, MOST_DRAWN } from './bounded.ts';

const exchange = (n: number): Exchange => ({
  id: `${n}`,
  label: `GET /${n}`,
  nth: n,
  phases: [{ phase: 'server', from: n, to: n + 1 }],
  outcome: 'complete',
});
const lane = (id: string, numbers: readonly number[], closedAt: number): Lane => ({
  id,
  label: id,
  kind: 'connection',
  protocol: 'http/1.1',
  openedAt: 0,
  closedAt,
  beginning: 'new',
  exchanges: numbers.map(exchange),
  marks: [{ at: closedAt, kind: 'fin' }],
});
const drawn = (...lanes: Lane[]): Timeline => ({ title: 'a run', lanes, to: 1000 });
const numbers = (from: number, count: number): number[] => Array.from({ length: count }, (_, i) => from + i);

describe('a picture that fits on a screen', () => {
  it('leaves a small one as it is', () => {
    const small = drawn(lane('c1', numbers(1, 20), 30));
    expect(bounded(small)).toEqual({ timeline: small, left: 0 });
  });

  it('draws the first ones, says how many are left, and ends where they end', () => {
    const { timeline, left } = bounded(drawn(lane('c1', numbers(1, 200), 300)));
    expect([timeline.lanes[0]?.exchanges.length, left, timeline.to]).toEqual([
      MOST_DRAWN,
      200 - MOST_DRAWN,
      MOST_DRAWN + 1,
    ]);
    expect(timeline.lanes[0]).toMatchObject({ closedAt: null, marks: [] });
  });

  it('keeps the end of a lane that is whole, and no lane without an exchange', () => {
    const { timeline } = bounded(drawn(lane('c1', [1, 2], 9), lane('c2', numbers(3, 50), 80), lane('c3', [70], 90)));
    expect(timeline.lanes.map(({ id, closedAt }) => [id, closedAt])).toEqual([
      ['c1', 9],
      ['c2', null],
    ]);
  });
});
