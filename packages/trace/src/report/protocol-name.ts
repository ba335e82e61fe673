import type { HttpProtocol } from './model.ts';

/** The protocol that a writer means by `HTTP/1.1`, `http/2.0`, `h2`, `h3-29`, `quic` and the like; null when it does not know. */
export function protocolOf(name: string | null): HttpProtocol | null {
  const lower = (name ?? '')
    .trim()
    .toLowerCase()
    .replace(/^http(?=\d)/, 'http/');
  if (/^http\/0\.9/.test(lower)) return 'http/0.9';
  if (/^http\/1\.0/.test(lower)) return 'http/1.0';
  if (/^http\/1(?:\.1)?(?:$|[^.\d])/.test(lower)) return 'http/1.1';
  if (/^(?:h2c?|http\/2(?:\.0)?|spdy)(?:$|[^a-z\d])/.test(lower) && !lower.includes('quic')) return 'h2';
  if (/^(?:h3|hq|http\/3|quic|http\/2(?:\.0)?\+quic|h2\+quic|http-over-quic)/.test(lower)) return 'h3';
  return null;
}
