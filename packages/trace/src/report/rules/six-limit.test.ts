import { describe, expect, it } from 'vitest';
import { findings } from '../testing/check.ts';
import { type ExchangeParts, recordingOf, withoutFields } from '../testing/recording.ts';
import { sixLimit } from './six-limit.ts';

const h1 = (i: number, parts: ExchangeParts): ExchangeParts => ({
  url: `https://img.example/${i}.png?key=secret`,
  protocol: 'http/1.1',
  connection: i % 6,
  ...parts,
});
/** Six that take a second each, and three that wait for them. */
const queue = (blocked = 950, holders = 6): ExchangeParts[] => [
  ...Array.from({ length: holders }, (_, i) => h1(i, { start: 0, timings: { wait: 1000 + i } })),
  ...Array.from({ length: 3 }, (_, i) => h1(6 + i, { start: 50, timings: { blocked, wait: 10 } })),
];

describe('six-limit', () => {
  it('counts who waited for one of six connections, each instant once', () => {
    const [found, ...more] = findings(sixLimit, recordingOf({ exchanges: queue() }));
    expect(more).toEqual([]);
    expect(found).toMatchObject({
      subject: 'https://img.example:443',
      certainty: 'inferred',
      atMostMs: 950,
      evidence: { exchanges: [6, 7, 8] },
    });
    expect(found?.sentence).toBe(
      '3 requests to img.example waited for one of six connections, at most 950 ms. The six were held longest by /5.png (1 s).',
    );
  });

  it('counts no waiting after load', () => {
    const [found] = findings(sixLimit, recordingOf({ pages: [{ onLoad: 400 }], exchanges: queue() }));
    expect(found?.intervals).toEqual([{ from: 50, to: 400 }]);
    expect(found?.sentence).toContain('at most 350 ms of the page');
  });

  it('leaves the browser’s own queueing out', () => {
    const waiting = queue().map((each) => ({
      ...each,
      timings: { ...each.timings, queueing: each.timings?.blocked ?? null },
    }));
    expect(findings(sixLimit, recordingOf({ exchanges: waiting }))).toEqual([]);
  });

  it('keeps silent where a request waits for its host’s first handshake', () => {
    const exchanges = [
      h1(0, { start: 0, timings: { connect: 300, wait: 20 } }),
      ...[1, 2, 3].map((i) => h1(i, { start: 10, timings: { blocked: 290, wait: 20 } })),
    ];
    expect(findings(sixLimit, recordingOf({ exchanges }))).toEqual([]);
  });

  it('keeps silent with five in flight, with short waits, and over HTTP/2', () => {
    expect(findings(sixLimit, recordingOf({ exchanges: queue(950, 5) }))).toEqual([]);
    expect(findings(sixLimit, recordingOf({ exchanges: queue(49) }))).toEqual([]);
    const h2 = queue().map((each): ExchangeParts => ({ ...each, protocol: 'h2' }));
    expect(findings(sixLimit, recordingOf({ exchanges: h2 }))).toEqual([]);
  });

  it('keeps silent when the six go to another host', () => {
    const exchanges = queue().map((each, i) => ({ ...each, url: i < 6 ? 'https://other.example/' : (each.url ?? '') }));
    expect(findings(sixLimit, recordingOf({ exchanges }))).toEqual([]);
  });

  it('keeps silent without the fields', () => {
    expect(findings(sixLimit, withoutFields(recordingOf({ exchanges: queue() })))).toEqual([]);
  });

  const stalled = (until: number | null, ofExchange: number | null = 6) =>
    recordingOf({
      kind: 'netlog',
      exchanges: queue(),
      incidents: [
        {
          kind: 'pool-stall',
          at: 60,
          until,
          limit: 'group',
          exchange: ofExchange,
          group: 'https://img.example <null>',
        },
      ],
    });

  it('takes the pool’s word in a NetLog', () => {
    expect(findings(sixLimit, stalled(560))).toMatchObject([{ certainty: 'measured', atMostMs: 500 }]);
    expect(findings(sixLimit, stalled(560, null))).toMatchObject([{ evidence: { incidents: [0] } }]);
  });

  it('keeps silent on a short stall, on one without its end, and on one that HTTP/2 then carried', () => {
    expect(findings(sixLimit, stalled(70))).toEqual([]);
    expect(findings(sixLimit, stalled(null))).toEqual([]);
    const { exchanges, ...rest } = stalled(560);
    const h2 = exchanges.map((each) => ({ ...each, protocol: 'h2' as const }));
    expect(findings(sixLimit, { ...rest, exchanges: h2 })).toEqual([]);
  });
});
