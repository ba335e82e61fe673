import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { http2ExchangesOf } from '../raw/http2/exchanges.ts';
import { data, greeting, headers, response } from '../raw/http2/write.ts';
import { crossings, idMatchesOf, idMatchesText, idMatchesTitle } from './id-matches.ts';
import { http2Run } from './testing/http2-run.ts';

/** Three requests of a learner's client, and their replies in this order. */
function answered(...streams: readonly number[]): ReturnType<typeof http2Run> {
  const run = http2Run(
    ['learner', greeting()],
    ['learner', [1, 3, 5].map((stream) => headers(stream, `GET /${stream}`, { end: true }))],
    [
      'judge',
      [...streams.map((stream) => response(stream, 200)), ...streams.map((stream) => data(stream, 'x', { end: true }))],
    ],
  );
  const [connection] = run.connections;
  return { ...run, connections: [{ ...connection, exchanges: http2ExchangesOf(run.transcript, 'learner') } as never] };
}

describe('matches by id', () => {
  it('lead from each request to its reply, in whatever order the replies end', () => {
    const matches = idMatchesOf(answered(5, 1, 3));
    expect(matches?.pairs.map(({ stream, request, status, came }) => [stream, request, status, came])).toEqual([
      [1, 'GET /1', 200, 1],
      [3, 'GET /3', 200, 2],
      [5, 'GET /5', 200, 0],
    ]);
    expect(matches && idMatchesTitle(matches)).toBe('3 replies to 3 requests, and 2 pairs of arrows cross');
    expect(matches && idMatchesText(matches, 60)).toBe('  asked     1 3 5\n  answered  5 1 3');
  });

  it('say which request is still open', () => {
    const matches = idMatchesOf(answered(3));
    expect(matches && idMatchesTitle(matches)).toBe('1 reply to 3 requests, in the order of asking');
    expect(matches && idMatchesText(matches, 60)).toBe('  asked     1 3 5\n  answered  3\n  open      1 5');
  });

  it('cross nowhere in the order of asking, and everywhere from behind', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), (count) => {
        const straight = Array.from({ length: count }, (_, came) => ({ came }));
        expect(crossings(straight)).toBe(0);
        expect(crossings(straight.toReversed())).toBe((count * (count - 1)) / 2);
      }),
    );
  });

  it('are none where the learner is the server', () => {
    const run = http2Run(['judge', greeting()], ['judge', headers(1, 'GET /a', { end: true })]);
    expect(idMatchesOf(run)).toBeNull();
  });
});
