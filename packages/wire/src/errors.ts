import type { Limits } from './limits.ts';

/**
 * We have broken the protocol, not the peer: a second response, data after the end, a field name with a space in it.
 * Nothing was written and the connection's state is as it was before the call.
 */
export class LocalProtocolError extends Error {
  override readonly name: string = 'LocalProtocolError';
}

/**
 * The peer has broken the protocol so that the connection cannot go on. Internal: it leaves the core as a
 * `connection-error` event, never as an exception.
 */
export interface RemoteFault {
  /** Error code of the protocol in use (RFC 9113 §7, RFC 9114 §8.1); 0 in HTTP/1.1, which has none. */
  readonly code: number;
  /** What was found, which rule it breaks; safe to show, never a copy of long input. */
  readonly reason: string;
  /** The limit that tripped, if one did. */
  readonly limit: keyof Limits | null;
  /** The status that an HTTP/1.1 server answers with, if it can still answer. */
  readonly statusHint: number | null;
}
