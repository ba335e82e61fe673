import { describe, expect, it } from 'vitest';
import type { Connection } from '../model.ts';
import { findings } from '../testing/check.ts';
import { type ExchangeParts, recordingOf, withoutFields } from '../testing/recording.ts';
import { manyHostsOneServer } from './many-hosts-one-server.ts';

const get = (host: string, connection: number, parts: ExchangeParts = {}): ExchangeParts => ({
  url: `https://${host}/`,
  protocol: 'h2',
  address: '192.0.2.1',
  connection,
  start: connection * 100,
  timings: { connect: 95, wait: 400 },
  ...parts,
});
const three = (parts: ExchangeParts = {}) =>
  ['a.example', 'b.example', 'c.example'].map((host, i) => get(host, i, parts));
const certified = (names: string[]): Partial<Connection> => ({
  tls: { version: null, cipher: null, alpn: 'h2', resumed: null, earlyData: null, certificateNames: names },
});

describe('many-hosts-one-server', () => {
  it('infers it from one address', () => {
    const [found, ...more] = findings(manyHostsOneServer, recordingOf({ exchanges: three() }));
    expect(more).toEqual([]);
    expect(found?.sentence).toBe(
      'a.example, b.example and c.example are one address: 2 more handshakes, 190 ms, and 3 separate orders of priority.',
    );
    expect(found).toMatchObject({ certainty: 'inferred', avoidable: [1, 2], atMostMs: 190 });
  });

  it('is measured where the certificate covers the other names, and silent where it does not', () => {
    const by = (...names: string[]) =>
      findings(
        manyHostsOneServer,
        recordingOf({ exchanges: three(), connections: [0, 1, 2].map(() => certified(names)) }),
      );
    expect(by('*.example')).toMatchObject([{ certainty: 'measured' }]);
    expect(by('a.example', 'B.example', 'c.example')).toMatchObject([{ certainty: 'measured' }]);
    expect(by('a.example')).toEqual([]);
    expect(by('*.*.example', '*.sub.example')).toEqual([]);
  });

  it('keeps silent on other addresses, HTTP/1.1, cheap handshakes, and one after the other', () => {
    const addresses = three().map((each, i) => ({ ...each, address: `192.0.2.${i}` }));
    const cheap = three({ timings: { connect: 29, wait: 400 } });
    const after = three().map((each, i) => ({ ...each, start: i * 5000 }));
    for (const exchanges of [addresses, three({ protocol: 'http/1.1' }), cheap, after]) {
      expect(findings(manyHostsOneServer, recordingOf({ exchanges }))).toEqual([]);
    }
  });

  it('keeps silent when they share a connection already', () => {
    expect(findings(manyHostsOneServer, recordingOf({ exchanges: three({ connection: 0 }) }))).toEqual([]);
  });

  it('keeps silent without the fields', () => {
    expect(findings(manyHostsOneServer, withoutFields(recordingOf({ exchanges: three() })))).toEqual([]);
  });
});
