import type { Frame } from 'contract';
import { reader } from '../http1/bytes.ts';

export const DATA = 0x0;
export const HEADERS = 0x1;
export const PRIORITY = 0x2;
export const RST_STREAM = 0x3;
export const SETTINGS = 0x4;
export const PUSH_PROMISE = 0x5;
export const PING = 0x6;
export const GOAWAY = 0x7;
export const WINDOW_UPDATE = 0x8;
export const CONTINUATION = 0x9;

export const ACK = 0x1;
export const END_STREAM = 0x1;
export const END_HEADERS = 0x4;
const PADDED = 0x8;
const HAS_PRIORITY = 0x20;

export const NO_ERROR = 0x0;
export const PROTOCOL_ERROR = 0x1;
export const FLOW_CONTROL_ERROR = 0x3;
export const FRAME_SIZE_ERROR = 0x6;
export const COMPRESSION_ERROR = 0x9;
export const ENHANCE_YOUR_CALM = 0xb;

/** A frame may carry this much until somebody says more. */
export const MAX_FRAME_SIZE = 16_384;
/** A header block takes no more memory than this, in however many pieces it comes. */
const BLOCK_LIMIT = 64 * 1024;

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
        throw new ConnectionError(
          FRAME_SIZE_ERROR,
          `FRAME_SIZE_ERROR: ${length} bytes in a frame, and no more than ${maxFrameSize} may be`,
        );
      const payload = await input.exactly(length);
      // The first bit is reserved: it belongs to nobody.
      yield { type: head.getUint8(3), flags: head.getUint8(4), streamId: head.getUint32(5) & 0x7fff_ffff, payload };
    }
  } finally {
    // Whoever takes no more frames takes no more bytes.
    input.cancel().catch(() => {});
  }
}

/** Whole header blocks: HEADERS and its CONTINUATIONs come out as one frame, whose payload is the block and no more. */
export async function* wholeBlocks(all: AsyncGenerator<Frame>): AsyncGenerator<Frame> {
  for await (const one of all) {
    check(one);
    if (one.type === CONTINUATION) throw new ConnectionError(PROTOCOL_ERROR, 'A CONTINUATION continues nothing');
    if (one.type !== HEADERS) {
      yield one;
      continue;
    }
    let block = firstPiece(one);
    for (let { flags } = one; (flags & END_HEADERS) === 0; ) {
      const { value: next } = await all.next();
      if (next === undefined) throw new Error('The connection ended inside a header block');
      if (next.type !== CONTINUATION || next.streamId !== one.streamId)
        throw new ConnectionError(PROTOCOL_ERROR, 'A frame stands inside a header block');
      block = join(block, next.payload);
      if (block.length > BLOCK_LIMIT) throw new ConnectionError(ENHANCE_YOUR_CALM, 'A header block is too long');
      flags = next.flags;
    }
    yield { ...one, payload: block };
  }
}

const OF_THE_CONNECTION = new Set([SETTINGS, PING, GOAWAY]);
const OF_A_STREAM = new Set([DATA, HEADERS, PRIORITY, RST_STREAM, CONTINUATION]);
/** Types whose frames are all of one size. */
const SIZES = new Map([
  [RST_STREAM, 4],
  [PING, 8],
  [WINDOW_UPDATE, 4],
]);

/** What can be wrong with a frame by itself: where it stands, and how long it is (RFC 9113 §6). */
function check({ type, flags, streamId, payload: { length } }: Frame): void {
  if (type === PUSH_PROMISE) throw new ConnectionError(PROTOCOL_ERROR, 'Only a server pushes');
  if (streamId === 0 ? OF_A_STREAM.has(type) : OF_THE_CONNECTION.has(type))
    throw new ConnectionError(PROTOCOL_ERROR, `A frame of type ${type} has no place on stream ${streamId}`);
  if (isWrongSize(type, flags, length))
    throw new ConnectionError(FRAME_SIZE_ERROR, `${length} bytes are no size for a frame of type ${type}`);
}

function isWrongSize(type: number, flags: number, length: number): boolean {
  if (type === SETTINGS) return flags & ACK ? length !== 0 : length % 6 !== 0;
  if (type === GOAWAY) return length !== 8;
  return length !== (SIZES.get(type) ?? length);
}

/** In front of the block there may be the length of the padding, and five bytes of priority that no one uses any more. */
function firstPiece(headers: Frame): Uint8Array {
  const piece = withoutPadding(headers);
  if ((headers.flags & HAS_PRIORITY) === 0) return piece;
  if (piece.length < 5) throw new ConnectionError(FRAME_SIZE_ERROR, 'A HEADERS frame has no room for its priority');
  return piece.subarray(5);
}

/** The first byte says how many of the last are only there to hide the length. */
export function withoutPadding({ flags, payload }: Frame): Uint8Array {
  if ((flags & PADDED) === 0) return payload;
  const [padding = 0] = payload;
  if (padding >= payload.length) throw new ConnectionError(PROTOCOL_ERROR, 'There is more padding than payload');
  return payload.subarray(1, payload.length - padding);
}

/** The bytes of one frame. */
export function frame(type: number, flags: number, streamId: number, payload?: Uint8Array): Uint8Array {
  const length = payload?.length ?? 0;
  const bytes = new Uint8Array(9 + length);
  const head = new DataView(bytes.buffer);
  head.setUint32(0, (length << 8) | type);
  head.setUint8(4, flags);
  head.setUint32(5, streamId);
  if (payload !== undefined) bytes.set(payload, 9);
  return bytes;
}

/** HEADERS and as many CONTINUATIONs as the block takes, to be written at once: nothing may come between them. */
export function headers(streamId: number, flags: number, block: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let at = 0; at === 0 || at < block.length; at += MAX_FRAME_SIZE) {
    const last = at + MAX_FRAME_SIZE >= block.length ? END_HEADERS : 0;
    const piece = block.subarray(at, at + MAX_FRAME_SIZE);
    parts.push(frame(at === 0 ? HEADERS : CONTINUATION, at === 0 ? flags | last : last, streamId, piece));
  }
  return join(...parts);
}

/** Numbers of 32 bits, one after another, as most frames of the connection carry them. */
export function uint32(...numbers: number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * numbers.length));
  for (const [i, number] of numbers.entries()) view.setUint32(4 * i, number);
  return new Uint8Array(view.buffer);
}

/** Id and value, six bytes a setting. */
export function settingsOf({ payload }: Frame): [id: number, value: number][] {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  return Array.from({ length: payload.length / 6 }, (_, i) => [view.getUint16(6 * i), view.getUint32(6 * i + 2)]);
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
