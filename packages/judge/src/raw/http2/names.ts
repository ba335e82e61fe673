/** HTTP/2's numbers and what they are called (RFC 9113 §6, §7). */

export const FRAME_TYPES = {
  DATA: 0,
  HEADERS: 1,
  PRIORITY: 2,
  RST_STREAM: 3,
  SETTINGS: 4,
  PUSH_PROMISE: 5,
  PING: 6,
  GOAWAY: 7,
  WINDOW_UPDATE: 8,
  CONTINUATION: 9,
  PRIORITY_UPDATE: 16,
} as const;
export type FrameName = keyof typeof FRAME_TYPES;

/** ACK shares its bit with END_STREAM: which one it is depends on the type. */
export const FLAGS = { END_STREAM: 0x1, ACK: 0x1, END_HEADERS: 0x4, PADDED: 0x8, PRIORITY: 0x20 } as const;

export const ERROR_CODES = [
  'NO_ERROR',
  'PROTOCOL_ERROR',
  'INTERNAL_ERROR',
  'FLOW_CONTROL_ERROR',
  'SETTINGS_TIMEOUT',
  'STREAM_CLOSED',
  'FRAME_SIZE_ERROR',
  'REFUSED_STREAM',
  'CANCEL',
  'COMPRESSION_ERROR',
  'CONNECT_ERROR',
  'ENHANCE_YOUR_CALM',
  'INADEQUATE_SECURITY',
  'HTTP_1_1_REQUIRED',
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

export const SETTINGS = {
  HEADER_TABLE_SIZE: 1,
  ENABLE_PUSH: 2,
  MAX_CONCURRENT_STREAMS: 3,
  INITIAL_WINDOW_SIZE: 4,
  MAX_FRAME_SIZE: 5,
  MAX_HEADER_LIST_SIZE: 6,
} as const;
export type SettingName = keyof typeof SETTINGS;

/** Bytes of a frame's head. */
export const HEAD = 9;
export const PREFACE: string = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
/** What nobody may go beyond before SETTINGS say otherwise. */
export const FRAME_SIZE = 16_384;
export const WINDOW = 65_535;
export const LARGEST: number = 2 ** 31 - 1;
/** As good as endless, and with room for a WINDOW_UPDATE on top: beyond `LARGEST` one would be a fault of the judge's own. */
export const GENEROUS: number = 2 ** 30;

/** `DATA`, or `type 0xb1` for one that nobody knows. */
export function typeText(type: number): string {
  const known = Object.entries(FRAME_TYPES).find(([, number]) => number === type)?.[0];
  return known ?? `type 0x${type.toString(16)}`;
}

export function codeText(code: number): string {
  return ERROR_CODES[code] ?? `error 0x${code.toString(16)}`;
}

export function codeOf(name: ErrorCode): number {
  return ERROR_CODES.indexOf(name);
}

export function settingText(id: number): string {
  return Object.entries(SETTINGS).find(([, number]) => number === id)?.[0] ?? `setting 0x${id.toString(16)}`;
}
