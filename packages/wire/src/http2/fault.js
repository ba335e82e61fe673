import { ErrorCode } from './error_code.ts';
/** A fault of the peer that ends the connection (RFC 9113 §5.4.1). */
export function connectionFault(code, reason) {
  return { code, reason, limit: null, statusHint: null };
}
/** A limit has tripped. The reason says what came; the limit's name goes into the GOAWAY debug data before it. */
export function limitFault(limit, reason, code = ErrorCode.ENHANCE_YOUR_CALM) {
  return { code, reason, limit, statusHint: null };
}
/** What GOAWAY says about a fault: the limit by name, then the reason. */
export function debugText(fault) {
  return fault.limit === null ? fault.reason : `limit: ${fault.limit}. ${fault.reason}`;
}
