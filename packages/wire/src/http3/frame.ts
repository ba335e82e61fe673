import { varintLength, writeVarint } from '../bytes/varint.ts';

/** Frame types (RFC 9114 §7.2, RFC 9218 §7.2). */
export const H3FrameType = {
  DATA: 0x00,
  HEADERS: 0x01,
  CANCEL_PUSH: 0x03,
  SETTINGS: 0x04,
  PUSH_PROMISE: 0x05,
  GOAWAY: 0x07,
  MAX_PUSH_ID: 0x0d,
  PRIORITY_UPDATE_REQUEST: 0xf0700,
  PRIORITY_UPDATE_PUSH: 0xf0701,
} as const;

/** Types of unidirectional streams (RFC 9114 §6.2, RFC 9204 §4.2). */
export const H3StreamType = { CONTROL: 0x00, PUSH: 0x01, QPACK_ENCODER: 0x02, QPACK_DECODER: 0x03 } as const;

const kinds = new Map<number, string>([
  [H3FrameType.DATA, 'data'],
  [H3FrameType.HEADERS, 'headers'],
  [H3FrameType.CANCEL_PUSH, 'cancel_push'],
  [H3FrameType.SETTINGS, 'settings'],
  [H3FrameType.PUSH_PROMISE, 'push_promise'],
  [H3FrameType.GOAWAY, 'goaway'],
  [H3FrameType.MAX_PUSH_ID, 'max_push_id'],
  [H3FrameType.PRIORITY_UPDATE_REQUEST, 'priority_update'],
  [H3FrameType.PRIORITY_UPDATE_PUSH, 'priority_update'],
]);

/** The frame's name as qlog writes it; `reserved` for the types that exist to be ignored (RFC 9114 §7.2.8). */
export function h3FrameKind(type: number): string {
  return kinds.get(type) ?? (isReserved(type) ? 'reserved' : 'unknown');
}

/** True for 0x1f * N + 0x21: frame types, stream types and settings that must be ignored (RFC 9114 §7.2.8). */
export function isReserved(type: number): boolean {
  return type >= 0x21 && (type - 0x21) % 0x1f === 0;
}

/** Frame types of HTTP/2 that have no meaning here and must not be taken for unknown ones (RFC 9114 §7.2.8). */
export function isHttp2Only(type: number): boolean {
  return type === 0x02 || type === 0x06 || type === 0x08 || type === 0x09;
}

/** The type and length in front of a payload (RFC 9114 §7.1). */
export function frameHead(type: number, length: number): Uint8Array {
  const head = new Uint8Array(varintLength(type) + varintLength(length));
  writeVarint(length, head, writeVarint(type, head, 0));
  return head;
}

/** A whole frame whose payload is a list of varints: SETTINGS, GOAWAY, MAX_PUSH_ID, CANCEL_PUSH. */
export function varintFrame(type: number, values: readonly number[]): Uint8Array {
  let length = 0;
  for (const value of values) length += varintLength(value);
  const head = frameHead(type, length);
  const frame = new Uint8Array(head.length + length);
  frame.set(head);
  let at = head.length;
  for (const value of values) at = writeVarint(value, frame, at);
  return frame;
}
