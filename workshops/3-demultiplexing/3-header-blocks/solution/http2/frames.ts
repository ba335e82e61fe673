import type { Frame } from 'contract';
import { reader } from '../http1/bytes.ts';

export const DATA = 0x0;
export const HEADERS = 0x1;
export const GOAWAY = 0x7;
export const CONTINUATION = 0x9;

export const END_STREAM = 0x1;
export const END_HEADERS = 0x4;
export const PADDED = 0x8;
export const PRIORITY_FLAG = 0x20;

export const PROTOCOL_ERROR = 0x1;
export const COMPRESSION_ERROR = 0x9;
export const ENHANCE_YOUR_CALM = 0xb;

/** A frame may carry this much until the peer says more. */
export const MAX_FRAME_SIZE = 16_384;

/** A fault after which nothing that follows on the connection can be trusted. */
export class ConnectionError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** Cuts a connection where its frames end. Rejects when a frame is larger than `maxFrameSize`, or breaks off. */
export async function* frames(
  readable: ReadableStream<Uint8Array>,
  maxFrameSize = MAX_FRAME_SIZE,
): AsyncGenerator<Frame> {
  const input = reader(readable);
  try {
    for (;;) {
      const first = await input.some(1);
      if (first === null) return;
      const head = new DataView(new ArrayBuffer(9));
      const bytes = new Uint8Array(head.buffer);
      bytes.set(first);
      bytes.set(await input.exactly(8), 1);
      // The length has 24 bits, and DataView has no 24: it is the first 32 without the last 8.
      const length = head.getUint32(0) >>> 8;
      if (length > maxFrameSize)
        throw new Error(`FRAME_SIZE_ERROR: ${length} bytes in a frame, and no more than ${maxFrameSize} may be`);
      const payload = await input.exactly(length);
      // The first bit is reserved: it belongs to nobody.
      yield { type: head.getUint8(3), flags: head.getUint8(4), streamId: head.getUint32(5) & 0x7fff_ffff, payload };
    }
  } finally {
    // Whoever takes no more frames takes no more bytes.
    input.cancel().catch(() => {});
  }
}

/** The bytes of one frame. */
export function frame(
  type: number,
  flags: number,
  streamId: number,
  payload: Uint8Array = new Uint8Array(0),
): Uint8Array {
  const bytes = new Uint8Array(9 + payload.length);
  const head = new DataView(bytes.buffer);
  head.setUint32(0, (payload.length << 8) | type);
  head.setUint8(4, flags);
  head.setUint32(5, streamId);
  bytes.set(payload, 9);
  return bytes;
}

/** Numbers of 32 bits, one after another, as most frames of the connection carry them. */
export function uint32(...numbers: number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * numbers.length));
  for (const [i, number] of numbers.entries()) view.setUint32(4 * i, number);
  return new Uint8Array(view.buffer);
}

export function join(...parts: Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
