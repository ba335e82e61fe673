import { describe, expect, it } from 'vitest';
import type { Connection } from '../model.ts';
import { findings } from '../testing/check.ts';
import { type ExchangeParts, type RecordingParts, recordingOf, withoutFields } from '../testing/recording.ts';
import { idleTooShort } from './idle-too-short.ts';

const call = (start: number, connection: number, parts: ExchangeParts = {}): ExchangeParts => ({
  url: 'https://api.example/poll',
  protocol: 'http/1.1',
  connection,
  start,
  timings: { ...(connection > 0 && { connect: 120 }), wait: 20 },
  ...parts,
});
/** Every ten seconds; the first pause, of 4.8 s, was survived. */
const polled: ExchangeParts[] = [
  call(0, 0, { timings: { connect: 120, wait: 80 }, responseFields: { 'keep-alive': 'timeout=5' } }),
  call(5000, 0),
  call(15_000, 1),
  call(25_000, 2),
];
const recording = (parts: RecordingParts = {}) => recordingOf({ exchanges: polled, ...parts });

describe('idle-too-short', () => {
  it('names the pause that was survived and the one that was not', () => {
    const [found, ...more] = findings(idleTooShort, recording());
    expect(more).toEqual([]);
    expect(found?.sentence).toBe(
      'api.example ends idle connections between 4.8 s (survived) and 9.9 s (gone). 2 requests came later and needed another (120 ms each). The server said Keep-Alive: timeout=5.',
    );
    expect(found).toMatchObject({ certainty: 'inferred', avoidable: [1, 2], atMostMs: 240 });
  });

  it('is measured where the log has the other side closing', () => {
    const incidents = [0, 1].map((connection) => ({
      kind: 'socket-closed-by-pool' as const,
      at: 15_000,
      reason: 'Remote side closed connection',
      connection,
    }));
    expect(findings(idleTooShort, recording({ kind: 'netlog', incidents }))).toMatchObject([{ certainty: 'measured' }]);
  });

  it('keeps silent when the browser gave them up itself', () => {
    const incidents = [0, 1].map((connection) => ({
      kind: 'socket-closed-by-pool' as const,
      at: 15_000,
      reason: 'Idle time limit expired',
      connection,
    }));
    expect(findings(idleTooShort, recording({ kind: 'netlog', incidents }))).toEqual([]);
  });

  it('keeps silent when the old connection is used again', () => {
    expect(findings(idleTooShort, recording({ exchanges: [...polled, call(35_000, 0)] }))).toEqual([]);
  });

  it('keeps silent after an announced close, after a minute, after one time, and on inferred connections', () => {
    const closed = polled.map((each) => ({ ...each, responseFields: { connection: 'close' } }));
    const slow = [call(0, 0), call(70_000, 1), call(140_000, 2)];
    for (const exchanges of [closed, slow, polled.slice(0, 3)]) {
      expect(findings(idleTooShort, recording({ exchanges }))).toEqual([]);
    }
    const inferred = Array.from({ length: 3 }, (): Partial<Connection> => ({ sure: 'inferred' }));
    expect(findings(idleTooShort, recording({ connections: inferred }))).toEqual([]);
  });

  it('keeps silent without the fields', () => {
    expect(findings(idleTooShort, withoutFields(recording()))).toEqual([]);
  });

  const goaway = (opened: number) =>
    recordingOf({
      kind: 'netlog',
      connections: [
        { protocol: 'h2', opened: 0, group: 'https://api.example' },
        { protocol: 'h2', opened, group: 'https://api.example' },
      ],
      exchanges: [call(0, 0, { protocol: 'h2' }), call(opened, 1, { protocol: 'h2' })],
      incidents: [{ kind: 'goaway', at: 500, code: 0, lastStreamId: 1, debug: null, connection: 0 }],
    });

  it('reports GOAWAY when a session followed soon', () => {
    expect(findings(idleTooShort, goaway(900))[0]?.sentence).toBe(
      'api.example ended 1 connection with GOAWAY (code 0, last stream 1), and each was opened again within 30 s.',
    );
  });

  it('keeps silent when nobody came back soon after GOAWAY', () => {
    expect(findings(idleTooShort, goaway(31_000))).toEqual([]);
  });
});
