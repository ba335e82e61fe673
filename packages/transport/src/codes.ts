/** What a stream is reset with, in the numbers of the version that carries it. */
export interface ResetCodes {
  readonly noError: number;
  readonly internalError: number;
  readonly cancel: number;
}

/** RFC 9113 §7. */
const HTTP2: ResetCodes = { noError: 0x0, internalError: 0x2, cancel: 0x8 };
/** RFC 9114 §8.1. */
const HTTP3: ResetCodes = { noError: 0x100, internalError: 0x102, cancel: 0x10c };

/** HTTP/1.1 has no codes: its connection ends instead, and these go nowhere. */
export function resetCodes(protocol: 'http/1.1' | 'h2' | 'h3'): ResetCodes {
  return protocol === 'h3' ? HTTP3 : HTTP2;
}
