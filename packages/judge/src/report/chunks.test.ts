/** Chunked replies taken apart: what each byte is, and when it left. */
import { describe, expect, it } from 'vitest';
import type { Entry } from '../result.ts';
import { chunkedReplies } from './chunks.ts';

/** Writes at these times, in the order given; another entry stands between two writes of different times. */
function run(oracle: 'raw' | 'chromium', writes: readonly (readonly [at: number, bytes: string])[]) {
  const transcript: Entry[] = [];
  let from = 0;
  for (const [i, [at, bytes]] of writes.entries()) {
    if (i > 0 && at !== writes[i - 1]?.[0])
      transcript.push({ tick: transcript.length, at, connection: '', by: 'judge', what: 'time', to: at });
    transcript.push({ tick: transcript.length, at, connection: 'c1', by: 'learner', what: 'bytes', from, bytes });
    from += bytes.length;
  }
  const exchange = { n: 1, request: 'GET /a', asked: 0, handled: 0, answered: 0, first: 0, last: 0, status: 200 };
  const connection = {
    id: 'c1',
    opened: 0,
    ended: null,
    bytes: { toLearner: 0, taken: 0, fromLearner: from },
    exchanges: [exchange, { ...exchange, n: 2, request: 'GET /b' }],
  };
  return { oracle, transcript, connections: [connection] };
}

const HEAD = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';

describe('a chunked reply', () => {
  it.each(['raw', 'chromium'] as const)('is told piece by piece, as it left (%s)', (oracle) => {
    const [reply] = chunkedReplies(
      run(oracle, [
        [0, HEAD],
        [0, '5\r\nhello\r\n'],
        [900, '3\r\n'],
        [900, 'abc\r\n'],
        [1800, '0\r\n\r\n'],
      ]),
    );
    expect(reply?.leavings.map(({ at, parts }) => [at, ...parts.map((part) => `${part.what} ${part.bytes}`)])).toEqual([
      [0, `head ${HEAD.length}`, 'size 3', 'data 5', 'end of data 2'],
      [900, 'size 3', 'data 3', 'end of data 2'],
      [1800, 'last chunk 5'],
    ]);
    expect(reply).toMatchObject({ request: 'GET /a', size: 8, isWhole: true });
  });

  it('passes over replies with a length, and knows trailers', () => {
    const replies = chunkedReplies(
      run('raw', [[0, `HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi${HEAD}2\r\nhi\r\n0\r\nx: y\r\n\r\n`]]),
    );
    expect(replies.map(({ request, isWhole }) => ({ request, isWhole }))).toEqual([
      { request: 'GET /b', isWhole: true },
    ]);
    expect(replies[0]?.leavings[0]?.parts.map(({ what }) => what)).toEqual([
      'head',
      'size',
      'data',
      'end of data',
      'last chunk',
      'trailers',
    ]);
  });

  it.each(['5', '5\r\nhel', '5\r\nhello', '5\r\nhello\r\n'])('is not whole when it breaks off behind %j', (part) => {
    expect(chunkedReplies(run('raw', [[0, HEAD + part]]))[0]?.isWhole).toBe(false);
  });
});
