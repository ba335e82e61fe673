import { describe, expect, it } from 'vitest';
import { epoch, evidenceOf, measure } from './timing.ts';

function entry(more: Partial<PerformanceResourceTiming>): PerformanceResourceTiming {
  const base = {
    fetchStart: 10,
    connectStart: 10,
    connectEnd: 10,
    requestStart: 12,
    responseStart: 20,
    responseEnd: 24,
    transferSize: 500,
    decodedBodySize: 200,
    nextHopProtocol: 'http/1.1',
  };
  return { ...base, ...more } as PerformanceResourceTiming;
}

describe('measure', () => {
  it('splits an exchange on an open connection into waiting, server and response', () => {
    const { phases, handshake } = measure(entry({}));
    expect(handshake).toBeNull();
    expect(
      phases.map((p) =>
        [p.phase, p.from - epoch(0), p.to - epoch(0)].map((x) => (typeof x === 'number' ? Math.round(x) : x)),
      ),
    ).toEqual([
      ['waiting', 10, 12],
      ['server', 12, 20],
      ['response', 20, 24],
    ]);
  });

  it('keeps a handshake apart from the exchange that paid for it', () => {
    const { phases, handshake } = measure(entry({ connectStart: 10.2, connectEnd: 18, requestStart: 18.1 }));
    expect(handshake?.to).toBeCloseTo(epoch(18), 3);
    expect(phases.map((p) => p.phase)).toEqual(['server', 'response']);
  });

  it('says nothing where the browser says nothing', () => {
    expect(measure(entry({ requestStart: 0, responseStart: 0 }))).toEqual({ phases: [], handshake: null });
  });
});

describe('evidenceOf', () => {
  const more = { sameRequest: true, seen: false };

  it('tells a paid handshake from none, and a cache from the network', () => {
    expect(evidenceOf(entry({}), more)).toEqual({ handshake: false, fromCache: false, protocol: 'http/1.1', ...more });
    expect(evidenceOf(entry({ connectEnd: 15 }), more).handshake).toBe(true);
    expect(evidenceOf(entry({ transferSize: 0 }), more).fromCache).toBe(true);
  });

  it('is silent where timing is withheld', () => {
    const silent = { handshake: null, fromCache: null, protocol: null, ...more };
    expect(evidenceOf(null, more)).toEqual(silent);
    expect(evidenceOf(entry({ requestStart: 0 }), more)).toEqual(silent);
  });
});
