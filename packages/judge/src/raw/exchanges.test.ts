import { describe, expect, it } from 'vitest';
import type { Entry } from '../result.ts';
import { exchangesOf, requestsIn } from './exchanges.ts';

describe('requestsIn', () => {
  it('splits what the judge sent, bodies included', () => {
    const text = 'POST /p HTTP/1.1\r\ncontent-length: 2\r\n\r\nabGET /x HTTP/1.1\r\n\r\nGET /half';
    expect(requestsIn(text)).toEqual([
      { request: 'POST /p', from: 0, to: 41 },
      { request: 'GET /x', from: 41, to: 60 },
    ]);
  });
});

describe('exchangesOf', () => {
  it('joins request, handler and reply by their place on the connection', () => {
    const base = { at: 0, connection: 'c1' };
    const entries: Entry[] = [
      { ...base, tick: 0, by: 'judge', what: 'opened' },
      { ...base, tick: 1, by: 'judge', what: 'bytes', from: 0, bytes: 'GET /a HTTP/1.1\r\n\r\nGET /b HT' },
      { ...base, tick: 2, by: 'learner', what: 'request', exchange: 1, request: 'GET /a' },
      { ...base, tick: 3, by: 'judge', what: 'response', exchange: 1, status: 200 },
      {
        ...base,
        tick: 4,
        by: 'learner',
        what: 'bytes',
        from: 0,
        bytes: 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n',
      },
      { ...base, tick: 5, by: 'learner', what: 'bytes', from: 38, bytes: 'a' },
      { ...base, tick: 6, by: 'judge', what: 'bytes', from: 28, bytes: 'TP/1.1\r\n\r\n' },
    ];
    expect(exchangesOf(entries)).toEqual([
      { n: 1, request: 'GET /a', asked: 1, handled: 2, answered: 3, first: 4, last: 5, status: 200 },
      { n: 2, request: 'GET /b', asked: 6, handled: null, answered: null, first: null, last: null, status: null },
    ]);
  });
});
