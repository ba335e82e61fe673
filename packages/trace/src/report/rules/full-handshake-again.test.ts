import { describe, expect, it } from 'vitest';
import type { Connection } from '../model.ts';
import { findings } from '../testing/check.ts';
import { recordingOf, withoutFields } from '../testing/recording.ts';
import { fullHandshakeAgain } from './full-handshake-again.ts';

const shaken = (from: number, resumed: boolean | null, parts: Partial<Connection> = {}): Partial<Connection> => ({
  host: 'shop.example',
  group: 'https://shop.example',
  handshake: { dns: null, connect: { from: from - 10, to: from }, tls: { from, to: from + 50 } },
  tls: { version: 'TLS 1.3', cipher: null, alpn: null, resumed, earlyData: null, certificateNames: null },
  ...parts,
});
const found = (...connections: Partial<Connection>[]) =>
  findings(fullHandshakeAgain, recordingOf({ kind: 'netlog', connections }));

describe('full-handshake-again', () => {
  it('counts later handshakes that began from nothing', () => {
    const [one, ...more] = found(
      shaken(0, false),
      shaken(100, false),
      shaken(200, true),
      shaken(300, false),
      shaken(400, false),
      shaken(500, false),
    );
    expect(more).toEqual([]);
    expect(one?.sentence).toMatch(/^4 of 5 later TLS connections to shop\.example started from nothing\./);
    expect(one).toMatchObject({ certainty: 'measured', atMostMs: 200, evidence: { connections: [1, 3, 4, 5] } });
  });

  it('keeps silent when they began together: nobody had a ticket yet', () => {
    expect(found(...[0, 1, 2, 3, 4, 5].map((ms) => shaken(ms, false)))).toEqual([]);
  });

  it('does not expect one ticket to serve six', () => {
    expect(found(shaken(0, false), ...[100, 101, 102, 103].map((ms) => shaken(ms, ms === 100)))).toEqual([]);
  });

  it('keeps silent on another group, on QUIC, on one alone, and on those that resumed', () => {
    const pm = { group: 'pm/https://shop.example' };
    expect(found(shaken(0, false), shaken(100, false, pm))).toEqual([]);
    expect(found(...[0, 100, 200].map((ms) => shaken(ms, false, { transport: 'quic' })))).toEqual([]);
    expect(found(shaken(0, false), shaken(100, false))).toEqual([]);
    expect(found(shaken(0, false), shaken(100, true), shaken(200, true))).toEqual([]);
  });

  it('keeps silent without the fields, and on a HAR', () => {
    expect(found(...[0, 100, 200].map((ms) => shaken(ms, null)))).toEqual([]);
    expect(found(...[0, 100, 200].map((ms) => shaken(ms, false, { group: null })))).toEqual([]);
    const all = recordingOf({ connections: [0, 100, 200].map((ms) => shaken(ms, false)) });
    expect(findings(fullHandshakeAgain, all)).toEqual([]);
    expect(findings(fullHandshakeAgain, withoutFields({ ...all, kind: 'netlog' }))).toEqual([]);
  });
});
