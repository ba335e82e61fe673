import type { ByteParts } from './parts.ts';

const utf8 = new TextEncoder();

/** The five things that are said. */
export const MESSAGES: readonly string[] = ['one', 'two', 'three', 'four', 'five'];

/**
 * A text message as one WebSocket frame (RFC 6455 §5.2), masked with `mask` as every frame of a client is.
 *
 * @throws {RangeError} for 126 bytes and more, which take a longer length.
 */
export function textFrame(text: string, mask: Uint8Array | null): { bytes: Uint8Array; parts: ByteParts[] } {
  const payload = utf8.encode(text);
  if (payload.length > 125)
    throw new RangeError(`A frame of this kind holds at most 125 bytes, not ${payload.length}.`);
  const start = mask === null ? 2 : 6;
  const bytes = new Uint8Array(start + payload.length);
  // FIN and opcode 1: a whole text message.
  bytes[0] = 0x81;
  bytes[1] = (mask === null ? 0 : 0x80) | payload.length;
  if (mask !== null) bytes.set(mask.subarray(0, 4), 2);
  for (const [i, byte] of payload.entries()) bytes[start + i] = byte ^ (mask?.[i % 4] ?? 0);
  const parts: ByteParts[] = [
    { from: 0, to: 1, label: 'whole, text' },
    { from: 1, to: 2, label: mask === null ? 'length' : 'masked, length' },
    { from: 2, to: start, label: 'mask' },
    { from: start, to: bytes.length, label: mask === null ? 'message' : 'message, masked' },
  ];
  return { bytes, parts: parts.filter(({ from, to }) => from < to) };
}

/** Bytes that frames put around a short message: there and back. */
export const FRAME_COST = { there: 6, back: 2 } as const;

/** How long a head is as HTTP/1.1 spells it (RFC 9112 §2.1). */
export function headBytes(startLine: string, fields: Iterable<readonly [string, string]>): number {
  let bytes = utf8.encode(startLine).length + 2;
  for (const [name, value] of fields) bytes += utf8.encode(name).length + utf8.encode(value).length + 4;
  return bytes + 2;
}
