import type { Http1Facts } from '../fields/validate_http1.ts';
import type { HttpVersion } from '../head.ts';

/**
 * Whether the connection may carry another exchange after a message with these fields (RFC 9112 §9.3): `close` ends it,
 * HTTP/1.1 goes on, HTTP/1.0 goes on only with `keep-alive`.
 */
export function persists(version: HttpVersion, facts: Http1Facts): boolean {
  if (facts.close) return false;
  return version !== '1.0' || facts.keepAlive;
}
