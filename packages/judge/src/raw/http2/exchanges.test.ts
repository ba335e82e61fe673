import { describe, expect, it } from 'vitest';
import type { Bytes } from '../../exercise.ts';
import type { Entry } from '../../result.ts';
import { bytesOf, latin1 } from '../bytes.ts';
import { http2ExchangesOf, http2RecordIn, requestsSent } from './exchanges.ts';
import { data, greeting, headers, preface, response, settings } from './write.ts';

const said = (tick: number, by: Entry['by'], bytes: Bytes): Entry => ({
  tick,
  at: 0,
  connection: 'c1',
  by,
  what: 'bytes',
  from: 0,
  bytes: latin1(bytesOf(bytes)),
});

const asked: Bytes = [
  greeting(),
  headers(1, 'GET /a', { end: true, cuts: [5, 9] }),
  headers(3, 'POST /b'),
  data(3, 'body', { end: true }),
];
const run: readonly Entry[] = [
  said(0, 'learner', settings()),
  said(1, 'judge', asked),
  { tick: 2, at: 0, connection: 'c1', by: 'learner', what: 'request', exchange: 1, request: 'POST /b' },
  { tick: 3, at: 0, connection: 'c1', by: 'learner', what: 'request', exchange: 2, request: 'GET /a' },
  { tick: 4, at: 0, connection: 'c1', by: 'judge', what: 'response', exchange: 1, status: 201 },
  said(5, 'learner', [response(3, 201), data(3, 'done', { end: true })]),
  said(6, 'learner', response(1, 200)),
];

describe('exchanges of an HTTP/2 connection', () => {
  it('are joined by stream on the wire, and by name with the calls of the handler', () => {
    expect(http2ExchangesOf(run)).toEqual([
      { n: 1, stream: 1, request: 'GET /a', asked: 1, handled: 3, answered: null, first: 6, last: null, status: 200 },
      { n: 2, stream: 3, request: 'POST /b', asked: 1, handled: 2, answered: 4, first: 5, last: 5, status: 201 },
    ]);
  });

  it('are the same however the bytes are cut, and out of notes', () => {
    const single = run.flatMap((entry): Entry[] =>
      entry.what === 'bytes' ? [...entry.bytes].map((bytes) => ({ ...entry, bytes })) : [entry],
    );
    expect(http2ExchangesOf(single)).toEqual(http2ExchangesOf(run));
    const notes = run.map((entry) => ({
      entry: entry.what === 'bytes' ? { ...entry, bytes: '' } : entry,
      bytes: entry.what === 'bytes' ? Uint8Array.from(entry.bytes, (c) => c.charCodeAt(0)) : null,
    }));
    expect(http2RecordIn(notes).exchanges).toEqual(http2ExchangesOf(run));
  });

  it('know which requests were sent, behind a preface or without one', () => {
    expect(requestsSent(bytesOf(asked))).toEqual(['GET /a', 'POST /b']);
    expect(requestsSent(bytesOf(headers(1, 'GET /a')))).toEqual(['GET /a']);
    expect(requestsSent(bytesOf([preface, { hex: 'ff' }]))).toEqual([]);
  });
});
