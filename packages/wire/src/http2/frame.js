/** Frame types (RFC 9113 §6, RFC 9218 §7.1). */
export const FrameType = {
  DATA: 0x0,
  HEADERS: 0x1,
  PRIORITY: 0x2,
  RST_STREAM: 0x3,
  SETTINGS: 0x4,
  PUSH_PROMISE: 0x5,
  PING: 0x6,
  GOAWAY: 0x7,
  WINDOW_UPDATE: 0x8,
  CONTINUATION: 0x9,
  PRIORITY_UPDATE: 0x10,
};
/** Flags; which of them a frame knows depends on its type. */
export const Flag = {
  END_STREAM: 0x1,
  ACK: 0x1,
  END_HEADERS: 0x4,
  PADDED: 0x8,
  PRIORITY: 0x20,
};
/** Bytes before the payload of every frame (RFC 9113 §4.1). */
export const FRAME_HEADER_SIZE = 9;
/** What every endpoint must accept, and until SETTINGS say otherwise the most that it does (RFC 9113 §4.2). */
export const MIN_MAX_FRAME_SIZE = 16384;
export const MAX_MAX_FRAME_SIZE = 16777215;
export const MAX_STREAM_ID = 2147483647;
/** Largest flow-control window, and largest increment (RFC 9113 §6.9.1). */
export const MAX_WINDOW = 2147483647;
/** Windows before SETTINGS and WINDOW_UPDATE change them (RFC 9113 §6.9.2). */
export const INITIAL_WINDOW = 65535;
/** What a client says first (RFC 9113 §3.4). */
export const CLIENT_PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const KINDS = new Map(Object.entries(FrameType).map(([name, type]) => [type, name.toLowerCase()]));
/** The type's name as observers see it: lower case, or `unknown`. */
export function frameKind(type) {
  return KINDS.get(type) ?? 'unknown';
}
