import { describe, expect, it } from 'vitest';
import { absent, fact, type RequestFacts, unknown } from './facts.ts';
import { type BrowserEvidence, verdict, verdictLine, verdictMark, verdictSentence } from './verdict.ts';

const NOTHING: RequestFacts = {
  protocol: unknown('x'),
  connectionId: unknown('x'),
  nth: unknown('Cloudflare does not count them'),
  streamId: unknown('x'),
  transport: unknown('x'),
  openedAt: unknown('x'),
  ageMs: unknown('x'),
  tlsVersion: unknown('x'),
  cipher: unknown('x'),
  group: unknown('x'),
  alpn: unknown('x'),
  sni: unknown('x'),
  resumed: unknown('x'),
  earlyData: unknown('x'),
  handshakeMs: unknown('x'),
  rttMs: unknown('x'),
  priority: unknown('x'),
  remote: unknown('x'),
  local: unknown('x'),
  colo: unknown('x'),
  closing: unknown('x'),
};

const core = (nth: number, more: Partial<RequestFacts> = {}): RequestFacts => ({
  ...NOTHING,
  protocol: fact('http/1.1', 'core'),
  nth: fact(nth, 'core'),
  streamId: absent('HTTP/1.1 has no streams', 'core'),
  ageMs: fact(3210, 'core'),
  resumed: fact(false, 'core'),
  earlyData: fact(false, 'core'),
  ...more,
});
const edge: RequestFacts = { ...NOTHING, protocol: fact('h2', 'cf') };
const first: RequestFacts = { ...edge, nth: fact(1, 'counter') };
const browser = (more: Partial<BrowserEvidence>): BrowserEvidence => ({
  handshake: null,
  fromCache: null,
  sameRequest: null,
  seen: null,
  protocol: null,
  ...more,
});

describe('the verdict', () => {
  it.each<[string, RequestFacts, BrowserEvidence | undefined, string, string]>([
    ['first exchange, handshake paid', core(1), browser({ handshake: true }), 'new', 'new'],
    ['first exchange, browser silent', core(1), undefined, 'new', 'new'],
    ['first exchange, no handshake paid', core(1), browser({ handshake: false }), 'preconnected', 'preconnected'],
    ['later exchange', core(7), browser({ handshake: false }), 'reused', 'reused'],
    ['later exchange, browser silent', core(2), undefined, 'reused', 'reused'],
    ['resumed', core(1, { resumed: fact(true, 'core') }), browser({ handshake: true }), 'new', 'resumed'],
    ['resumed long ago', core(4, { resumed: fact(true, 'core') }), undefined, 'reused', 'reused'],
    ['0-RTT', core(1, { resumed: fact(true, 'core'), earlyData: fact(true, 'core') }), undefined, 'new', 'early-data'],
    ['cached, by the browser', core(1), browser({ fromCache: true }), 'cache', 'cache'],
    ['cached, by a request id that is another', core(1), browser({ sameRequest: false }), 'cache', 'cache'],
    ['edge, browser silent', edge, undefined, 'unknown', 'unknown'],
    ['edge, unseen with handshake', edge, browser({ seen: false, handshake: true }), 'new', 'new'],
    ['edge, unseen without handshake', edge, browser({ seen: false, handshake: false }), 'unknown', 'unknown'],
    ['edge, seen', edge, browser({ seen: true, handshake: false }), 'reused', 'reused'],
    ['edge that counts, a later exchange', { ...edge, nth: fact(4, 'counter') }, undefined, 'reused', 'reused'],
    ['edge that counts, the first, with handshake', first, browser({ handshake: true }), 'new', 'new'],
    ['edge that counts, the first, without handshake', first, browser({ handshake: false }), 'unknown', 'unknown'],
    ['edge, at least the first', { ...edge, nth: fact(1, 'cf', 'lower-bound') }, undefined, 'unknown', 'unknown'],
    ['mock', { ...NOTHING, protocol: fact('http/1.1', 'mock', 'mock') }, browser({ seen: true }), 'unknown', 'unknown'],
    ['nothing known', NOTHING, undefined, 'unknown', 'unknown'],
  ])('%s', (_, facts, evidence, state, mark) => {
    const v = verdict(facts, evidence);
    expect(v.state).toBe(state);
    expect(verdictMark(v)).toBe(mark);
    expect(v.because).not.toBe('');
    expect(v.sentence).toMatch(/^This response came .*\.$/);
  });

  it('claims no preconnection where an edge counts: the connection may have carried what it does not count', () => {
    const v = verdict(first, browser({ handshake: false, seen: false }));
    expect(v.because).toContain('what the edge does not count');
    expect(v.sentence).toBe(
      'This response came as the first exchange of this app on an HTTP/2 connection that stood ready.',
    );
  });

  it('does not infer resumption: without the server it stays unknown', () => {
    expect(verdict(edge, browser({ seen: false, handshake: true }))).toMatchObject({ resumed: null, earlyData: null });
  });

  it('tells both sides of a contradiction and keeps the server’s count', () => {
    const v = verdict(core(3), browser({ handshake: true, protocol: 'h2' }));
    expect(v.state).toBe('reused');
    expect(v.contradictions).toEqual([
      'The server counts this as exchange 3; your browser says that it paid a handshake for it.',
      'The server spoke HTTP/1.1; your browser says h2.',
    ]);
    expect(verdict(core(3), browser({ handshake: false, protocol: 'http/1.1' })).contradictions).toEqual([]);
  });

  it('says one true sentence about a page', () => {
    const say = (facts: RequestFacts, evidence?: BrowserEvidence): string =>
      verdictSentence(verdict(facts, evidence), facts, 'page');
    expect(say(core(3))).toBe('This page came to you as exchange 3 on a connection that was already open.');
    expect(say(core(1))).toBe('This page came to you as the first exchange on a new connection.');
    expect(say(core(1), browser({ handshake: false }))).toContain('opened ahead of it');
    expect(say(core(1, { resumed: fact(true, 'core') }))).toContain('resumed an earlier TLS session');
    expect(say(edge)).toBe(
      'This page came to you over HTTP/2; how many exchanges came before it, nobody here can tell.',
    );
    expect(say(NOTHING)).toContain('this server is told nothing');
    expect(say({ ...edge, nth: fact(4, 'cf', 'lower-bound') })).toContain('as at least exchange 4');
  });

  it('says the same in one line', () => {
    const resumed = core(7, { protocol: fact('h2', 'core'), resumed: fact(true, 'core') });
    expect(verdictLine(verdict(resumed), resumed)).toBe(
      'seventh exchange on an HTTP/2 connection opened 3.2 s before, with a resumed TLS session',
    );
    expect(verdictLine(verdict(edge), edge)).toBe('an exchange on an HTTP/2 connection');
  });
});
