import { describe, expect, it } from 'vitest';
import type { Connection } from '../model.ts';
import { findings } from '../testing/check.ts';
import { type ExchangeParts, recordingOf, withoutFields } from '../testing/recording.ts';
import { neverUsed } from './never-used.ts';

const PLAIN: Partial<Connection> = {
  scheme: 'http',
  host: 'cdn.example',
  port: 80,
  opened: 0,
  group: 'http://cdn.example',
};
const TLS: Partial<Connection> = {
  ...PLAIN,
  scheme: 'https',
  port: 443,
  group: 'https://cdn.example',
  handshake: { dns: null, connect: { from: 0, to: 10 }, tls: { from: 10, to: 40 } },
};
const recording = (connections: readonly Partial<Connection>[], idleMs = 12_000, exchanges: ExchangeParts[] = []) =>
  recordingOf({
    kind: 'netlog',
    connections,
    exchanges,
    incidents: connections.flatMap((_, connection) =>
      exchanges.some((each) => each.connection === connection)
        ? []
        : [{ kind: 'never-used' as const, at: 12_000, idleMs, connection }],
    ),
  });

describe('never-used', () => {
  it('reports two without TLS, or one with', () => {
    const [found] = findings(neverUsed, recording([PLAIN, { ...PLAIN, host: 'b.example', group: 'http://b.example' }]));
    expect(found?.sentence).toBe(
      '2 connections to cdn.example and b.example were opened and carried nothing for 12 s (0 TLS handshakes).',
    );
    expect(found).toMatchObject({ certainty: 'measured', avoidable: [0, 1], atMostMs: 0 });
    expect(findings(neverUsed, recording([TLS]))[0]?.sentence).toContain('1 connection to cdn.example was opened');
  });

  it('keeps silent on one without TLS, and on those that were not idle for long', () => {
    expect(findings(neverUsed, recording([PLAIN]))).toEqual([]);
    expect(findings(neverUsed, recording([TLS, TLS], 9_999))).toEqual([]);
  });

  it('keeps silent on one spare connection beside a used one, and not on a second', () => {
    const used: ExchangeParts[] = [{ url: 'https://cdn.example/', connection: 0 }];
    expect(findings(neverUsed, recording([TLS, TLS], 12_000, used))).toEqual([]);
    expect(findings(neverUsed, recording([TLS, TLS, TLS], 12_000, used))).toHaveLength(1);
    expect(findings(neverUsed, recording([TLS, { ...TLS, opened: 5000 }], 12_000, used))).toHaveLength(1);
  });

  it('keeps silent without the fields, and on a HAR', () => {
    expect(findings(neverUsed, withoutFields(recording([TLS])))).toEqual([]);
    expect(findings(neverUsed, { ...recording([TLS]), kind: 'har' })).toEqual([]);
  });
});
