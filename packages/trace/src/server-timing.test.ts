import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ConnTiming,
  connFromServerTiming,
  formatConn,
  MAX_CONN_LENGTH,
  parseConn,
  serverTimingMetric,
} from './server-timing.ts';

const id = fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/);
const conn: fc.Arbitrary<ConnTiming> = fc.record({
  protocol: fc.option(fc.constantFrom('http/1.0' as const, 'http/1.1' as const, 'h2' as const, 'h3' as const)),
  connection: fc.option(id),
  nth: fc.option(fc.integer({ min: 1, max: 1e12 })),
  streamId: fc.option(fc.integer({ min: 0, max: 1e12 })),
  state: fc.constantFrom(
    'new' as const,
    'preconnected' as const,
    'reused' as const,
    'cache' as const,
    'unknown' as const,
  ),
  resumed: fc.option(fc.boolean()),
  earlyData: fc.option(fc.boolean()),
  ageMs: fc.option(fc.integer({ min: 0, max: 1e12 })),
  requestId: fc.option(id),
});

const EXAMPLE: ConnTiming = {
  protocol: 'h2',
  connection: 'k3J9aQ',
  nth: 7,
  streamId: 13,
  state: 'reused',
  resumed: true,
  earlyData: false,
  ageMs: 3210.4,
  requestId: 'ab12',
};

describe('the conn metric', () => {
  it('is written as the plan says', () => {
    expect(serverTimingMetric(EXAMPLE)).toBe(
      'conn;desc="?v=1&p=h2&c=k3J9aQ&n=7&s=13&st=reused&res=1&ed=0&age=3210&rid=ab12";dur=3210',
    );
  });

  it('comes back as it was, alone and among other metrics', () => {
    fc.assert(
      fc.property(conn, (c) => {
        expect(parseConn(formatConn(c))).toEqual(c);
        const others = 'cache;desc="a, conn;b";dur=2';
        expect(connFromServerTiming(`${others}, ${serverTimingMetric(c)}, cfL4;desc="?rtt=1"`)).toEqual(c);
        expect(serverTimingMetric(c).length).toBeLessThan(MAX_CONN_LENGTH);
      }),
    );
  });

  it('holds only characters that a quoted string and a header may hold, whatever the facts are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const metric = serverTimingMetric({ ...EXAMPLE, connection: text, requestId: text, nth: Number.NaN });
        expect(metric).toMatch(/^conn;desc="[\w?&=./-]*";dur=\d+$/);
      }),
    );
  });

  it('takes anything from a peer without throwing, and believes no malformed field', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseConn(text)));
    expect(parseConn('?v=2&n=1')).toBeNull();
    expect(parseConn('x'.repeat(MAX_CONN_LENGTH + 1))).toBeNull();
    expect(parseConn('?v=1&c=<b>&n=0&s=-1&st=great&res=2&age=1e9&rid=')).toEqual({
      protocol: null,
      connection: null,
      nth: null,
      streamId: null,
      state: 'unknown',
      resumed: null,
      earlyData: null,
      ageMs: null,
      requestId: null,
    });
  });

  it('is found only under its own name', () => {
    expect(connFromServerTiming('xconn;desc="?v=1&n=1"')).toBeNull();
    expect(connFromServerTiming('conn;dur=1')).toBeNull();
  });
});
