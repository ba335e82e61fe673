import type { RemoteFault } from '../errors.ts';
import type { Limits } from '../limits.ts';

/** QPACK's error codes (RFC 9204 §6). */
export const QPACK_DECOMPRESSION_FAILED = 0x200;
export const QPACK_ENCODER_STREAM_ERROR = 0x201;
export const QPACK_DECODER_STREAM_ERROR = 0x202;
/** HTTP/3's code for a peer that makes us work too much (RFC 9114 §8.1). */
export const H3_EXCESSIVE_LOAD = 0x107;

/** A fault of the peer, which ends the connection with this code. */
export function qpackFault(code: number, reason: string, limit: keyof Limits | null = null): RemoteFault {
  return { code, reason, limit, statusHint: null };
}
