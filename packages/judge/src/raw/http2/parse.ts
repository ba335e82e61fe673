/** Reads frames as they are on the wire (RFC 9113 §4.1). Shares no code with `wire`: a fault there must not hide the same fault here. */
import { FLAGS, FRAME_TYPES, HEAD, PREFACE } from './names.ts';

/** One frame, with its place in the direction's whole stream. */
export type WireFrame = {
  readonly type: number;
  readonly flags: number;
  /** 31 bits. */
  readonly stream: number;
  /** The bit that has to be 0 was 1. */
  readonly isReservedSet: boolean;
  readonly payload: Uint8Array;
  readonly from: number;
  readonly to: number;
};

/** The frame that begins at `at`, or how many bytes it needs, the head's nine while not even they are there. */
export function frameAt(bytes: Uint8Array, at: number): WireFrame | { readonly needs: number } {
  if (bytes.length - at < HEAD) return { needs: HEAD };
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, HEAD);
  const length = view.getUint16(0) * 256 + view.getUint8(2);
  if (bytes.length - at < HEAD + length) return { needs: HEAD + length };
  const id = view.getUint32(5);
  return {
    type: view.getUint8(3),
    flags: view.getUint8(4),
    stream: id % 2 ** 31,
    isReservedSet: id >= 2 ** 31,
    payload: bytes.subarray(at + HEAD, at + HEAD + length),
    from: at,
    to: at + HEAD + length,
  };
}

/** All whole frames from `at` on, and where the first one begins that is not whole. */
export function framesIn(bytes: Uint8Array, at: number = 0): { readonly frames: WireFrame[]; readonly to: number } {
  const frames: WireFrame[] = [];
  for (let from = at; ; ) {
    const frame = frameAt(bytes, from);
    if ('needs' in frame) return { frames, to: from };
    frames.push(frame);
    from = frame.to;
  }
}

/** Where a client's frames begin: behind the preface, where there is one. */
export function behindPreface(bytes: Uint8Array): number {
  const begins = [...PREFACE].every((character, i) => bytes[i] === character.charCodeAt(0));
  return begins ? PREFACE.length : 0;
}

export function has(frame: Pick<WireFrame, 'flags'>, flag: keyof typeof FLAGS): boolean {
  return (frame.flags & FLAGS[flag]) !== 0;
}

/** What is inside the padding and the priority: data, or a piece of a block. Null when the padding is longer than the payload (§6.1). */
export function contentOf(frame: WireFrame): Uint8Array | null {
  let { payload } = frame;
  const { type } = frame;
  const isPadded = type === FRAME_TYPES.DATA || type === FRAME_TYPES.HEADERS || type === FRAME_TYPES.PUSH_PROMISE;
  if (isPadded && has(frame, 'PADDED')) {
    const pad = payload[0] ?? payload.length;
    if (pad + 1 > payload.length) return null;
    payload = payload.subarray(1, payload.length - pad);
  }
  if (type === FRAME_TYPES.HEADERS && has(frame, 'PRIORITY')) {
    if (payload.length < 5) return null;
    payload = payload.subarray(5);
  }
  return payload;
}

/** A 32-bit number of the payload. */
export function uint32(payload: Uint8Array, at: number = 0): number {
  return new DataView(payload.buffer, payload.byteOffset, payload.byteLength).getUint32(at);
}

/** The id and value of each setting; a rest that is no setting is left out. */
export function settingsOf(payload: Uint8Array): { readonly id: number; readonly value: number }[] {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  return Array.from({ length: Math.floor(payload.length / 6) }, (_, i) => ({
    id: view.getUint16(6 * i),
    value: view.getUint32(6 * i + 2),
  }));
}
