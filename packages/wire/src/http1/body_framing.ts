import type { Http1Facts } from '../fields/validate_http1.ts';

/**
 * How the end of a message's content is found (RFC 9112 §6): there is none; after a number of bytes; after the last chunk;
 * at the end of the connection.
 */
export type Framing = 'none' | 'length' | 'chunked' | 'close';

/** A request has content only when it says so (RFC 9112 §6.3, rules 4 to 7). */
export function requestFraming(facts: Http1Facts): Framing {
  if (facts.chunked) return 'chunked';
  return facts.contentLength > 0 ? 'length' : 'none';
}

/** True for a response that has no content whatever its fields say (RFC 9112 §6.3, rules 1 and 2). */
export function isBodiless(method: string, status: number): boolean {
  return method === 'HEAD' || status < 200 || status === 204 || status === 304 || switches(method, status);
}

/** True when this response ends HTTP on the connection (RFC 9110 §7.8, §9.3.6). */
export function switches(method: string, status: number): boolean {
  return status === 101 || (method === 'CONNECT' && status >= 200 && status < 300);
}

/** How a response's content ends, seen by the client that sent `method` (RFC 9112 §6.3). */
export function responseFraming(method: string, status: number, facts: Http1Facts): Framing {
  if (isBodiless(method, status)) return 'none';
  if (facts.transferEncoding) return facts.chunked ? 'chunked' : 'close';
  if (facts.contentLength < 0) return 'close';
  return facts.contentLength > 0 ? 'length' : 'none';
}
