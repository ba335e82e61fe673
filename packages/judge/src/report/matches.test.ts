import { describe, expect, it } from 'vitest';
import type { CheckResult, Entry, ExchangeRecord } from '../result.ts';
import { givenAfter, matchesOf } from './matches.ts';

const exchange = (n: number, asked: number, last: number | null): ExchangeRecord => ({
  n,
  request: `GET /${n}`,
  asked,
  handled: null,
  answered: null,
  first: last,
  last,
  status: last === null ? null : 200,
});

function run(
  by: Entry['by'],
  ...lanes: readonly (readonly ExchangeRecord[])[]
): Pick<CheckResult, 'connections' | 'transcript'> {
  return {
    connections: lanes.map((exchanges, i) => ({
      id: `c${i + 1}`,
      opened: 0,
      ended: null,
      bytes: { toLearner: 0, taken: 0, fromLearner: 0 },
      exchanges,
    })),
    transcript: lanes.map((_, i) => ({
      tick: i,
      at: 0,
      connection: `c${i + 1}`,
      by,
      what: 'bytes',
      from: 0,
      bytes: '',
    })),
  };
}

describe('matchesOf', () => {
  it('takes the connection with the most under way, with what has no reply', () => {
    const one = [exchange(1, 1, 5), exchange(2, 2, 6)];
    const two = [exchange(3, 1, 7), exchange(4, 2, 8), exchange(5, 3, null)];
    expect(matchesOf(run('learner', one, two))).toEqual({
      connection: 'c2',
      pairs: [
        { request: 'GET /3', status: 200 },
        { request: 'GET /4', status: 200 },
        { request: 'GET /5', status: null },
      ],
    });
  });

  it('says nothing of requests one after another, nor of a learner who is the server', () => {
    expect(matchesOf(run('learner', [exchange(1, 1, 2), exchange(2, 3, 4)]))).toBeNull();
    expect(matchesOf(run('judge', [exchange(1, 1, 5), exchange(2, 2, 6)]))).toBeNull();
  });
});

describe('givenAfter', () => {
  it('swaps two, or makes everyone behind a lost reply get the next one’s', () => {
    expect(givenAfter(4, 'none', 1)).toEqual([0, 1, 2, 3]);
    expect(givenAfter(4, 'swap', 1)).toEqual([0, 2, 1, 3]);
    expect(givenAfter(4, 'lose', 1)).toEqual([0, 2, 3, null]);
  });
});
