import { describe, expect, it } from 'vitest';
import { findings } from '../testing/check.ts';
import { type ExchangeParts, type RecordingParts, recordingOf, withoutFields } from '../testing/recording.ts';
import { credentialsSplit } from './credentials-split.ts';

const get = (path: string, connection: number, parts: ExchangeParts = {}): ExchangeParts => ({
  url: `https://fonts.example/${path}`,
  protocol: 'h2',
  connection,
  start: 100,
  timings: { wait: 200 },
  ...parts,
});
const font: ExchangeParts = { resourceType: 'font', timings: { connect: 90, wait: 100 } };
const exchanges = [
  get('css', 0, { start: 0, resourceType: 'stylesheet', credentials: true, timings: { connect: 90, wait: 400 } }),
  get('a.woff2', 1, font),
  get('b.woff2', 1, { ...font, timings: { wait: 100 } }),
];
const har = (parts: RecordingParts = {}) => recordingOf({ exchanges, ...parts });

describe('credentials-split', () => {
  it('infers it from a HAR: one of two at a time carries only fonts', () => {
    const [found, ...more] = findings(credentialsSplit, har());
    expect(more).toEqual([]);
    expect(found?.sentence).toBe(
      'fonts.example was connected twice: once with credentials (1 request), once without (2 fonts). The second handshake took 90 ms.',
    );
    expect(found).toMatchObject({ certainty: 'inferred', avoidable: [1], atMostMs: 90 });
  });

  it('takes CORS without cookies for the same, and not with them', () => {
    const cors = (credentials: boolean | null) =>
      har({
        exchanges: [
          exchanges[0] ?? {},
          get('x', 1, {
            credentials,
            requestFields: { origin: 'https://site.example' },
            timings: { connect: 90, wait: 9 },
          }),
        ],
      });
    expect(findings(credentialsSplit, cors(false))).toHaveLength(1);
    expect(findings(credentialsSplit, cors(true))).toEqual([]);
    expect(findings(credentialsSplit, cors(null))).toEqual([]);
  });

  it('keeps silent one after the other, over HTTP/1.1, and when the second cost nothing to speak of', () => {
    const after = exchanges.map((each, i) => (i === 0 ? each : { ...each, start: 5000 }));
    const h1 = exchanges.map((each): ExchangeParts => ({ ...each, protocol: 'http/1.1' }));
    const cheap = exchanges.map((each, i) => (i === 1 ? { ...each, timings: { connect: 29, wait: 100 } } : each));
    for (const each of [after, h1, cheap]) expect(findings(credentialsSplit, har({ exchanges: each }))).toEqual([]);
    const early = har({ exchanges: cheap, pages: [{ onContentLoad: 500 }] });
    expect(findings(credentialsSplit, early)).toHaveLength(1);
  });

  it('keeps silent without the fields', () => {
    expect(findings(credentialsSplit, withoutFields(har()))).toEqual([]);
  });

  const groups = (second: string | null) =>
    har({
      kind: 'netlog',
      connections: [
        { group: 'https://fonts.example', credentials: true },
        { group: second, credentials: second === null ? null : !second.startsWith('pm/') },
      ],
    });

  it('reads the groups of a NetLog', () => {
    expect(findings(credentialsSplit, groups('pm/https://fonts.example'))).toMatchObject([{ certainty: 'measured' }]);
    expect(findings(credentialsSplit, groups('https://fonts.example'))).toEqual([]);
    expect(findings(credentialsSplit, groups(null))).toEqual([]);
  });
});
