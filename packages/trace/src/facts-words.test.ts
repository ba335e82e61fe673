import { describe, expect, it } from 'vitest';
import { absent, fact, unknown } from './facts.ts';
import { sourceWords, valueWords } from './facts-words.ts';

describe('a fact in words', () => {
  it.each([
    [fact('h2', 'core'), 'measured at the socket'],
    [fact('h2', 'cf'), 'told by Cloudflare'],
    [fact('k', 'cf', 'inferred', 'from the handshake'), 'inferred: from the handshake'],
    [fact('h2', 'mock', 'mock'), 'made up by a local simulator'],
    [fact(3, 'core', 'lower-bound'), 'at least this; measured at the socket'],
    [unknown('Cloudflare does not tell'), 'unknown, because Cloudflare does not tell'],
    [absent('HTTP/1.1 has no streams', 'core'), 'measured at the socket: HTTP/1.1 has no streams'],
  ])('names its source (%#)', (f, words) => expect(sourceWords(f)).toBe(words));

  it('tells "does not exist" from "not known"', () => {
    expect(valueWords('streamId', absent('HTTP/1.1 has no streams', 'core'))).toBe('none');
    expect(valueWords('streamId', unknown('not told'))).toBe('not known');
  });

  it('writes values for people, and hostile text as text', () => {
    expect(valueWords('protocol', fact('h2', 'core'))).toBe('HTTP/2');
    expect(valueWords('tlsVersion', fact('TLSv1.3', 'core'))).toBe('TLS 1.3');
    expect(valueWords('resumed', fact(false, 'core'))).toBe('no');
    expect(valueWords('ageMs', fact(3210, 'core'))).toBe('3.2 s');
    expect(valueWords('alpn', fact({ offered: ['h2', 'http/1.1'], chosen: 'http/1.1' }, 'core'))).toBe(
      'http/1.1 chosen of h2, http/1.1',
    );
    expect(valueWords('remote', fact({ address: '::1', port: 5, family: 'IPv6' }, 'core'))).toBe('::1 port 5');
    expect(valueWords('cipher', fact('\u001b[2Jx\r\n', 'cf'))).toBe('␛[2Jx␍␊');
    expect(valueWords('sni', fact('a'.repeat(1000), 'core'))).toHaveLength(300);
  });
});
