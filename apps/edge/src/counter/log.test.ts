import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ConnectionLog, FORGET_AFTER, forgetAt, MOST_EXCHANGES, type Noted, noted } from './log.ts';

const EXCHANGE: Noted = {
  id: 'k3J9aQk3J9aQ',
  protocol: 'h2',
  tlsVersion: 'TLSv1.3',
  cipher: 'AEAD-AES128-GCM-SHA256',
  origin: 'https://app.example',
  at: 1_000,
  method: 'GET',
  path: '/',
};

function logOf(exchanges: readonly Partial<Noted>[]): ConnectionLog | null {
  return exchanges.reduce<ConnectionLog | null>((log, more) => noted(log, { ...EXCHANGE, ...more }), null);
}

describe('the log of a connection', () => {
  it('counts on, keeps the latest, and keeps them in order whatever the clock does', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ at: fc.nat(), path: fc.string() }), { minLength: 1, maxLength: 200 }), (all) => {
        const log = logOf(all);
        expect(log?.count).toBe(all.length);
        const kept = log?.exchanges ?? [];
        expect(kept).toHaveLength(Math.min(all.length, MOST_EXCHANGES));
        expect(kept.map(({ nth }) => nth)).toEqual(kept.map((_, index) => all.length - kept.length + index + 1));
        expect(kept.map(({ at }) => at)).toEqual(kept.map(({ at }) => at).sort((a, b) => a - b));
        expect(log?.lastAt).toBe(kept.at(-1)?.at);
        expect(log?.firstAt).toBe(all[0]?.at);
      }),
    );
  });

  it('stays small, however long the names are', () => {
    const long = { method: 'M'.repeat(9_000), path: `/${'x'.repeat(90_000)}` };
    expect(JSON.stringify(logOf(Array(300).fill(long))).length).toBeLessThan(32_000);
  });

  it('is forgotten an hour after the last exchange, not after the first', () => {
    const log = logOf([{ at: 1_000 }, { at: 5_000 }]);
    expect(forgetAt(log, 1_000 + FORGET_AFTER)).toBe(5_000 + FORGET_AFTER);
    expect(forgetAt(log, 5_000 + FORGET_AFTER)).toBeNull();
    expect(forgetAt(null, 0)).toBeNull();
  });
});
