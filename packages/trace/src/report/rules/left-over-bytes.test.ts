import { describe, expect, it } from 'vitest';
import { findings } from '../testing/check.ts';
import { type ExchangeParts, recordingOf, withoutFields } from '../testing/recording.ts';
import { leftOverBytes } from './left-over-bytes.ts';

const closed = (reason: string, last: ExchangeParts = {}) =>
  recordingOf({
    kind: 'netlog',
    exchanges: [
      { method: 'HEAD', url: 'http://a.example/status', protocol: 'http/1.1', start: 0, connection: 0, ...last },
    ],
    incidents: [{ kind: 'socket-closed-by-pool', at: 10, reason, connection: 0 }],
  });

describe('left-over-bytes', () => {
  it('reports bytes that belong to no response, and after what they came', () => {
    const [found, ...more] = findings(leftOverBytes, closed('Data received unexpectedly'));
    expect(more).toEqual([]);
    expect(found).toMatchObject({
      certainty: 'measured',
      evidence: { exchanges: [0], connections: [0], incidents: [0] },
    });
    expect(found?.sentence).toBe(
      'After HEAD /status at a.example the server sent bytes that belong to no response; the browser gave the connection up. The page looks right.',
    );
  });

  it('infers it from a connection that could not go back to the pool', () => {
    const reason = 'Connection was closed when it was returned to the pool';
    expect(findings(leftOverBytes, closed(reason))).toMatchObject([{ certainty: 'inferred' }]);
  });

  it('keeps silent when closing was agreed, when no response came, and when the other side just closed', () => {
    const reason = 'Connection was closed when it was returned to the pool';
    expect(findings(leftOverBytes, closed(reason, { responseFields: { connection: 'close' } }))).toEqual([]);
    expect(findings(leftOverBytes, closed(reason, { protocol: 'http/1.0' }))).toEqual([]);
    expect(findings(leftOverBytes, closed(reason, { status: 0 }))).toEqual([]);
    expect(findings(leftOverBytes, closed('Remote side closed connection'))).toEqual([]);
  });

  it('over TLS, where the goodbye of a server looks the same, speaks only where a body has no place, and infers it', () => {
    const tls = {
      version: 'TLS 1.3',
      cipher: null,
      alpn: null,
      resumed: null,
      earlyData: null,
      certificateNames: null,
    };
    const over = (last: ExchangeParts) => ({
      ...closed('Data received unexpectedly', last),
      connections: closed('', last).connections.map((each) => ({ ...each, tls })),
    });
    expect(findings(leftOverBytes, over({ method: 'GET', status: 200 }))).toEqual([]);
    expect(findings(leftOverBytes, over({ method: 'GET', status: 204 }))).toMatchObject([{ certainty: 'inferred' }]);
    expect(findings(leftOverBytes, over({ method: 'HEAD' }))[0]?.whySure).toContain('goodbye');
  });

  it('keeps silent about HTTP/2, which frames everything', () => {
    for (const reason of ['Data received unexpectedly', 'Connection was closed when it was returned to the pool']) {
      expect(findings(leftOverBytes, closed(reason, { protocol: 'h2' }))).toEqual([]);
    }
  });

  it('says what it can without the fields', () => {
    const bare = withoutFields(closed('Data received unexpectedly'));
    expect(findings(leftOverBytes, bare)[0]?.sentence).toMatch(/^After a response the server sent bytes/);
    expect(
      findings(leftOverBytes, withoutFields(closed('Connection was closed when it was returned to the pool'))),
    ).toEqual([]);
  });

  it('says of a HAR that it cannot tell', () => {
    expect(findings(leftOverBytes, { ...closed('Data received unexpectedly'), kind: 'har' })).toEqual([]);
  });
});
