import { describe, expect, it } from 'vitest';
import { findings } from '../testing/check.ts';
import { recordingOf, withoutFields } from '../testing/recording.ts';
import { sentTwice } from './sent-twice.ts';

const restarted = (method: string, netError = -100, times = 1) =>
  recordingOf({
    kind: 'netlog',
    exchanges: [
      { url: 'http://a.example/', start: 0, timings: { wait: 100 }, connection: 0 },
      { url: 'http://a.example/order?token=secret', method, start: 5100, timings: { wait: 80 }, connection: 1 },
    ],
    incidents: Array.from({ length: times }, () => ({
      kind: 'restart',
      at: 5110,
      netError,
      method,
      url: 'http://a.example/order?token=secret',
      connection: 0,
      exchange: 1,
    })),
  });

describe('sent-twice', () => {
  it('is grave when the method is not idempotent, and shows no query', () => {
    const [found, ...more] = findings(sentTwice, restarted('POST'));
    expect(more).toEqual([]);
    expect(found?.sentence).toBe(
      'POST /order was sent twice: the first connection, idle for 5 s, closed before an answer came. The server may have acted on both.',
    );
    expect(found).toMatchObject({
      certainty: 'measured',
      isGrave: true,
      atMostMs: 10,
      subject: 'POST http://a.example/order',
    });
  });

  it('is not grave for a GET, and counts repetitions', () => {
    const [found] = findings(sentTwice, restarted('GET', -101, 3));
    expect(found).toMatchObject({ isGrave: false });
    expect(found?.sentence).toContain(
      'GET /order was sent again 3 times: the first connection, idle for 5 s, was reset',
    );
  });

  it('keeps silent on errors before a byte was written', () => {
    for (const netError of [-15, -118, -356, -365])
      expect(findings(sentTwice, restarted('POST', netError))).toEqual([]);
  });

  it('says no more than it knows without the fields, and nothing of a HAR', () => {
    expect(findings(sentTwice, withoutFields(restarted('POST')))[0]?.sentence).toContain(
      'the first connection closed before',
    );
    expect(findings(sentTwice, { ...restarted('POST'), kind: 'har' })).toEqual([]);
  });
});
