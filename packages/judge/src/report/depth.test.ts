import { describe, expect, it } from 'vitest';
import type { ConnectionRecord, Entry } from '../result.ts';
import { depthsOf, depthTitle } from './depth.ts';

const base = { at: 0, connection: 'c1' };
const taken = (tick: number, from: number, size: number): Entry => ({
  ...base,
  tick,
  by: 'judge',
  what: 'bytes',
  from,
  bytes: 'x'.repeat(size),
});
const called = (tick: number, exchange: number): Entry => ({
  ...base,
  tick,
  by: 'learner',
  what: 'request',
  exchange,
  request: `GET /${exchange}`,
});
const transcript: Entry[] = [taken(1, 0, 40), called(2, 1), called(3, 2), taken(7, 40, 20), called(8, 3)];
const exchange = (n: number, last: number | null): ConnectionRecord['exchanges'][number] => ({
  n,
  request: `GET /${n}`,
  asked: 1,
  handled: 2,
  answered: null,
  first: last,
  last,
  status: null,
});
const connections: ConnectionRecord[] = [
  {
    id: 'c1',
    opened: 0,
    ended: null,
    bytes: { toLearner: 60, taken: 60, fromLearner: 0 },
    exchanges: [exchange(1, 5), exchange(2, null), exchange(3, null)],
  },
];

describe('depthsOf', () => {
  it('goes up with each call and down with each reply that has left, beside the bytes that were taken', () => {
    const [depth] = depthsOf({ maxInFlight: 2, transcript, connections });
    expect(depth?.moments.map(({ tick, inFlight, taken: bytes }) => [tick, inFlight, bytes])).toEqual([
      [1, 0, 40],
      [2, 1, 40],
      [3, 2, 40],
      [5, 1, 40],
      [7, 1, 60],
      [8, 2, 60],
    ]);
    expect(depth && depthTitle(depth)).toBe('c1: at most 2 requests begun and unsent at a time; the bound is 2');
  });

  it('says how far it went over the bound, and draws nothing where there is none', () => {
    const [depth] = depthsOf({ maxInFlight: 1, transcript, connections });
    expect(depth && depthTitle(depth)).toBe('c1: at most 2 requests begun and unsent at a time, 1 over the bound of 1');
    expect(depthsOf({ transcript, connections })).toEqual([]);
  });
});
