import { describe, expect, it } from 'vitest';
import { findings } from '../testing/check.ts';
import { type ExchangeParts, recordingOf, withoutFields } from '../testing/recording.ts';
import { oneConnectionFull } from './one-connection-full.ts';

const stream = (start: number, blocked: number, wait: number): ExchangeParts => ({
  url: 'https://a.example/item',
  protocol: 'h2',
  connection: 0,
  start,
  timings: { blocked, wait },
});
/** Four at a time: the next four wait for the first. */
const fours = [...Array(4).fill(stream(0, 0, 200)), ...Array(4).fill(stream(0, 200, 200))];

describe('one-connection-full', () => {
  it('takes the session’s word for its limit', () => {
    const recording = recordingOf({
      kind: 'netlog',
      exchanges: fours,
      incidents: [4, 5, 6, 7].map((exchange) => ({
        kind: 'stream-limit',
        at: 1,
        until: 200,
        limit: 4,
        connection: 0,
        exchange,
      })),
    });
    const [found, ...more] = findings(oneConnectionFull, recording);
    expect(more).toEqual([]);
    expect(found).toMatchObject({ certainty: 'measured', atMostMs: 199 });
    expect(found?.sentence).toBe('a.example allows 4 streams at a time; 4 requests waited, at most 199 ms.');
    expect(findings(oneConnectionFull, withoutFields(recording))).toEqual([]);
  });

  it('says how long an upload stood still', () => {
    const windows = (ms: number) =>
      recordingOf({
        kind: 'netlog',
        exchanges: [stream(0, 0, 2000)],
        incidents: [{ kind: 'send-window-stall', at: 100, until: 100 + ms, of: 'stream', connection: 0, exchange: 0 }],
      });
    expect(findings(oneConnectionFull, windows(1200))[0]?.sentence).toBe(
      'An upload to a.example stood still for 1.2 s, waiting for window updates.',
    );
    expect(findings(oneConnectionFull, windows(49))).toEqual([]);
  });

  it('infers a limit from a HAR where the number in flight stood still', () => {
    const [found] = findings(oneConnectionFull, recordingOf({ exchanges: fours }));
    expect(found).toMatchObject({ certainty: 'inferred', atMostMs: 200, evidence: { exchanges: [4, 5, 6, 7] } });
    expect(found?.sentence).toMatch(/^Never more than 4 exchanges at a time/);
  });

  it('keeps silent where more were in flight at another time: no limit stood there', () => {
    const later = Array(8).fill(stream(1000, 0, 100));
    expect(findings(oneConnectionFull, recordingOf({ exchanges: [...fours, ...later] }))).toEqual([]);
  });

  it('keeps silent while others wait for the handshake', () => {
    const first = { ...stream(0, 0, 20), timings: { connect: 200, wait: 20 } };
    const exchanges = [first, ...Array(4).fill(stream(0, 200, 50))];
    expect(findings(oneConnectionFull, recordingOf({ exchanges }))).toEqual([]);
  });

  it('keeps silent on connections that are inferred, and without the fields', () => {
    const inferred = recordingOf({ exchanges: fours, connections: [{ sure: 'inferred' }] });
    expect(findings(oneConnectionFull, inferred)).toEqual([]);
    expect(findings(oneConnectionFull, withoutFields(recordingOf({ exchanges: fours })))).toEqual([]);
  });
});
