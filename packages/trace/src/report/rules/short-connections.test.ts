import { describe, expect, it } from 'vitest';
import { findings } from '../testing/check.ts';
import { type ExchangeParts, recordingOf, withoutFields } from '../testing/recording.ts';
import { shortConnections } from './short-connections.ts';

const each = (i: number, parts: ExchangeParts = {}): ExchangeParts => ({
  url: `https://api.example/${i}`,
  protocol: 'http/1.1',
  connection: i,
  start: i * 200,
  timings: { connect: 84, ssl: 40, wait: 20 },
  ...parts,
});
const nine = (parts: ExchangeParts = {}): ExchangeParts[] => Array.from({ length: 9 }, (_, i) => each(i, parts));

describe('short-connections', () => {
  it('says what each paid, and who closed', () => {
    const exchanges = nine({ responseFields: { connection: 'Close' } });
    const [found, ...more] = findings(shortConnections, recordingOf({ exchanges }));
    expect(more).toEqual([]);
    expect(found?.sentence).toBe(
      '9 of 9 requests to api.example paid a new connection (84 ms each). The server sent Connection: close on all 9.',
    );
    expect(found).toMatchObject({ certainty: 'measured', atMostMs: 8 * 84, avoidable: [1, 2, 3, 4, 5, 6, 7, 8] });
  });

  it('knows HTTP/1.0 without keep-alive, and the client’s own close', () => {
    const old = findings(shortConnections, recordingOf({ exchanges: nine({ protocol: 'http/1.0' }) }));
    expect(old[0]?.sentence).toContain('answered in HTTP/1.0 without keep-alive');
    const own = findings(
      shortConnections,
      recordingOf({ exchanges: nine({ requestFields: { connection: 'close' } }) }),
    );
    expect(own[0]?.sentence).toContain('The client sent Connection: close');
  });

  it('does not say who closed when the file does not', () => {
    const [found] = findings(shortConnections, recordingOf({ exchanges: nine() }));
    expect(found).toMatchObject({ certainty: 'inferred' });
    expect(found?.sentence).toContain('The file does not say who closed.');
  });

  it('keeps silent when new connections are needed: all at once', () => {
    expect(findings(shortConnections, recordingOf({ exchanges: nine({ start: 0 }) }))).toEqual([]);
  });

  it('keeps silent when connections are used again, after a long pause, for two requests, and over HTTP/2', () => {
    const reused = Array.from({ length: 9 }, (_, i) =>
      each(i, i === 0 ? {} : { connection: 0, timings: { wait: 20 } }),
    );
    const paused = Array.from({ length: 9 }, (_, i) => each(i, { start: i * 5000 }));
    for (const exchanges of [reused, paused, nine().slice(0, 2), nine({ protocol: 'h2' })]) {
      expect(findings(shortConnections, recordingOf({ exchanges }))).toEqual([]);
    }
  });

  it('keeps silent without the fields', () => {
    expect(findings(shortConnections, withoutFields(recordingOf({ exchanges: nine() })))).toEqual([]);
  });
});
