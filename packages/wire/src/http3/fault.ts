import type { RemoteFault } from '../errors.ts';
import type { Limits } from '../limits.ts';

/** A fault of the peer, which ends the connection with this code (RFC 9114 §8). */
export function h3Fault(code: number, reason: string, limit: keyof Limits | null = null): RemoteFault {
  return { code, reason, limit, statusHint: null };
}
